"""`python -m data`: help, exit codes, discovery."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from data import commands as command_package
from data.__main__ import main
from data.commands import commands
from data.errors import InputError
from tests.conftest import ROOT

EXPECTED = {"check", "examples", "export", "import", "join", "simulate", "trends"}
HEAVY = {"geopandas", "pandas", "pyarrow", "scipy", "statsmodels", "shapely", "pyproj", "pooch", "rich", "shiny", "torch"}


def test_the_commands_are_found() -> None:
    assert set(commands()) >= EXPECTED


@pytest.mark.parametrize("name", sorted(commands()))
def test_each_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert " ".join(commands()[name].HELP.split()) in shown


def test_help_loads_nothing_heavy() -> None:
    script = "import sys\nfrom data.__main__ import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "argparse" in loaded
    assert not loaded & HEAVY


def test_wrong_arguments_are_2(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ([], ["dance"], ["simulate"], ["simulate", "--into", "x", "--lakes", "many"]):
        with pytest.raises(SystemExit) as left:
            main(wrong)
        assert left.value.code == 2
    assert "usage: python -m data" in capsys.readouterr().err


class Fake:
    """A command that raises."""

    NAME, HELP = "fake", "raise"

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        pass

    def run(self, args: argparse.Namespace) -> int:
        raise self.error


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("lake 7 is dry", "fill it"), 2, "error: lake 7 is dry\n  Remedy: fill it\n"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (PermissionError(13, "Permission denied", "out/lakes"), 2, "error: out/lakes: Permission denied\n  Remedy: "),
    ],
)
def test_errors_become_messages(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("data.__main__.commands", lambda: {"fake": Fake(error)})
    assert main(["fake"]) == code
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


def test_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.__main__.commands", lambda: {"fake": Fake(ZeroDivisionError())})
    with pytest.raises(ZeroDivisionError):
        main(["fake"])


def test_a_reader_that_leaves_is_no_error() -> None:
    process = subprocess.Popen([sys.executable, "-m", "data", "examples"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    with process:
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("text", "lacking"),
    [("NAME = 'broken'", "HELP, add_arguments, run"), ("raise ValueError('ill')", None), ("from data.commands.simulate import *", "taken")],
)
def test_a_broken_command_stops_the_program(text: str, lacking: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_for_test.py").write_text(text)
    monkeypatch.setattr(command_package, "__path__", [*command_package.__path__, str(tmp_path)])
    expected = {None: (ValueError, "ill"), "taken": (TypeError, "two commands")}.get(lacking, (TypeError, f"lacks {lacking}"))
    try:
        with pytest.raises(expected[0], match=expected[1]):
            commands()
    finally:
        sys.modules.pop("data.commands.broken_for_test", None)
