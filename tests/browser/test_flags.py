"""Flags in the browser, by keyboard: what is marked in the series, its sentences, and lakes shown by their flags."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from data.simulate import Plan, write_simulated
from data.store import Store
from tests.browser.plots import drawn
from tests.browser.visit import Visit


@pytest.fixture(scope="module")
def basin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flags") / "basin"
    write_simulated(folder, Plan(lakes=120, seed=9))
    return folder


def test_marks_sentences_and_filter(page_at: Callable[..., Visit], serve: Callable, basin: Path) -> None:
    store = Store(basin)
    found = store.flags(store.settings())
    odd = found[found["kind"] == "outlier"].iloc[0]
    opened = page_at(f"?lake={odd['lake_key']}&flag=outlier", url=serve(MORAINE_DATASETS=str(basin)).url)
    page = opened.page
    many = found.loc[found["kind"] == "outlier", "lake_key"].nunique()
    expect(page.get_by_text(f"{many} of 120 lakes shown (by flags)")).to_be_visible()
    drawn(page, "series")
    traces = "document.querySelector('.m-series .m-plot').data"
    rings = page.evaluate(f"() => {traces}.filter(({{ name }}) => name === 'outlier').map(({{ x }}) => x.length)")
    assert rings == [len(found[(found["lake_key"] == odd["lake_key"]) & (found["kind"] == "outlier")])]
    summary = page.locator(".m-flag-list > summary")
    expect(summary).to_contain_text(f"outlier {odd['date'].year}")
    sentence = page.get_by_text(odd["words"])
    expect(sentence).to_be_hidden()
    summary.focus()
    page.keyboard.press("Enter")
    expect(sentence).to_be_visible()
    assert opened.complaints == [], "before axe, which asks for style sheets of its own"
    assert opened.violations(".m-flags") == []
