"""The selection: fits in the background, restores, and survives what cannot be fitted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from shiny import reactive

from data.errors import TrendError
from data.records import Season, TrendSettings, TrendTable
from data.store import Store
from modules.choices import Filters, Picked, Region, State
from modules.links.packing import rounded_polygon
from modules.measures import BRUSHED, LIT
from tests.datasets import small_dataset
from tests.sessions import ViewSession


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("selection")))


def _nothing(*_: object, **__: object) -> None:
    """A view that does nothing."""


def _until(view: ViewSession, done: Callable[[], bool]) -> None:
    for _ in range(200):
        view.set()
        if done():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def test_a_refit_keeps_the_old_table_until_the_new_one_is_there(store: Store) -> None:
    fitted: list[TrendSettings] = []
    whole = store.trends

    def slow(settings: TrendSettings, **_: object) -> TrendTable:
        fitted.append(settings)
        time.sleep(0.2)
        return whole(settings)

    store.trends = slow  # type: ignore[method-assign]
    with ViewSession(store, _nothing) as view:
        view.set()
        old = view.read("table")
        wanted = replace(store.settings(), season=Season(9, 11))
        view.change("settings", wanted)
        assert view.read("fitting") == wanted
        assert view.read("table") is old
        _until(view, lambda: view.read("fitting") is None)
        assert view.read("table").settings == wanted
        assert wanted in fitted
        fitted.clear()
        view.change("settings", store.settings())
        assert view.read("table").settings == store.settings()
        assert fitted == []


def test_how_far_a_fit_is_is_followed_while_it_lasts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modules.fitting.FOLLOWED_S", 0.02)
    monkeypatch.setattr(type(store), "parted", True)
    whole, over = store.trends, threading.Event()

    def slow(settings: TrendSettings, *, told: Callable[[float], object]) -> TrendTable:
        told(0.47)
        assert over.wait(20)
        told(1.0)
        return whole(settings)

    with ViewSession(store, _nothing) as view:
        view.set()
        assert view.read("fitted_share") is None
        store.trends = slow  # type: ignore[method-assign]
        view.change("settings", replace(store.settings(), season=Season(9, 11)))
        _until(view, lambda: view.read("fitted_share") == 0.4)
        over.set()
        _until(view, lambda: view.read("fitting") is None)
        assert view.read("fitted_share") is None


def test_who_goes_back_to_what_is_on_screen_waits_for_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the cache of a small memory holds it no more."""
    whole, over = store.trends, threading.Event()
    with ViewSession(store, _nothing) as view:
        view.set()
        old = view.read("table")

        def slow(settings: TrendSettings, **_: object) -> TrendTable:
            assert over.wait(20)
            return whole(settings)

        store.trends = slow  # type: ignore[method-assign]
        monkeypatch.setattr(store, "trends_held", lambda _: None)
        view.change("settings", replace(store.settings(), season=Season(9, 11)))
        assert view.read("fitting") is not None
        view.change("settings", old.settings)
        assert view.read("fitting") is None
        over.set()
        assert view.read("table") is old


def test_what_cannot_be_fitted_is_said_and_the_old_table_stays(store: Store) -> None:
    whole = store.trends

    def failing(settings: TrendSettings, **_: object) -> TrendTable:
        if settings.response == "area":
            raise TrendError("areas cannot be fitted today", "try the log")
        return whole(settings)

    store.trends = failing  # type: ignore[method-assign]
    with ViewSession(store, _nothing) as view:
        view.set()
        view.change("settings", replace(store.settings(), response="area"))
        _until(view, lambda: bool(view.read("notices")))
        assert "areas cannot be fitted today" in view.read("notices")[0]
        assert view.read("fitting") is None
        assert view.read("table").settings == store.settings()


def test_lit_is_shown_and_brushed(store: Store) -> None:
    state = State(store.settings(), brush=Picked((0, 1, 2, 3)), filters=Filters(basins=("Arun",)))
    with ViewSession(store, _nothing, state) as view:
        view.set()
        bits = view.read("bits")
        assert np.flatnonzero(bits & BRUSHED).tolist() == [0, 1, 2, 3]
        arun = np.flatnonzero((store.lakes["basin"] == "Arun").to_numpy())
        assert np.flatnonzero(bits & LIT).tolist() == [row for row in (0, 1, 2, 3) if row in arun]


def test_a_region_restored_from_a_link_is_resolved_under_its_own_settings(store: Store) -> None:
    then = replace(store.settings(), response="area")
    box = rounded_polygon([(1e-6, 0), (10, 0), (10, 50), (1e-6, 50)])
    state = State(store.settings(), brush=Region(("slope", "q"), box, then))
    with ViewSession(store, _nothing, state) as view:
        _until(view, lambda: view.read("table") is not None)
        growing = store.trends(then).frame["slope"].to_numpy() > 1e-6
        tested = np.isfinite(store.trends(then).frame["log_p"].to_numpy())
        assert view.read("brushed").tolist() == (growing & tested).tolist()


def test_focus_ignores_a_lake_that_is_not_there(store: Store) -> None:
    with ViewSession(store, _nothing) as view:
        view.set()
        with reactive.isolate():
            view.selection.set_focus(7)
            view.selection.set_focus(12_345)
        view.set()
        assert view.read("focus") == 7
        view.selection.clear()
        view.set()
        assert view.read("focus") is None
