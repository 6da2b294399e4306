"""The house's rules that a machine can hold: floors, import weights, sizes, pins, documented settings."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.settings import SETTINGS
from tests.conftest import ROOT

FLOORS = ("data", "models", "modules", "app")
PARTS_OF_DATA_FOR_MODELS = {"data.records", "data.errors"}


def sources() -> Iterator[Path]:
    """Every file of the product."""
    yield from (path for floor in FLOORS[:-1] for path in sorted((ROOT / floor).rglob("*.py")))
    yield ROOT / "app.py"


def module_name(path: Path) -> str:
    """`data/trends/__init__.py` is `data.trends`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in sources()}


def imported(path: Path, at_import: bool = False) -> set[str]:
    """The modules of the product that a file names in an import; `at_import`: only where merely importing it runs that line."""
    names: set[str] = set()
    for node in _nodes(ast.parse(path.read_text(encoding="utf-8")), at_import):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the floor"
            names |= {
                f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in MODULES else str(node.module) for alias in node.names
            }
    return names & MODULES.keys()


def _nodes(tree: ast.AST, at_import: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or (
            isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        )
        if at_import and later:
            continue
        yield child
        yield from _nodes(child, at_import)


def loaded(*modules: str) -> set[str]:
    """What stands in sys.modules once a fresh Python has imported these."""
    code = f"import sys, json, importlib\nfor name in {modules!r}: importlib.import_module(name)\nprint(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ})
    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout.splitlines()[-1]))


@pytest.mark.parametrize("name", [name for name in MODULES if name != "app"])
def test_arrows_run_downward_only(name: str) -> None:
    own = FLOORS.index(name.split(".", maxsplit=1)[0])
    above = {other for other in imported(MODULES[name]) if FLOORS.index(other.split(".", maxsplit=1)[0]) > own}
    assert above == set()


COMMANDS_OF_MODELS = ("models.__main__", "models.commands")
"""What a person calls: it brings the datasets to the models, and so knows both floors."""


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("models") and not name.startswith(COMMANDS_OF_MODELS)])
def test_models_import_records_and_errors_of_data_and_no_more(name: str) -> None:
    assert {other for other in imported(MODULES[name]) if other.startswith("data")} <= PARTS_OF_DATA_FOR_MODELS


def test_no_view_imports_another_view() -> None:
    """A view is a file of modules/views that defines `<view>_server`; what views share lies beside them without one."""
    views = {
        name
        for name, path in MODULES.items()
        if name.startswith("modules.views.") and f"def {path.stem}_server(" in path.read_text(encoding="utf-8")
    }
    assert {(name, other) for name in views for other in imported(MODULES[name]) & views - {name}} == set()


def test_no_imports_run_in_a_circle() -> None:
    graph = {name: imported(path, at_import=True) - {name} for name, path in MODULES.items()}
    while leaves := {name for name, needs in graph.items() if not needs & graph.keys()}:
        graph = {name: needs for name, needs in graph.items() if name not in leaves}
    assert graph == {}, "these import each other in a circle, or hang on one that does"


def test_data_loads_neither_shiny_nor_torch() -> None:
    """One subprocess for the whole floor, started with every module by name; where it fails, the module is looked for."""
    names = [name for name in MODULES if name.startswith("data") and not name.endswith("__main__")]
    if loaded(*names) & {"shiny", "torch"}:
        assert {name: loaded(name) & {"shiny", "torch"} for name in names} == {name: set() for name in names}


def test_models_load_no_shiny() -> None:
    names = [name for name in MODULES if name.startswith("models") and not name.endswith("__main__")]
    assert "shiny" not in loaded(*names)


def test_the_app_starts_without_the_slow_imports() -> None:
    slow = {"torch", "statsmodels.api", "plotly.express", "geopandas", "pooch", "rich", "scipy.stats", "scipy.optimize"}
    assert loaded("app") & slow == set()


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= (60 if path.name == "app.py" else 300)
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno and node.end_lineno - node.lineno >= 50
    }
    assert long == {}


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: str(path.relative_to(ROOT)))
def test_names_say_what_a_file_holds(path: Path) -> None:
    assert path.stem not in {"utils", "util", "helpers", "helper", "common", "misc"}


@pytest.mark.parametrize("name", [f"requirements{part}.txt" for part in ("", "-lens", "-cluster", "-deploy", "-dev", "-oracles")])
def test_every_package_is_pinned(name: str) -> None:
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("#", "-"))]
    assert lines, name
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.+]+( ; .+)?", line)] == []


def kept_files() -> list[Path]:
    """The text files under version control (where there is none, e.g. in an unpacked archive: all that lie here)."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.split("\0") if listed.returncode == 0 else [str(p.relative_to(ROOT)) for p in sources()]
    return [ROOT / name for name in names if name and (ROOT / name).is_file() and b"\0" not in (ROOT / name).read_bytes()[:1024]]


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    """Absolute paths into home or work folders mean nothing to anybody else."""
    private = re.compile(r"(?<![\w./~-])/(?:home|root|Users|work|opt)/\w")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in kept_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if private.search(line)
    ]
    assert found == []


def test_every_setting_is_declared() -> None:
    """Each MORAINE_* variable that any file names is in data/settings.py; tests/test_settings.py holds that each is described, and read."""
    code = [
        path for path in kept_files() if path.suffix in {".py", "", ".yaml", ".toml", ".md"} and path != ROOT / "tests/test_settings.py"
    ]
    used = {name for path in code for name in re.findall(r"\bMORAINE_([A-Z][A-Z_]*)\b", path.read_text(encoding="utf-8", errors="replace"))}
    assert used <= set(SETTINGS)
