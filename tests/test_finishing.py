"""What goes wrong in the background is told, and the visit goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from data.errors import TrendError
from data.store import Store
from modules.views.headline import headline_server
from tests.datasets import small_dataset
from tests.sessions import ViewSession
from tests.waiting import until

UNFORESEEN = (np.linalg.LinAlgError("singular"), "the server's log says why")
KNOWN = (TrendError("no date is left", "widen the season"), "widen the season")


@pytest.mark.parametrize("trouble", [UNFORESEEN, KNOWN], ids=["unforeseen", "known"])
@pytest.mark.parametrize("work", [("flags", "Flags could not be worked out"), ("trends", "These settings could not be fitted")])
def test_it_is_told_and_the_visit_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: tuple[str, str], trouble: tuple[Exception, str]
) -> None:
    (name, failed), (error, told) = work, trouble
    store = Store(small_dataset(tmp_path / "data"))
    view = ViewSession(store, headline_server)

    def fail(*_: object, **__: object) -> object:
        raise error

    monkeypatch.setattr(store, name, fail)
    monkeypatch.setattr(store, f"{name}_held", lambda _: None)

    def said() -> bool:
        view.session._run(asyncio.sleep(0.02))  # extended tasks go on only while the session's loop runs
        view.set()
        return any(notice.startswith(failed) for notice in view.read("notices"))

    with view:
        until(said)
        assert any(told in notice for notice in view.read("notices"))
        assert view.session.is_ok
