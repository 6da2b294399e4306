"""The panel *Why this point?*: what stands in it, that nothing is worked out while it is closed, and how it is drawn."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from data.errors import TrendError
from data.records import TrendSettings, TrendTable
from data.store import Store
from data.trends import METHODS
from data.why import Estimate, why
from modules.choices import State
from modules.views.why import left_out_words, residual_words, why_server, why_tags
from modules.whiskers import lying, span, standing
from tests import triage_cases as cases
from tests.sessions import ViewSession
from tests.waiting import until

ROW = Estimate("a", 2.0, 1.0, 3.0, -9.0, 5, "ok")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(cases.cases_dataset(tmp_path_factory.mktemp("why") / "data"))


def html(store: Store, lake: int) -> str:
    table = store.trends(store.settings())
    return str(why_tags(why(store, lake, table.settings, table)))


def test_the_panel_names_every_method_source_and_threshold(store: Store) -> None:
    said = html(store, 0)
    for method in METHODS.values():
        assert method.title.replace("–", "–") in said
    assert "Least squares (in use)" in said
    assert cases.MAPPER in said
    assert "Threshold-proof: all 20 say the same" in said
    assert "stay whichever date is left out" in said
    assert "pairs of neighbouring years" in said
    assert said.count('scope="row"') == len(METHODS) + 2 + 20 + 12


def test_what_there_is_not_is_said(store: Store) -> None:
    assert "With one date less there is no test left" in html(store, cases.TWO_DATES)
    assert "no area of this lake" in html(store, cases.SOFT)
    bare = replace(why(store, 0, store.settings(), store.trends(store.settings())), stability=None, thresholds=(), residuals=None)
    said = str(why_tags(replace(bare, sources=bare.sources[:1])))
    assert "there is no threshold to vary" in said
    assert "one source, so there is no other" in said
    assert "There is no line." in said


def test_which_date_turns_the_verdict() -> None:
    rows = (replace(ROW, name="2019-10-01"), replace(ROW, name="2020-10-01", log_p=-0.5), replace(ROW, name="2021-10-01", slope=-2.0))
    words = left_out_words(ROW, rows, "%/yr")
    assert "2019" not in words
    assert "2020-10-01 (+2.0 %/yr, p = 0.61)" in words
    assert "2021-10-01 (−2.0 %/yr" in words
    assert left_out_words(ROW, rows[:1], "%/yr").startswith("Sign and significance stay")


def test_texts_of_the_data_stay_texts() -> None:
    assert "<b>" not in str(standing([replace(ROW, name="<b>x</b>")], span([ROW]), "<b>x</b>"))


def test_whiskers_stand_in_order_on_one_axis() -> None:
    rows = [ROW, replace(ROW, slope=-1.0, low=-4.0, high=2.0, log_p=-0.1)]
    ends = span(rows)
    assert ends[0] < -4.0
    assert ends[1] > 3.0

    def places(row: Estimate) -> tuple[float, ...]:
        found = str(lying(row, ends))
        line = re.search(r'd="M([\d.]+) 50.00H([\d.]+)" class="m-whisker-line', found)
        dot = re.search(r'd="M([\d.]+) 50.00H\1" class="m-whisker-dot', found)
        zero = re.search(r'd="M([\d.]+) 0V100" class="m-whisker-zero', found)
        assert line is not None
        assert dot is not None
        assert zero is not None
        return float(line[1]), float(dot[1]), float(line[2]), float(zero[1])

    low, dot, high, zero = places(rows[0])
    assert zero < low < dot < high
    low, dot, high, _ = places(rows[1])
    assert low < dot < zero < high
    assert "m-growing" in str(lying(rows[0], ends))
    assert "m-steady" in str(lying(rows[1], ends))


def test_one_wide_interval_does_not_flatten_the_others() -> None:
    wide = replace(ROW, low=-5_000.0, high=5_000.0)
    assert span([ROW, wide])[1] < 20
    assert "H100.00" in str(lying(wide, span([ROW, wide])))


def test_rows_without_a_slope_or_with_one_value_are_drawn_too() -> None:
    none = replace(ROW, slope=float("nan"), low=float("nan"), high=float("nan"), log_p=float("nan"))
    assert "m-whisker-dot" not in str(lying(none, span([none])))
    flat = replace(ROW, slope=0.0, low=0.0, high=0.0)
    assert span([flat])[0] < span([flat])[1]


def test_nothing_is_worked_out_while_the_panel_is_closed(store: Store) -> None:
    with ViewSession(store, why_server, State(store.settings(), focus=0)) as view:
        view.set(open=False)
        assert view.output("body") is None
        view.set(open=True)
        assert "By every method" in view.output("body")["html"]
        view.change("focus", cases.SOFT)
        assert "thresholds say the same" in view.output("body")["html"]
        assert "Threshold-proof" not in view.output("body")["html"]
        view.change("focus", None)
        assert "Click a lake" in view.output("body")["html"]
        view.set(open=False)
        assert view.output("body") is None


def test_methods_that_cannot_be_fitted_are_said_and_end_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with ViewSession(store, why_server, State(store.settings(), focus=0)) as view:
        view.set(open=True)
        fit = store.trends

        def broken(settings: TrendSettings) -> TrendTable:
            if settings.method != store.settings().method:
                raise TrendError("no room", "make some")
            return fit(settings)

        monkeypatch.setattr(store, "trends", broken)
        view.set(fit=1)

        def told() -> bool:
            view.session._run(asyncio.sleep(0.02))
            view.set()
            return any("no room" in notice for notice in view.read("notices"))

        until(told)
        assert "By every method" in view.output("body")["html"]


def test_residual_words(store: Store) -> None:
    left = why(store, cases.NOISY, store.settings(), store.trends(store.settings())).residuals
    assert left is not None
    assert "unknown" in residual_words(left)
