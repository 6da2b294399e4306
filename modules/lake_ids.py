"""Finding lakes by a pasted list of ids or names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.lake_names import LakeNames, bare

SEPARATORS = (r"[\r\n]+", r"[,;|\t]+", r"\s+")
"""Tried in turn: an id or name may hold what a list is separated by."""

SHOWN = 10


@dataclass(frozen=True)
class Found:
    """What a pasted list came to.

    Args:
        lake_keys: Every lake named, ascending; an id that several lakes share brings them all.
        asked: How many different ids the list holds.
        missing: Those that no lake has, in the order given.
        repeated: How many entries repeat an earlier one.
        shared: Ids that brought more than one lake.
    """

    lake_keys: tuple[int, ...] = ()
    asked: int = 0
    missing: tuple[str, ...] = ()
    repeated: int = 0
    shared: tuple[str, ...] = ()


def _named(text: str, names: LakeNames) -> dict[str, tuple[int, ...]]:
    """What any entry of a list could name: the whole of it, or what each separator in turn would leave."""
    pieces = [text]
    entries = list(pieces)
    for separator in SEPARATORS:
        pieces = [each for piece in pieces for each in re.split(separator, piece)]
        entries += pieces
    return names.named(entries)


def _pieces(text: str, index: dict[str, tuple[int, ...]], separators: tuple[str, ...] = SEPARATORS) -> Iterator[str]:
    """The entries of a list: a piece that is known is not split any further."""
    if bare(text) in index or not separators:
        if bare(text):
            yield text.strip().strip("\"'")
        return
    for piece in re.split(separators[0], text):
        yield from _pieces(piece, index, separators[1:])


def found_lakes(text: str, names: LakeNames) -> Found:
    """Read a pasted list, whatever its separators (see `LakeNames.named` for what may be named)."""
    index = _named(text, names)
    keys: set[int] = set()
    seen: dict[str, str] = {}
    repeated = 0
    for piece in _pieces(text, index):
        known = bare(piece)
        repeated += known in seen
        seen.setdefault(known, piece)
        keys.update(index.get(known, ()))
    shared = tuple(piece for known, piece in seen.items() if len(index.get(known, ())) > 1)
    missing = tuple(piece for known, piece in seen.items() if known not in index)
    return Found(tuple(sorted(keys)), len(seen), missing, repeated, shared)


def listed(lake_keys: tuple[int, ...], lakes: pd.DataFrame, names: LakeNames) -> str:
    """A list that `found_lakes` reads back as exactly these lakes: ids where they name no other lake, else `#lake_key`."""
    wanted = set(lake_keys)
    chosen = lakes[np.isin(lakes["lake_key"].to_numpy(), lake_keys)]
    index = names.named(str(text) for text in chosen["lake_id"].dropna())
    texts = dict.fromkeys(
        str(text) if pd.notna(text) and index.get(bare(str(text))) and set(index[bare(str(text))]) <= wanted else f"#{key}"
        for key, text in zip(chosen["lake_key"], chosen["lake_id"], strict=True)
    )
    return "\n".join(texts)


def report(found: Found) -> str:
    """What the list came to, in words: `12 of 14 found · missing: …`."""
    if not found.asked:
        return ""
    parts = [f"{found.asked - len(found.missing):,} of {found.asked:,} found"]
    if found.missing:
        more = f" and {len(found.missing) - SHOWN:,} more" if len(found.missing) > SHOWN else ""
        parts.append(f"missing: {', '.join(found.missing[:SHOWN])}{more}")
    if found.repeated:
        parts.append(f"{found.repeated:,} named twice or more")
    if found.shared:
        parts.append(
            f"{', '.join(found.shared[:SHOWN])} {'is' if len(found.shared) == 1 else 'are'} shared by several lakes: all are shown"
        )
    return " · ".join(parts)
