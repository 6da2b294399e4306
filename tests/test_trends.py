"""Discovery: one file a method, found by being there; a broken one stops the program."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from data.errors import TrendError
from data.records import TrendSettings
from data.trends import AUTO, METHODS, resolve
from data.trends.automatic import AUTOMATIC

ROOT = Path(__file__).resolve().parent.parent


def imported_with(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    """Import data.trends in a process of its own, with one more file in the package's folder."""
    (folder / "plugin.py").write_text(textwrap.dedent(source))
    code = f"""
import importlib.util, sys
spec = importlib.util.find_spec("data.trends")
spec.submodule_search_locations.append({str(folder)!r})
trends = importlib.util.module_from_spec(spec)
sys.modules["data.trends"] = trends
spec.loader.exec_module(trends)
print(*sorted(trends.METHODS))
"""
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


PLUGIN = """
from dataclasses import replace
from data.trends.ols import METHOD as OLS
METHOD = replace(OLS, name={name!r})
"""


def test_a_new_file_is_a_new_method(tmp_path: Path) -> None:
    result = imported_with(tmp_path, PLUGIN.format(name="median"))
    assert result.returncode == 0, result.stderr
    assert {"ols", "median"} <= set(result.stdout.split())


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("METHOD = 'median'", "METHOD is a str"),
        (PLUGIN.format(name="ols"), "'ols' is taken"),
        (PLUGIN.format(name="auto"), "'auto' is taken"),
        ("import no_such_module", "no_such_module"),
    ],
)
def test_a_broken_file_stops_the_program(tmp_path: Path, source: str, complaint: str) -> None:
    result = imported_with(tmp_path, source)
    assert result.returncode != 0
    assert complaint in result.stderr


def test_auto_is_a_method_of_its_own_and_keeps_its_name_in_the_token() -> None:
    settings = TrendSettings(method="auto", source="inventory")
    assert resolve(settings) is AUTOMATIC
    assert AUTO not in METHODS
    assert settings.token.startswith("auto~")


def test_an_unknown_method_names_the_known_ones() -> None:
    with pytest.raises(TrendError, match=r"'magic'[\s\S]*auto, .*ols"):
        resolve(TrendSettings(method="magic"))


@pytest.mark.parametrize("name", METHODS)
def test_every_method_explains_itself(name: str) -> None:
    method = METHODS[name]
    assert method.name == name
    assert "~" not in name
    assert len(method.title) < 40
    assert len(method.help) > 80


def test_importing_the_engine_loads_neither_statsmodels_nor_scipy_stats() -> None:
    code = "import sys, data.trends, data.regression; print([m for m in ('statsmodels', 'scipy.stats') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
