"""The Chromium that tests drive: the system's, else Debian's package (as root), else Playwright's own download.

Its headless shell, where there is one: the tests cost it a quarter less processor than the whole browser.

`python -m tests.browser.chromium` makes sure that there is one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",  # root cannot have one, and the pages are ours
    "--use-angle=swiftshader",  # WebGL without a graphics card
    "--disable-gpu-compositing",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]


def system_chromium() -> str | None:
    """The path of a Chromium that is installed, None where there is none (Playwright then uses its own)."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def _playwright_has_one() -> bool:
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def _install() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        for package in NAMES[:2]:
            got = subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], check=False)
            if got.returncode == 0 and system_chromium():
                return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def main() -> int:
    if system_chromium() is None and not _playwright_has_one():
        print("Installing Chromium for the browser tests")
        try:
            _install()
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"No Chromium found and none could be installed ({error}): install chromium and run this again", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
