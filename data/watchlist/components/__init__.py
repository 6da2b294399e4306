"""Components of a watch-list. Each file of this folder exports some as `COMPONENTS`; a broken one stops the program at import."""

from __future__ import annotations

import importlib
import pkgutil

from data.errors import TrendError
from data.watchlist.component import Component

ORDER = ("trend", "observed", "flagged", "floods", "volume", "hazard")
"""The files whose components come first, in this order; any others follow."""


def _discovered() -> dict[str, Component]:
    names = sorted((module.name for module in pkgutil.iter_modules(__path__)), key=lambda n: (ORDER.index(n) if n in ORDER else 99, n))
    found: dict[str, Component] = {}
    for name in names:
        for component in importlib.import_module(f"{__name__}.{name}").COMPONENTS:
            if component.name in found:
                raise TrendError(f"{name}: the component {component.name!r} is there already", "give it another name")
            found[component.name] = component
    return found


COMPONENTS: dict[str, Component] = _discovered()
"""The components by name, in the order that people see."""
