"""Where errors come from: lakes missed, false lakes, and the boundaries of those that were found."""

from __future__ import annotations

import pandas as pd
from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, render, ui

from data.store import Store
from modules.judging.comparison import error_sums
from modules.judging.seen import SeenScores
from modules.numerals import fixed_text
from modules.selection import Selection

KINDS = {"missed": "lakes missed", "false": "false lakes", "boundary": "boundary"}
DEFINED = (
    "Lakes are bodies of pixels that share sides. Missed: of the label, with not one pixel of the mask in it. False: of the mask, with not "
    "one pixel of the label in it. Boundary: every other wrong pixel, along lakes that both have. The three add up to all wrong pixels."
)


def error_tags(sums: pd.DataFrame) -> Tag:
    """A row a source: wrong pixels a scene as a bar in three parts, all bars to one scale, and the lakes behind two of them.

    Args:
        sums: Of `error_sums`.
    """
    if not len(sums) or not int(sums["scenes"].sum()):
        return tags.p("No scene is left: loosen the filters.", class_="m-empty")
    parts = [f"{kind}_px" for kind in KINDS]
    longest = float((sums[parts].sum(axis=1) / sums["scenes"].clip(lower=1)).max()) or 1.0
    rows = [_row(str(source), row, longest) for source, row in sums.iterrows()]
    heads = ("", "wrong pixels a scene", *KINDS.values(), "of the label's lakes missed", "of the mask's lakes false")
    head = tags.thead(tags.tr(*(tags.th(name, scope="col") for name in heads)))
    table = tags.table(tags.caption("Errors by kind, pixels a scene"), head, tags.tbody(*rows), class_="m-figures m-compare")
    return tags.div(
        table, tags.p(DEFINED, class_="m-quiet"), class_="m-table-scroll", tabindex="0", role="region", aria_label="Errors by kind"
    )


def _row(source: str, row: pd.Series, longest: float) -> Tag:
    scenes = max(int(row["scenes"]), 1)
    means = {kind: float(row[f"{kind}_px"]) / scenes for kind in KINDS}
    bars = [tags.span(style=f"width:{100 * mean / longest:.2f}%", class_=f"m-part m-part-{kind}") for kind, mean in means.items()]
    return tags.tr(
        tags.th(source, scope="row"),
        tags.td(tags.div(*bars, class_="m-parts", aria_hidden="true"), tags.span(fixed_text(sum(means.values()), 1), class_="m-quiet")),
        *(tags.td(fixed_text(mean, 2), tags.span(class_=f"m-part-dot m-part-{kind}", aria_hidden="true")) for kind, mean in means.items()),
        tags.td(_of(row, "missed_lakes", "label_lakes")),
        tags.td(_of(row, "false_lakes", "predicted_lakes")),
    )


def _of(row: pd.Series, part: str, whole: str) -> str:
    """`240 of 2,000 (12 %)`."""
    count, total = int(row[part]), int(row[whole])
    return f"{count:,} of {total:,}" + (f" ({100 * count / total:.0f} %)" if total else "")


@module.ui
def error_split_ui() -> Tag:
    return ui.output_ui("table")


@module.server
def error_split_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, scores: SeenScores) -> None:
    @render.ui
    def table() -> Tag:
        return error_tags(error_sums(scores.seen()))
