"""The scripts that show widgets, as the installed shinywidgets ships them, but for places that have the browser compile text.

`output.js` is a development build whose modules are texts given to `eval`; here they are the functions' own lines. `libembed-amd.js`
compiles schemas of widget states that stand in a page; this app has none, its widgets come over the WebSocket. So neither needs
`unsafe-eval` in the Content-Security-Policy.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import importlib.util
import json
import re
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

NAME = rb"[\w$]+"
SCHEMAS = (
    (re.compile(rb"(let (%b)=new %b;)\2\.compile\(%b\),\2\.compile\(%b\);" % ((NAME,) * 4)), rb"\1"),
    (re.compile(rb"(let (%b)=new %b),(%b)=\2\.compile\(%b\),(%b)=\2\.compile\(%b\);" % ((NAME,) * 6)), rb"\1,\3=()=>!0,\4=()=>!0;"),
)
"""What is found once each in libembed-amd.js, and what is put in its place."""
MODULE = re.compile(r'^eval\(("(?:[^"\\]|\\.)*")\);$', re.MULTILINE)


ASSETS = re.compile(rb'(%b\.p=)"https://unpkg\.com/@jupyter-widgets/html-manager@[\d.]+/dist/"' % NAME)
"""Where it would fetch its icons' font, which nothing here uses; browsers say all the same that this host is forbidden."""


def without_schemas(script: bytes) -> bytes:
    """libembed-amd.js, compiling nothing as it loads and naming no other host.

    Raises:
        ValueError: It is not as this was written for: look at what another version of shinywidgets does.
    """
    for pattern, instead in SCHEMAS:
        script, times = pattern.subn(instead, script)
        if times != 1:
            raise ValueError(f"libembed-amd.js has {times} places like {pattern.pattern!r}, not one")
    return ASSETS.sub(rb'\1"lib/"', script)


def without_eval(script: bytes) -> bytes:
    """output.js, its modules written out: each is a text in JSON's spelling, alone in a function of its own."""
    return MODULE.sub(lambda found: json.loads(found[1]), script.decode()).encode()


SCRIPTS: dict[str, Callable[[bytes], bytes]] = {"libembed-amd.js": without_schemas, "output.js": without_eval}


@functools.cache
def widget_script(name: str) -> bytes:
    """One of SCRIPTS, gzipped. Made once for a process."""
    found = importlib.util.find_spec("shinywidgets")
    assert found is not None
    assert found.origin is not None
    script = (Path(found.origin).parent / "static" / name).read_bytes()
    return gzip.compress(SCRIPTS[name](script), 6, mtime=0)


def _route(name: str) -> Route:
    async def answer(_: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=86400", "Content-Encoding": "gzip"}
        return Response(await asyncio.to_thread(widget_script, name), media_type="text/javascript", headers=headers)

    return Route(f"/lib/ipywidget-output-binding-{{version:str}}/{name}", answer)


WIDGET_SCRIPTS = [_route(name) for name in SCRIPTS]
"""Stand before Shiny's own routes to these files."""
