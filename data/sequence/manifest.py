"""`sequence.json`: what a run of the sequence lab is of, what it reached, and the digest of each of its files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from data.commit import current
from data.errors import LensError
from data.lens.manifest_file import read_fields

FILE = "sequence.json"
FORMAT = 1
REMEDY = "restore the files that came with Moraine, or train anew: `python -m models sequence`"
LARGEST_NUMBER = 1e15
"""Of any in a manifest: beyond, a whole number is none that a float can hold."""
LARGEST = 2**20
"""Bytes of a manifest, at most."""
RESULTS = ("exact", "within_one", "majority", "majority_count", "cpu_seconds", "seconds")


@dataclass(frozen=True)
class Manifest:
    """What a run is of.

    Args:
        title: What people read.
        seed: Everything random followed from it.
        layers, units: Of the network.
        steps: Of a curve.
        band: The two edges.
        epochs: 1 … E.
        plan: How it was trained, by name.
        results: On the curves held out, after the last epoch: shares that are `exact` and `within_one`; the share (`majority`) and the
            value (`majority_count`) of the count that most of them have; `seconds` and `cpu_seconds` of training.
        command: How it was made.
        files: File name → SHA-256.
    """

    title: str
    seed: int
    layers: int
    units: int
    steps: int
    band: tuple[float, float]
    epochs: tuple[int, ...]
    plan: Mapping[str, float]
    results: Mapping[str, float]
    command: str = ""
    files: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_json(self) -> str:
        """Equal manifests give equal text."""
        held = {**vars(self), "format": FORMAT, "plan": dict(self.plan), "results": dict(self.results), "files": dict(self.files)}
        return json.dumps(held, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def read_manifest(folder: Path) -> tuple[Manifest, str]:
    """The manifest of a run, and its text.

    Raises:
        LensError: There is none, or a field is missing, unknown, or cannot be.
    """
    path = current(folder, FILE)
    held, text = read_fields(path, FORMAT, LARGEST, REMEDY)
    return _manifest(held, path), text


def _manifest(raw: dict[str, Any], path: Path) -> Manifest:
    for name in sorted({*Manifest.__dataclass_fields__} ^ raw.keys()):
        raise LensError(f"{path}: {name} is {'unknown' if name in raw else 'missing'}", REMEDY)
    rules = {
        "title": _text(raw["title"]), "command": _text(raw["command"]), "seed": _whole(raw["seed"], 0, 2**63),
        "layers": _whole(raw["layers"], 1, 16), "units": _whole(raw["units"], 2, 512), "steps": _whole(raw["steps"], 2, 4096),
        "band": _numbers(raw["band"]) and len(raw["band"]) == 2 and raw["band"][0] < raw["band"][1],
        "epochs": _numbers(raw["epochs"]) and 0 < len(raw["epochs"]) <= 1000 and raw["epochs"] == list(range(1, len(raw["epochs"]) + 1)),
        "plan": isinstance(raw["plan"], dict) and _numbers(list(raw["plan"].values())),
        "results": isinstance(raw["results"], dict) and set(raw["results"]) == set(RESULTS) and _numbers(list(raw["results"].values())),
        "files": isinstance(raw["files"], dict) and all(_file(*each) for each in raw["files"].items()),
    }  # fmt: skip
    for name, good in rules.items():
        if not good:
            raise LensError(f"{path}: {name} = {str(raw[name])[:80]!r} cannot be", REMEDY)
    given: dict[str, Any] = {**raw, "epochs": tuple(raw["epochs"]), "band": (float(raw["band"][0]), float(raw["band"][1]))}
    return Manifest(**given)


def _text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 1000


def _whole(value: object, least: int, beyond: int) -> bool:
    return type(value) is int and least <= value < beyond


def _numbers(values: object) -> bool:
    return isinstance(values, list) and all(
        type(each) in {int, float} and -LARGEST_NUMBER < each < LARGEST_NUMBER for each in cast(list[Any], values)
    )


def _file(name: object, digest: object) -> bool:
    return bool(re.fullmatch(r"[a-z_]+\.(npz|parquet)", str(name)) and re.fullmatch(r"[0-9a-f]{64}", str(digest)))
