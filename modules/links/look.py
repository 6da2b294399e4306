"""How images are drawn, in a link, and back. Pure; no shiny."""

from __future__ import annotations

from collections.abc import Iterator

from data.errors import InputError
from data.store import Store
from modules.choices import LOOKS, OUTLINES, Look, is_look
from modules.links.filters import Pairs


def look_pairs(look: Look) -> Iterator[tuple[str, str]]:
    """The parameters of a link that stand for this look."""
    default = Look()
    if look.bands != default.bands:
        yield "bands", look.bands
    if look.layers is not None:
        yield from (("layer", source) for source in look.layers or ("",))
    if look.fill != default.fill:
        yield "fill", str(int(look.fill))
    if look.opacity != default.opacity:
        yield "opacity", f"{look.opacity:g}"
    if look.outlines != default.outlines:
        yield "outlines", look.outlines
    if look.relief != default.relief:
        yield "relief", str(int(look.relief))


def look_from(pairs: Pairs, store: Store) -> Look:
    """Invert `look_pairs`; parameters of other names are passed over.

    Raises:
        InputError, ValueError: One cannot be read, or names what the dataset does not have.
    """
    one, default = dict(pairs), Look()
    bands, outlines = one.get("bands", default.bands), one.get("outlines", default.outlines)
    if not is_look(bands, store.meta.bands):
        raise InputError(f"bands = {bands!r} is unknown", f"use one of {', '.join(LOOKS)}, or three band names with dots between")
    if outlines not in OUTLINES:
        raise InputError(f"outlines = {outlines!r} is unknown", f"use one of {', '.join(OUTLINES)}")
    named = tuple(value for key, value in pairs if key == "layer" and value)
    strange = [source for source in named if source not in store.scenes.sources]
    if strange or len(named) > 2:
        raise InputError(f"no masks come from {strange[0]!r}" if strange else "more than two mask layers", "choose up to two sources")
    look = Look(
        bands, named if "layer" in one else None, one.get("fill", "1") == "1", float(one.get("opacity", default.opacity)),
        outlines, one.get("relief") == "1",
    )  # fmt: skip
    if not 0 <= look.opacity <= 1:
        raise InputError("the opacity is out of range", "it lies between 0 and 1")
    return look
