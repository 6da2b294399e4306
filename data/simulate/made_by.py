"""By which plan and which simulator a folder was made: images added later must fit its tables."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from data.cache import fingerprint, write_text
from data.dataset_files import SIMULATION as FILE
from data.errors import DatasetError
from data.simulate.plan import Plan

AROUND = {"background.py", "made_by.py", "progress.py", "run.py"}
"""Files that decide when and how images are made, but not what is in them."""


def version() -> str:
    """A fingerprint of the simulator's own source and of numpy's version, of which each draws other worlds."""
    sources = [path for path in sorted(Path(__file__).parent.glob("*.py")) if path.name not in AROUND]
    return fingerprint(np.__version__, *(path.read_bytes() for path in sources))


def write_made_by(folder: Path, plan: Plan) -> None:
    """Write `simulation.json` atomically; equal plans give equal bytes."""
    write_text(folder / FILE, json.dumps({"plan": asdict(plan), "simulator": version()}, indent=2) + "\n")


def read_made_by(folder: Path) -> Plan:
    """The plan of a simulated dataset.

    Raises:
        DatasetError: It is none, or another simulator made it, whose pictures would not fit its tables.
    """
    path = folder / FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        plan, made = Plan(**told["plan"]), told["simulator"]
    except (OSError, ValueError, KeyError, TypeError):
        remedy = "name a folder that `python -m data simulate` has made, or make a new one"
        raise DatasetError(f"{path} is missing or damaged, so nobody knows which images belong to {folder}", remedy) from None
    if made != version():
        raise DatasetError(
            f"{folder} was made by another version of the simulator, whose images would not fit these tables", "make a new folder"
        )
    return plan
