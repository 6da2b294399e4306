"""The continuum: scenes from the worst to the best that each source does, as small multiples, a row a source."""

from __future__ import annotations

import numpy as np
import pandas as pd
from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, render, ui

from data.store import Store
from modules.judging.inspection import Seen, continuum_rows
from modules.judging.marks import continuum_strip, span
from modules.judging.metrics import METRICS, Metric
from modules.judging.seen import SeenScores
from modules.judging.triples import Sight, tile
from modules.numerals import figure_text
from modules.selection import Selection

SHARES = {0.0: "worst", 0.1: "10 %", 0.25: "25 %", 0.5: "median", 0.75: "75 %", 0.9: "90 %", 1.0: "best"}
"""Quantiles, counted from the worst."""
NOBODY = "No scene is left that this metric can judge: loosen the filters, or choose another metric."


def continuum_tags(store: Store, found: Seen, metric_name: str, sight: Sight) -> Tag:
    """The whole figure: a block a source, the sources' axes alike.

    Args:
        store: The dataset.
        found: The scores to look at.
        metric_name: A key of METRICS.
        sight: How scenes are drawn.
    """
    metric = METRICS[metric_name]
    ends = span(metric, found.rows[metric_name].to_numpy(dtype=float)) if len(found.rows) else (0.0, 1.0)
    blocks = [_block(store, found.of(source), metric, ends, sight) for source in found.sources]
    blocks = [block for block in blocks if block is not None]
    return tags.div(*blocks, class_="m-continuum") if blocks else tags.p(NOBODY, class_="m-empty")


def _block(store: Store, rows: pd.DataFrame, metric: Metric, ends: tuple[float, float], sight: Sight) -> Tag | None:
    places = continuum_rows(rows, metric.column, tuple(SHARES))
    if not places:
        return None
    values = rows[metric.column].to_numpy(dtype=float)
    areas = rows["label_km2"].to_numpy(dtype=float)
    largest = float(np.nanmax(areas)) if np.isfinite(areas).any() else 0.0
    marks = [(float(values[at]), float(areas[at] / largest) if largest and np.isfinite(areas[at]) else 0.0) for _, at in places]
    tiles = [tile(store, rows.iloc[at], sight, _caption(share, rows.iloc[at], metric)) for share, at in places]
    name, count = str(rows["source"].iloc[0]), int(np.isfinite(values).sum())
    low, high = (metric.end(end) for end in (ends if not metric.low_is_good else ends[::-1]))
    beyond = "≥ " if metric.low_is_good else ""
    return tags.section(
        tags.h3(name, tags.span(f"median {metric.text(float(np.nanmedian(values)))}, {count:,} scenes", class_="m-quiet")),
        tags.div(
            tags.span(f"{beyond}{low}", class_="m-quiet"), continuum_strip(metric, ends, values, marks), tags.span(high, class_="m-quiet"),
            class_="m-axis", role="img",
            aria_label=f"{metric.words} of all {count:,} scenes of {name}, from bad to good; rings mark the scenes shown, sized by area",
        ),
        tags.div(*tiles, class_="m-tiles"),
    )  # fmt: skip


def _caption(share: float, row: pd.Series, metric: Metric) -> str:
    area = "" if pd.isna(row["label_km2"]) else f" · {figure_text(row['label_km2'], 2)} km²"
    return f"{SHARES[share]}: {metric.text(float(row[metric.column]))}{area}"


@module.ui
def continuum_ui() -> Tag:
    return ui.output_ui("figure")


@module.server
def continuum_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, scores: SeenScores) -> None:
    @render.ui
    def figure() -> Tag:
        return continuum_tags(store, scores.seen(), scores.metric(), scores.sight())
