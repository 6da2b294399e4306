"""What must hold of a bundle before it is sent."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from bundle import DATASET, PARTS, REQUIREMENTS, SETTINGS, wanted_python
from targets import Target

MOST_DATASET = 60_000_000
LEAST_LAKES = 40
NEVER = re.compile(r"(^|/)(tests|docs|out|\.venv|\.git|__pycache__|node_modules|\.env|\.pytest_cache)(/|$)|\.(pyc|pem|key|sqlite|db)$")
"""Places and kinds of files that a bundle never holds."""
NEEDED = ("app.py", SETTINGS, REQUIREMENTS, "pyproject.toml", f"{DATASET}/dataset.toml", f"{DATASET}/SHA256SUMS", "LICENSE")


def faults(bundle: Path, target: Target, archive: Path, *, torch: bool, least: int = LEAST_LAKES) -> list[str]:
    """Everything that is wrong, each with what to do; nothing where the bundle can be sent.

    Args:
        bundle: The folder, with its manifest.json.
        target: Where it is to go.
        archive: The bundle as it is sent.
        torch: Whether PyTorch is meant to be in the requirements.
        least: Lakes with images and masks that the dataset should have.
    """
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    size = archive.stat().st_size
    found = [*_files(bundle, manifest), *_python(manifest), *_requirements(bundle, torch), *_dataset(bundle / DATASET, least)]
    if size > target.most:
        found.append(
            f"the bundle has {size / 1e6:,.0f} MB, and {target.title} takes {target.most / 1e6:,.0f}: pack a smaller dataset (MAX_MB=…)"
        )
    return found


def _files(bundle: Path, manifest: dict[str, Any]) -> Iterator[str]:
    listed: dict[str, dict[str, str]] = manifest["files"]
    yield from (f"{name} is missing from the manifest: build it again" for name in NEEDED if name not in listed)
    tops = {*PARTS, DATASET, SETTINGS, REQUIREMENTS, "manifest.json"}
    for name, told in listed.items():
        path = bundle / name
        if NEVER.search(name) or PurePosixPath(name).parts[0] not in tops:
            yield f"{name} must not be sent: take it out of the folder"
        elif not path.is_file() or path.is_symlink():
            yield f"{name} is in the manifest and not in the bundle: build it again"
        elif hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() != told["checksum"]:
            yield f"{name} has changed since the manifest was written: build it again"
    held = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()} - {"manifest.json"}
    yield from (f"{name} is in the bundle and not in the manifest: build it again" for name in sorted(held - listed.keys()))


def _python(manifest: dict[str, Any]) -> Iterator[str]:
    about = manifest["metadata"]
    if about["appmode"] != "python-shiny" or about["entrypoint"] != "app:app":
        yield f"the manifest says {about['appmode']}, {about['entrypoint']}: it should be python-shiny, app:app"
    version, wanted = manifest["python"]["version"], wanted_python()
    if tuple(map(int, version.split(".")[:2])) < tuple(map(int, wanted.split("."))):
        yield f"the manifest asks for Python {version}, and the app needs {wanted}: run make with a newer PYTHON"
    told = manifest.get("environment", {}).get("python", {}).get("requires", "")
    if told != f">={wanted}":
        yield f"the manifest does not say that Python {wanted} is the oldest ({told or 'nothing'}): build it again"


def _requirements(bundle: Path, torch: bool) -> Iterator[str]:
    lines = (bundle / REQUIREMENTS).read_text(encoding="utf-8").splitlines()
    for line in lines:
        if not re.match(r"^(--extra-index-url \S+|[\w.-]+(\[[\w,-]+\])?==\S+( ?;.*)?)$", line):
            yield f"{REQUIREMENTS}: {line!r} is not pinned: pin it"
    if any(line.startswith("torch==") for line in lines) is not torch:
        yield f"{REQUIREMENTS} {'lacks' if torch else 'has'} torch: build the bundle again"
    if not any(line.startswith("shiny==") for line in lines):
        yield f"{REQUIREMENTS} lacks shiny: build the bundle again"


def _dataset(folder: Path, least: int) -> Iterator[str]:
    weight = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if weight > MOST_DATASET:
        yield f"the dataset has {weight / 1e6:.1f} MB, more than {MOST_DATASET / 1e6:.0f}: pack it (python -m data pack)"
    pack = tomllib.loads((folder / "dataset.toml").read_text(encoding="utf-8")).get("pack")
    if pack is None:
        yield "the dataset is not packed: python -m data pack"
    elif pack["of_scenes"] and pack["lakes"] < min(least, pack["of_lakes"]):
        yield f"{pack['lakes']} lakes have images with masks, fewer than {least}: pack it anew; 60 MB hold that many of the simulated basin"
