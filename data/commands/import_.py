"""`python -m data import`: lake inventories into a dataset."""

from __future__ import annotations

import argparse
from pathlib import Path

NAME = "import"
HELP = "Read lake inventories (shapefile, also zipped, GeoPackage, GeoJSON, GeoParquet, CSV) into a dataset."

COLUMN_OPTIONS = {
    "id": ("lake_id", "the lake's id"), "date-column": ("date", "dates"), "year-column": ("year", "years"),
    "area-column": ("area", "areas"), "area-sd-column": ("area_sd", "standard deviations of the areas, in the unit of the areas"),
    "name-column": ("name", "the lake's name"), "basin": ("basin", "the basin"), "sub-basin": ("sub_basin", "the sub-basin"),
    "elevation": ("elevation_m", "elevations in metres"), "type": ("dam_type", "the lake's or dam's type"),
    "lon": ("lon", "longitudes in degrees"), "lat": ("lat", "latitudes in degrees"), "image-column": ("scene_id", "scene ids"),
    "source-column": ("source", "inventories' names, where one table holds several"),
}  # fmt: skip
"""Option → role in `data.importing.columns.ALIASES` (`source` goes by no usual name: such columns often name images), and what it holds."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare sources, target and options."""
    parser.add_argument("sources", nargs="+", type=Path, metavar="SOURCE", help="a file of lakes; one an epoch, or a long table")
    parser.add_argument("--into", required=True, type=Path, metavar="DIR", help="the dataset; made, or added to")
    parser.add_argument("--source", help="name of the inventory (default: what the file names have in common)")
    dates = parser.add_argument_group("dates, sensors and season")
    dates.add_argument("--date", action="append", default=[], help="year or day of the outlines; once for all files, or once for each")
    dates.add_argument(
        "--dates",
        choices=["nominal", "image"],
        default="nominal",
        help="where scene ids tell the day: keep the nominal date, or use the day",
    )
    dates.add_argument(
        "--sensor",
        action="append",
        default=[],
        metavar="[YEAR=]NAME",
        help="whose images the outlines were drawn from, where scene ids do not tell; YEAR=NAME for those from that year on (repeat it)",
    )
    dates.add_argument(
        "--season",
        help="months of the dataset's season, e.g. 9-11, or none (default: 9-11 where at least 90 %% of the known days lie in it)",
    )
    areas = parser.add_argument_group("areas and mapping error")
    areas.add_argument("--area-unit", choices=["km2", "m2", "ha"], help="unit of the area column (default: worked out)")
    areas.add_argument(
        "--pixel", type=float, metavar="METRES", help="pixel the outlines were drawn from (default: told by scene ids, else unknown)"
    )
    areas.add_argument("--factor", type=float, help="mapping error = perimeter × pixel × factor (default 0.5)")
    columns = parser.add_argument_group("columns, where their names are not the usual ones")
    for option, (_, what) in COLUMN_OPTIONS.items():
        columns.add_argument(f"--{option}", metavar="COLUMN", help=f"column of {what}")
    files = parser.add_argument_group("files")
    files.add_argument("--layer", help="layer of a GeoPackage that has several")
    files.add_argument("--crs", help="coordinate reference system of files that state none, e.g. EPSG:32645")
    rows = parser.add_argument_group("rows")
    rows.add_argument(
        "--strict", action="store_true", help="write nothing if any row cannot be used (default: set it aside in refused.csv)"
    )
    rows.add_argument("--replace", action="store_true", help="let rows that differ from the dataset's take their place")


def run(args: argparse.Namespace) -> int:
    """Import, print the report; the last line counts what was set aside."""
    from data.commands.progress import progress
    from data.errors import InputError
    from data.importing.inventory import import_inventories
    from data.importing.options import ImportOptions
    from data.importing.sensing import sensors_of
    from data.readers import ReadOptions
    from data.records import Season

    for name, value in (("--pixel", args.pixel), ("--factor", args.factor)):
        if value is not None and not 0 < value <= 10_000:
            raise InputError(f"{name} {value:g} makes no sense", "give a number above 0")
    named = {role: value for option, (role, _) in COLUMN_OPTIONS.items() if (value := getattr(args, option.replace("-", "_"))) is not None}
    options = ImportOptions(
        columns=named, area_unit=args.area_unit, dates=args.dates, date=tuple(args.date), season=Season.parse(args.season or ""),
        season_given=args.season is not None, pixel_m=args.pixel, factor=args.factor, sensors=sensors_of(args.sensor), source=args.source,
        strict=args.strict, replace=args.replace, read=ReadOptions(args.layer, args.crs),
    )  # fmt: skip
    done = import_inventories(args.sources, args.into, options, progress)
    print("\n".join(done.report.lines))
    aside = f"{done.refused:,} row{'s' * (done.refused != 1)} set aside in refused.csv" if done.refused else "no row set aside"
    differing = f", {done.differing:,} differ from the dataset's and were not taken (--replace takes them)" if done.differing else ""
    print(f"{args.into}: {'written' if done.written else 'nothing new, nothing changed'}; {aside}{differing}")
    return 0
