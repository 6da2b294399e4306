"""Explore as a person uses it: one click moves every view, a lasso survives a reload, the arrow keys walk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from data.simulate import Plan, write_simulated
from modules.links.link import LIMIT
from tests.browser.plots import ask, brushed, drawn, lasso, place, significant
from tests.browser.server import Server
from tests.browser.visit import Visit


def _focused_everywhere(page: Page, row: int, key: int, label: str) -> None:
    page.wait_for_function("key => new URLSearchParams(location.search).get('lake') === String(key)", arg=key)
    for name in ("volcano", "map"):
        page.wait_for_function(
            "({name, row}) => document.querySelector(`.m-${name} .m-plot-host`).dataset.focus === String(row)",
            arg={"name": name, "row": row},
        )
    page.wait_for_function("label => document.querySelector('.m-series .m-plot')?.getAttribute('aria-label')?.includes(label)", arg=label)
    page.wait_for_selector(f'.m-lakes tr[data-key="{key}"][aria-current]', state="attached")
    assert label in page.locator(".m-focus-line").inner_text()


def test_a_click_in_the_volcano_shows_that_lake_everywhere(page_at: Callable[..., Visit]) -> None:
    visit = page_at()
    page = drawn(visit.page, "volcano", "map", "series")
    row, key, label = significant(page, 4)
    page.mouse.click(*place(page, "volcano", row))
    _focused_everywhere(page, row, key, label)
    assert visit.complaints == []


def test_a_click_on_the_map_and_in_the_table_too(page_at: Callable[..., Visit]) -> None:
    visit = page_at("?data=&lake=3")
    page = drawn(visit.page, "volcano", "map", "series")
    row, key, _ = significant(page, 9)
    page.mouse.click(*place(page, "map", row))
    page.wait_for_function("() => new URLSearchParams(location.search).get('lake') !== '3'")
    near = ask(page, "map", "plot.model.get('focus')")
    assert (
        ask(
            page,
            "map",
            "Math.hypot(plot.pixel(more.a)[0] - plot.pixel(more.b)[0], plot.pixel(more.a)[1] - plot.pixel(more.b)[1])",
            a=row,
            b=near,
        )
        <= 14
    )
    line = page.locator(".m-lakes tbody tr").nth(2)
    key = int(line.get_attribute("data-key") or -1)
    label = line.locator(".m-lake").inner_text()
    line.locator(".m-lake").click()
    _focused_everywhere(page, ask(page, "volcano", "plot.columns.lake_key.indexOf(more.key)", key=key), key, label)
    assert visit.complaints == []


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of 3,000 simulated lakes."""
    folder = tmp_path_factory.mktemp("crowd") / "crowd"
    write_simulated(folder, Plan(lakes=3_000, seed=11))
    return folder


def test_a_lasso_of_a_thousand_lakes_survives_a_reload(page_at: Callable[..., Visit], serve: Callable[..., Server], crowd: Path) -> None:
    url = serve(MORAINE_DATASETS=str(crowd)).url
    visit = page_at(url=url)
    page = drawn(visit.page, "volcano", "map")
    lasso(page, "volcano", (0.56, 0.62), (0.08, 0.2))
    page.wait_for_function("() => location.search.includes('poly=')")
    page.wait_for_function("() => document.querySelector('.m-volcano .m-plot-host').morainePlot.bits.some(byte => byte & 16)")
    rows = brushed(page)
    assert len(rows) >= 1_000
    assert len(page.url) <= LIMIT
    again = page_at("?" + page.url.split("?", 1)[1], url=url)
    drawn(again.page, "volcano", "map")
    assert brushed(again.page) == rows
    assert brushed(again.page, "map") == rows
    assert again.page.url == page.url
    assert visit.complaints == []
    assert again.complaints == []


def test_the_arrow_keys_walk_in_order_of_significance(page_at: Callable[..., Visit]) -> None:
    visit = page_at()
    page = drawn(visit.page, "volcano", "map", "series")
    page.locator(".m-volcano .m-plot").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    row, key, label = significant(page, 2)
    spoken = page.locator(".m-volcano .visually-hidden[aria-live]").inner_text()
    assert spoken.startswith("3 of ")
    assert label in spoken
    page.keyboard.press("Enter")
    _focused_everywhere(page, row, key, label)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    _focused_everywhere(page, *significant(page, 1))
    page.keyboard.press("Escape")
    page.wait_for_function("() => !location.search.includes('lake=')")
    assert visit.complaints == []


def test_a_filter_dims_and_a_cut_off_reclassifies(page_at: Callable[..., Visit]) -> None:
    visit = page_at("?alpha=0.001")
    page = drawn(visit.page, "volcano", "map")
    strict = ask(page, "volcano", "plot.bits.filter(byte => (byte & 3) === 2).length")
    filtered = page_at("?elev=5000..9000")
    drawn(filtered.page, "volcano", "map")
    loose = ask(filtered.page, "volcano", "plot.bits.filter(byte => (byte & 3) === 2).length")
    lit = ask(filtered.page, "volcano", "plot.bits.filter(byte => byte & 4).length")
    assert 0 < strict < loose
    assert 0 < lit < ask(filtered.page, "volcano", "plot.bits.length")
    assert visit.complaints == filtered.complaints == []


def test_every_plot_redraws_in_the_dark(page_at: Callable[..., Visit]) -> None:
    visit = page_at(theme="dark")
    page = drawn(visit.page, "volcano", "map")
    assert ask(page, "volcano", "plot.plot._fullLayout.font.color") == "#e8ecf0"
    assert visit.complaints == []


def test_plots_are_saved_and_a_card_opens_full_screen(page_at: Callable[..., Visit]) -> None:
    visit = page_at("?lake=3")
    page = drawn(visit.page, "volcano", "map", "series")
    for name, kind, start in (("volcano", "SVG", b"<svg"), ("series", "PNG", b"\x89PNG"), ("map", "PNG", b"\x89PNG")):
        with page.expect_download() as download:
            page.locator(f".m-{name}").get_by_role("button", name=f"Save as {kind}").click()
        saved = Path(download.value.path()).read_bytes()
        assert saved.startswith(start)
        assert kind == "PNG" or (b"Simulated data" in saved and b"q = 0.05" in saved)
        assert download.value.suggested_filename.endswith(kind.lower())
    page.locator(".m-volcano").hover()
    page.locator(".m-volcano .bslib-full-screen-enter").click()
    page.wait_for_function("() => document.querySelector('.m-volcano .m-plot').clientWidth > 1200")
    assert visit.complaints == []
