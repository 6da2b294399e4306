"""An archive of labelled chips, or a share of it, becomes a dataset: choose, fetch, and take in as from a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from data.archives.directory import Archive, Member
from data.archives.fetching import Fetch, fetch_of
from data.archives.keeping import Kept
from data.archives.sampling import Choice, sampled
from data.archives.source import Source
from data.commit import current, recover
from data.errors import InputError
from data.meta import FILE, read_meta
from data.problems import Problem
from data.scenes.chip_files import ChipWish
from data.scenes.chips import take_in_chips
from data.scenes.layouts import PAIRLESS, Layout
from data.scenes.pairing import Named, Pair, Pairs, paired
from data.scenes.wish import Outcome, Progress
from data.words import megabytes

Shown = Callable[[Iterable[Member], int, str], Iterator[Member]]
SHOWN = 20
"""Folders of an archive that an error names."""


@dataclass(frozen=True)
class Plan:
    """What is asked for of some archives.

    Args:
        pairs: All that there is.
        chosen: Of these.
        fetch: What is to be fetched for them.
    """

    pairs: Pairs
    chosen: list[Pair]
    fetch: Fetch


def opened(sources: Iterable[Source]) -> list[Archive]:
    """The archives, which together are like one folder.

    Raises:
        InputError: One cannot be read, or two hold files of one name.
    """
    made = [Archive(source) for source in sources]
    seen: dict[PurePosixPath, Archive] = {}
    for archive in made:
        for path in archive.members:
            if seen.setdefault(path, archive) is not archive:
                raise InputError(f"{seen[path].source.name} and {archive.source.name} both hold {path}", "use one of the two")
    return made


def planned(archives: Sequence[Archive], layout: Layout, wanted: Choice, kept: Kept) -> Plan:
    """Choose chips, and see which of their files are there.

    Raises:
        InputError: There is no chip, or none of those asked for.
    """
    names = [path for archive in archives for path in archive.members]
    pairs = paired(Named(layout.name, names), regions=layout.regions, challenge=layout.challenge)
    if not pairs.pairs:
        folders = sorted({str(path.parent) for path in names})
        told = ", ".join(folders[:SHOWN]) + (" …" if len(folders) > SHOWN else "")
        where = " and ".join(archive.source.name for archive in archives)
        raise InputError(f"{where}: no image with a mask of the same name in its folders ({told})", PAIRLESS)
    chosen = sampled(pairs.pairs, wanted)
    return Plan(pairs, chosen, fetch_of(archives, [path for pair in chosen for path in (pair.image, pair.mask)], kept))


def summary(plan: Plan, archives: Sequence[Archive], wanted: Choice) -> list[str]:
    """What there is, what is asked for, and what that takes, as lines of text."""
    there = [f"{each.source.name}: {megabytes(each.source.size / 1e6)}, {len(each.members):,} files" for each in archives]
    count = f"{len(plan.chosen):,} of {len(plan.pairs.pairs):,} chips ({wanted.words})"
    return [*there, count, plan.fetch.estimate()]


def refuse_other(into: Path, layout: Layout) -> None:
    """Raises InputError where a folder holds something else than nothing, or a dataset of this layout."""
    if not into.exists():
        return
    if into.is_dir():
        recover(into)
        if not any(into.iterdir()) or (current(into, FILE).exists() and read_meta(into).title == layout.title):
            return
    raise InputError(f"{into} exists already, and is no dataset of {layout.title}", "name a folder that does not exist yet")


def fetched(plan: Plan, layout: Layout, into: Path, *, copy: bool, shown: Shown, progress: Progress, say: Callable[[str], None]) -> Outcome:
    """Fetch what is missing, then take it in.

    Args:
        plan: What is asked for.
        layout: How it is laid out.
        into: The dataset, made where there is none.
        copy: Whether images are copied where they could be linked.
        shown, progress: Hand on members and chips, and show how far it is.
        say: Is told what happens.

    Raises:
        MoraineError: It cannot be fetched, kept or taken in.
    """
    todo = plan.fetch.members
    plan.fetch.refuse_full_disk()
    for _ in shown(plan.fetch.run(), len(todo), f"fetching {megabytes(plan.fetch.bytes / 1e6)}"):
        pass
    bad = plan.fetch.bad
    whole = tuple(pair for pair in plan.chosen if not {pair.image, pair.mask} & bad.keys())
    if not whole:
        raise InputError(f"not one chip arrived whole; {next(iter(bad))}: {next(iter(bad.values()))}", "run the same command again later")
    outcome = take_in_chips(into, ChipWish(plan.fetch.kept.folder, layout.name, copy=copy, pairs=whole), progress, say)
    outcome.problems += [Problem(str(path), "refused", f"damaged in the archive, or on the way: {why}") for path, why in bad.items()]
    return outcome
