"""The regression report: on request, put away when the focus moves, errors with their remedy."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from data.regression import regression_report
from data.store import Store
from modules.views.regression import regression_server, report_tags
from tests.datasets import CONSTANT, MARKUP, small_dataset
from tests.sessions import ViewSession


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


@pytest.fixture
def view(store: Store) -> Iterator[ViewSession]:
    with ViewSession(store, regression_server) as held:
        yield held


def settled(view: ViewSession) -> str:
    """The report's HTML once the task is done."""
    for _ in range(200):
        view.session.flush()
        body = view.output("body")
        if body and "fitting …" not in body["html"]:
            return body["html"]
        time.sleep(0.1)
    raise AssertionError("the report never came")


def test_without_a_focus_it_says_what_to_do(view: ViewSession) -> None:
    assert "Focus a lake" in view.output("ask")["html"]


def test_the_report_comes_on_request_and_goes_with_the_focus(view: ViewSession, store: Store) -> None:
    view.change("focus", 0)
    assert not view.output("body")
    view.set(run=1)
    html = settled(view)
    assert "8 observations, 6 degrees of freedom" in html
    assert "OLS Regression Results" in html
    view.change("focus", 1)
    assert not view.output("body")


def test_a_lake_that_cannot_be_regressed_says_why(view: ViewSession) -> None:
    view.change("focus", CONSTANT)
    view.set(run=1)
    html = settled(view)
    assert "never changes" in html
    assert "To do: choose another lake" in html


def test_the_slope_reported_is_the_table_s(store: Store) -> None:
    settings = store.settings()
    report = regression_report(store.areas(2), 2, settings)
    table = store.trends(settings).frame
    assert report.coefficients[1].value == pytest.approx(table["slope"][2], rel=1e-9)
    html = str(report_tags(report, MARKUP))
    assert MARKUP not in html
    assert html.count("<tr>") >= 2 + 4 + 5 + 8
    assert f"{np.round(report.coefficients[1].value, 4)}"[:5] in html
