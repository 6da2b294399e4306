"""A basin packed to 60 MB and run as a host would run it: without PyTorch, as an ordinary user, from a sealed folder, in an empty home."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, expect

from data.packing.packing import Packed, Wish, pack
from data.packing.sums import wrong_files
from data.store import Store
from modules.image_urls import scene_url
from tests.asgi import finished
from tests.browser.chromium import system_chromium
from tests.browser.plots import drawn
from tests.browser.visit import Visit, chromium, visit
from tests.deploying import part
from tests.harness import Figures
from tests.load.basin import played_basin
from tests.load.replay import Crowd
from tests.load.user import Way
from tests.travelled import cannot_write, has_strace, own_python, run_as_hosted, strangers

MOST = 60_000_000
LAKES = 40
PAINTED = "() => performance.getEntriesByName('moraine-scene-painted').length > 0"
SHOWN = "() => [...document.querySelectorAll('.m-worst img')].every(image => image.complete && image.naturalWidth > 0)"
JPEG = bytes([0xFF, 0xD8])
WRITTEN = {"flags", "masks", "pictures", "trends"}
"""Folders of the state folder that a visit may fill: what is worked out or drawn of the pack, and the mask of an image that was segmented.
Anything else would be generated."""


def packed(seed: int, scale: float, python: Path | None = None) -> Figures:
    """Pack, bundle, run, look.

    Args:
        seed: Of the basin.
        scale: 1 for all of it; less: a small basin in the Python of the tests, without a browser.
        python: A Python with the requirements of the bundle; None: one is made.
    """
    full = scale == 1.0
    with tempfile.TemporaryDirectory(prefix="moraine-packed-") as scratch, played_basin(seed, full=full) as folder:
        place = Path(scratch)
        place.chmod(0o755)
        whole = _scored(folder, place) if full else folder
        done = pack(Store(whole), place / "pack", Wish(MOST, least=LAKES), lambda items, total, what: items, lambda text: None)
        bundle, bundles, targets = place / "bundle", part("bundle"), part("targets")
        bundles.assemble(bundle, targets.TARGETS["shinyapps"], place / "pack", "", torch=False)
        if full:
            python = python or own_python(place / "python", bundle / "requirements.txt")
        return _hosted(done, bundle, python or Path(sys.executable), place, full=full)


def _scored(folder: Path, place: Path) -> Path:
    """The basin with scores, which the Predictions page shows; one that has none is copied, since it may not be ours to write."""
    if (folder / "scores.parquet").exists():
        return folder
    from models.__main__ import main

    copy = Path(shutil.copytree(folder, place / "whole"))
    assert main(["evaluate", str(copy)]) == 0
    return copy


def _hosted(done: Packed, bundle: Path, python: Path, place: Path, *, full: bool) -> Figures:
    as_packed = {path: path.stat().st_mtime_ns for path in bundle.rglob("*")}
    trace = place / "opened" if full and has_strace() else None
    home, store = place / "home", Store(bundle / "dataset")
    with run_as_hosted(bundle, python, home, trace, as_ordinary=full) as url:
        if full:
            assert cannot_write(python, bundle), "the folder is sealed"
            _play(url, store)
            _walk(url, store)
        else:
            with urllib.request.urlopen(url, timeout=60) as answer:
                assert store.meta.title in answer.read().decode()
            for scene in store.scenes.of_lake(int(store.scenes.lakes[0])):
                with urllib.request.urlopen(f"{url}/{scene_url(store, scene, 'true')}", timeout=60) as answer:
                    assert answer.read(2) == JPEG
    assert {path: path.stat().st_mtime_ns for path in bundle.rglob("*")} == as_packed
    assert list(wrong_files(bundle / "dataset")) == []
    state = home / ".cache" / "moraine"
    made = {path.name for path in state.iterdir() if path.is_dir() and any(path.rglob("*"))} if state.is_dir() else set()
    assert made <= WRITTEN, f"made in the state folder: {made - WRITTEN}"
    strange = strangers(trace, bundle, python.parents[1], python.resolve().parents[1], home) if trace else set()
    assert not strange, f"opened outside the bundle: {sorted(strange)[:20]}"
    if full:
        assert done.bytes <= MOST
        assert done.pack.lakes >= min(LAKES, done.pack.of_lakes)
    return {
        "MB": round(done.bytes / 1e6, 1), "lakes": done.pack.lakes, "scenes": done.pack.scenes, "steps": done.pack.steps,
        "traced": sum(1 for _ in trace.open()) if trace else 0,
    }  # fmt: skip


def _play(url: str, store: Store) -> None:
    """Two visitors click, brush, take a flipbook and have an image segmented; every answer is held against what they asked."""
    crowd = Crowd(url, store.path, seed=1, way=Way(clicks=6, think_s=0.1, patience_s=90))
    tally = finished(crowd.play(2))
    assert (tally.wrong, tally.missing, tally.dropped) == (0, 0, 0), "\n".join(tally.complaints)


def _walk(url: str, store: Store) -> None:
    """Volcano → scene → mask → threshold, a lake that stayed behind, Watch-list, Predictions, Segment, About."""
    assert system_chromium(), "install chromium"
    imaged = set(store.scenes.lakes.tolist())
    bare = next(scene.lake_key for scene in store.scenes if scene.left_out and scene.lake_key not in imaged)
    with chromium() as browser, visit(browser, url) as opened:
        page = opened.page
        drawn(page, "volcano", "map")
        expect(page.get_by_text("came along with their masks").first).to_be_visible()
        _scene(opened, url, store)
        _others(opened)
        assert opened.complaints == []
        page.goto(f"{url}/?lake={bare}")
        opened.settle(90)
        expect(page.get_by_text("This image is not in this pack.").first).to_be_visible(timeout=60_000)
        assert opened.complaints == []


def _scene(opened: Visit, url: str, store: Store) -> None:
    """A scene is reached by the mouse; then the masks of a source that has probabilities follow the slider."""
    page = opened.page
    page.get_by_role("button", name="Next lake with images").first.click()
    page.wait_for_function(PAINTED, timeout=90_000)
    source = next(iter(store.thresholds), "")
    if not source:
        return
    page.goto(f"{url}/?lake={int(store.scenes.lakes[0])}&source={source}&layer={source}")
    opened.settle(90)
    page.wait_for_function(PAINTED, timeout=90_000)
    page.wait_for_function(f"() => moraine.scene.view.at?.masks.some(mask => mask.source === '{source}')", timeout=60_000)
    slider = page.get_by_role("slider", name=f"{source} probability")
    with page.expect_response(re.compile(r"@0\.55/rings\.json$"), timeout=60_000) as answer:
        slider.press("ArrowRight")
    assert answer.value.ok
    opened.settle(90)


def _others(opened: Visit) -> None:
    page = opened.page
    opened.show("Watch-list")
    expect(page.locator(".m-watch-list tbody tr").first).to_be_visible(timeout=60_000)
    opened.show("Predictions")
    page.wait_for_selector(".m-worst img", timeout=90_000)
    page.locator(".m-worst").scroll_into_view_if_needed()
    page.wait_for_function(SHOWN, timeout=90_000)
    expect(page.get_by_text("their images are not in this pack").first).to_be_attached()
    opened.show("Segment")
    expect(page.get_by_text("PyTorch is not installed here")).to_be_visible()
    _index(page)
    opened.show("About")
    expect(page.get_by_text("It was made from the dataset with the digest")).to_be_visible()


def _index(page: Page) -> None:
    """The water index does without PyTorch."""
    page.get_by_label("Model or mask").select_option("water_index")
    page.locator(".m-segment").get_by_role("button", name="Segment", exact=True).click()
    expect(page.get_by_text("It took")).to_be_visible(timeout=90_000)


SUITES = {"packed": packed}
