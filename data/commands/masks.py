"""`masks`: predictions made elsewhere become a source of a dataset."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from data.commands.selectors import add_selectors, selected

NAME = "masks"
VALUES = ("auto", "binary", "unit", "percent", "byte")
HELP = "Take in masks that another program predicted: their areas, and the rasters where the dataset has the scenes."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_mask_options(parser)
    parser.add_argument("--source", required=True, metavar="NAME", help="who made them: the name of the source in the app")
    parser.add_argument(
        "--threshold", type=float, metavar="T",
        help="above this probability is water, in series and trends: a twentieth (default 0.5; areas are kept at all 20)",
    )  # fmt: skip


def add_mask_options(parser: ArgumentParser) -> None:
    """What `masks` and `labels` share."""
    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset folder")
    parser.add_argument(
        "--folder", type=Path, required=True, metavar="F",
        help="GeoTIFFs named <GL_ID>_<date>_… , or polygons with columns of lake ids and dates (GeoPackage, GeoJSON, shapefile)",
    )  # fmt: skip
    parser.add_argument("--values", choices=VALUES, default="auto", help="what the numbers mean (default: told by all files together)")
    parser.add_argument("--crs", help="coordinate reference system of polygons that state none, e.g. EPSG:32645")
    add_selectors(parser)
    parser.add_argument("--report", type=Path, metavar="FILE", help="also write the report there, with every list in full")


def run(args: Namespace) -> int:
    """Take them in; 2 where not one could be.

    Raises:
        MoraineError: The dataset, the folder or an option cannot be used.
    """
    return take(args, labels=False)


def take(args: Namespace, labels: bool) -> int:
    """Run `masks` or `labels` with what the command line says."""
    import warnings

    from data.cache import write_text
    from data.commands.progress import progress
    from data.commit import recover
    from data.masks.intake import take_in
    from data.masks.report import lines
    from data.masks.wish import Wish
    from data.store import Store

    # Masks of chips have no place on the ground: rasterio would warn of each.
    warnings.filterwarnings("ignore", message="Dataset has no geotransform")
    recover(args.dataset)
    limits = selected(args, Store(args.dataset))
    threshold = None if labels else args.threshold
    wish = Wish(args.folder, args.source, labels, threshold, args.values, args.crs, limits)
    done = take_in(args.dataset, wish, progress, lambda text: print(text, flush=True))
    print("\n".join(lines(done)))
    if args.report:
        write_text(args.report, "\n".join(lines(done, None)) + "\n")
    print(f"{args.dataset}: {'written' if done.written else 'nothing new, nothing changed'}")
    return 0 if done.fresh or done.held else 2
