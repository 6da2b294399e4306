"""`flags`: what there is to know of series beside their trends."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from data.commands.trend_options import add_trend_options, opened, out_path

NAME = "flags"
HELP = "Look for drainages, outliers, gaps, sensor steps and the like in every lake's series; counts them, and lists or writes them."
SHOWN = 20


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_trend_options(parser)
    parser.add_argument("--kind", metavar="NAME", action="append", help="only flags of this kind (repeat it)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write every finding here: a .csv or .parquet file")


def run(args: Namespace) -> int:
    """Look, print a line a kind, and write the findings or show the first.

    Raises:
        MoraineError: The dataset or an option cannot be used.
    """
    target = out_path(args, ("csv", "parquet"), "flags") if args.out else None
    from data.errors import InputError
    from data.export import write_export
    from data.flags import FLAGS

    kinds = args.kind or list(FLAGS)
    unknown = [kind for kind in kinds if kind not in FLAGS]
    if unknown:
        raise InputError(f"there is no flag {unknown[0]!r}", f"use one of {', '.join(FLAGS)}")
    store, settings = opened(args)
    found = store.flags(settings)
    found = found.loc[found["kind"].isin(kinds).to_numpy(dtype=bool)]
    if store.meta.simulated:
        print("SIMULATED DATA, not observations")
    for kind in kinds:
        mine = found.loc[(found["kind"] == kind).to_numpy(dtype=bool)]
        print(f"{kind:<13} {len(mine):>7,} in {mine['lake_key'].nunique():>7,} lakes   {FLAGS[kind].title}")
    if target:
        path, format = target
        about = {"dataset": store.meta.title, "simulated": store.meta.simulated, "dataset_digest": store.digest, "settings": settings.token}
        write_export(found.astype({"kind": str}), None, format, path, about)
        print(f"{path}: {len(found):,} findings")
    else:
        for row in found.head(SHOWN).to_dict("records"):
            print(f"{row['lake_key']:>8}  {row['kind']:<13} {row['words']}")
    return 0
