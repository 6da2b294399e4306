"""Everything that could break behind a proxy, under a prefix or inside a frame, walked through once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
from playwright.sync_api import Frame, Page, expect

from data.rasters.writing import write_scene
from tests.browser.plots import drawn
from tests.browser.scenes import painted
from tests.browser.visit import SETTLED
from tests.scene_dataset import BANDS, lake_grid, lake_water, scene_key

LAKE, YEAR = 8, 2020
QUERY = f"?lake={LAKE}&scene={scene_key(LAKE, YEAR)}"
SHARED = ".m-share-row input"
SLIDES = "localhost:*"
"""Who may frame it, for MORAINE_FRAME_ANCESTORS."""


@contextmanager
def framing(address: str) -> Iterator[str]:
    """A page of another site that shows an address in a frame; its own address. `localhost` is another site than `127.0.0.1`."""
    page = f'<!doctype html><title>Slides</title><iframe src="{address}" style="width: 1400px; height: 880px"></iframe>'.encode()

    class Slides(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 204)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page if self.path == "/" else b"")

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slides)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def settled(frame: Frame) -> Frame:
    """As `Visit.settle`, of a frame."""
    frame.wait_for_function(SETTLED, timeout=60_000)
    return frame


def next_lake(page: Page) -> tuple[str, str]:
    """Press ›; the address and the focus line once both are the next lake's."""
    line = page.locator(".m-focus-text")
    address, words = page.url, line.inner_text()
    page.locator("[id$=focus-next]").click()
    expect(line).not_to_have_text(words, timeout=30_000)
    page.wait_for_url(lambda url: url != address)
    return page.url, line.inner_text()


def walk(page: Page, frame: Frame, base: str, folder: Path) -> None:
    """Columns, images, the WebSocket, downloads, links and uploads.

    Args:
        page: The page.
        frame: The page's own frame, or the one that shows Moraine, opened at QUERY.
        base: The address that Moraine should believe it has, up to the `?`.
        folder: For files.
    """
    drawn(settled(frame), "volcano", "map", "series")  # type: ignore[arg-type]  # a frame answers as a page does
    painted(frame, scene_key(LAKE, YEAR))  # type: ignore[arg-type]
    with page.expect_download() as download:
        frame.locator(".m-reviews").get_by_text("CSV", exact=True).click()
    assert download.value.suggested_filename.endswith(".csv")
    _upload(settled(frame), folder)
    frame.get_by_role("tab", name="Explore", exact=True).click()
    frame.get_by_role("button", name="Share", exact=True).click()
    shared = frame.locator(SHARED).input_value()
    assert shared.startswith(f"{base}?"), shared
    assert f"lake={LAKE}" in shared
    frame.evaluate("(address) => location.assign(address)", shared)
    drawn(settled(frame), "volcano")  # type: ignore[arg-type]
    painted(frame, scene_key(LAKE, YEAR))  # type: ignore[arg-type]


def _upload(frame: Frame, folder: Path) -> None:
    frame.get_by_role("tab", name="Segment", exact=True).click()
    wet = lake_water(LAKE, YEAR)
    write_scene(folder / "mine_2031-10-03.tif", np.where(wet, 0.03, 0.25) * np.ones((6, 1, 1)), BANDS, lake_grid(LAKE))
    frame.get_by_label("A GeoTIFF of your own").check()
    frame.locator(".m-segment input[type=file]").set_input_files(folder / "mine_2031-10-03.tif")
    expect(frame.locator(".m-segment-title")).to_have_text("mine_2031-10-03.tif", timeout=30_000)
