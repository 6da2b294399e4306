"""`stac`: the clearest scenes of each lake and season from a STAC catalogue."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from data.commands.crew_options import add_cluster, seen
from data.commands.selectors import add_selectors
from data.errors import InputError

if TYPE_CHECKING:
    from data.records import DatasetMeta, Season
    from data.spreading import Hands
    from data.stac.errands import Errand
    from data.stac.harvest import Source
    from data.stac.journal import Journal
    from data.stac.request import Job, Request
    from data.stac.running import Run
    from data.store import Store

NAME = "stac"
SAMPLE = 5
HELP = "Fetch the clearest scenes of each lake and season from a STAC catalogue: windows about the outlines, never whole tiles."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset folder")
    parser.add_argument(
        "--catalog",
        default="planetary-computer",
        metavar="NAME|URL",
        help="planetary-computer (default), earth-search, or a STAC API's address",
    )
    parser.add_argument(
        "--collection",
        metavar="C",
        action="append",
        default=[],
        help="of Sentinel-2 L2A or Landsat Collection 2 L2; again for several (default: sentinel-2-l2a where it is known)",
    )
    parser.add_argument("--years", required=True, metavar="FIRST:LAST", help="years, e.g. 2016:2025")
    parser.add_argument("--season", metavar="MONTHS", help="e.g. 9-11, or 11-2 over New Year, or none (default: the dataset's)")
    parser.add_argument("--per-season", type=int, default=1, metavar="N", help="scenes of each lake and season (default 1)")
    parser.add_argument("--buffer", type=float, default=0.01, metavar="DEGREES", help="surroundings of the outline (default 0.01)")
    add_selectors(parser)
    limits = parser.add_argument_group("what a scene may have over the lake, in %")
    limits.add_argument("--cloud", type=float, default=5, metavar="P", help="cloud and cloud shadow (default 5)")
    limits.add_argument("--snow", type=float, default=70, metavar="P", help="snow and ice (default 70)")
    limits.add_argument("--missing", type=float, default=20, metavar="P", help="no data (default 20)")
    limits.add_argument("--cloud-cover", type=float, default=90, metavar="P", help="cloud on the whole tile (default 90)")
    work = parser.add_argument_group("how")
    work.add_argument("--workers", type=int, default=4, metavar="N", help="lakes worked on at once, 1 to 16 (default 4)")
    add_cluster(work)
    work.add_argument("--retries", type=int, default=6, metavar="N", help="how often a request that fails is sent again (default 6)")
    work.add_argument("--again", action="store_true", help="search lakes and seasons again that an earlier run has done")
    work.add_argument("--dry-run", action="store_true", help="say what there is to do, search a few lakes, fetch nothing")


def run(args: Namespace) -> int:
    """Fetch, report; 2 where something failed that another run may get.

    Raises:
        MoraineError: The dataset, the catalogue or an option cannot be used.
    """
    import time

    from data.stac.catalogues import catalogue
    from data.stac.errands import Errand, source_of
    from data.store import Store

    began = time.monotonic()
    store = Store(args.dataset)
    jobs = _jobs(args, store)
    known = catalogue(args.catalog)
    collections = list(dict.fromkeys(args.collection or [known.collection]))
    if not all(collections):
        raise InputError("no collection is named", "name one of the catalogue's with --collection")
    asked = [(_request(args, known.name, each), source_of(known, each, args.retries + 1)) for each in collections]
    if args.dry_run:
        return _dry_run(args, asked, jobs)
    errands = [Errand(seen(args, args.dataset), request, known, request.collection, args.retries + 1) for request, _ in asked]
    return _fetched(args, asked, errands, jobs, began)


def _jobs(args: Namespace, store: Store) -> list[Job]:
    """Every lake asked for in every season, by lake."""
    from data.commands.selectors import selected
    from data.stac.lakes import lakes
    from data.stac.planning import jobs_of
    from data.stac.seasons import windows

    _refuse(args, store.meta)
    seasons = windows(args.years, _season(args, store.meta))
    chosen = selected(args, store)
    found, nowhere = lakes(store, store.lake_keys.tolist() if chosen.lakes is None else sorted(chosen.lakes))
    if nowhere:
        print(f"{len(nowhere):,} lakes have neither an outline nor a point: left out")
    jobs = jobs_of(found, seasons, chosen.since)
    if not jobs:
        raise InputError("no lake or no season is left", "choose others with --lakes, --basin, --since or --years")
    return jobs


def _refuse(args: Namespace, meta: DatasetMeta) -> None:
    if meta.simulated:
        raise InputError(f"{args.dataset} is simulated: no satellite has seen its lakes", "name a dataset of real lakes")
    bounds = {"per_season": (1, 50), "buffer": (0, 0.2), "workers": (1, 16), "retries": (0, 50)}
    bounds |= dict.fromkeys(("cloud", "snow", "missing", "cloud_cover"), (0, 100))
    for name, (low, high) in bounds.items():
        if not low <= getattr(args, name) <= high:
            raise InputError(f"--{name.replace('_', '-')} {getattr(args, name):g} makes no sense", f"give a number from {low} to {high}")


def _season(args: Namespace, meta: DatasetMeta) -> Season | None:
    from data.records import Season

    return meta.season if args.season is None else Season.parse(args.season)


def _request(args: Namespace, catalogue: str, collection: str) -> Request:
    from data.stac.clearness import Limits
    from data.stac.request import Request

    limits = Limits(args.cloud / 100, args.snow / 100, args.missing / 100)
    return Request(catalogue, collection, args.per_season, args.buffer, args.cloud_cover, limits)


def _dry_run(args: Namespace, asked: list[tuple[Request, Source]], jobs: list[Job]) -> int:
    from data.stac.harvest import Harvester
    from data.stac.journal import Journal
    from data.stac.planning import plan

    with Journal(args.dataset, keep=False) as journal:
        for request, source in asked:
            harvester = Harvester(args.dataset, request, source, journal)
            todo = [job for job in jobs if args.again or harvester.held(job) is None]
            print(plan(jobs, todo, request, source.fetcher, args.workers))
            for job in todo[:SAMPLE]:
                found = harvester.candidates(job)
                days = f", {found[0].day} nearest to the middle of the season" if found else ""
                print(f"  {job.lake.label} {job.window.year}: {len(found)} scenes to choose from{days}")
    print("Nothing was fetched (--dry-run).")
    return 0


def _fetched(args: Namespace, asked: list[tuple[Request, Source]], errands: list[Errand], jobs: list[Job], began: float) -> int:
    """Fetch one collection after the other. Whatever ends it, the report tells what was done."""
    import time

    from data.spreading import crew
    from data.stac.journal import Journal
    from data.stac.report import report_frame, summary, write_report

    with Journal(args.dataset) as journal:
        runs = _runs(args, asked, errands, journal)
        try:
            with crew(args.workers, args.cluster, folder=seen(args, args.dataset), waits=True) as hands:
                if args.cluster:
                    print(f"{args.cluster}: {hands.size():,} at once", flush=True)
                for run, (request, source) in zip(runs, asked, strict=True):
                    _work(args, run, request, source, jobs, hands=hands)
                    if run.outcome.gave_up:
                        break
        finally:
            told = [report_frame(jobs, run.outcome, *which) for run, which in zip(runs, asked, strict=True)]
            path = write_report(args.dataset, told)
            for frame, run, (_, source) in zip(told, runs, asked, strict=True):
                print("\n".join(summary(frame, run.outcome, source.fetcher.bytes / 1e6)))
            print(f"{path}: each lake and season, what was chosen and why not; {time.monotonic() - began:,.0f} s in all")
    return _ended(runs)


def _runs(args: Namespace, asked: list[tuple[Request, Source]], errands: list[Errand], journal: Journal) -> list[Run]:
    from data.stac.harvest import Harvester
    from data.stac.running import Run

    runs: list[Run] = []
    for (request, source), errand in zip(asked, errands, strict=True):
        harvester = Harvester(args.dataset, request, source, journal)
        runs.append(Run(args.dataset, harvester, source.fetcher, (errand, journal) if args.cluster else None))
    return runs


def _work(args: Namespace, run: Run, request: Request, source: Source, jobs: list[Job], *, hands: Hands) -> None:
    from data.stac.display import shown
    from data.stac.planning import plan

    todo = run.todo(jobs, args.again)
    print(plan(jobs, todo, request, source.fetcher, hands.size()), flush=True)
    with shown(len(todo)) as show:
        run.work(todo, hands, show)


def _ended(runs: list[Run]) -> int:
    if any(run.outcome.gave_up for run in runs):
        raise InputError("the servers do not answer: the run was ended early", "run the same command later: it goes on from here")
    failed = sum(len(run.outcome.failed) for run in runs)
    if failed:
        raise InputError(f"{failed:,} lakes × seasons failed", "run the same command again: it does only these")
    return 0
