"""Trends of endless settings: so many a minute for whoever asks, a bounded queue, and nobody waits who asks for what is there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from data.records import Season, TrendSettings, TrendTable
from data.store import Store
from modules import fits
from modules.fits import PACED, Fits, NoTurnError
from modules.serving.routes import trend_url
from tests.app_faults import NOTICES
from tests.asgi import finished
from tests.datasets import small_dataset
from tests.driven import visit
from tests.load.inside import served_here
from tests.test_guard import ask
from tests.test_taking_away import another_fit


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("fits") / "small"))


@pytest.fixture
def made() -> Iterator[Fits]:
    held = Fits(3, most=2)
    yield held
    held.close()


def season(store: Store, first: int) -> TrendSettings:
    return replace(store.settings(), season=Season(first, 12))


def test_an_address_has_so_many_a_minute_and_what_is_there_always(store: Store, made: Fits) -> None:
    async def play() -> None:
        for first in (2, 3, 4):
            table = await made.for_address(store, season(store, first), "1.2.3.4")
            assert table.settings == season(store, first)
        with pytest.raises(NoTurnError, match="More than 3 trends a minute") as refused:
            await made.for_address(store, season(store, 5), "1.2.3.4")
        assert 0 < refused.value.seconds <= 60
        assert store.trends_held(season(store, 5)) is None
        assert (await made.for_address(store, season(store, 2), "1.2.3.4")).settings == season(store, 2)
        assert (await made.for_address(store, season(store, 5), "5.6.7.8")).settings == season(store, 5)

    finished(play())


def test_so_many_wait_and_one_that_several_want_is_made_once(store: Store, made: Fits) -> None:
    async def play() -> None:
        with another_fit(store):
            waiting = [asyncio.create_task(made.for_address(store, season(store, first), str(first))) for first in (2, 3, 3)]
            await asyncio.sleep(0.2)
            with pytest.raises(NoTurnError, match="at the moment"):
                await made.for_address(store, season(store, 4), "4")
        found = await asyncio.gather(*waiting)
        assert found[1] is found[2]
        assert await made.for_address(store, season(store, 4), "4"), "there is room again"

    finished(play())


def test_what_nobody_waits_for_any_more_is_not_made(store: Store, made: Fits) -> None:
    async def play() -> None:
        with another_fit(store):
            tasks = [asyncio.create_task(made.table(store, season(store, first))) for first in range(2, 8)]
            await asyncio.sleep(0.2)
            for task in tasks[2:-1]:  # two are at work
                task.cancel()
            await asyncio.sleep(0.1)
        found = await asyncio.gather(*tasks[:2], tasks[-1])
        assert [table.settings for table in found] == [season(store, first) for first in (2, 3, 7)]
        assert [store.trends_held(season(store, first)) is None for first in range(2, 8)] == [False, False, True, True, True, False]

    finished(play())


def test_how_far_a_fit_is_is_known_while_it_is_made(store: Store, made: Fits, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, half, over = season(store, 2), threading.Event(), threading.Event()
    fit = store.trends

    def trends(settings: TrendSettings, *, told: Callable[[float], object]) -> TrendTable:
        told(0.5)
        half.set()
        assert over.wait(20)
        return fit(settings)

    monkeypatch.setattr(store, "trends", trends)

    async def play() -> list[float | None]:
        shares = [made.share(store, wanted)]
        waiting = asyncio.create_task(made.table(store, wanted))
        assert await asyncio.to_thread(half.wait, 20)
        shares += [made.share(store, wanted), made.share(store, season(store, 3))]
        over.set()
        await waiting
        return [*shares, made.share(store, wanted)]

    assert finished(play()) == [None, 0.5, None, None]


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that fits two tables a minute for a visit or an address."""
    monkeypatch.setenv("MORAINE_FITS_A_MINUTE", "2")
    fits.shared.cache_clear()
    yield
    fits.shared.cache_clear()


def test_the_app_holds_addresses_and_visits_to_it(store: Store, slow: None) -> None:
    with served_here(store.path) as (url, app):
        served: Store = app.same_for_all.args[0].store("small")

        def asked(first: int) -> tuple[int, dict[str, str], str]:
            return ask(f"{url}/{trend_url(served, season(served, first))}")

        assert [asked(first)[0] for first in (2, 3)] == [200, 200]
        status, headers, words = asked(4)
        assert (status, headers["cache-control"]) == (503, "no-store")
        assert 0 < int(headers["retry-after"]) <= 60
        assert "Try again later" in words
        assert asked(2)[0] == 200, "what is there is given"
        with another_fit(served):
            assert ask(f"{url}/{trend_url(served, season(served, 3))}")[0] == 200, "also while others are fitted"
        finished(_changing(url))
        assert served.trends_held(replace(served.settings(), method="huber")) is None


async def _changing(url: str) -> None:
    """A visit that opens, and changes the method twice; the second time it has to wait, and is told so."""
    async with visit(url, "?method=ols", (NOTICES,)) as hand:
        await hand.set(**{"explore-test-method": "theil-sen"})
        assert PACED not in str(hand.values[NOTICES])
        await hand.set(**{"explore-test-method": "huber"})
        await hand.shown(NOTICES, PACED)
