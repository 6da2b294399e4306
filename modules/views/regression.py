"""The full regression report of the focus lake, by statsmodels, on request."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, req, ui

from data.errors import MoraineError
from data.records import TrendSettings
from data.regression import Diagnostic, RegressionReport, regression_report
from data.store import Store
from modules.numerals import NONE, figure_text, fixed_text
from modules.selection import Selection

Wanted = tuple[int, TrendSettings]


def figures_table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Tag:
    """A table of figures, its first column naming the row."""
    body = [tags.tr(tags.th(first, scope="row"), *(tags.td(cell) for cell in rest)) for first, *rest in rows]
    head = tags.tr(*(tags.th(text, scope="col") for text in heads))
    return tags.div(
        tags.table(tags.caption(caption), tags.thead(head), tags.tbody(*body), class_="m-figures"),
        class_="m-figures-scroll", tabindex="0", role="region", aria_label=caption,
    )  # fmt: skip


def report_tags(report: RegressionReport, label: str) -> TagList:
    """The whole report: coefficients, diagnostics with their cautions, influence, predictions, and the summary as text."""
    unit = "log area" if report.response == "log" else "km²"
    coefficients = (
        (
            c.name,
            figure_text(c.value, 5),
            figure_text(c.se),
            figure_text(c.t),
            figure_text(c.p, 2),
            f"{figure_text(c.low, 4)} to {figure_text(c.high, 4)}",
        )
        for c in report.coefficients
    )
    predictions = (
        (_year(p.year), figure_text(p.area_km2), f"{figure_text(p.low_km2)} to {figure_text(p.high_km2)}") for p in report.predictions
    )
    influence = (
        (
            _year(i.year),
            *(figure_text(value) for value in (i.area_km2, i.fitted_km2, i.residual, i.leverage, i.cooks_distance, i.studentised)),
        )
        for i in report.influence
    )
    return TagList(
        tags.h3(f"{label}: {report.n} observations, {report.df} degrees of freedom"),
        tags.ul(*(tags.li(note) for note in report.notes), class_="m-notes"),
        figures_table(f"Coefficients in {unit} (slope: per year)", ("coefficient", "value", "se", "t", "p", "95 % interval"), coefficients),
        figures_table("Checks of the residuals", ("check", "statistic", "p", "what it says"), map(_diagnostic, report.diagnostics)),
        figures_table("If the trend goes on: area with 95 % prediction interval", ("year", "km²", "interval, km²"), predictions),
        figures_table(
            "Influence of each observation",
            ("year", "km²", "fitted km²", f"residual, {unit}", "leverage", "Cook's distance", "studentised"),
            influence,
        ),
        tags.details(tags.summary("statsmodels' summary"), tags.pre(report.summary, tabindex="0")),
    )  # fmt: skip


def _year(value: float) -> str:
    return fixed_text(value, 2).replace(",", "")


def _diagnostic(check: Diagnostic) -> tuple[str, ...]:
    p = NONE if check.p is None else figure_text(check.p, 2)
    return check.name, figure_text(check.statistic), p, check.says + ("" if check.reliable else " (too few observations to rely on)")


def trouble_tags(error: MoraineError) -> Tag:
    """An error with its remedy."""
    return tags.p(f"{error.what}. To do: {error.remedy}.", class_="m-refused", role="alert")


@module.ui
def regression_ui() -> Tag:
    return tags.section(
        tags.h2("Full regression report", class_="m-card-title"),
        ui.output_ui("ask"),
        tags.div(ui.output_ui("body"), aria_live="polite"),
        class_="m-regression-report",
    )


@module.server
def regression_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    """Run the report when it is asked for; another focus or another fit puts it away."""
    asked: reactive.Value[Wanted | None] = reactive.Value(None)

    @reactive.extended_task
    async def reported(wanted: Wanted) -> tuple[Wanted, RegressionReport | MoraineError]:
        lake_key, settings = wanted
        try:
            return wanted, await asyncio.to_thread(regression_report, store.areas(lake_key, settings), lake_key, settings)
        except MoraineError as error:
            return wanted, error

    @reactive.calc
    def current() -> Wanted | None:
        focus = selection.focus()
        return None if focus is None else (focus, selection.fitted().settings)

    @reactive.effect
    @reactive.event(input.run)
    def _run() -> None:
        wanted = current()
        if wanted is None:
            return
        asked.set(wanted)
        reported.cancel()
        reported.invoke(wanted)

    @render.ui
    def ask() -> Tag:
        wanted = current()
        if wanted is None:
            return tags.p("Focus a lake to see statsmodels' full report of its trend.", class_="m-empty")
        label = store.labels[store.row_of(wanted[0]) or 0]
        return ui.input_action_button("run", f"Report on {label}", class_="m-button")

    @render.ui
    def body() -> Tag | TagList | None:
        wanted = current()
        if wanted is None or asked() != wanted:
            return None
        if reported.status() == "running":
            return tags.p("Loading statsmodels and fitting …", class_="m-fitting", role="status")
        done, result = reported.result()
        req(done == wanted)
        if isinstance(result, MoraineError):
            return trouble_tags(result)
        return report_tags(result, store.labels[store.row_of(wanted[0]) or 0])
