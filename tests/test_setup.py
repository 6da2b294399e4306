"""`.ci/setup`, which `make run` and `make test` begin with: what it says where something is missing, and when it asks pip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

# Satisfied by every virtual environment, so that no index is asked.
REQUIREMENTS = 'torch==0 ; python_version < "3"\npip\n'


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the script and requirements that need no download."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "setup", tmp_path / ".ci" / "setup")
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS)
    return tmp_path


def script(path: Path, text: str) -> Path:
    path.unlink(missing_ok=True)  # it may be a link to the real Python, which is not ours to write
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def setup(clone: Path, python: object) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHON": str(python)}
    return subprocess.run([clone / ".ci" / "setup", "app"], env=env, capture_output=True, text=True, check=False)


def test_a_python_without_venv_is_answered_with_the_one_package_to_install(clone: Path) -> None:
    hidden = clone / "hidden"
    hidden.mkdir()
    (hidden / "ensurepip.py").write_text("raise ImportError")
    answer = setup(clone, script(clone / "python3", f'PYTHONPATH="{hidden}" exec "{sys.executable}" "$@"'))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == [
        f"python{version}-venv is missing ({clone}/python3 cannot make a virtual environment): sudo apt-get install python{version}-venv"
    ]
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("body", ["exit 127", "exit 3"], ids=["does not run", "too old"])
def test_a_python_that_will_not_do_is_named(clone: Path, body: str) -> None:
    answer = setup(clone, script(clone / "python3", body))
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == [f"PYTHON={clone}/python3 is not a Python 3.11 or newer: name another one"]
    assert not (clone / ".venv").exists()


def test_pip_is_asked_once_and_again_when_the_requirements_change(clone: Path) -> None:
    assert setup(clone, sys.executable).returncode == 0
    asked = clone / "asked"
    script(clone / ".venv" / "bin" / "python", f'echo "$@" >>"{asked}"')
    assert setup(clone, sys.executable).stdout == ""
    assert not asked.exists()
    (clone / "requirements.txt").write_text(REQUIREMENTS + "# one line more\n")
    assert setup(clone, sys.executable).returncode == 0
    assert "install" in asked.read_text()


def test_a_virtual_environment_left_half_made_is_made_again(clone: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "pyvenv.cfg").write_text("home = nowhere\n")
    assert setup(clone, sys.executable).returncode == 0
    subprocess.run([clone / ".venv" / "bin" / "python", "-m", "pip", "--version"], check=True, capture_output=True)


def test_a_folder_that_is_no_virtual_environment_is_left_alone(clone: Path) -> None:
    (clone / ".venv").mkdir()
    (clone / ".venv" / "thesis.txt").write_text("mine")
    answer = setup(clone, sys.executable)
    assert answer.returncode == 1
    assert "is no virtual environment" in answer.stderr
    assert (clone / ".venv" / "thesis.txt").read_text() == "mine"
