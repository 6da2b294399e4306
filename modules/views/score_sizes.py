"""How scores spread within each size class of the label's water: small lakes are where models differ."""

from __future__ import annotations

import numpy as np
from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, render, ui

from data.store import Store
from models.summary import ORDER
from modules.judging.comparison import spreads
from modules.judging.inspection import Seen
from modules.judging.marks import span, spread_mark
from modules.judging.metrics import METRICS
from modules.judging.seen import SeenScores
from modules.selection import Selection

READ = "Dot: median. Thick line: middle half of the scenes. Thin line: 5th to 95th percentile. Better is to the right."


def size_tags(found: Seen, metric_name: str) -> Tag:
    """A block a size class, a line a source, on one axis from bad to good.

    Args:
        found: The scores.
        metric_name: A key of METRICS.
    """
    metric = METRICS[metric_name]
    ends = span(metric, found.rows[metric_name].to_numpy(dtype=float)) if len(found.rows) else (0.0, 1.0)
    rows: list[Tag] = []
    for size in ORDER:
        mine = found.rows.loc[found.rows["size"] == size] if len(found.rows) else found.rows
        first = True
        for source in found.sources:
            part = mine.loc[mine["source"] == source]
            spread = spreads(part, metric_name)
            if spread is None:
                continue
            count = int(np.isfinite(part[metric_name].to_numpy(dtype=float)).sum())
            mark = tags.td(spread_mark(metric, ends, spread), class_="m-mark-cell", aria_hidden="true")
            cells = [tags.td(source), tags.td(f"{count:,}"), mark, tags.td(metric.text(float(spread[2])))]
            rows.append(tags.tr(tags.th(size if first else "", scope="row"), *cells, class_="m-block-first" if first else None))
            first = False
    if not rows:
        return tags.p("No scene is left: loosen the filters.", class_="m-empty")
    bad, good = (metric.end(end) for end in (ends[::-1] if metric.low_is_good else ends))
    heads = ("water in the label", "source", "scenes", f"{bad} … {good}", f"median {metric.words}")
    head = tags.thead(tags.tr(*(tags.th(name, scope="col") for name in heads)))
    table = tags.table(tags.caption(f"{metric.words} by size"), head, tags.tbody(*rows), class_="m-figures m-compare")
    return tags.div(
        table, tags.p(READ, class_="m-quiet"), class_="m-table-scroll", tabindex="0", role="region", aria_label="Scores by size"
    )


@module.ui
def score_sizes_ui() -> Tag:
    return ui.output_ui("table")


@module.server
def score_sizes_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, scores: SeenScores) -> None:
    @render.ui
    def table() -> Tag:
        return size_tags(scores.seen(), scores.metric())
