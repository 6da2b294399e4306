"""Finding the plug-ins of a folder, and the file of figures that a run leaves behind."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def found(folder: Path, prefix: str, table: str) -> dict[str, Callable[..., Any]]:
    """Everything in the dictionaries named `table` of the modules `<prefix>*.py` in a folder of tests, by name.

    Raises:
        ValueError: Two modules define the same name.
    """
    all_of_them: dict[str, Callable[..., Any]] = {}
    for module in sorted(pkgutil.iter_modules([str(folder)]), key=lambda m: m.name):
        if module.name.startswith(prefix):
            entries = getattr(importlib.import_module(f"tests.{folder.name}.{module.name}"), table)
            twice = all_of_them.keys() & entries.keys()
            if twice:
                raise ValueError(f"{module.name} defines {', '.join(sorted(twice))} a second time")
            all_of_them |= entries
    return all_of_them


def merge(path: Path, figures: Mapping[str, Any]) -> None:
    """Put new figures into the file beside those it already holds, sorted by name."""
    held = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(dict(sorted({**held, **figures}.items())), indent=2) + "\n")
