"""Files asked for while what they are made of is still being worked out: they come once it is there, or words come in their place."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import aiohttp
import pandas as pd
import pytest
from shiny import Inputs, Outputs, Session, render, ui
from shiny.session import get_current_session
from starlette.responses import StreamingResponse

from data.errors import InputError
from data.records import TrendSettings
from data.store import Store
from modules.serving import taking_away
from modules.serving.observing.errors import NumberedApp
from modules.serving.taking_away import AGAIN_S, NOT_YET, WAITING
from tests.asgi import finished
from tests.datasets import LAKES, small_dataset
from tests.driven import visit
from tests.load.inside import running, served_here
from tests.test_guard import ask
from tests.test_observing import figure

CSV = "explore-export-csv"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store, Any]]:
    with served_here(small_dataset(tmp_path_factory.mktemp("taken") / "small"), metrics="on") as (url, app):
        yield url, app.same_for_all.args[0].store("small"), app


@contextmanager
def another_fit(store: Store) -> Generator[threading.Event, None, None]:
    """One that takes until the event is set: fits of a dataset are made one after another."""
    begun, over = threading.Event(), threading.Event()

    def work() -> None:
        with store._lock:
            begun.set()
            over.wait(60)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(60)
    try:
        yield over
    finally:
        over.set()
        thread.join()


async def _asked(
    served: tuple[str, Store, Any], method: str, *, times: int = 1, ends: float | None
) -> list[tuple[int, dict[str, str], str]]:
    """The answers to so many requests for a CSV in a visit whose first table is being fitted until `ends` (seconds; None: after them)."""
    url, store, _ = served
    with another_fit(store) as over:
        async with visit(url, f"?method={method}", outputs=(CSV,), **{"explore-export-only_brushed": False}) as hand:
            address = f"{url}/{await hand.arrived(CSV)}"
            if ends is not None:
                asyncio.get_running_loop().call_later(ends, over.set)
            return await asyncio.gather(*(asyncio.to_thread(ask, address) for _ in range(times)))


def _failed(served: tuple[str, Store, Any]) -> float:
    return figure(ask(f"{served[0]}/metrics")[2], "moraine_errors_total", where="request")


def test_a_file_asked_for_while_its_table_is_fitted_comes_with_that_table(served: tuple[str, Store, Any]) -> None:
    ((status, headers, text),) = finished(_asked(served, "theil-sen", ends=0.6))
    assert status == 200
    assert "theil-sen" in headers["content-disposition"]
    assert int(headers["content-length"]) == len(text)
    found = pd.read_csv(StringIO(text))
    assert len(found) == LAKES
    fitted = served[1].trends(TrendSettings.from_token(found["settings"][0]))
    assert fitted.settings.method == "theil-sen"
    assert found["slope"].tolist() == pytest.approx(fitted.frame["slope"].tolist(), nan_ok=True)
    assert _failed(served) == 0


def test_one_that_takes_too_long_is_answered_in_words(served: tuple[str, Store, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking_away, "PATIENCE_S", 0.3)
    ((status, headers, text),) = finished(_asked(served, "huber", ends=None))
    assert (status, text, headers["retry-after"]) == (503, NOT_YET, str(AGAIN_S))
    assert headers["content-type"].startswith("text/plain")
    assert _failed(served) == 0, "no error that nobody foresaw"


def test_no_visit_has_more_than_a_few_of_them_waiting(served: tuple[str, Store, Any]) -> None:
    answers = finished(_asked(served, "weighted", times=WAITING + 3, ends=1.0))
    assert sorted(status for status, *_ in answers) == [200] * WAITING + [503] * 3


def _parts_app(sent: list[str], fails_at: int | None) -> NumberedApp:
    def server(input: Inputs, output: Outputs, session: Session) -> None:
        @render.download_button(filename="long.csv")
        async def long() -> AsyncIterator[str]:
            for number in range(6):
                if number == fails_at:
                    raise InputError("row 7 cannot be written", "leave it out")
                sent.append(f"{number} {get_current_session() is not None}")
                yield f"{number}\n" * 1000

    return NumberedApp(ui.page_fluid(ui.download_button("long", "Long")), server)


async def _taken(url: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of the file."""
    async with visit(url, outputs=("long",)) as hand:
        address = f"{url}/{await hand.arrived('long')}"
        async with aiohttp.ClientSession() as http, http.get(address) as answer:
            return answer.status, {key.lower(): value for key, value in answer.headers.items()}, await answer.text()


def test_a_long_file_travels_in_parts_as_they_are_made_and_each_knows_its_visit() -> None:
    sent: list[str] = []
    with running(_parts_app(sent, None)) as url:
        status, headers, text = finished(_taken(url))
    assert (status, text) == (200, "".join(f"{number}\n" * 1000 for number in range(6)))
    assert "content-length" not in headers
    assert sent == [f"{number} True" for number in range(6)]


def test_no_more_than_two_parts_are_held() -> None:
    sent: list[str] = []

    async def play() -> int:
        async def parts() -> AsyncIterator[bytes]:
            for number in range(6):
                sent.append(str(number))
                yield b"x"

        await taking_away._begun(StreamingResponse(parts()))
        return len(sent)

    assert finished(play()) == 2


@pytest.mark.parametrize("fails_at", [0, 1])
def test_what_fails_before_anything_was_sent_is_said_in_words(fails_at: int) -> None:
    sent: list[str] = []
    with running(_parts_app(sent, fails_at)) as url:
        status, headers, text = finished(_taken(url))
    assert (status, text) == (422, "row 7 cannot be written. leave it out.")
    assert headers["content-type"].startswith("text/plain")
