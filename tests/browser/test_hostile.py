"""Every text of a dataset is an attack, and nothing of it runs, becomes an element, turns the writing round or pushes the page wide."""

from __future__ import annotations

import csv
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from data.export import FORMULA_STARTS
from tests.browser.plots import ask, drawn
from tests.browser.server import Server
from tests.browser.visit import Visit
from tests.hostile import FLAG, MARKUP, SEGMENTER, TURN, hostile_dataset

BECAME = "img[src='x'], [onerror], [onload], a[href^='javascript:window'], b"
TURNED = """() => [...document.querySelectorAll('body *')].flatMap(each => [...each.attributes].map(({ value }) => value)
    .concat([...each.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data)))
    .filter(text => /[\\u202a-\\u202e\\u2066-\\u2069\\0]/.test(text))"""


def inert(page: Page) -> None:
    """Nothing of what is on the page came to life, and it fits the window."""
    assert page.evaluate(f"window.{FLAG}") is None
    became = page.locator(BECAME).evaluate_all("all => all.map(each => each.outerHTML.slice(0, 200))")
    assert [html for html in became if "bold" in html or not html.startswith("<b>")] == []
    assert page.evaluate(TURNED) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.fixture
def visit(page_at: Callable[..., Visit], serve: Callable[..., Server], tmp_path: Path) -> Visit:
    server = serve(MORAINE_DATASETS=str(hostile_dataset(tmp_path / "hostile")), MORAINE_REVIEWS="on")
    return page_at("?lake=1&labels=12", url=server.url)


def saved(page: Page, button: Locator, path: Path) -> bytes:
    with page.expect_download() as taken:
        button.click()
    assert re.fullmatch(r"[\w.~ -]+", taken.value.suggested_filename, re.ASCII)
    taken.value.save_as(path)
    return path.read_bytes()


def test_hostile_texts_are_inert_in_every_view_hover_table_and_export(visit: Visit, tmp_path: Path) -> None:
    page = drawn(visit.page, "volcano", "map", "series")
    for name in ("volcano", "map"):
        told = ask(page, name, "[...plot.bits.keys()].map((row) => { plot.show(row, 9, 9); return plot.tip.textContent; })")
        assert sum(text.startswith(f"{MARKUP} · ") or f" · {MARKUP}" in text for text in told) > 1
        inert(page)
    button = page.locator(".m-volcano").get_by_role("button", name="Save as SVG").first
    drawing = ET.fromstring(saved(page, button, tmp_path / "volcano.svg"))
    assert {part.tag.rpartition("}")[2] for part in drawing.iter()} & {"script", "foreignObject", "a", "image"} <= {"image"}
    assert not [key for part in drawing.iter() for key in part.attrib if key.startswith("on")]

    page.locator(".m-lake-table summary", has_text="Columns").click()
    page.locator(".m-columns .selectize-input").click()
    option = page.locator(".selectize-dropdown:visible .option", has_text=MARKUP).first
    expect(option).to_be_visible()
    inert(page)
    option.click()
    page.keyboard.press("Escape")
    expect(page.locator(".m-lake-table thead")).to_contain_text(MARKUP)
    page.get_by_role("button", name="Why?").click()
    page.get_by_label("Your name").first.fill("A")
    page.get_by_role("button", name="Verified", exact=True).first.click()
    expect(page.locator(".m-review-words").first).to_be_attached()
    inert(visit.settle())

    _brushed(visit)
    for name in ("Watch-list", "Predictions", "Lens", "About", "Segment"):
        visit.show(name)
        inert(page)
    page.get_by_label("A GeoTIFF of your own").check()
    file = {"name": f"{MARKUP[:-1]}{TURN}.tif", "mimeType": "image/tiff", "buffer": b"no tiff"}
    page.locator(".m-segment input[type=file]").set_input_files([file])
    expect(page.locator(".m-segment .m-refused")).to_contain_text("onerror")
    inert(page)

    visit.show("Watch-list")
    for suffix in ("CSV",):
        raw = saved(page, page.get_by_role("link", name=f"Export the list as {suffix}"), tmp_path / "list.csv").decode("utf-8-sig")
        cells = [cell for row in csv.reader(line for line in raw.splitlines() if not line.startswith("#")) for cell in row]
        assert any("HYPERLINK" in cell for cell in cells)
        assert [cell for cell in cells if cell.startswith(FORMULA_STARTS) and not re.fullmatch(r"-?[\d.e+-]+", cell)] == []
    page.goto(f"{visit.url.partition('?')[0]}?lake=1&source={quote(SEGMENTER)}")
    _threshold(visit)
    assert visit.complaints == []


def _brushed(visit: Visit) -> None:
    """Every date of the lake is brushed, one of its images is opened from there, and its mask reviewed with an attack as name and note."""
    page = visit.page
    page.get_by_role("button", name="This lake's dates").click()
    shot = page.locator(".m-shot button, button.m-shot").first
    expect(shot).to_be_visible(timeout=30_000)
    inert(visit.settle())
    shot.click()
    page.get_by_label("Your name").first.fill(MARKUP)
    page.locator(".m-review-words textarea").fill(f"{MARKUP}{TURN}")
    page.locator(".m-review-words textarea").press("Tab")
    visit.settle()
    page.locator('[data-verdict="bad"]').first.click()
    expect(page.locator(".m-review").first).to_contain_text("onerror", timeout=30_000)
    inert(visit.settle())
    page.get_by_role("button", name="Clear the brushed observations").last.click()
    inert(visit.settle())


def _threshold(visit: Visit) -> None:
    """The slider of a source whose name is an attack is moved, and what it says is text."""
    page = drawn(visit.settle(), "volcano", "series")
    slider = page.locator(".m-threshold input[type=range]")
    expect(slider).to_be_enabled(timeout=30_000)
    assert "onload" in (slider.get_attribute("aria-label") or "") or page.locator(".m-threshold").get_by_text("onload").count()
    slider.press("ArrowRight")
    expect(page.locator(".m-threshold-said")).to_contain_text("probability > 0.7", timeout=30_000)
    inert(visit.settle())
