"""What the Lens page looks at, as part of a link, and back. Pure; no shiny."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from data.errors import InputError
from data.lens.similarity import MEASURES
from modules.lensing.state import COLOURS, PROJECTIONS, TABS, Lensing
from modules.links.packing import packed_keys, unpacked_keys

PREFIX = "l."
CHOICES = {"tab": TABS, "projection": PROJECTIONS, "colour": COLOURS, "measure": MEASURES}
TEXTS = ("run", "other", "layer", "other_layer")
NUMBERS = ("epoch", "other_epoch", "scene")
LONGEST = 100


def lens_pairs(lensing: Lensing) -> Iterator[tuple[str, str]]:
    """Only what differs from how the page opens."""
    default = Lensing()
    for name in (*CHOICES, *TEXTS, *NUMBERS):
        value = getattr(lensing, name)
        if value != getattr(default, name):
            yield f"{PREFIX}{name}", str(value)
    if lensing.bandwidth is not None:
        yield f"{PREFIX}bandwidth", f"{lensing.bandwidth:g}"
    if lensing.selected:
        yield f"{PREFIX}selected", packed_keys(lensing.selected)


def lens_from(one: Mapping[str, str]) -> Lensing:
    """Invert `lens_pairs`. Runs, layers, epochs and scenes that are not here stay named: the page opens with others.

    Raises:
        InputError, ValueError: A choice is unknown, or a number cannot be read or is out of range.
    """
    held = {name.removeprefix(PREFIX): value for name, value in one.items() if name.startswith(PREFIX)}
    for name, known in CHOICES.items():
        if name in held and held[name] not in known:
            raise InputError(f"{name} = {held[name]!r} is unknown", f"use one of {', '.join(known)}")
    texts = {name: held[name][:LONGEST] for name in (*CHOICES, *TEXTS) if name in held}
    numbers = {name: int(held[name]) for name in NUMBERS if name in held}
    bandwidth = float(held["bandwidth"]) if "bandwidth" in held else None
    if any(not 0 <= number < 2**31 for number in numbers.values()) or (bandwidth is not None and not 0 < bandwidth < 1e3):
        raise InputError("a number is out of range", "epochs and scenes are whole numbers from 0, the bandwidth lies above 0")
    selected = unpacked_keys(held["selected"]) if "selected" in held else ()
    return Lensing(**texts, **numbers, bandwidth=bandwidth, selected=selected)  # type: ignore[arg-type]
