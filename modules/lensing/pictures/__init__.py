"""Pictures drawn from a lens, by kind. Each file here exports KINDS, a dict of kind → maker; a broken one stops the program at start."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence

from data.lens.reading import Lens

Maker = Callable[[Lens, Sequence[str]], tuple[bytes, str]]
"""(lens, the parts of the path behind the kind) → (body, media type). ValueError or LookupError: there is no such picture; LensError: its
file cannot be used. Runs in a thread; heavy libraries are imported inside."""


def picture_kinds() -> dict[str, Maker]:
    """All of them.

    Raises:
        ValueError: Two files name one kind.
    """
    kinds: dict[str, Maker] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        found: dict[str, Maker] = importlib.import_module(module.name).KINDS
        if twice := kinds.keys() & found.keys():
            raise ValueError(f"{module.name} draws {', '.join(sorted(twice))} a second time")
        kinds |= found
    return kinds
