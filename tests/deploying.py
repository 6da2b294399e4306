"""The files of `.deploy`, which is no package, for tests."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from tests.conftest import ROOT

FOLDER = ROOT / ".deploy"


def part(name: str) -> ModuleType:
    """One of them, loaded once; they name each other without a folder."""
    if name in sys.modules:
        return sys.modules[name]
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(FOLDER))
