"""Flags beside trends. Each file of this folder that exports `FLAG` is one; a broken one stops the program at import."""

from __future__ import annotations

import importlib
import pkgutil

from data.errors import TrendError
from data.flags.flag import Flag

__all__ = ["FLAGS", "Flag"]


def _discovered() -> dict[str, Flag]:
    found: dict[str, Flag] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        flag = getattr(importlib.import_module(module.name), "FLAG", None)
        if flag is None:
            continue
        if not isinstance(flag, Flag):
            raise TrendError(f"{module.name}.FLAG is a {type(flag).__name__}", "make it a data.flags.flag.Flag")
        if flag.name in found:
            raise TrendError(f"{module.name}: the flag name {flag.name!r} is taken", "give FLAG another name")
        found[flag.name] = flag
    return found


FLAGS: dict[str, Flag] = _discovered()
"""The flags by name."""
