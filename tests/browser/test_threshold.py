"""The threshold slider and the second source, as a person uses them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from data.records import TrendSettings
from data.store import Store
from modules.numerals import figure_text
from tests.browser.plots import ask, drawn
from tests.browser.scenes import painted
from tests.browser.server import Server
from tests.browser.visit import PHONE, Visit
from tests.datasets import SOURCE
from tests.probable_dataset import SEGMENTER, probable_dataset

LAKE, NEWEST = 5, 522
SAID = ".m-threshold-said"
SENTENCE = ".m-focus-sentence"
AREAS = "plot.plot.data.filter(trace => trace.meta?.scenes).flatMap(trace => [...trace.y])"
SHOWN = """areas => {
    const { plot } = document.querySelector('.m-series .m-plot-host').morainePlot;
    const shown = plot.data.filter(trace => trace.meta?.scenes).flatMap(trace => [...trace.y]);
    return shown.length === areas.length && shown.every((area, place) => Math.abs(area - areas[place]) < 1e-5 * area);
}"""
LINKED = "count => document.querySelector('.m-volcano .m-plot-host').dataset.links === count"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return probable_dataset(tmp_path_factory.mktemp("threshold") / "data")


@pytest.fixture(scope="module")
def url(serve: Callable[..., Server], dataset: Path) -> str:
    return serve(MORAINE_DATASETS=str(dataset)).url


def areas(store: Store, threshold: float) -> list[float]:
    rows = store.areas_by_threshold(LAKE, SEGMENTER)
    return rows[rows["threshold"] == threshold]["area_km2"].tolist()


def place(page: Page, threshold: float) -> tuple[float, float]:
    """Where the thumb stands at a threshold."""
    box = page.locator(".m-threshold input").bounding_box()
    assert box is not None
    thumb = 0.9 * 16
    return box["x"] + thumb / 2 + (box["width"] - thumb) * threshold / 0.95, box["y"] + box["height"] / 2


def title(page: Page) -> str:
    return ask(page, "volcano", "plot.plot.layout.xaxis.title.text")


def test_the_lake_in_focus_follows_the_slider_and_all_lakes_on_request(page_at: Callable[..., Visit], url: str, dataset: Path) -> None:
    store = Store(dataset)
    opened = page_at(f"?lake={LAKE}&source={SEGMENTER}", url=url)
    page = painted(drawn(opened.page, "volcano", "series"), NEWEST)
    expect(page.locator(SAID)).to_have_text("probability > 0.5")
    assert ask(page, "series", AREAS) == pytest.approx(areas(store, 0.5), rel=1e-5)
    page.mouse.move(*place(page, 0.5))
    page.mouse.down()
    with page.expect_request("**/mask/522/*@0.2/rings.json"):
        page.mouse.move(*place(page, 0.2), steps=3)
    page.wait_for_function(SHOWN, arg=areas(store, 0.2))
    sentence = page.locator(SENTENCE)
    expect(sentence).to_contain_text("at probability > 0.2: p = ")
    expect(sentence).to_contain_text(f"{figure_text(areas(store, 0.2)[-1])} km²")
    expect(page.locator(".m-scene-caption")).to_contain_text(f"{figure_text(areas(store, 0.2)[-1])} ±")
    assert "probability" not in title(page), "all lakes stay as they were"
    assert "tried" not in page.url
    with page.expect_request("**/thumb/522/true/*@0.2.jpg"):
        page.mouse.up()
    page.wait_for_url("**tried=0.2*")
    said = sentence.inner_text()
    with page.expect_request("**/mask/522/*@0.2/rings.json"):
        page.reload()
    painted(drawn(page, "volcano", "series"), NEWEST)
    expect(page.locator(SAID)).to_have_text("probability > 0.2")
    expect(sentence).to_have_text(said)
    page.get_by_role("button", name="All lakes at > 0.2").click()
    page.wait_for_function("() => document.querySelector('.m-volcano .m-plot').layout.xaxis.title.text.includes('probability')")
    assert "probability &gt; 0.2" in title(page)
    expect(sentence).to_contain_text("q = ")
    page.wait_for_url("**above=0.2*")
    assert opened.complaints == []


def test_the_slider_by_keyboard(page_at: Callable[..., Visit], url: str) -> None:
    page = drawn(page_at(f"?lake={LAKE}&source={SEGMENTER}", url=url).page, "series")
    slider = page.get_by_role("slider", name=f"{SEGMENTER} probability")
    expect(page.locator(SAID)).to_have_text("probability > 0.5")
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    page.wait_for_url("**tried=0.6*")
    assert (slider.get_attribute("aria-valuetext") or "").startswith("probability > 0.6, ")
    page.get_by_role("button", name="Back to > 0.5, as all lakes").click()
    expect(page.locator(SAID)).to_have_text("probability > 0.5")
    slider.press("Home")
    expect(page.locator(SAID)).to_have_text("probability > 0")


def test_a_source_without_probabilities_says_so_and_leads_to_one_with(page_at: Callable[..., Visit], url: str) -> None:
    page = drawn(page_at(f"?lake={LAKE}&source={SOURCE.replace(' ', '+')}", PHONE, touch=True, url=url).page, "series")
    expect(page.locator(".m-threshold-why")).to_have_text(f"No probabilities behind areas by {SOURCE}, so no threshold to move.")
    expect(page.locator(".m-threshold input")).to_be_hidden()
    page.get_by_role("button", name=f"Test {SEGMENTER}").click()
    expect(page.locator(SAID)).to_have_text("probability > 0.5")
    page.wait_for_url(f"**source={SEGMENTER}*")


def test_lines_lead_to_the_other_source(page_at: Callable[..., Visit], url: str, dataset: Path) -> None:
    store = Store(dataset)
    opened = page_at(f"?lake={LAKE}&source={SEGMENTER}", url=url)
    page = drawn(opened.page, "volcano", "series")
    page.get_by_label("compare with").select_option(SOURCE)
    tables = [store.trends(TrendSettings(source=source, season=store.meta.season)).frame for source in (SEGMENTER, SOURCE)]
    both = sum(table["log_q"].notna().to_numpy().astype(int) for table in tables) == 2
    page.wait_for_function(LINKED, arg=str(both.sum()))
    row = store.row_of(LAKE)
    assert ask(page, "volcano", "[plot.el.dataset.focusLink, plot.words.other.columns.slope[more.row]]", row=row) == [
        str(row), pytest.approx(100 * (2.718281828459045 ** tables[1]["slope"].iloc[row] - 1), rel=1e-5),
    ]  # fmt: skip
    expect(page.locator(SENTENCE)).to_contain_text(f" · by {SOURCE} ")
    page.wait_for_url("**compare=*")
    page.get_by_label("compare with").select_option("")
    page.wait_for_function(LINKED, arg="0")
    assert opened.complaints == []
