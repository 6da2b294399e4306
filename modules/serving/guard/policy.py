"""Security headers, and the Content-Security-Policy that the app runs under.

Scripts: files of the app, and the few inline ones that Shiny and its parts write, by their hash. No `unsafe-inline`, `unsafe-eval` nor
`blob:`, for scripts and workers alike (docs/loading.md). The exceptions, each found by running every page without it:

- `style-src 'unsafe-inline'`: Shiny, bslib, sliders and plotly write `style` attributes and elements. A style runs nothing, and with what
  `img-src` and `connect-src` allow it has nowhere to send what it sees.
- `img-src data: blob:`: Bootstrap's icons are data; saved pictures of a plot are drawn by way of blobs.
- the host of the map's optional tiles, for pictures and requests: nothing is asked of it unless a visitor chooses that map.
"""

from __future__ import annotations

import base64
import hashlib
import os
from urllib.parse import urlsplit

from modules.serving.guard.rules import EVERY, Rules

INLINE = (
    "window.__SHINY_DEV_MODE__ = true;",
    "document.documentElement.dataset.shinyBusySpinners = true;document.documentElement.dataset.shinyBusyPulse = true;",
    "(function() { var datepicker = $.fn.datepicker.noConflict(); $.fn.bsDatepicker = datepicker; })();",
    "window.bslib.Card.initializeAllCards();",
    "bslib.Sidebar.initCollapsibleAll()",
    "if (window.bootstrap && !window.bootstrap.Modal.VERSION.match(/^4\\. /)) {\n"
    "  var modal=new bootstrap.Modal(document.getElementById('shiny-modal'))\n  modal.show()\n"
    "} else {\n  $('#shiny-modal').modal().focus()\n}",  # every dialog brings it
)
"""What Shiny 1.8 and bslib write into a page, letter by letter; a test compares."""
POWERS = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb")
PLAIN = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",  # the tiles of the optional map are given to who says where they are shown
    "Permissions-Policy": ", ".join(f"{power}=()" for power in POWERS),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
BARE = "default-src 'none'; frame-ancestors 'self'"
"""For what is no page: a picture, a table, a script, opened by itself, loads nothing and runs nothing."""


def hash_of(script: str) -> str:
    """The source expression that lets just this inline script run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def page_policy(rules: Rules, tiles: tuple[str, ...]) -> str:
    """The policy of the app's page.

    Args:
        rules: Say who may show it in a frame.
        tiles: Addresses of map tiles, whose hosts are let.
    """
    hosts = "".join(f" https://{urlsplit(address).netloc}" for address in tiles)
    reload = os.environ.get("SHINY_AUTORELOAD_PORT", "")  # `shiny run --reload`, for who works on the app
    listens = f" ws://127.0.0.1:{int(reload)} ws://localhost:{int(reload)}" if reload.isdecimal() else ""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {' '.join(hash_of(script) for script in INLINE)}",
            "script-src-attr 'none'",
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob:{hosts}",
            "font-src 'self' data:",
            f"connect-src 'self'{hosts}{listens}",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            frames(rules),
        )
    )


def frames(rules: Rules) -> str:
    """Who may show the app in a frame."""
    return "frame-ancestors " + (EVERY if EVERY in rules.frame_ancestors else " ".join(("'self'", *rules.frame_ancestors)))


def security_headers(rules: Rules, content_type: str, page: str) -> dict[str, str]:
    """The headers of an answer.

    Args:
        rules: Of the guard.
        content_type: What is answered.
        page: `page_policy`.
    """
    # A script too: it may be a worker's, which goes by the policy that it came with.
    is_page = content_type.startswith(("text/html", "text/javascript", "application/javascript"))
    # Browsers from before frame-ancestors know this one, which cannot name hosts.
    old = {} if rules.frame_ancestors else {"X-Frame-Options": "SAMEORIGIN"}
    return {**PLAIN, **old, "Content-Security-Policy": page if is_page else BARE}
