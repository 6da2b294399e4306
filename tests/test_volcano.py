"""The volcano's figure: what it says agrees with the table, and what it draws is every tested lake once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from data.records import TrendTable
from data.store import Store
from data.trends.classes import classes
from modules.choices import Display, Picked
from modules.measures import limits, lit_order, measure, rank, state_bits
from modules.palette import PALETTE
from modules.views.volcano import label_rows, volcano_figure
from tests.datasets import small_dataset


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("volcano")))


@pytest.fixture(scope="module")
def table(store: Store) -> TrendTable:
    return store.trends(store.settings())


def _bits(table: TrendTable, shown: np.ndarray | None = None) -> np.ndarray:
    return state_bits(classes(table), np.ones(len(table.frame), dtype=bool) if shown is None else shown, None)


def _drawn(figure: dict[str, Any], table: TrendTable, bits: np.ndarray) -> list[list[int]]:
    """Which rows each trace draws, by the rule that figure.js describes."""
    out = []
    for trace in figure["data"]:
        meta = trace["meta"]
        x, y = measure(table, meta["x"]), measure(table, meta["y"])
        beyond = (x < meta["clip"]["x"][0]) | (x > meta["clip"]["x"][1]) | (y > meta["clip"]["y"][1])
        wanted = np.isin(bits & meta["mask"], meta["bits"]) & np.isfinite(x) & np.isfinite(y)
        if meta.get("beyond") is not None:
            wanted &= beyond == meta["beyond"]
        out.append(np.flatnonzero(wanted).tolist())
    return out


@pytest.mark.parametrize("display", [Display(), Display(x="t", use="p"), Display(colour="n"), Display(effect=3.0, alpha=0.2)])
def test_every_tested_lake_is_drawn_once(table: TrendTable, display: Display) -> None:
    shown = np.arange(len(table.frame)) % 3 > 0
    bits = state_bits(classes(table, display.use, display.alpha, display.effect), shown, None)
    rows = [row for trace in _drawn(volcano_figure(table, display, bits, []), table, bits) for row in trace]
    placed = np.isfinite(table.frame["log_p"]) & np.isfinite(measure(table, display.x))
    assert sorted(rows) == np.flatnonzero(placed).tolist()


def test_corners_count_what_is_lit(table: TrendTable) -> None:
    shown = np.arange(len(table.frame)) != 0
    bits = _bits(table, shown)
    texts = [note["text"] for note in volcano_figure(table, Display(), bits, [])["layout"]["annotations"]]
    found = classes(table)[shown]
    for word, code in (("growing", 2), ("shrinking", 3), ("not significant", 1)):
        assert any(word in text and f"<b>{(found == code).sum()}</b>" in text for text in texts)


def test_the_axes_say_what_was_fitted(store: Store) -> None:
    area = store.trends(replace(store.settings(), response="area"))
    layout = volcano_figure(area, Display(use="p"), _bits(area), [])["layout"]
    assert "km²/yr" in layout["xaxis"]["title"]["text"]
    assert layout["yaxis"]["title"]["text"] == "−log₁₀ p"
    layout = volcano_figure(area, Display(x="t"), _bits(area), [])["layout"]
    assert layout["xaxis"]["title"]["text"].startswith("t statistic")


def test_labels_are_the_most_significant_of_those_that_changed(table: TrendTable) -> None:
    bits = _bits(table)
    changed = table.frame[np.isin(classes(table), (2, 3))].sort_values("log_p").index
    assert label_rows(lit_order(table, bits, rank(table)), bits, None, 5) == changed[:5].tolist()
    assert label_rows(lit_order(table, bits, rank(table)), bits, None, 0) == []


def test_brushed_lakes_are_labelled_whether_they_changed_or_not(table: TrendTable) -> None:
    steady = np.flatnonzero(classes(table) == 1)[:8]
    brushed = np.isin(np.arange(len(table.frame)), steady)
    bits = state_bits(classes(table), np.ones(len(brushed), dtype=bool), brushed)
    brush = Picked(tuple(table.frame["lake_key"].to_numpy()[steady].tolist()))
    assert sorted(label_rows(lit_order(table, bits, rank(table)), bits, brush, 5)) == steady.tolist()
    assert label_rows(lit_order(table, bits, rank(table)), bits, brush, 0) == []
    figure = volcano_figure(table, Display(), bits, label_rows(lit_order(table, bits, rank(table)), bits, brush, 5))
    assert set(figure["layout"]["meta"]["labels"]) == set(steady.tolist())


def test_nothing_tested_is_said(table: TrendTable) -> None:
    frame = table.frame.assign(slope_pct=np.nan, log_q=np.nan)
    texts = [note["text"] for note in volcano_figure(replace(table, frame=frame), Display(), _bits(table), [])["layout"]["annotations"]]
    assert any("No lake could be tested" in text for text in texts)


def test_clipped_points_are_counted(table: TrendTable) -> None:
    wild = table.frame.copy()
    wild.loc[5, "log_q"] = -5_000.0
    far = replace(table, frame=wild)
    x, y = measure(far, "slope"), measure(far, "q")
    assert limits(x, y).beyond(x, y).sum() == 1
    texts = [note["text"] for note in volcano_figure(far, Display(), _bits(far), [])["layout"]["annotations"]]
    assert any(text.startswith("1 beyond the axes") for text in texts)


def _colours(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if "color" in key and isinstance(item, str):
                yield item
            yield from _colours(item)
    elif isinstance(value, list):
        for item in value:
            yield from _colours(item)


def test_figures_name_meanings_not_colours(table: TrendTable) -> None:
    figure = volcano_figure(table, Display(), _bits(table), [])
    known = {f"var(--m-{name})" for name in PALETTE} | {"rgba(0,0,0,0)"}
    assert {each.partition("@")[0] for each in _colours(figure)} <= known, "@ says how opaque"
    assert len(json.dumps(figure)) < 12_000


def test_lakes_without_a_t_are_counted_where_t_is_the_axis(table: TrendTable) -> None:
    lost = int((np.isfinite(table.frame["log_p"]) & ~np.isfinite(table.frame["t"])).sum())
    assert lost
    texts = [note["text"] for note in volcano_figure(table, Display(x="t"), _bits(table), [])["layout"]["annotations"]]
    assert any(f"{lost} without a t" in text for text in texts)
