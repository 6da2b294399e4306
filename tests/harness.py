"""What `make bench` and `make soak` share: finding what there is to run, running it, keeping the figures."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
Figures = dict[str, Any]


def found(folder: str, table: str) -> dict[str, Callable[..., Figures]]:
    """Everything in the dictionaries named `table` of the modules `tests/<folder>/<folder>_*.py`, by name.

    Raises:
        ValueError: Two modules define the same name.
    """
    everything: dict[str, Callable[..., Figures]] = {}
    for module in sorted(pkgutil.iter_modules([str(ROOT / "tests" / folder)]), key=lambda m: m.name):
        if module.name.startswith(f"{folder}_"):
            entries = getattr(importlib.import_module(f"tests.{folder}.{module.name}"), table)
            twice = everything.keys() & entries.keys()
            if twice:
                raise ValueError(f"{module.name} defines {', '.join(sorted(twice))} a second time")
            everything |= entries
    return everything


def run(work: Mapping[str, Callable[[], Figures]], only: str, path: Path, line: Callable[[str, Figures], str]) -> int:
    """Run what begins with `only`, print a line each, and merge the figures into a file. What fails is shown, and the rest still run.

    Returns:
        0; 1 where something failed; 2 where nothing begins so.
    """
    chosen = {name: job for name, job in work.items() if name.startswith(only)}
    if not chosen:
        print(f"nothing begins with {only!r}; there are {', '.join(work) or 'none yet'}", file=sys.stderr)
        return 2
    failed: list[str] = []
    for name, job in chosen.items():
        try:
            figures = job()
        except Exception:  # noqa: BLE001 - one that breaks must not hide the others; it is shown, and counted in the exit code
            traceback.print_exc()
            failed.append(name)
            continue
        print(line(name, figures), flush=True)
        _merge(path, {name: figures})
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _merge(path: Path, figures: Mapping[str, Figures]) -> None:
    held = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(dict(sorted({**held, **figures}.items())), indent=2) + "\n")
