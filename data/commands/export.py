"""`export`: lakes with all their statistics, for other programs."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path

from data.commands.trend_options import add_trend_options, opened, out_path

NAME = "export"
HELP = "Write every lake with its newest outline, all statistics, settings, dataset digest and citation."
FORMATS = ("gpkg", "geojson", "csv", "parquet")


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_trend_options(parser)
    parser.add_argument("--format", choices=FORMATS, help="file format (default: from the suffix of --out)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="file to write (default: the dataset's name in the current folder)")


def run(args: Namespace) -> int:
    """Fit and write.

    Raises:
        MoraineError: The dataset or an option cannot be used.
    """
    from data.export import export_frame, export_geometry, provenance, write_export

    store, settings = opened(args)
    path, format = out_path(args, FORMATS, re.sub(r"[^\w.-]+", "-", store.meta.name).strip(".-") or "lakes")
    table = store.trends(settings)
    geometry = None if format == "csv" else export_geometry(store)
    write_export(export_frame(store, table), geometry, format, path, provenance(store, table))
    print(f"{path}: {len(store.lake_keys):,} lakes{', simulated' if store.meta.simulated else ''}, settings {settings.token}")
    return 0
