"""The Lens page as somebody uses it who looks at how a network learned: scrub, play, press a line, brush some, choose another run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from data.lens.reading import Lens
from modules.lensing.courses import by_epoch
from tests.browser.server import Server
from tests.browser.visit import Visit
from tests.datasets import small_dataset
from tests.followed_lens import Followed, followed_lens

EPOCHS, SCENES = 12, 20
LINE = """key => {
    const plot = document.querySelector('.m-losses-plot .m-plot-host').morainePlot, { xaxis, yaxis } = plot.plot._fullLayout;
    const line = plot.lined.find((line) => line.key === key), box = plot.plot.getBoundingClientRect();
    return line.x.map((x, i) => [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(line.y[i])]);
}"""
POINT = """key => {
    const plot = document.querySelector('.m-functions-plot .m-plot-host').morainePlot, { xaxis, yaxis } = plot.plot._fullLayout;
    const trace = plot.plot.data.find((trace) => trace.customdata.includes(key)), at = trace.customdata.indexOf(key);
    const box = plot.plot.getBoundingClientRect();
    return [box.left + xaxis._offset + xaxis.d2p(trace.x[at]), box.top + yaxis._offset + yaxis.d2p(trace.y[at])];
}"""
SEEN = """() => {
    const bar = document.querySelector('.m-losses-plot .m-epoch-bar').getBoundingClientRect();
    const { plot } = document.querySelector('.m-losses-plot .m-plot-host').morainePlot, { xaxis } = plot._fullLayout;
    return {
        at: Math.round(xaxis.p2d(bar.left + bar.width / 2 - plot.getBoundingClientRect().left - xaxis._offset)),
        frame: document.querySelector('.m-lens-frame[aria-current]').dataset.lensGo,
        panel: getComputedStyle(document.querySelector('.m-course-panel.m-follow')).backgroundPositionX,
        tiles: Object.fromEntries(
            [...document.querySelectorAll('.m-lens-gallery-card .m-course-tile')].map((tile) => [tile.dataset.lensScene, tile.textContent]),
        ),
    };
}"""


def shows(page: Page, lens: Lens, epoch: int) -> None:
    """Every panel of the tab shows this epoch."""
    expect(page.locator(".m-lens-epoch")).to_have_text(f"epoch {epoch} of {lens.manifest.epochs[-1]}")
    page.evaluate("() => new Promise(requestAnimationFrame)")
    seen, iou = page.evaluate(SEEN), by_epoch(lens, "iou")
    assert (seen["at"], seen["frame"]) == (epoch, str(epoch - 1))
    assert abs(float(seen["panel"].removesuffix("%")) - 100 * (epoch - 1) / (EPOCHS - 1)) < 1e-2
    assert seen["tiles"] == {key: f"{iou.at[int(key), epoch]:.2f}" for key in seen["tiles"]}


def test_scrubbing_playing_pressing_and_brushing(page_at: Callable[..., Visit], serve: Callable[..., Server], tmp_path: Path) -> None:
    made = Followed(scenes=SCENES, epochs=EPOCHS, side=64)
    lens = followed_lens(tmp_path / "runs", made, "discs-0")
    followed_lens(tmp_path / "runs", Followed(scenes=SCENES, epochs=EPOCHS, side=64, seed=1), "discs-1")
    server = serve(MORAINE_DATASETS=str(small_dataset(tmp_path / "data")), MORAINE_RUNS=str(tmp_path / "runs"))
    opened = page_at("?page=lens&l.run=discs-0", url=server.url)
    page = opened.page
    page.wait_for_function("count => document.querySelector('.m-losses-plot .m-plot-host')?.dataset.lines === count", arg=str(SCENES))
    shows(page, lens, EPOCHS)
    slider = page.get_by_role("slider", name="Epoch")
    slider.focus()
    page.keyboard.press("Home")
    shows(page, lens, 1)
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Next epoch").click()
    shows(page, lens, 3)
    page.wait_for_url(re.compile(r"epoch=3"))
    page.locator(".m-lens-frame").nth(6).click()
    shows(page, lens, 7)
    page.keyboard.press("ArrowLeft")
    shows(page, lens, 6)
    page.get_by_label("Speed, epochs a second").select_option("16")
    page.get_by_role("button", name="Play the epochs").click()
    shows(page, lens, EPOCHS)
    expect(page.get_by_role("button", name="Play the epochs")).to_be_visible()

    page.mouse.move(*page.evaluate(LINE, 1005)[8])
    page.mouse.down()
    page.mouse.up()
    expect(page.locator(".m-lens-course-words")).to_contain_text(lens.scenes.at[1005, "name"])
    expect(page.locator(".m-lens-hard .m-lens-tile[data-lens-scene='1005']")).to_have_attribute("aria-pressed", "true")
    (left, top), (right, low) = page.evaluate(LINE, 1003)[6], page.evaluate(LINE, 1003)[8]
    page.mouse.move(left - 4, top - 12)
    page.mouse.down()
    page.mouse.move(right, low, steps=5)
    page.mouse.move(right + 4, low + 12, steps=3)
    page.mouse.up()
    expect(page.locator(".m-lens-training .m-lens-gallery-card [role=status]")).to_contain_text(f"of {SCENES} followed scenes")
    chosen = page.locator(".m-lens-training .m-lens-gallery-card .m-course-tile")
    expect(chosen.first).to_have_attribute("data-lens-scene", "1003")
    assert chosen.count() < 4

    page.get_by_role("tab", name="Function space").click()
    expect(page.locator(".m-functions")).to_contain_text(f"2 runs on {SCENES} scenes")
    page.wait_for_function("() => document.querySelectorAll('.m-functions-plot .m-epoch-ring').length === 2")
    page.mouse.click(*page.evaluate(POINT, EPOCHS + 4))
    expect(page.get_by_label("Run", exact=True)).to_have_value("discs-1")
    expect(page.locator(".m-lens-epoch")).to_have_text(f"epoch 5 of {EPOCHS}")
    assert opened.complaints == []
    assert server.tracebacks() == []
