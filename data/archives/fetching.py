"""The members wanted of some archives: how much they are, and how they come into their folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from data.archives.blocks import Block, blocks
from data.archives.directory import Archive, Member, too_large
from data.archives.keeping import Kept
from data.archives.reader import requests, whole
from data.errors import InputError
from data.words import duration, megabytes

TRIES = 3
"""How often a member whose bytes are wrong is read."""
SPARE = 200e6
"""Bytes of disk left for others."""


@dataclass
class Fetch:
    """Members to fetch.

    Args:
        kept: Where to.
        blocks: By archive.
        wanted: Members asked for, those that are there among them.
        bad: Members that arrived damaged however often they were read, with what is wrong.
    """

    kept: Kept
    blocks: list[tuple[Archive, list[Block]]]
    wanted: int
    bad: dict[PurePosixPath, str] = field(default_factory=dict[PurePosixPath, str])

    @property
    def members(self) -> list[Member]:
        """To fetch."""
        return [member for _, held in self.blocks for block in held for member in block.members]

    @property
    def bytes(self) -> int:
        """To be read."""
        return sum(block.end - block.first for _, held in self.blocks for block in held)

    def estimate(self) -> str:
        """What there is to do."""
        count = len(self.members)
        if not count:
            return f"{self.wanted:,} files, all there already"
        asks = [(archive, sum(requests(block.end - block.first) for block in held)) for archive, held in self.blocks]
        least = sum(count * archive.source.pace for archive, count in asks)
        total = sum(count for _, count in asks)
        there = f", {self.wanted - count:,} there already" if self.wanted > count else ""
        paced = f", at least {duration(least)}" if least else ""
        files, asked = f"{count:,} file{'s' * (count != 1)}", f"{total:,} request{'s' * (total != 1)}"
        return f"{files} to fetch{there}: {megabytes(self.bytes / 1e6)} in {asked}{paced}"

    def refuse_full_disk(self) -> None:
        """Raises InputError where the files would not fit."""
        need, free = sum(member.size for member in self.members), shutil.disk_usage(self.kept.folder).free
        if need and need + SPARE > free:
            what = f"{self.kept.folder}: {megabytes(need / 1e6)} are needed, {megabytes(free / 1e6)} are free"
            raise InputError(what, "make room, ask for less with --fraction, or name another disk by MORAINE_STATE_DIR")

    def run(self) -> Iterator[Member]:
        """Fetch; each member is told once it is there, or has turned out bad.

        Raises:
            InputError: The archive cannot be read any more, or has changed.
        """
        for archive, held in self.blocks:
            for block in held:
                body = whole(archive.source, block.first, block.end - 1)
                for member in block.members:
                    self._take(archive, member, body, block.first)
                    yield member

    def _take(self, archive: Archive, member: Member, body: bytes, first: int) -> None:
        """Keep a member, read by itself again where the bytes that came with its neighbours are wrong."""
        for turn in range(TRIES):
            if turn:
                first, body = member.first, whole(archive.source, member.first, member.end - 1)
            try:
                self.kept.put(member, archive.read(member, body, first))
                self.bad.pop(member.path, None)
                return
            except ValueError as error:
                self.bad[member.path] = str(error)


def fetch_of(archives: Iterable[Archive], paths: Iterable[PurePosixPath], kept: Kept) -> Fetch:
    """What is to be fetched of these members of some archives: those that are not there with the right bytes."""
    wanted = set(paths)
    made: list[tuple[Archive, list[Block]]] = []
    bad: dict[PurePosixPath, str] = {}
    for archive in archives:
        held = [member for path, member in archive.members.items() if path in wanted]
        bad |= {member.path: "it claims to be longer than a chip can be" for member in held if too_large(member)}
        made.append((archive, blocks([member for member in held if member.path not in bad and not kept.holds(member)])))
    return Fetch(kept, made, len(wanted), bad)
