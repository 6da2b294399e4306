"""The line-up: thinned alike, told only after a pick, scored for the visit, and its file says what it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from shiny import reactive

from data.store import Store
from data.trends.lineup import PANELS, Panel, real_panel
from modules.choices import Filters, State
from modules.lineup_figure import MOST, Arranged, arranged, whole_svg
from modules.views import lineup as view_module
from modules.views.lineup import Asked, LineUp, file_words, lineup_grid, result_words
from tests.datasets import MARKUP, small_dataset
from tests.sessions import ViewSession
from tests.waiting import until


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


def panels(lakes: int, seed: int = 0) -> list[Panel]:
    random = np.random.default_rng(seed)
    made = [Panel(random.normal(0, 3, lakes).astype(np.float32), random.exponential(0.5, lakes).astype(np.float32)) for _ in range(PANELS)]
    made[0].slope[:2] = made[0].evidence[:2] = np.nan
    return made


def test_every_tested_lake_is_on_a_dot() -> None:
    found = arranged(panels(300), 4, 1, "%/yr")
    assert [int(plot.count.sum()) for plot in found.plots] == [298, *[300] * 19]


def test_a_hundred_thousand_lakes_are_thinned_by_one_rule_and_stay_light() -> None:
    found = arranged(panels(100_000), 4, 1, "%/yr")
    assert max(len(plot.x) for plot in found.plots) <= MOST
    assert min(plot.count.sum() for plot in found.plots) >= 99_998
    steps = [np.gcd.reduce(plot.x.astype(int)) for plot in found.plots]
    assert len(set(steps)) == 1, "one grid for all"
    assert len(str(lineup_grid(found, None))) < 500_000


def test_nothing_tells_before_a_pick_and_all_is_told_after() -> None:
    found = arranged(panels(50), 6, 1, "%/yr")
    before, after = str(lineup_grid(found, None)), str(lineup_grid(found, 2))
    assert before.count("<button") == PANELS
    assert "the data" not in before
    assert "m-real" not in before
    assert "<button" not in after
    assert after.count("dates shuffled") == 19
    assert "7: the data" in after
    assert result_words(found, 6).startswith("Right: plot 7")
    assert "1/20" in result_words(found, 6)
    assert "plot 7 is real" in result_words(found, 2)


@pytest.mark.parametrize("told", [False, True])
def test_the_file_says_what_it_shows_and_runs_nothing(told: bool) -> None:
    text = whole_svg(arranged(panels(50), 6, 99, "km²/yr"), [MARKUP], told=told)
    words = [element.text or "" for element in ElementTree.fromstring(text).iter("{http://www.w3.org/2000/svg}text")]
    assert any("In 19 of these 20 plots" in line and "seed 99" in line for line in words)
    assert MARKUP in words, "text, not markup"
    assert any("plot 7 is the data" in line.lower() for line in words) == told
    assert sum("dates shuffled" in line for line in words) == 19 * told
    assert "var(" not in text


@pytest.fixture
def view(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ViewSession, LineUp]]:
    monkeypatch.setattr(view_module.ui, "modal_show", lambda _: None)
    held: list[LineUp] = []
    made = view_module.LineUp.__init__

    def kept(self: LineUp, *arguments: object) -> None:
        made(self, *arguments)  # type: ignore[arg-type]
        held.append(self)

    monkeypatch.setattr(view_module.LineUp, "__init__", kept)
    with ViewSession(store, view_module.lineup_server) as session:
        yield session, held[0]


def session_html(view: ViewSession) -> str:
    plots = view.output("plots")
    return plots["html"] if plots else ""


def finished(view: ViewSession, line_up: LineUp) -> Arranged:
    for _ in range(300):
        view.session.flush()
        with reactive.isolate():
            found = line_up.found()
        if found is not None and "±" in session_html(view):
            return found
        time.sleep(0.05)
    raise AssertionError("the line-up never came")


def test_one_pick_a_line_up_counts_and_the_score_is_kept(view: tuple[ViewSession, LineUp], store: Store) -> None:
    session, line_up = view
    session.set(open=1)
    found = finished(session, line_up)
    session.set(**{f"pick_{found.seat}": 1})
    assert "Right: plot" in session.output("told")["html"]
    assert "1 right of 1" in session.output("told")["html"]
    session.set(**{f"pick_{(found.seat + 1) % PANELS}": 1})
    assert "1 right of 1" in session.output("told")["html"], "the second pick of a line-up does not count"
    session.set(again=1)
    assert "Right: plot" not in session.output("told")["html"]
    second = finished(session, line_up)
    session.set(**{f"pick_{(second.seat + 1) % PANELS}": 2 if (second.seat + 1) % PANELS in {found.seat, (found.seat + 1) % PANELS} else 1})
    assert "1 right of 2" in session.output("told")["html"]
    assert second.seed != found.seed


def test_the_real_plot_is_the_volcano_on_screen(view: tuple[ViewSession, LineUp], store: Store) -> None:
    session, line_up = view
    session.change("filters", Filters(basins=("Arun",)))
    session.set(open=1)
    found = finished(session, line_up)
    shown = (store.lakes["basin"] == "Arun").to_numpy()
    table = store.trends(store.settings())
    mine = real_panel(table, shown)
    assert found.plots[found.seat].count.sum() == np.isfinite(mine.evidence).sum() > 0
    np.testing.assert_allclose(mine.slope[~np.isnan(mine.slope)], table.frame["slope_pct"][shown & table.frame["p"].notna()], rtol=1e-6)


def test_too_few_lakes_are_not_lined_up(view: tuple[ViewSession, LineUp]) -> None:
    session, _ = view
    session.change("filters", Filters(lake_keys=(0, 1)))
    session.set(open=1)
    assert "Show more lakes" in session.output("plots")["html"]


def test_the_file_names_data_settings_and_citation(store: Store) -> None:
    table = store.trends(replace(store.settings(), method="ols"))
    words = " ".join(file_words(store, Asked(table, np.ones(len(store.lakes), dtype=bool), 3)))
    assert store.meta.title in words
    assert "OLS" in words
    assert store.digest[:10] in words


def test_stopping_leaves_no_line_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    state = State(store.settings())
    with ViewSession(store, view_module.lineup_server, state) as session:
        line_up = LineUp(store, session.selection)
        table = store.trends(store.settings())

        async def stopped() -> None:
            task = asyncio.ensure_future(line_up._make(Asked(table, np.ones(len(store.lakes), dtype=bool), 3)))
            while line_up.done < 2:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        loop = asyncio.new_event_loop()
        loop.run_until_complete(stopped())
        loop.close()
        assert 2 <= line_up.done < PANELS


def test_a_fit_that_fails_unforeseen_is_told_and_ends_nothing(view: tuple[ViewSession, LineUp], monkeypatch: pytest.MonkeyPatch) -> None:
    session, _ = view

    def broken(*_: object) -> None:
        raise np.linalg.LinAlgError("singular")

    monkeypatch.setattr(view_module, "null_panel", broken)
    session.set(open=1)

    def told() -> bool:
        session.session._run(asyncio.sleep(0.02))
        session.set()
        return "the server's log says why" in session_html(session) and bool(session.read("notices"))

    until(told)
    assert session.session.is_ok
