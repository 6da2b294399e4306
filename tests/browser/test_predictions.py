"""The Predictions page as a researcher uses it: from a bad score to the image behind it, and back; the same page again from its link."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from models.__main__ import main
from tests.browser.server import Server
from tests.browser.visit import DESKTOP, PHONE, Visit
from tests.datasets import SOURCE
from tests.judged_chips import COUNT, SOURCES, judged_chips
from tests.scene_dataset import scene_dataset

PAGE = "?page=predictions"


LAST = """() => {
    const { plot } = document.querySelector('.m-scatter-card .m-plot-host').morainePlot, { xaxis, yaxis } = plot._fullLayout;
    const [points] = plot.data, last = points.x.reduce((best, x, i) => (x > points.x[best] ? i : best), 0);
    const box = plot.getBoundingClientRect();
    return [box.left + xaxis._offset + xaxis.d2p(points.x[last]), box.top + yaxis._offset + yaxis.d2p(points.y[last])];
}"""
"""Where the point furthest to the right lies, in pixels of the viewport."""


@pytest.fixture(scope="module")
def chips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return judged_chips(tmp_path_factory.mktemp("chips") / "bench")


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = scene_dataset(tmp_path_factory.mktemp("judged") / "scenes")
    assert main(["evaluate", str(folder)]) == 0
    return folder


def shown(page: Page) -> Page:
    """The page once its figures are there."""
    page.wait_for_selector(".m-continuum .m-tile")
    page.wait_for_selector(".m-comparison-card .m-compare")
    return page


def painted(page: Page, within: str) -> None:
    """Wait until every picture of a part of the page is there, to the last byte."""
    page.locator(within).scroll_into_view_if_needed()
    every = "within => [...document.querySelectorAll(`${within} img`)].map(i => i.complete && i.naturalWidth > 0)"
    page.wait_for_function(f"within => (all => all.length && all.every(Boolean))(({every})(within))", arg=within)


@pytest.mark.parametrize(("viewport", "theme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def test_three_sources_of_a_benchmark(
    page_at: Callable[..., Visit], serve: Callable[..., Server], chips: Path, viewport: tuple[int, int], theme: str
) -> None:
    server = serve(MORAINE_DATASETS=str(chips))
    opened = page_at(PAGE, viewport, theme, viewport == PHONE, url=server.url)
    page = shown(opened.page)
    expect(page.get_by_role("status").filter(has_text=f"{COUNT} of {COUNT} scenes")).to_contain_text(SOURCES[0])
    assert page.locator(".m-continuum h3").count() == len(SOURCES)
    painted(page, ".m-continuum section:first-child .m-tile:first-child")
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "nothing sticks out to the side"
    assert opened.complaints == []
    violations = [found for found in Axe().run(page).response["violations"] if found["impact"] in {"serious", "critical"}]
    assert [(found["id"], found["nodes"][0]["html"][:120]) for found in violations] == []
    assert server.tracebacks() == []


def test_a_point_shows_its_images_and_its_choices_come_back(
    page_at: Callable[..., Visit], serve: Callable[..., Server], chips: Path
) -> None:
    server = serve(MORAINE_DATASETS=str(chips))
    opened = page_at(PAGE, url=server.url)
    page = shown(opened.page)
    page.get_by_label("Metric").select_option("recall")
    page.get_by_label("Order by").select_option("disagreement")
    expect(page.locator(".m-worst-card [role=status]")).to_contain_text("by disagreement")
    plot = page.locator(".m-scatter-card .m-plot")
    plot.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => document.querySelector('.m-scatter-card .m-plot-host')?.morainePlot?.plot._fullLayout?.meta?.label?.startsWith('Recall')"
    )
    plot.focus()
    page.keyboard.press("Home")
    said = page.locator(".m-scatter-card .m-plot-host .visually-hidden").inner_text()
    assert said.startswith(f"1 of {COUNT}: ")
    page.keyboard.press("Enter")
    name = page.locator(".m-scatter-card .m-triple-name")
    expect(name).to_have_text(said.split(": ", 1)[1].split(", ")[0])
    painted(page, ".m-scatter-card .m-triple")
    page.mouse.move(5, 5)
    left, top = page.evaluate(LAST)
    page.mouse.click(left, top)
    expect(name).not_to_have_text(said.split(": ", 1)[1].split(", ")[0])
    assert page.locator(".m-scatter-card .m-panels figure").count() == 6, "image, label, and prediction and errors of two sources"
    query = re.sub(r"^[^?]*", "", page.url)
    assert "p.metric=recall" in query
    again = shown(page_at(query, url=server.url).page)
    expect(again.get_by_label("Metric")).to_have_value("recall")
    expect(again.get_by_label("Order by")).to_have_value("disagreement")
    assert opened.complaints == []


def test_from_the_worst_scene_to_its_lake_and_back(page_at: Callable[..., Visit], serve: Callable[..., Server], lakes: Path) -> None:
    server = serve(MORAINE_DATASETS=str(lakes))
    opened = page_at(url=server.url)
    opened.show("Predictions")
    page = shown(opened.page)
    expect(page.locator(".m-inspection > .m-inspection-said")).to_contain_text("the scene's lake · against “label” · " + SOURCE)
    expect(page.locator(".m-inspection > .m-inspection-said")).to_contain_text("simulated")
    worst = page.locator(".m-worst-card .m-triple-name").first
    scene = worst.get_attribute("data-judged-scene")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the scores of all scenes listed as CSV").click()
    rows = saved.value.path().read_text().splitlines()
    assert len(rows) == 1 + 47
    worst.click()
    expect(page.get_by_role("tab", name="Explore")).to_have_attribute("aria-selected", "true")
    page.wait_for_url(re.compile(rf"lake=\d+&scene={scene}"))
    opened.show("Predictions")
    page.wait_for_url(re.compile(r"page=predictions"))
    expect(page.locator(".m-worst-card .m-triple-name").first).to_have_attribute("data-judged-scene", str(scene))
    assert opened.complaints == []
    assert server.tracebacks() == []
