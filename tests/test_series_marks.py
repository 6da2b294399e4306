"""What the area series marks: each thing once, and who says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.flags.sensor import SensorTest, sensor_test
from data.flags.table import lake_seen
from data.records import TrendSettings
from data.simulate import Plan, write_simulated
from data.store import Store
from modules.choices import State
from modules.series_marks import BOTH, COMPUTED, RECORDED, SWITCH, mark_notes, mark_shapes, mark_words, marks_of, ring_traces, step_traces
from modules.views.flag_list import flag_list_server, list_tag
from tests.flag_cases import dated
from tests.sessions import ViewSession


def rows(*each: tuple[str, str | None, str], words: str = "words") -> pd.DataFrame:
    frame = pd.DataFrame(each, columns=["kind", "date", words])
    return frame.assign(date=pd.to_datetime(frame["date"]))


def events(*each: tuple[str, str | None, str]) -> pd.DataFrame:
    return rows(*each, words="evidence")


NONE = rows()


def test_what_both_say_stands_once() -> None:
    recorded = events(("drainage", "2019-08-07", "a flood"), ("outlier", "2015-10-15", "odd"), ("merge", "2012-10-15", "two"))
    found = rows(("drainage", "2020-10-01", "41 % went"), ("outlier", "2015-10-15", "3 km²"), ("missing", "2017-10-15", "not mapped"))
    marks = marks_of(recorded, found)
    assert [(mark.kind, mark.by) for mark in marks] == [
        ("merge", RECORDED), ("outlier", BOTH), ("missing", COMPUTED), ("drainage", BOTH),
    ]  # fmt: skip
    assert marks[-1].year == pytest.approx(2019.6, abs=0.01)  # the recorded day, where the plot draws it
    assert marks[-1].words == "41 % went"


def test_a_drainage_of_another_year_is_another() -> None:
    marks = marks_of(events(("drainage", "2010-08-07", "")), rows(("drainage", "2020-10-01", "41 % went")))
    assert [mark.by for mark in marks] == [RECORDED, COMPUTED]


def test_lines_ticks_and_labels() -> None:
    marks = marks_of(
        events(("merge", "2012-10-15", "")), rows(("drainage", "2020-10-01", ""), ("missing", "2017-10-15", ""), ("end", "2001-10-15", ""))
    )
    shapes = mark_shapes(marks)
    assert [(int(shape["x0"]), shape["y1"]) for shape in shapes] == [(2012, 1.0), (2020, 1.0), (2017, 0.05)]
    assert [note["text"] for note in mark_notes(marks)] == ["merge", "drained (computed)"]


def test_rings_stand_round_the_observation_that_is_drawn() -> None:
    year, area = np.array([2013.79, 2014.79, 2015.79]), np.array([1.0, 2.0, 9.0])
    marks = marks_of(events(), rows(("outlier", "2015-10-15", "")))
    (ring,) = ring_traces(marks, year, area)
    assert (ring["x"], ring["y"]) == ([2015.79], [9.0])
    assert ring_traces(marks, year[:2], area[:2]) == []
    assert ring_traces(marks, np.array([]), np.array([])) == []


def switched(step: float) -> SensorTest:

    years = np.arange(20)
    random = np.random.default_rng(2)
    table = dated({0: np.exp(0.02 * years + step * (years >= 10) + random.normal(0, 0.005, 20)).tolist()})
    table = table.assign(sensor=np.where(table["date"].dt.year < 2010, "A", "B"))
    found = sensor_test(lake_seen(table, 0, TrendSettings(source="inventory")))
    assert found is not None
    return found


def test_the_level_breaks_where_the_sensor_changes() -> None:
    (line,) = step_traces(switched(0.3), 2000.75, 2019.75)
    gap = line["x"].index(None)
    assert line["x"][gap + 1] == pytest.approx(2010.75, abs=0.01)
    assert np.log(line["y"][gap + 1] / line["y"][gap - 1]) == pytest.approx(0.3, abs=0.02)
    assert np.log(line["y"][0]) == pytest.approx(0.0, abs=0.02)
    assert step_traces(None, 2000, 2010) == []


def test_a_switch_without_a_step_is_said_but_is_no_flag() -> None:
    marks = marks_of(events(), NONE, switched(0.0))
    assert [mark.kind for mark in marks] == [SWITCH]
    sentences = mark_words(marks, NONE)
    assert sentences[0][0] == "sensor switch (computed)"
    assert sentences[0][1].startswith("no step beyond chance: ")
    assert "Recorded" in str(list_tag(marks, sentences))


def test_a_recorded_switch_is_no_step() -> None:
    recorded = events(("sensor", "2010-09-15", "images of B from here on"))
    assert mark_words(marks_of(recorded, NONE), NONE) == [("sensor switch (recorded)", "images of B from here on")]
    assert [(mark.kind, mark.by) for mark in marks_of(recorded, NONE, switched(0.0))] == [(SWITCH, BOTH)]
    stepped = marks_of(recorded, rows(("sensor", "2010-10-01", "+35 %")))
    assert [(mark.kind, mark.by) for mark in stepped] == [("sensor", BOTH)]
    assert [note["text"] for note in mark_notes(stepped)] == ["sensor step"]


def test_texts_of_the_data_stay_texts() -> None:
    (note,) = mark_notes(marks_of(events(("<b>merge</b>", "2012-10-15", "")), NONE))
    assert note["text"] == "&lt;b&gt;merge&lt;/b&gt;"
    marks = marks_of(events(("merge", "2012-10-15", "<img src=x onerror=alert(1)>")), NONE)
    assert "<img" not in str(list_tag(marks, mark_words(marks, NONE)))


def test_findings_without_a_date_are_said_too() -> None:
    said = mark_words([], rows(("few", None, "3 usable dates"), ("acceleration", None, "speeds up")))
    assert said == [("acceleration (computed)", "speeds up"), ("few dates (computed)", "3 usable dates")]
    assert list_tag([], []) is None


def test_the_list_follows_the_focus(tmp_path: Path) -> None:
    write_simulated(tmp_path / "basin", Plan(lakes=150, seed=7))
    store = Store(tmp_path / "basin")
    flags = store.flags(store.settings())
    drained = flags[flags["kind"] == "drainage"].iloc[0]
    with ViewSession(store, flag_list_server, State(store.settings(), focus=int(drained["lake_key"]))) as view:
        shown = str(view.output("flags"))
        assert drained["words"] in shown
        assert "drained (recorded and computed)" in shown
        quiet = next(key for key in store.lake_keys.tolist() if key not in set(flags["lake_key"]) and not len(store.events(key)))
        view.change("focus", quiet)
        assert "<li>" not in str(view.output("flags"))
