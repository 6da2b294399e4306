"""Which bands of a file a look shows, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.errors import RasterError

INDICES = {"ndwi": ("green", "nir"), "mndwi": ("green", "swir1")}
"""(a − b)/(a + b). NDWI: McFeeters 1996, Int. J. Remote Sensing 17:1425. MNDWI: Xu 2006, Int. J. Remote Sensing 27:3025."""
COMPOSITES = {"true": ("red", "green", "blue"), "false": ("nir", "red", "green")}


@dataclass(frozen=True)
class Recipe:
    """How pixels become colours.

    Args:
        kind: `stretched` (percentiles to black and white), `plain` (8-bit numbers as they are), `index` (−1 to 1 by a colour map), `ratio`
            (the index of two bands, likewise), or `relief`.
        places: Of the bands, from 0: one (grey), two (a ratio), three (red, green, blue) or none (relief).
    """

    kind: str
    places: tuple[int, ...] = ()


def recipe(look: str, names: Sequence[str], *, picture: bool) -> Recipe:
    """How a file with these bands is drawn in this look; `picture`: its numbers are shades already.

    True colour falls back to what there is: the red, green and blue of an 8-bit image, the first three of unnamed bands, `brightness`, or
    the first band, in grey. An index is worked out from its bands, since a stored one may have been rescaled; it is taken from a band of
    its name only where they lack.

    Raises:
        RasterError: The file lacks a band of the look.
    """
    if look == "relief":
        return Recipe("relief")
    if look in INDICES:
        first, second = INDICES[look]
        if {first, second} <= set(names) or look not in names:
            return Recipe("ratio", _places(look, (first, second), names))
        return Recipe("index", (names.index(look),))
    if look == "true":
        return _true(names, picture=picture)
    wanted = COMPOSITES.get(look) or tuple(look.split("."))
    if len(wanted) != 3:
        raise RasterError(f"{look!r} is no way to draw an image", "name three bands with dots between, e.g. nir.red.green")
    return Recipe("stretched", _places(look, wanted, names))


def _true(names: Sequence[str], *, picture: bool) -> Recipe:
    colours = COMPOSITES["true"]
    if set(colours) <= set(names):
        return Recipe("plain" if picture else "stretched", _places("true", colours, names))
    if len(names) >= 3 and picture:
        return Recipe("plain", (0, 1, 2))
    if len(names) >= 3 and all(name.startswith("band ") for name in names):
        return Recipe("stretched", (0, 1, 2))
    return Recipe("stretched", (names.index("brightness") if "brightness" in names else 0,))


def _places(look: str, wanted: tuple[str, ...], names: Sequence[str]) -> tuple[int, ...]:
    absent = [name for name in dict.fromkeys(wanted) if name not in names]
    if absent:
        raise RasterError(f"it has no band {', '.join(absent)}, which the look {look!r} needs", f"choose among {', '.join(names)}")
    return tuple(names.index(name) for name in wanted)
