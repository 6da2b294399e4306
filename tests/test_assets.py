"""What a first visit brings: our scripts and styles as one file each, and the part of plotly.js that the figures use."""

from __future__ import annotations

import ast
import gzip
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from htmltools import HTMLDocument
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from modules.serve import page
from modules.serving.assets import SCRIPTS, STYLES, VENDOR, WIDGET_SCRIPTS, WIDGETS, WWW, asset_answer, assets, page_script, page_styles
from modules.serving.config import Config
from modules.serving.datasets import Datasets
from tests.asgi import get
from tests.conftest import ROOT
from tests.datasets import small_dataset

BUILD = json.loads((ROOT / ".ci" / "plotly" / "package.json").read_text(encoding="utf-8"))
APP = Starlette(routes=[Route("/static/{name:str}", asset_answer)])


@pytest.mark.parametrize("name", ["moraine.js", "moraine.css", "plotly.js", "maplibre.js", "maplibre_worker.js"])
def test_an_asset_may_be_kept_for_good(name: str) -> None:
    asset = assets()[name]
    status, headers, body = get(APP, f"/{asset.url}")
    assert status == 200
    assert "immutable" in headers["cache-control"]
    assert headers["content-type"].startswith("text/css" if name.endswith(".css") else "text/javascript")
    assert gzip.decompress(body) == asset.text


@pytest.mark.parametrize("name", ["plotly-0123456789abcdef.js", "plotly.js", "moraine.js", "nothing", "..%2fserve.py", "%2e%2e"])
def test_nothing_else_is_served_there(name: str) -> None:
    assert get(APP, f"/static/{name}")[0] == 404


def test_every_script_and_style_is_in_the_one_file_and_once() -> None:
    script, styles = page_script(), page_styles()
    for path in [*WWW.glob("*.js"), *WIDGETS.glob("*.js")]:
        assert script.count(path.read_text(encoding="utf-8")) == 1, path.name
    for path in WWW.glob("*.css"):
        assert styles.count(path.read_text(encoding="utf-8")) == 1, path.name
    assert {path.name for path in WIDGETS.glob("*.js")} == {*WIDGET_SCRIPTS, "columns.js"}
    for names, folder, text in ((SCRIPTS, WWW, script), (WIDGET_SCRIPTS, WIDGETS, script), (STYLES, WWW, styles)):
        at = [text.index((folder / name).read_text(encoding="utf-8")) for name in names]
        assert at == sorted(at)


def test_the_page_asks_for_each_once_and_for_no_widget_client(tmp_path: Path) -> None:
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    shown = page(Datasets([small_dataset(tmp_path / "small")], None), Config([], None), Request(scope))
    files = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', HTMLDocument(shown).render()["html"])
    mine = [asked for asked in files if asked.startswith("static/")]
    assert sorted(mine) == sorted({assets()[name].url for name in ("moraine.js", "moraine.css", "plotly.js")})
    assert not [asked for asked in files if "libembed" in asked or "output.js" in asked]


def test_the_bundle_is_what_the_build_names() -> None:
    banner = assets()["plotly.js"].text[:400].decode()
    version, traces = re.search(r"plotly\.js v([\d.]+), MIT, a part of it \(([\w, ]+)\)", banner).groups()  # pyright: ignore[reportOptionalMemberAccess]
    assert version == BUILD["devDependencies"]["plotly.js"]
    assert traces.split(", ") == BUILD["traces"]
    for name in ("plotly", "maplibre"):
        assert (VENDOR / f"{name}.LICENSE").read_text(encoding="utf-8").count("opyright") >= 1


def _trace_types() -> set[str]:
    """All that plotly knows, by the files of its Python package."""
    found = importlib.util.find_spec("plotly")
    assert found is not None
    assert found.submodule_search_locations is not None
    return {path.stem.removeprefix("_") for path in (Path(found.submodule_search_locations[0]) / "graph_objs").glob("_*.py")}


def _under_type(tree: ast.AST) -> Iterator[ast.expr]:
    """Whatever stands under `type` in a dict, or is chosen from two and may come to stand there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            keys = (key.value if isinstance(key, ast.Constant) else None for key in node.keys)
            yield from (value for key, value in zip(keys, node.values, strict=True) if key == "type")
        elif isinstance(node, ast.IfExp):
            yield node


def _types_of_figures() -> set[str]:
    named: set[str] = set()
    for path in (ROOT / "modules").rglob("*.py"):
        for value in _under_type(ast.parse(path.read_text(encoding="utf-8"))):
            named |= {part.value for part in ast.walk(value) if isinstance(part, ast.Constant) and isinstance(part.value, str)}
    for path in WIDGETS.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'\btype: "(\w+)"', text)) | {name for pair in re.findall(r'\? "(\w+)" : "(\w+)"', text) for name in pair}
    return named & _trace_types()


def test_every_trace_that_figures_use_is_in_the_bundle_and_no_other() -> None:
    assert _types_of_figures() == set(BUILD["traces"])


@pytest.mark.parametrize("name", ["plotly.js", "maplibre.js", "maplibre_worker.js", "moraine.js"])
def test_no_script_is_made_from_a_string(name: str) -> None:
    """What a Content-Security-Policy without 'unsafe-eval' would refuse."""
    assert re.findall(rb"(?<![\w.$])(?:eval|new Function|Function)\(", assets()[name].text) == []
