"""`trends`: fit the trend of every lake."""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from data.commands.crew_options import add_crew, crew_of, seen
from data.commands.trend_options import add_trend_options, opened, out_path

if TYPE_CHECKING:
    from data.records import TrendTable

NAME = "trends"
HELP = "Fit the area trend of every lake; says what was tested and what came of it, and lists or writes the statistics."
SHOWN = 10


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_trend_options(parser)
    add_crew(parser, "fit areas in parts")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write every lake's statistics here: a .csv or .parquet file")


def run(args: Namespace) -> int:
    """Fit, print the headline, and write the table or show its strongest rows.

    Raises:
        MoraineError: The dataset or an option cannot be used.
    """
    target = out_path(args, ("csv", "parquet"), "trends") if args.out else None
    from data.export import provenance, write_export
    from data.records import DATES
    from data.trends.headline import headline
    from data.trends.sides import sides

    args.dataset = seen(args, args.dataset)
    store, settings = opened(args)
    with crew_of(args, store.path) as hands:
        table = store.trends(settings, hands)
    if store.meta.simulated:
        print("SIMULATED DATA, not observations")
    print(headline(table))
    print(_fitted(table))
    if settings.dates != DATES[0]:
        print(f"by {settings.dates} dates, beside nominal ones: {sides(store.trends(replace(settings, dates=DATES[0])), table).words()}")
    if target:
        path, format = target
        write_export(table.frame, None, format, path, provenance(store, table))
        print(f"{path}: {len(table.frame):,} lakes")
    else:
        print(_strongest(table))
    return 0


def _fitted(table: TrendTable) -> str:
    season = table.settings.season.token if table.settings.season else "none"
    counts = ", ".join(f"{count:,} {status}" for status, count in table.counts.items())
    above = "" if table.settings.threshold is None else f" where its probability > {table.settings.threshold:g}"
    asked = table.settings
    return (
        f"method {asked.method} ({table.method}) · response {asked.response} · season {season} · source "
        f"{asked.source}{above} · dates {asked.dates} · correction {asked.correction} · family {table.family:,} lakes · "
        f"{table.observations:,} observations\nstatus: {counts}"
    )


def _strongest(table: TrendTable) -> str:
    """The tested lakes with the smallest p, as aligned text; the others have no p to stand in order of."""
    log = table.settings.response == "log"
    unit = "slope, %/yr" if log else "slope, km²/yr"
    lines = [f"{'lake_key':>8}  {'lake_id':<22} {'n':>3}  {unit:>13}  {'95 % CI':^20}  {'p':>9}  {'q':>9}  status"]
    for row in table.frame.dropna(subset="log_p").nsmallest(SHOWN, "log_p").to_dict("records"):
        slope, low, high = (100 * math.expm1(row[name]) if log else row[name] for name in ("slope", "ci_low", "ci_high"))
        digits = 2 if log else 5
        span = f"{low:+.{digits}f} … {high:+.{digits}f}"
        label = row["lake_id"] if isinstance(row["lake_id"], str) else ""
        lines.append(
            f"{row['lake_key']:>8}  {label:<22.22} {row['n']:>3}  {slope:>+13.{digits}f}  {span:^20}  "
            f"{_power(row['log_p']):>9}  {_power(row['log_q']):>9}  {row['status']}"
        )
    return "\n".join(lines)


def _power(log: float) -> str:
    """A probability from its natural logarithm, also where it is too small for a float."""
    exponent = math.floor(log / math.log(10))
    return f"{math.exp(log):.3f}" if exponent >= -3 else f"{math.exp(log - exponent * math.log(10)):.1f}e{exponent}"
