"""What is served when every place is taken: a page that says so, tries again by itself, and opens what was asked for."""

from __future__ import annotations

from starlette.responses import HTMLResponse

from modules.palette import style_sheet
from modules.serving.guard.policy import hash_of

AGAIN_S = 15
"""Seconds between two tries."""
SCRIPT = """
const said = document.querySelector("[role=status]");
let asking = false, again;
const ask = async () => {
  if (asking) return; // a place is kept for whoever found one: two that ask at once would take it from each other
  asking = true;
  clearTimeout(again);
  let full = true; // also where a proxy says that nobody answers it: its own page would not try again
  try { full = (await fetch(location.href, { method: "HEAD", cache: "no-store" })).status >= 502; }
  catch { /* no network: try on */ }
  if (!full) return location.reload();
  said.textContent = `Last tried at ${new Date().toLocaleTimeString()}: all places were taken.`;
  asking = false;
  again = setTimeout(ask, AGAIN * 1000 * (0.8 + 0.4 * Math.random()));
};
again = setTimeout(ask, AGAIN * 1000 * (0.8 + 0.4 * Math.random()));
""".replace("AGAIN", str(AGAIN_S))
STYLE = """
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--m-ground); color: var(--m-ink);
  font: 1.0625rem/1.55 system-ui, sans-serif; }
main { max-width: 34rem; padding: 2rem 1.25rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; }
p { margin: 0 0 1rem; }
[role=status] { color: var(--m-quiet); min-height: 1.55em; }
a { display: inline-block; padding: .45rem 1rem; border: 1px solid currentColor; border-radius: .4rem; color: inherit; }
a { text-decoration: none; }
a:hover { background: var(--m-panel); text-decoration: underline; }
a:focus-visible { outline: 2px solid var(--m-ink); outline-offset: 3px; }
"""
DARK = "if (matchMedia('(prefers-color-scheme: dark)').matches) document.documentElement.dataset.bsTheme = 'dark';"
"""The style sheet of the app goes by this attribute."""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Moraine is full at the moment</title>
<script>{dark}</script>
<style>{style}</style>
</head>
<body>
<main>
<h1>Moraine is full at the moment</h1>
<p>All {places} are taken. You need not do anything: this page tries again every {again} seconds, and opens what your link
shows as soon as somebody leaves.</p>
<p role="status"></p>
<noscript><p>Your browser runs no scripts here: try again in a minute.</p></noscript>
<p><a href="">Try now</a></p>
</main>
<script>{script}</script>
</body>
</html>
"""
POLICY = (
    f"default-src 'none'; script-src {hash_of(SCRIPT)} {hash_of(DARK)}; style-src 'unsafe-inline'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; "
)


def full_page(places: int, frames: str) -> HTMLResponse:
    """The page, with 503 and a Retry-After.

    Args:
        places: Visits at a time.
        frames: The directive that says who may show it in a frame.
    """
    said = "places" if places != 1 else "place"
    page = PAGE.format(dark=DARK, style=style_sheet() + STYLE, script=SCRIPT, places=f"{places:,} {said}", again=AGAIN_S)
    headers = {"Retry-After": str(AGAIN_S), "Cache-Control": "no-store", "Content-Security-Policy": POLICY + frames}
    return HTMLResponse(page, 503, headers)
