"""A bent line in the area series: only where it is more than chance, through the points, and in words."""

from __future__ import annotations

import numpy as np
import pytest

from data.records import SeriesBatch
from data.trends.segmented import segmented
from modules.bend import bend_traces, bend_words
from modules.views.focus_line import Said, focus_sentence

YEAR = np.arange(2000.0, 2020)


def row(response: str, turn: float, noise: float = 0.02) -> dict[str, float]:
    """A row of the table of a lake that turns in 2010."""
    random = np.random.default_rng(81)
    level = 1.0 + turn * np.maximum(YEAR - 2010, 0) + random.normal(0, noise, 20)
    area = np.exp(level) if response == "log" else level
    fit = segmented(SeriesBatch(np.zeros(1, np.int32), YEAR, YEAR[None], area[None]), response)
    return {name: float(values[0]) for name, values in fit.columns.items()}


@pytest.mark.parametrize("response", ["log", "area"])
def test_a_bend_is_drawn_through_the_points_and_said(response: str) -> None:
    found = row(response, 0.08)
    (trace,) = bend_traces(found, response)
    truth = 1.0 + 0.08 * np.maximum(np.array(trace["x"]) - 2010, 0)
    np.testing.assert_allclose(trace["y"], np.exp(truth) if response == "log" else truth, rtol=0.05)
    assert found["break_year"] in trace["x"]
    said = bend_words(found, response)
    assert said.startswith("bends in 20")
    assert said.endswith("%/yr after" if response == "log" else "km²/yr after")
    assert f"+{100 * np.expm1(found['slope_after']):.3g} %/yr after" in said or response == "area"
    assert trace["hovertemplate"].startswith(said)
    place = {"lake_id": "A", "sub_basin": None, "dam_type": None, "elevation_m": 4000.0, "area_km2": 1.0, "slope_pct": 1.0}
    assert said in str(focus_sentence({**found, **place}, "A", 2, response, Said("growing")))


def test_a_straight_lake_and_another_method_show_none() -> None:
    straight = row("log", 0.0, 0.05)
    assert straight["p_break"] > 0.05
    for shown in (straight, {"slope": 0.1}, {**straight, "p_break": float("nan")}):
        assert bend_traces(shown, "log") == []
        assert bend_words(shown, "log") == ""
