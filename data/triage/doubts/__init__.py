"""The doubts. Each file of this folder that exports `DOUBT` is one; a broken one stops the program at import."""

from __future__ import annotations

import importlib
import pkgutil

from data.errors import TrendError
from data.triage.doubt import Doubt


def _discovered() -> dict[str, Doubt]:
    found: dict[str, Doubt] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        doubt = importlib.import_module(module.name).DOUBT
        if not isinstance(doubt, Doubt) or doubt.name in found:
            raise TrendError(f"{module.name}.DOUBT is no doubt of a name of its own", "make it a data.triage.doubt.Doubt")
        found[doubt.name] = doubt
    return found


DOUBTS: dict[str, Doubt] = _discovered()
"""By name."""
