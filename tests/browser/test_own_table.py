"""A visitor's own table as a person opens it: dropped on the page, asked about, explored, reported on, shared with a warning, deleted."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.visit import Visit
from tests.own_tables import LONG

DROP = """([name, text]) => {
  const held = new DataTransfer();
  held.items.add(new File([text], name, { type: "text/csv" }));
  const told = (kind) => document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: held, bubbles: true, cancelable: true }));
  told("dragover");
  told("drop");
}"""


def answer(page: Page, question: str) -> str:
    """The answer that is chosen, in words."""
    return page.get_by_label(question).evaluate("select => select.selectedOptions[0].textContent")


def test_a_table_is_dropped_asked_about_explored_and_deleted(page_at: Callable[..., Visit], scenes_url: str) -> None:
    visit = page_at(url=scenes_url)
    page = visit.page
    page.evaluate(DROP, ["my lakes.csv", LONG])
    dialog = page.get_by_role("dialog", name="Open your own table")
    dialog.locator(".m-own-asked").wait_for(timeout=30_000)  # the process that reads is started first
    expect(dialog.get_by_text("my lakes.csv: 9 rows with areas in column Area (ha)")).to_be_visible()
    assert answer(page, "When was a row observed?").startswith("Column Date: 4 dates, 1990-10-02 to 2020-10-15; 1 row cannot be read")
    assert answer(page, "What tells one lake from another?") == "Column Lake: 3 lakes"
    assert visit.complaints == []
    assert visit.violations(".modal-dialog") == []
    visit.complaints.clear()  # axe asks for what style sheets import as if they lay beside the page
    page.get_by_label("When was a row observed?").select_option("given")
    expect(page.get_by_label("The date of all rows")).to_be_visible()
    dialog.get_by_role("button", name="Open this table").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The date of the rows was not typed")
    page.get_by_label("When was a row observed?").select_option("column:Date")
    dialog.get_by_role("button", name="Open this table").click()

    banner = page.get_by_role("complementary", name="Your own table")
    banner.wait_for(timeout=30_000)
    expect(banner).to_contain_text("2 lakes · 7 observations · 1 gap · 2 rows set aside")
    assert re.search(r"data=own-[0-9a-f]{32}", page.url)
    visit.settle()
    expect(page.locator(".m-picker")).to_have_value(re.compile("own-"))
    banner.locator("summary").click()
    expect(banner).to_contain_text("row 9 of my lakes.csv: Date: the date is missing")
    with page.expect_download() as download:
        banner.get_by_role("link", name="Rows set aside, as CSV").click()
    assert download.value.suggested_filename == "refused.csv"
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("deleted 10 minutes after you leave")
    page.reload()
    visit.settle()
    expect(banner).to_contain_text("2 lakes")
    banner.get_by_role("button", name="Delete now").click()
    expect(banner).to_have_count(0, timeout=30_000)
    visit.settle()
    assert page.locator(".m-picker option").count() == 1, "and no picker names it"
    assert visit.complaints == []
