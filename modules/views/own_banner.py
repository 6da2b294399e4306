"""The line that a visitor's own table has on every page: what it holds, what was done to it, how long it stays; with the whole report."""

from __future__ import annotations

from collections.abc import AsyncIterator

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui

from data.store import Store
from modules.owning import report
from modules.owning.report import Section
from modules.owning.tables import OwnTables


@module.ui
def own_banner_ui(store: Store, minutes: int) -> Tag:
    """It depends on the dataset alone."""
    said = " · ".join(report.counts(store))
    aside = ui.download_link("refused", "Rows set aside, as CSV") if report.refused_csv(store) else None
    whole = tags.div(
        tags.ul(*map(_section, report.sections(store))),
        tags.p(ui.download_link("whole", "This report as a file"), aside, class_="m-own-downloads"),
        class_="m-own-report",
    )
    return tags.aside(
        tags.details(
            tags.summary(
                tags.strong("Your own table"),
                tags.span(f"{store.meta.title}: {said}", class_="m-own-said"),
                tags.span("Report", class_="m-own-more"),
            ),
            whole,
        ),
        tags.span(f"Only this visit sees it; deleted {minutes} min after you leave.", class_="m-quiet m-own-stays"),
        ui.input_action_button("forget", "Delete now", class_="btn-sm m-quiet-button"),
        class_="m-own-banner",
        aria_label="Your own table",
        data_own_name=store.meta.name,
        data_own_title=store.meta.title,
    )


def _section(section: Section) -> Tag:
    more = tags.li(f"and {section.more:,} more; the file lists all") if section.more else None
    return tags.li(section.words, tags.ul(*(tags.li(item) for item in section.items), more) if section.items else None)


@module.server
def own_banner_server(input: Inputs, output: Outputs, session: Session, store: Store, tables: OwnTables) -> None:
    """Hand out the report, and delete the table when asked to."""

    @render.download_link(filename="import-report.txt", media_type="text/plain; charset=utf-8")
    async def whole() -> AsyncIterator[str]:
        yield report.report_text(store)

    @render.download_link(filename="refused.csv", media_type="text/csv; charset=utf-8")
    async def refused() -> AsyncIterator[str]:
        yield report.refused_csv(store)

    @reactive.effect
    @reactive.event(input.forget)
    async def _forget() -> None:
        tables.forget(store.meta.name)
        await session.send_custom_message("moraine-own-table", {"name": "", "title": ""})
