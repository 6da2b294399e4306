"""Plug-ins: the files of a folder, and what each exports under a name. A broken one stops the program at import."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

from data.errors import TrendError


class Named(Protocol):
    """What can be a plug-in."""

    @property
    def name(self) -> str: ...


Plugin = TypeVar("Plugin", bound=Named)


def discovered(
    package: str, path: Sequence[str], constant: str, kind: type[Plugin], *, taken: Collection[str] = (), every: bool = False
) -> dict[str, Plugin]:
    """The plug-ins of a package by name, in the order of their files.

    Args:
        package: Its `__name__`.
        path: Its `__path__`.
        constant: What a plug-in exports, e.g. `METHOD`; None counts as nothing.
        kind: What each must be.
        taken: Names that none may have.
        every: Whether each file must be a plug-in; else those that export nothing are what the others are made of.

    Raises:
        TrendError: One is of another kind, or has a name that is taken.
    """
    found: dict[str, Plugin] = {}
    for module in pkgutil.iter_modules(path, f"{package}."):
        each = getattr(importlib.import_module(module.name), constant, None)
        if each is None and not every:
            continue
        if not isinstance(each, kind):
            raise TrendError(f"{module.name}.{constant} is a {type(each).__name__}", f"make it a {kind.__module__}.{kind.__name__}")
        if each.name in found or each.name in taken:
            raise TrendError(f"{module.name}: the {kind.__name__.lower()} name {each.name!r} is taken", f"give {constant} another name")
        found[each.name] = each
    return found
