"""A dataset on object storage: Explore and its scenes, a line that breaks while they are looked at, and what then comes back by itself."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.scenes import painted
from tests.browser.server import serving
from tests.browser.visit import visit
from tests.object_storage import KEY, SECRET, object_storage
from tests.scene_dataset import scene_dataset, scene_key

FIRST, NEXT = scene_key(2, 2023), scene_key(2, 2016)


def test_images_come_from_storage_wait_while_it_is_lost_and_come_back(browser: Browser, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with object_storage() as storage:
        env = {"MORAINE_DATASETS": storage.fill(scene_dataset(tmp_path / "d"), "in/one"), **storage.env}
        with serving(state, env) as server, visit(browser, f"{server.url}/?lake=2&scene={FIRST}") as opened:
            page = opened.page
            painted(page, FIRST)
            expect(page.locator(".m-film-frame img").first).to_be_visible()
            assert page.evaluate("moraine.scene.view.at.masks.length") > 0
            storage.line.sever()
            page.evaluate(f"moraine.evidence.go({NEXT})")
            notice = page.locator(".m-notice", has_text="does not answer: images wait")
            expect(notice).to_be_visible(timeout=20_000)
            expect(page.locator(".m-scene [data-state=waiting]")).to_contain_text("appears here by itself")
            chosen = page.locator(".m-scene").get_by_label("Date", exact=True).locator("option:checked")
            expect(chosen).to_contain_text("out of reach")
            page.get_by_role("button", name="Next lake", exact=False).first.click()
            opened.settle()
            expect(page.locator(".m-focus-facts").first).to_be_visible()
            storage.line.mend()
            expect(page.locator(".m-notice", has_text="answers again")).to_be_visible(timeout=20_000)
            expect(notice).to_be_hidden()
            page.goto(f"{server.url}/?lake=2&scene={NEXT}")
            painted(page, NEXT)
            expect(chosen).not_to_contain_text("out of reach")
            assert server.tracebacks() == []
            assert not [line for line in server.log if SECRET in line or KEY in line]
    assert not [path for path in state.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
