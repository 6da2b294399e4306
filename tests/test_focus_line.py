"""What is said of a lake, and the way through the lakes in order of significance."""

from __future__ import annotations

import numpy as np
import pytest

from data.store import Store
from modules.choices import Filters, State
from modules.verdicts import verdict
from modules.views.focus_line import focus_line_server
from tests.datasets import CONSTANT, INSUFFICIENT, small_dataset
from tests.sessions import ViewSession


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("focus")))


def test_verdicts() -> None:
    lake = {"status": "ok", "log_q": -2000.0}
    assert verdict(lake, 2, "q", 0.05).startswith("growing at q < 0.05 (q = ")
    assert "e-869" in verdict(lake, 2, "q", 0.05)
    assert verdict({"status": "few", "log_p": -1.0}, 1, "p", 0.01).startswith("no change at p < 0.01 (p = 0.37); few dates")
    assert "fewer than three" in verdict({"status": "insufficient"}, 0, "q", 0.05)
    assert "did not change" in verdict({"status": "constant"}, 0, "q", 0.05)


def test_the_sentence_follows_the_focus(store: Store) -> None:
    with ViewSession(store, focus_line_server, State(store.settings(), focus=0)) as view:
        view.set()
        html = view.output("sentence")["html"]
        assert "Imja Tsho" in html
        assert "%/yr" in html
        view.change("focus", 1)
        assert "&lt;b&gt;bold&lt;/b&gt;" in view.output("sentence")["html"]
        for key, words in ((CONSTANT, "did not change"), (INSUFFICIENT, "fewer than three")):
            view.change("focus", key)
            assert words in view.output("sentence")["html"]
        view.change("focus", None)
        assert "Click a lake" in view.output("sentence")["html"]


def test_steps_walk_the_lit_lakes_by_p(store: Store) -> None:
    state = State(store.settings(), filters=Filters(basins=("Arun",)))
    with ViewSession(store, focus_line_server, state) as view:
        view.set(next=0, previous=0)
        p = store.trends(store.settings()).frame["log_p"].to_numpy()
        arun = (store.lakes["basin"] == "Arun").to_numpy() & np.isfinite(p)
        wanted = [int(row) for row in np.argsort(p, kind="stable") if arun[row]]
        walked = []
        for press in range(1, len(wanted) + 1):
            view.set(next=press)
            walked.append(view.read("focus"))
        assert p[walked].tolist() == p[wanted].tolist()
        view.set(next=len(wanted) + 1)
        assert view.read("focus") == walked[0]
        view.set(previous=1)
        assert view.read("focus") == walked[-1]
        view.set(clear=1)
        assert view.read("focus") is None
