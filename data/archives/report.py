"""What an archive of labelled chips holds, as a table in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from data.scenes.pairing import Pair

ORDER = ("train", "validation", "test", "challenge")
NONE = "–"


def counted(pairs: Iterable[Pair]) -> list[str]:
    """How many chips there are, region by split, as lines of text."""
    held = Counter((pair.region or NONE, pair.split or NONE) for pair in pairs)
    splits = sorted({split for _, split in held}, key=lambda split: (ORDER.index(split) if split in ORDER else len(ORDER), split))
    regions = sorted({region for region, _ in held})
    rows = [["region", *splits], *([region, *(f"{held[region, split]:,}" for split in splits)] for region in regions)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
