"""Neighbouring members are read together: the fewest requests that read a little more than is wanted. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from data.archives.directory import Member
from data.archives.reader import AT_ONCE

WASTE = 0.05
"""Of the bytes wanted: so many more may be read to save requests, which servers count."""


@dataclass(frozen=True)
class Block:
    """Bytes read by one request, or by several where one member is longer than a request may be.

    Args:
        members: What it is read for, in the archive's order.
    """

    members: tuple[Member, ...]

    @property
    def first(self) -> int:
        """Its first byte."""
        return self.members[0].first

    @property
    def end(self) -> int:
        """The byte after its last."""
        return max(member.end for member in self.members)


def blocks(members: Sequence[Member], waste: float = WASTE, most: int = AT_ONCE) -> list[Block]:
    """Blocks that hold these members of one archive.

    The narrowest gaps between members are read as well, as long as all that are read together are at most `waste` of the bytes wanted.

    Args:
        members: Wanted, in any order.
        waste: Share of the bytes wanted.
        most: Bytes of a block of more than one member.
    """
    order = sorted(members, key=lambda member: (member.first, member.end))
    gaps = [max(0, after.first - before.end) for before, after in pairwise(order)]
    left = waste * sum(member.end - member.first for member in order)
    bridged: set[int] = set()
    for place in sorted(range(len(gaps)), key=gaps.__getitem__):
        left -= gaps[place]
        if left < 0:
            break
        bridged.add(place)
    made: list[list[Member]] = []
    for place, member in enumerate(order):
        if place - 1 in bridged and member.end - made[-1][0].first <= most:
            made[-1].append(member)
        else:
            made.append([member])
    return [Block(tuple(each)) for each in made]
