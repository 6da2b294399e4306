"""`join`: more columns for the lakes."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

NAME = "join"
HELP = "Add columns of a table (country, glacier distance, people downstream …) to the lakes of a dataset."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset folder")
    parser.add_argument("file", type=Path, metavar="FILE", help="the table: CSV, Parquet, GeoPackage … with one row a lake")
    parser.add_argument(
        "--on", default="lake_id", metavar="LAKES[=FILE]", help="the column that names a lake, in the dataset and in FILE (default lake_id)"
    )
    parser.add_argument("--columns", metavar="A,B", help="add only these columns (default: all)")
    parser.add_argument("--layer", metavar="NAME", help="the layer of a GeoPackage that holds several")
    parser.add_argument("--replace", action="store_true", help="replace columns that an earlier join added")


def run(args: Namespace) -> int:
    """Join and say what matched.

    Raises:
        MoraineError: The dataset or the file cannot be used.
    """
    from data.join import join_columns
    from data.readers import ReadOptions, read

    layers = read(args.file, ReadOptions(layer=args.layer, crs="OGC:CRS84"))
    if len(layers) != 1:
        raise InputError(f"{args.file} holds {len(layers)} layers: {', '.join(layer.stem for layer in layers)}", "choose one with --layer")
    frame = layers[0].frame
    on, _, key = args.on.partition("=")
    columns = [name.strip() for name in args.columns.split(",")] if args.columns else None
    key = key or _key(frame, on, args.file)
    done = join_columns(args.dataset, frame, on, key, file=str(args.file), columns=columns, replace=args.replace)
    print(f"{args.dataset}: {', '.join(done.columns)} from {args.file}, {on} = {key}")
    print(f"{done.matched:,} of {done.lakes:,} lakes matched; the others have no value")
    print(f"{done.unmatched_rows:,} rows name no lake of the dataset, {done.nameless_rows:,} name none at all")
    if done.shared:
        print(f"{done.shared:,} {on} are shared by several lakes: each of these lakes got the values")
    return 0


def _key(frame: pd.DataFrame, on: str, file: Path) -> str:
    """The file's column that names a lake: of the same name, or one of the usual names of ids."""
    from data.importing.columns import recognised

    if on in frame.columns:
        return on
    usual = recognised(frame, {}, str(file)).get("lake_id") if on == "lake_id" else None
    if usual is None:
        raise InputError(f"{file} has no column {on!r}", f"name it with --on {on}=COLUMN: one of {', '.join(map(str, frame.columns))}")
    return usual
