"""The Watch-list as an analyst uses it: weigh, walk the list, save and compare; and the brief that is printed from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from data.cache import read_table, write_table
from data.store import Store
from data.watchlist.wish import Wish
from modules.brief.document import brief_html
from tests.browser.visit import PHONE, Visit
from tests.datasets import small_dataset
from tests.test_watchlist_brief import HOSTILE, WISH, brief_of

ROWS = ".m-watch-table tbody tr"


SENT_THEN_TYPED = """(sent, typed) => {
    sent.value = 0;
    sent.dispatchEvent(new Event('change', { bubbles: true }));
    typed.value = 3;
    typed.dispatchEvent(new Event('input', { bubbles: true }));
}"""


def keys(page: Page) -> list[str]:
    return page.locator(ROWS).evaluate_all("rows => rows.map(row => row.dataset.key)")


def test_weigh_walk_save_and_compare(page_at: Callable[..., Visit], tmp_path: Path) -> None:
    visit = page_at("?page=watchlist")
    page = visit.page
    expect(page.locator(ROWS)).to_have_count(25, timeout=30_000)
    first = keys(page)
    page.locator(f"{ROWS} .m-lake").first.click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"{ROWS}[aria-current]")).to_have_attribute("data-key", first[2])
    expect(page.locator(".m-watch-lake h3")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Save the list").click()
    taken.value.save_as(tmp_path / "list.json")
    other = page.get_by_label("Weight of Newest area")
    other.focus()
    page.get_by_label("Weight of Evidence of growth").evaluate(SENT_THEN_TYPED, other.element_handle())
    expect(page.get_by_label("Mix")).to_have_value("own")  # comes behind the answer to what was sent, which what is typed outlives
    assert other.input_value() == "3"
    other.dispatch_event("change")
    expect(page.locator(".m-watch-mix")).to_contain_text("newest area 3")
    expect(page).to_have_url(re.compile(r"mix=growth_low%3A2%2Cgrowth_km2%3A1%2Cnewest_area%3A3"))
    page.locator(".m-watch-compare input[type=file]").set_input_files(tmp_path / "list.json")
    expect(page.locator(".m-watch-changes").first).to_contain_text("newest area 0 → 3", timeout=30_000)
    again = page_at(page.url[page.url.index("?") :], viewport=PHONE, touch=True)
    expect(again.page.locator(ROWS)).to_have_count(25, timeout=30_000)
    assert keys(again.page) == keys(page)
    assert again.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert visit.complaints + again.complaints == []


def test_the_brief_opens_offline_fetches_nothing_and_prints_a_lake_a_page(browser: Browser, tmp_path: Path) -> None:
    folder = small_dataset(tmp_path / "small")
    lakes = read_table(folder / "lakes.parquet")
    place = lakes.column_names.index("name")
    write_table(folder / "lakes.parquet", lakes.set_column(place, lakes.schema.field(place), [[HOSTILE] * len(lakes)]))
    path = tmp_path / "brief.html"
    path.write_bytes(brief_html(brief_of(Store(folder), Wish(WISH.weights, top=10)), lambda done, of: None))
    context = browser.new_context(offline=True)
    page, asked, said = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(path.as_uri())
    expect(page.locator("section.lake h2").first).to_contain_text("<script>fetch(")
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert said == []
    for paper in ("A4", "Letter"):
        pages = re.findall(rb"/Type\s*/Page[^s]", page.pdf(format=paper))
        assert len(pages) == page.locator("section").count() == 12
    context.close()
