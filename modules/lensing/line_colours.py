"""How scenes are coloured where each is a line or a point: by why it is not clear, or by the size of its lake. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

REASONS = {
    "ok": ("clear", "steady"), "cloud": ("cloud", "cloud"), "shadow": ("shadow", "shadow"), "snow_or_ice": ("snow or ice", "snow"),
    "partial": ("partly seen", "partial"),
}  # fmt: skip
"""Code → (what it is called, the meaning of its colour); other codes are named as they are, in the colour of `untested`."""
SIZES = 4
"""Groups of sizes, each with as many scenes as any other."""
FAINTEST = 0.25


@dataclass(frozen=True)
class Group:
    """Scenes of one colour.

    Args:
        words: What they have in common.
        meaning: Of the colour.
        opacity: Of the colour: sizes are one colour, the larger the stronger.
        scene_keys: Which.
    """

    words: str
    meaning: str
    opacity: float
    scene_keys: tuple[int, ...]


def by_reason(scenes: pd.DataFrame) -> list[Group]:
    """The clear scenes first, then why others are not clear, the most frequent reason first."""
    codes = scenes["reason"].replace("", "ok")
    counts = codes.value_counts()
    order = sorted(counts.index, key=lambda code: (code != "ok", -counts[code], code))
    named = {code: REASONS.get(code, (code.replace("_", " "), "untested")) for code in order}
    return [Group(*named[code], 1.0, tuple(scenes.index[codes == code])) for code in order]


def by_size(scenes: pd.DataFrame) -> list[Group]:
    """From the smallest lakes to the largest; those of no known size first of all."""
    size = scenes["size_km2"].astype(float)
    known = size[size.notna()].sort_values(kind="stable")
    groups = [Group("size not known", "untested", FAINTEST, tuple(size.index[size.isna()]))] if size.isna().any() else []
    parts = [part for part in np.array_split(known.index.to_numpy(), SIZES) if len(part)]
    for number, part in enumerate(parts):
        low, high = known[part[0]], known[part[-1]]
        strength = FAINTEST + (1 - FAINTEST) * number / max(len(parts) - 1, 1)
        groups.append(Group(f"{low:.2g} to {high:.2g} km²", "many", strength, tuple(int(key) for key in part)))
    return groups


COLOURINGS = {"reason": ("reason", by_reason), "size_km2": ("lake size", by_size)}
"""Of lines: name → (what people read, how they are grouped)."""
