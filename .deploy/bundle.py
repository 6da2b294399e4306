"""The bundle: the app, a packed dataset and the settings, as a folder that rsconnect can send."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from rsconnect.bundle import make_manifest_bundle
from targets import Target

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("app.py", "data", "models", "modules", "LICENSE", "README.md", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
TORCH = re.compile(r"^(--extra-index-url|torch==)")
DATASET, SETTINGS, REQUIREMENTS = "dataset", "moraine.toml", "requirements.txt"


def assemble(bundle: Path, target: Target, pack: Path, origin: str, *, torch: bool) -> None:
    """Make the folder anew.

    Args:
        bundle: The folder; what was in it is removed.
        target: Where it is to go.
        pack: The packed dataset.
        origin: Of the app's page; empty where nobody knows yet.
        torch: Whether the networks can run there; it takes 200 MB to fetch and 750 MB on disk.
    """
    if bundle.exists():
        shutil.rmtree(bundle)
    bundle.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, bundle / part, ignore=LEFT_OUT)
        else:
            shutil.copyfile(source, bundle / part)
    shutil.copytree(pack, bundle / DATASET)
    (bundle / SETTINGS).write_text(settings(target, origin), encoding="utf-8")
    (bundle / REQUIREMENTS).write_text(requirements((ROOT / REQUIREMENTS).read_text(encoding="utf-8"), torch=torch), encoding="utf-8")


def settings(target: Target, origin: str) -> str:
    """`moraine.toml` of the bundle: not every host lets variables be set."""
    lines = [f"datasets = {json.dumps([DATASET])}", "# Nobody reaches the app but through the host's own proxy.", 'trusted_proxies = ["*"]']
    lines += [f"origins = {json.dumps([origin])}"] if origin else []
    lines += [f"frame_ancestors = {json.dumps(list(target.frames))}"] if target.frames else []
    return "\n".join(lines) + "\n"


def requirements(text: str, *, torch: bool) -> str:
    """The app's requirements, without PyTorch unless it is wanted: stored masks and the water index do without."""
    kept = [line for line in text.splitlines() if torch or not TORCH.match(line)]
    return "\n".join(line for line in kept if line and not line.startswith("#")) + "\n"


def wanted_python() -> str:
    """The oldest Python that the app runs on, as pyproject.toml says."""
    found = re.search(r'^requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert found, "pyproject.toml states requires-python"
    return found[1]


def write_manifest(bundle: Path) -> None:
    """Have rsconnect write manifest.json. Raises CalledProcessError where it cannot."""
    rsconnect("write-manifest", "shiny", "--overwrite", "--exclude-renv", "--entrypoint", "app:app", str(bundle))


def rsconnect(*arguments: str) -> None:
    """Run a command of rsconnect-python; it reads credentials from the environment, so that they stand in no list of processes."""
    subprocess.run([sys.executable, "-m", "rsconnect.main", *arguments], check=True)


def packed_as_bundle(bundle: Path) -> Path:
    """The bundle as it is sent, beside the folder: a compressed archive of what the manifest lists."""
    archive = bundle.with_suffix(".tar.gz")
    with make_manifest_bundle(bundle / "manifest.json") as made, archive.open("wb") as file:
        shutil.copyfileobj(made, file)
    return archive
