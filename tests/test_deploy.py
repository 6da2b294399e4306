"""`make deploy`: the bundle that rsconnect would send is built, held against the checks, and spoilt in every way that they name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from data.packing.packing import Wish, pack
from data.store import Store
from tests.conftest import ROOT
from tests.deploying import part
from tests.scene_dataset import scene_dataset

DEPLOY = ROOT / ".deploy" / "deploy.py"


targets, bundles, check = part("targets"), part("bundle"), part("check")
SHINYAPPS = targets.TARGETS["shinyapps"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, subprocess.CompletedProcess[str]]:
    """A pack, the folder of bundles, and what was said; there are no credentials."""
    scratch = tmp_path_factory.mktemp("deploy")
    whole = Store(scene_dataset(scratch / "whole", (8,), (2019,)))
    pack(whole, scratch / "pack", Wish(5_000_000), lambda items, total, what: items, lambda text: None)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SHINYAPPS_", "CONNECT_", "RSCLOUD_"))}
    command = [sys.executable, DEPLOY, "shinyapps", "--dataset", scratch / "pack", "--into", scratch / "out"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return scratch / "pack", scratch / "out" / "shinyapps", done


def test_without_credentials_it_is_built_and_checked_and_what_is_missing_is_said(
    built: tuple[Path, Path, subprocess.CompletedProcess[str]],
) -> None:
    _, folder, done = built
    assert done.returncode == 1, done.stderr
    assert "all checks hold" in done.stdout
    assert "SHINYAPPS_ACCOUNT, SHINYAPPS_TOKEN, SHINYAPPS_SECRET not set" in done.stderr
    with tarfile.open(folder.with_suffix(".tar.gz")) as archive:
        names = set(archive.getnames())
    assert {"manifest.json", "app.py", "moraine.toml", "dataset/lakes.parquet", "dataset/SHA256SUMS"} <= names
    assert not [name for name in names if name.startswith(("tests", "docs", ".git")) or name.endswith(".pyc")]
    assert json.loads((folder / "manifest.json").read_text())["environment"]["python"]["requires"] == ">=3.11"


def test_requirements_are_the_apps_but_for_torch(built: tuple[Path, Path, subprocess.CompletedProcess[str]]) -> None:
    kept = (built[1] / "requirements.txt").read_text().splitlines()
    every = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert set(every) - set(kept) == {line for line in every if "torch" in line or line.startswith("--")}
    assert any(
        line.startswith("torch==") for line in bundles.requirements((ROOT / "requirements.txt").read_text(), torch=True).splitlines()
    )


def test_the_app_reads_the_settings_of_the_bundle(built: tuple[Path, Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    code = "from modules.serving.config import config; c = config(); print(c.folders, c.making)"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MORAINE_STATE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=built[1], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{[(built[1] / 'dataset').resolve()]!r} None"


def test_what_a_host_is_told_of_the_page() -> None:
    told = bundles.settings(SHINYAPPS, SHINYAPPS.origin({"SHINYAPPS_ACCOUNT": "lakes"}))
    assert 'origins = ["https://lakes.shinyapps.io"]' in told
    assert 'frame_ancestors = ["https://www.shinyapps.io"]' in told
    connect = targets.TARGETS["connect"]
    assert connect.origin({"CONNECT_SERVER": "https://connect.example.org:3939/rsc/"}) == "https://connect.example.org:3939"
    assert connect.missing({"CONNECT_SERVER": "x"}) == ["CONNECT_API_KEY"]
    assert "origins" not in bundles.settings(connect, connect.origin({}))


def _edit(name: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).write_text(change((folder / name).read_text()))

    return spoil


def _manifest(change: Callable[[dict], None]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        told = json.loads((folder / "manifest.json").read_text())
        change(told)
        (folder / "manifest.json").write_text(json.dumps(told))

    return spoil


def _list(name: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
        _manifest(lambda told: told["files"].__setitem__(name, {"checksum": "9dd4e461268c8034f5c8564e155c67a6"}))(folder)

    return spoil


SPOILT = {
    "app.py has changed": _edit("app.py", lambda text: text + "\n"),
    "is in the bundle and not in the manifest": lambda folder: (folder / "modules" / "more.py").write_text(""),
    "tests/test_x.py must not be sent": _list("tests/test_x.py"),
    "data/key.pem must not be sent": _list("data/key.pem"),
    "secrets.txt must not be sent": _list("secrets.txt"),
    "LICENSE is in the manifest and not in the bundle": lambda folder: (folder / "LICENSE").unlink(),
    "asks for Python 3.10.4": _manifest(lambda told: told["python"].__setitem__("version", "3.10.4")),
    "does not say that Python": _manifest(lambda told: told.pop("environment", None)),
    "it should be python-shiny": _manifest(lambda told: told["metadata"].__setitem__("appmode", "python-api")),
    "moraine.toml is missing from the manifest": _manifest(lambda told: told["files"].pop("moraine.toml")),
    "'pandas>=2' is not pinned": _edit("requirements.txt", lambda text: text + "pandas>=2\n"),
    "has torch": _edit("requirements.txt", lambda text: text + "torch==2.13.0+cpu\n"),
    "lacks shiny": _edit("requirements.txt", lambda text: text.replace("shiny==", "shining==")),
    "the dataset is not packed": _edit("dataset/dataset.toml", lambda text: text.partition("[pack]")[0]),
    "fewer than 40": _edit("dataset/dataset.toml", lambda text: text.replace('"lakes" = 1', '"lakes" = 0')),
    "more than 60": lambda folder: os.truncate(_made(folder / "dataset" / "much.bin"), 61_000_000),
}


def _made(path: Path) -> Path:
    path.touch()
    return path


@pytest.mark.parametrize("said", SPOILT)
def test_a_spoilt_bundle_is_not_sent(said: str, built: tuple[Path, Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(built[1], tmp_path / "bundle", copy_function=_linked, ignore=shutil.ignore_patterns("runs", "weights")))
    told = json.loads((folder / "manifest.json").read_text())
    told["files"] = {name: each for name, each in told["files"].items() if (folder / name).exists()}
    (folder / "manifest.json").write_text(json.dumps(told))
    archive = built[1].with_suffix(".tar.gz")
    assert check.faults(folder, SHINYAPPS, archive, torch=False) == []
    SPOILT[said](folder)
    assert any(said in fault for fault in check.faults(folder, SHINYAPPS, archive, torch=False))


def _linked(source: str, target: str) -> None:
    """A link where nobody changes the file, else a copy: 500 files are copied for every way to spoil one."""
    spoilt = {"app.py", "manifest.json", "requirements.txt", "dataset.toml", "moraine.toml", "LICENSE"}
    (shutil.copyfile if Path(source).name in spoilt else os.link)(source, target)


def test_a_bundle_above_the_targets_limit_is_refused(built: tuple[Path, Path, subprocess.CompletedProcess[str]]) -> None:
    small = targets.Target("a small host", 1_000_000, ())
    assert any("a small host takes 1" in fault for fault in check.faults(built[1], small, built[1].with_suffix(".tar.gz"), torch=False))
