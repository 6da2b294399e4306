"""The About page: headings in order, plain words on what is simulated, nothing missing."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from data.store import Store
from modules.pages.about import FALSE_ALARMS, about_ui
from tests.datasets import small_dataset


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


@pytest.fixture(scope="module")
def html(store: Store) -> str:
    return str(about_ui("about", store))


def test_headings_step_down_one_at_a_time(html: str) -> None:
    levels = [int(level) for level in re.findall(r"<h(\d)", html)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_it_says_whether_the_data_are_simulated(store: Store, html: str) -> None:
    assert "These data are simulated" in html
    observed = Store(store.path)
    observed.meta = replace(store.meta, simulated=False, title="<i>x</i>")
    other = str(about_ui("about", observed))
    assert "not simulated" in other
    assert "<i>x</i>" not in other


def test_it_gives_digest_licence_citation_and_the_measured_false_alarms(store: Store, html: str) -> None:
    for text in (store.digest, "CC0-1.0", "Nobody (2026)", "Santer", "Benjamini", *(cell for row in FALSE_ALARMS for cell in row)):
        assert text in html
