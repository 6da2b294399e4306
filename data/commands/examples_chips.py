"""`examples fetch` of labelled chips: chosen members of an archive, read where it lies, become a dataset."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from data.commands.progress import progress
from data.errors import InputError

if TYPE_CHECKING:
    from data.archives.job import Plan
    from data.archives.keeping import Kept
    from data.archives.sampling import Choice
    from data.archives.source import Source
    from data.examples import ArchiveExample

AGENT = "moraine (python -m data examples)"
PATIENCE = 3900.0
"""Seconds: Zenodo counts requests by the hour, and says how long to wait. A run over night waits."""
LINES = 10
"""That tell how far it is, where nobody watches a bar."""
Item = TypeVar("Item")


def fetch_chips(wanted: ArchiveExample, args: Namespace) -> int:
    """Say what there is to do, fetch it unless it is a dry run, and take it in.

    Raises:
        MoraineError: An option makes no sense, or the archive or the dataset cannot be used.
    """
    from data.archives.job import refuse_other
    from data.archives.keeping import Kept
    from data.archives.sampling import choice
    from data.examples import kept_folder, place_of

    asked = choice(regions=args.regions, splits=args.split, fraction=1.0 if args.fraction is None else args.fraction, seed=args.seed or 0)
    if args.dry_run:
        _plan(wanted, args.local, asked, Kept(place_of(wanted.name)))
        print("Nothing was fetched (--dry-run).")
        return 0
    refuse_other(args.into, wanted.about)
    kept = Kept(kept_folder(wanted.name))
    with kept.alone():
        plan = _plan(wanted, args.local, asked, kept)
        for archive, _ in plan.fetch.blocks:
            kept.note(archive.source)
        print(f"Kept in {kept.folder}", flush=True)
        return _taken(wanted, args, plan)


def _plan(wanted: ArchiveExample, local: Path | None, asked: Choice, kept: Kept) -> Plan:
    from data.archives.job import opened, planned, summary
    from data.archives.report import counted

    archives = opened(_sources(wanted, local))
    plan = planned(archives, wanted.about, asked, kept)
    print("\n".join([*counted(plan.pairs.pairs), *summary(plan, archives, asked)]))
    for archive in archives:
        if kept.changed(archive.source):
            print(f"{archive.source.name} is not the file that was read here before: what differs is fetched again")
    return plan


def _taken(wanted: ArchiveExample, args: Namespace, plan: Plan) -> int:
    from data.archives.job import fetched
    from data.cache import write_text
    from data.scenes.report import lines

    copy, say = bool(args.copy), lambda text: print(text, flush=True)
    done = fetched(plan, wanted.about, args.into, copy=copy, shown=_shown, progress=progress, say=say)
    print("\n".join(lines(done)))
    if args.report:
        write_text(args.report, "\n".join(lines(done, None)) + "\n")
    print(f"{args.into}: {'written' if done.fresh else 'nothing new, nothing changed'}")
    return 0 if done.fresh or done.held else 2


def _sources(wanted: ArchiveExample, local: Path | None) -> list[Source]:
    """The archives: those of the record, or those that a person has."""
    from data.archives.record import filed
    from data.archives.source import Local, Remote
    from data.stac.fetching import Fetcher

    if local is not None:
        return [Local(path) for path in _archives(wanted, local)]
    fetcher = Fetcher(agent=AGENT, patience=PATIENCE, waiting=_waiting)
    return [Remote(fetcher, file.url, wanted.pace, file.size) for file in filed(fetcher, wanted.record, wanted.archives)]


def _waiting(host: str, seconds: float) -> None:
    from data.words import duration

    print(f"{host} asks to be left alone for {duration(seconds)}: waiting", file=sys.stderr, flush=True)


def _archives(wanted: ArchiveExample, local: Path) -> list[Path]:
    if local.is_dir():
        found = sorted(path for each in wanted.archives for path in local.glob(each))
        if not found:
            raise InputError(
                f"{local} holds no {' or '.join(wanted.archives)}",
                f"name the archive; a folder of unpacked chips is for `python -m data scenes --layout {wanted.layout} --root {local}`",
            )
        return found
    if not local.is_file():
        raise InputError(f"{local} does not exist", "check the spelling of --from")
    return [local]


def _shown(items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
    """A bar in a terminal, a line now and then elsewhere."""
    step = max(1, total // LINES)
    for done, item in enumerate(progress(items, total, what), 1):
        if not sys.stderr.isatty() and done % step == 0 and total > LINES:
            print(f"{done:,} of {total:,} files", file=sys.stderr, flush=True)
        yield item
