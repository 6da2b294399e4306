"""A dataset is opened in a thread of its own: meanwhile the event loop, and with it everybody else, goes on."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data.cache import read_table, write_table
from data.errors import DatasetError
from data.records import TrendSettings, TrendTable
from data.store import Store
from modules.serve import moraine_app
from modules.serving.config import Config
from modules.serving.opening import name_in
from modules.serving.routes import lake_url
from tests.asgi import fetch, finished
from tests.datasets import small_dataset
from tests.driven import visit
from tests.load.inside import served_here


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_dataset(tmp_path / "small")


@pytest.fixture
def opened_in(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The threads in which datasets were opened, by whoever asked."""
    threads: list[int] = []
    opens = Store.__init__

    def told(self: Store, *args: Any, **more: Any) -> None:
        threads.append(threading.get_ident())
        opens(self, *args, **more)

    monkeypatch.setattr(Store, "__init__", told)
    return threads


def change(folder: Path) -> None:
    """Other bytes, as an import leaves them: of two equal events one is a change."""
    table = read_table(folder / "events.parquet")
    write_table(folder / "events.parquet", table.slice(0, table.num_rows - 1))


def test_a_column_that_python_cannot_hold_is_an_error_of_the_dataset(folder: Path) -> None:
    table = read_table(folder / "lakes.parquet")
    far = pa.array([2**31 - 1] * table.num_rows, pa.int32()).cast(pa.date32())
    write_table(folder / "lakes.parquet", table.append_column("surveyed", far))
    with pytest.raises(DatasetError, match=r"lakes\.parquet cannot be held: .*year"):
        Store(folder)


@pytest.mark.parametrize("first", ["", "columns"])
def test_what_a_request_is_about_is_opened_beside_the_loop(folder: Path, opened_in: list[int], first: str) -> None:
    """At first, and anew once it has changed on disk."""
    address = "/" if not first else f"/{lake_url(Store(folder))}"
    opened_in.clear()
    app = moraine_app(Config([folder], None))

    async def play() -> int:
        assert (await fetch(app.starlette_app, address))[0] == 200
        change(folder)
        assert (await fetch(app.starlette_app, "/"))[0] == 200
        return threading.get_ident()

    loop = finished(play())
    assert len(opened_in) == 2
    assert loop not in opened_in


def test_a_visit_begins_once_its_dataset_is_open(folder: Path, opened_in: list[int]) -> None:
    async def play(url: str) -> str:
        async with visit(url, "?lake=0", ("explore-focus-sentence",)) as hand:
            await hand.shown("explore-focus-sentence", "km²")
        change(folder)
        async with visit(url, "?lake=0", ("explore-focus-sentence",)) as hand:
            return await hand.shown("explore-focus-sentence", "km²")

    with served_here(folder) as (url, app):
        assert "km²" in finished(play(url))
        loops = {thread.ident for thread in threading.enumerate() if thread.name.endswith("(run)")}
        held = app.same_for_all.args[0].store("small")
    assert len(opened_in) == 2
    assert len(held.event_rows) == read_table(folder / "events.parquet").num_rows, "the second visit has what is there now"
    assert len(loops) == 1
    assert not loops & set(opened_in)


def test_others_are_looked_up_while_one_is_being_opened(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = moraine_app(Config([folder], None)).same_for_all.args[0]  # pyright: ignore[reportAttributeAccessIssue]
    assert datasets.store("small") is not None

    async def play() -> float:
        began = asyncio.get_running_loop().time()
        held = asyncio.create_task(asyncio.to_thread(_hold, datasets, 0.8))
        await asyncio.sleep(0.1)
        assert datasets.store("small") is not None
        assert asyncio.get_running_loop().time() - began < 0.7
        await held
        return began

    finished(play())


def test_a_crowd_before_a_dataset_that_is_being_opened_takes_one_thread(folder: Path, opened_in: list[int]) -> None:
    """The event loop has a few threads for all that is worked out beside it."""
    datasets = moraine_app(Config([folder], None)).same_for_all.args[0]  # pyright: ignore[reportAttributeAccessIssue]

    free = threading.Event()

    def hold() -> None:
        with datasets._lock:
            free.wait(20)

    async def play() -> None:
        holding = asyncio.create_task(asyncio.to_thread(hold))
        await asyncio.sleep(0.05)
        crowd = [asyncio.create_task(datasets.opened("small")) for _ in range(100)]
        await asyncio.sleep(0.05)
        assert await asyncio.wait_for(asyncio.to_thread(int), 10) == 0, "who wants a thread gets one"
        crowd.pop().cancel()
        free.set()
        await asyncio.gather(*crowd, holding)

    finished(play())
    assert len(opened_in) == 1


def test_a_page_does_not_wait_for_trends_and_a_visit_does(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = moraine_app(Config([folder], None))
    datasets = app.same_for_all.args[0]  # pyright: ignore[reportAttributeAccessIssue]
    read, free, reading = Store.trends_held, threading.Event(), set[int]()

    def held(self: Store, settings: TrendSettings) -> TrendTable | None:
        reading.add(threading.get_ident())
        assert free.wait(20)
        return read(self, settings)

    monkeypatch.setattr(Store, "trends_held", held)

    async def play() -> int:
        await asyncio.wait_for(datasets.opened("small"), 10)
        visits = [asyncio.create_task(datasets.opened("small", trends=True)) for _ in range(3)]
        await asyncio.sleep(0.2)
        assert not any(visit.done() for visit in visits)
        visits.pop().cancel()
        free.set()
        await asyncio.wait_for(asyncio.gather(*visits), 10)
        assert not datasets._reading
        return threading.get_ident()

    loop = finished(play())
    assert len(reading) == 1
    assert loop not in reading


def _hold(datasets: Any, seconds: float) -> None:
    with datasets._lock:
        threading.Event().wait(seconds)


@pytest.mark.parametrize(("query", "name"), [("?data=a%20b&lake=1", "a b"), ("", None), ("data=", None), ("lake=1", None)])
def test_the_name_that_a_link_says(query: str, name: str | None) -> None:
    assert name_in(query) == name
