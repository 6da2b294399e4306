"""Scripts and style sheets, each under an address that carries the digest of what it holds, so that a browser may keep it for good.

All of Moraine's own scripts travel as one file, and so do its style sheets: sixty answers of 2 kB cost a slow line seconds.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from htmltools import HTMLDependency, Tag, tags
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

WWW = Path(__file__).parents[1] / "www"
WIDGETS = WWW.parent / "widgets"
VENDOR = WWW / "vendor"
FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}
"""Of what never changes under its address."""
IMMUTABLE = {**FOR_GOOD, "Content-Encoding": "gzip"}
KINDS = {".js": "text/javascript", ".css": "text/css"}

SCENE_SCRIPTS = tuple(
    f"scene{part}.js" for part in ("_camera", "_shapes", "_draw", "_frames", "_marks", "_words", "_telling", "_hands", "_tools", "")
)
FILM_SCRIPTS = ("film.js", "film_place.js", "film_play.js", "film_take.js")
SEQUENCE_SCRIPTS = ("sequence.js", *(f"sequence_{part}.js" for part in ("draw", "training", "curve", "units", "gates", "plane")))
SCRIPTS = ("moraine.js", "reconnect.js", "evidence.js", *SCENE_SCRIPTS, *FILM_SCRIPTS, *SEQUENCE_SCRIPTS)
"""They stand first, in this order; the rest of `www/` follows by name."""
WIDGET_SCRIPTS = (
    "text.js", "figure.js", "labels.js", "outlines.js", "rings.js", "links.js", "pointing.js", "observed.js", "points.js", "epochs.js",
    "lines.js", "crowd_legend.js", "crowd_picture.js", "crowd_saved.js", "crowd.js", "plot.js", "client.js",
)  # fmt: skip
STYLES = tuple(
    f"{name}.css"
    for name in (
        "moraine", "views", "scene", "film", "gallery", "threshold", "predictions", "segment", "reviews", "watchlist", "why", "lens",
        "sequence", "lens_layers", "lens_compare", "lens_embedding",
    )
)  # fmt: skip
"""They stand first, in this order; the rest of `www/` follows by name."""


@dataclass(frozen=True)
class Asset:
    """What one address gives.

    Args:
        name: Of the file, as a browser sees it, without its digest.
        text: What it holds.
    """

    name: str
    text: bytes

    @functools.cached_property
    def url(self) -> str:
        """Relative to the page."""
        stem, dot, kind = self.name.rpartition(".")
        return f"static/{stem}-{hashlib.sha256(self.text).hexdigest()[:16]}{dot}{kind}"

    @functools.cached_property
    def packed(self) -> bytes:
        """Gzipped, as it travels."""
        return gzip.compress(self.text, 9, mtime=0)


def _rest(first: tuple[str, ...], kind: str) -> list[Path]:
    return [WWW / name for name in first] + sorted(path for path in WWW.glob(f"*{kind}") if path.name not in first)


def page_script() -> str:
    """Moraine's scripts as one. Those of the plots keep their names to themselves; the reader of columns is for all."""
    texts = [path.read_text(encoding="utf-8") for path in _rest(SCRIPTS, ".js")]
    texts.insert(len(SCRIPTS), (WIDGETS / "columns.js").read_text(encoding="utf-8"))
    plots = "\n".join((WIDGETS / name).read_text(encoding="utf-8") for name in WIDGET_SCRIPTS)
    texts.insert(len(SCRIPTS) + 1, f"(() => {{\n{plots}\n}})();\n")
    return "\n".join(texts)


def page_styles() -> str:
    """Moraine's style sheets as one."""
    return "\n".join(path.read_text(encoding="utf-8") for path in _rest(STYLES, ".css"))


@functools.cache
def assets() -> dict[str, Asset]:
    """All of them by name; read once a process."""
    made = [Asset("moraine.js", page_script().encode()), Asset("moraine.css", page_styles().encode())]
    return {asset.name: asset for asset in [*made, *(Asset(path.name, path.read_bytes()) for path in sorted(VENDOR.glob("*.js")))]}


@functools.cache
def _by_url() -> dict[str, Asset]:
    return {asset.url: asset for asset in assets().values()}


async def asset_answer(request: Request) -> Response:
    """`static/{name}-{digest}.{kind}`."""
    asset = _by_url().get(f"static/{request.path_params['name']}")
    if asset is None:
        return PlainTextResponse("This file is not served here (any more). Reload the page.", 404)
    body = await asyncio.to_thread(lambda: asset.packed)
    return Response(body, media_type=KINDS[Path(asset.name).suffix], headers=IMMUTABLE)


def page_files() -> HTMLDependency:
    """Moraine's script and style sheet, under one name: however many views ask for them, the page has them once."""
    files = assets()
    return HTMLDependency(
        "moraine", "1", source={"href": "static"},
        script={"src": Path(files["moraine.js"].url).name},
        stylesheet={"href": Path(files["moraine.css"].url).name},
    )  # fmt: skip


def no_widget_client() -> HTMLDependency:
    """Stands first on the page in place of what shinywidgets would bring: `widgets/client.js` does its work."""
    return HTMLDependency("ipywidget-output-binding", "9999")


def plotly_script() -> Tag:
    """plotly.js. The page goes on without it: by the time that it has come, the server has answered (see `moraine.drawing`)."""
    files = assets()
    more = {"data-maplibre": files["maplibre.js"].url, "data-worker": files["maplibre_worker.js"].url, "async": ""}
    return tags.script(src=files["plotly.js"].url, **more)
