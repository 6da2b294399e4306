"""`make screenshots`: every page, at a desk and on a phone, in light and dark, into screenshots/.

`python -m tests.browser.screenshots readme` takes the picture that the README opens with: MORAINE_DATASETS names a folder that
`python -m data simulate` has made with its scenes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from itertools import product
from pathlib import Path

from tests.browser.plots import drawn
from tests.browser.server import ROOT, serving
from tests.browser.strip import strip
from tests.browser.visit import DESKTOP, PHONE, chromium, visit

PAGES = ("Explore", "Watch-list", "Predictions", "Lens", "About")
THEMES = ("light", "dark")
# Plots draw their points after the server has answered; the eye wants the finished picture.
DRAWN_MS = 1500


FOCUS = 254
"""A lake of the simulated inventory that grows to one side, with scenes."""


def readme() -> int:
    """Take docs/screenshot.png: a lake in focus, its image and its filmstrip."""
    path = ROOT / "docs" / "screenshot.png"
    with (
        tempfile.TemporaryDirectory() as state,
        serving(Path(state), {"MORAINE_DATASETS": os.environ["MORAINE_DATASETS"]}) as server,
        chromium() as browser,
        visit(browser, f"{server.url}/?lake={FOCUS}", DESKTOP) as opened,
    ):
        page = strip(drawn(opened.page, "volcano", "map", "series"))
        page.mouse.move(5, 450)
        page.wait_for_timeout(DRAWN_MS)
        page.screenshot(path=path)
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1000:.0f} kB")
    return 0


def main() -> int:
    """Take them all; the dataset is what MORAINE_DATASETS names, or the simulated inventory."""
    folder = ROOT / "screenshots"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as state, serving(Path(state)) as server, chromium() as browser:
        for viewport, theme, name in product((DESKTOP, PHONE), THEMES, PAGES):
            with visit(browser, f"{server.url}/", viewport, theme, touch=viewport == PHONE) as opened:
                page = opened.show(name)
                page.wait_for_timeout(DRAWN_MS)
                path = folder / f"{name.lower()}-{viewport[0]}x{viewport[1]}-{theme}.png"
                page.screenshot(path=path)
                print(f"{path.relative_to(ROOT)}  {'; '.join(opened.complaints) or 'console clean'}")
    return 0


if __name__ == "__main__":
    sys.exit(readme() if sys.argv[1:] == ["readme"] else main())
