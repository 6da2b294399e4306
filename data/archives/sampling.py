"""Which chips are meant: regions, splits, and a share of each that is the same on every machine. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass

from data.errors import InputError
from data.scenes.pairing import CHALLENGE, SPLITS, Pair


@dataclass(frozen=True)
class Choice:
    """What is asked for.

    Args:
        regions: In lower case; empty means every one.
        splits: Empty means every one.
        fraction: Share of the chips of each region and split, above 0 and at most 1.
        seed: Another one gives other chips.
    """

    regions: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    fraction: float = 1.0
    seed: int = 0

    @property
    def words(self) -> str:
        """The choice as a report has it."""
        told = [
            f"regions {', '.join(self.regions).upper()}" if self.regions else "all regions",
            f"splits {', '.join(self.splits)}" if self.splits else "all splits",
            *([f"a share of {self.fraction:g}, seed {self.seed}"] if self.fraction < 1 else []),
        ]
        return "; ".join(told)


def choice(*, regions: str | None, splits: str | None, fraction: float, seed: int) -> Choice:
    """Read what the command line says.

    Raises:
        InputError: An option makes no sense.
    """
    if not 0 < fraction <= 1:
        raise InputError(f"--fraction {fraction:g} makes no sense", "give a share above 0 and at most 1, e.g. 0.1")
    known = {**SPLITS, CHALLENGE: CHALLENGE}
    parts = _names(splits, "split")
    odd = [part for part in parts if part not in known]
    if odd:
        raise InputError(f"--split {odd[0]!r} is none", f"use {', '.join(dict.fromkeys(known.values()))}")
    return Choice(_names(regions, "regions"), tuple(dict.fromkeys(known[part] for part in parts)), fraction, seed)


def _names(told: str | None, option: str) -> tuple[str, ...]:
    if told is None:
        return ()
    names = tuple(dict.fromkeys(name.strip().lower() for name in told.split(",")))
    if not all(names):
        raise InputError(f"--{option} {told!r} holds an empty name", f"leave --{option} out to have all of them")
    return names


def sampled(pairs: Iterable[Pair], wanted: Choice) -> list[Pair]:
    """The pairs meant, in their order.

    Of n pairs of a region and split, the first ⌈fraction · n⌉ in the order of a digest of seed and name: a greater fraction keeps what a
    smaller one had, and neither other regions nor other splits play a part.

    Raises:
        InputError: A region or split is not there.
    """
    held = list(pairs)
    regions = {pair.region for pair in held}
    for name in wanted.regions:
        if name not in {region.lower() for region in regions}:
            raise InputError(f"there is no region {name.upper()}", _there("regions", sorted(regions)))
    for name in wanted.splits:
        if name not in {pair.split for pair in held}:
            raise InputError(f"there is no split {name}", _there("splits", sorted({pair.split for pair in held})))
    groups: dict[tuple[str, str], list[Pair]] = {}
    for pair in held:
        if (not wanted.regions or pair.region.lower() in wanted.regions) and (not wanted.splits or pair.split in wanted.splits):
            groups.setdefault((pair.region, pair.split), []).append(pair)
    kept: set[Pair] = set()
    for members in groups.values():
        # Rounded first: 0.1 · 30 is 3.0000000000000004 in some orders of sums, and must not be 4.
        count = math.ceil(round(wanted.fraction * len(members), 9))
        kept.update(sorted(members, key=lambda pair: _place(pair, wanted.seed))[:count])
    if not kept:
        raise InputError("no chip is both of these regions and of these splits", "choose others; --dry-run shows how many there are")
    return [pair for pair in held if pair in kept]


def _place(pair: Pair, seed: int) -> str:
    """Where a pair stands among those of its region and split: by a digest, so that no order of the archive shows through."""
    return hashlib.sha256(f"{seed}/{pair.split}/{pair.image.stem}".encode()).hexdigest()


def _there(what: str, names: list[str]) -> str:
    named = [name for name in names if name]
    return f"use {', '.join(named)}" if named else f"leave it out: its names tell no {what}"
