"""`scenes`: satellite images that somebody has as files become scenes of a dataset; labelled chips become a dataset."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from data.commands.selectors import add_selectors, selected
from data.errors import InputError

if TYPE_CHECKING:
    from data.scenes.wish import Options, Outcome

NAME = "scenes"
HELP = "Take in satellite images (GeoTIFFs of lakes), or make a dataset of labelled chips (--layout)."
LAYOUTS = ("glacial-lake-bench", "glid", "pairs")


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dataset", nargs="?", type=Path, metavar="DIR", help="the dataset folder; with --layout it is made")
    source = parser.add_argument_group("where the images are (one of these)")
    source.add_argument("--folder", type=Path, metavar="F", help="GeoTIFFs named <GL_ID>_<date>.tif, also in folders below")
    source.add_argument("--table", type=Path, metavar="CSV", help="columns path, lake_id or lake_key, date, sensor, band, split, dem …")
    source.add_argument("--layout", choices=LAYOUTS, help="labelled chips without lakes or dates; needs --root")
    meaning = parser.add_argument_group("what is in them (default: told by the files; else refused, never guessed)")
    meaning.add_argument(
        "--bands", metavar="B1,B2,…", help="names of the bands in the order of the files, e.g. blue,green,red,nir,swir1,swir2"
    )
    meaning.add_argument(
        "--sensor", metavar="NAME", help="sentinel-2, landsat-5, -7, -8 or -9 (order of bands, scaling), or any other name"
    )
    meaning.add_argument(
        "--baseline", metavar="N", help="Sentinel-2's processing baseline, e.g. 05.09, or harmonised: offset taken off already"
    )
    meaning.add_argument("--scale", type=float, metavar="X", help="reflectance = number × X + offset, whatever the files say")
    meaning.add_argument("--offset", type=float, metavar="X", help="see --scale")
    meaning.add_argument(
        "--dem", type=Path, action="append", default=[], metavar="FILE", help="an elevation model under the scenes; again for several"
    )
    chips = parser.add_argument_group("labelled chips")
    chips.add_argument("--root", type=Path, metavar="R", help="the folder that holds the folders of images and masks")
    chips.add_argument("--into", type=Path, metavar="DIR", help="the dataset to make, or to add to (the same as DIR)")
    chips.add_argument("--water", type=float, metavar="VALUE", help="the value of masks that is water (default: the one above 0)")
    chips.add_argument("--copy", action="store_true", help="copy images, rather than link to them where that is possible")
    add_selectors(parser)
    parser.add_argument("--report", type=Path, metavar="FILE", help="also write the report there, with every list in full")


def run(args: Namespace) -> int:
    """Take them in; 2 where not one could be.

    Raises:
        MoraineError: The dataset, the files or an option cannot be used.
    """
    from data.cache import write_text
    from data.scenes.report import lines
    from data.scenes.wish import options

    _refuse(args)
    dataset: Path = args.dataset or args.into
    said = options(bands=args.bands, sensor=args.sensor, baseline=args.baseline, scale=args.scale, offset=args.offset, dems=args.dem)
    done = _chips(args, dataset, said) if args.layout else _scenes(args, dataset, said)
    print("\n".join(lines(done)))
    if args.report:
        write_text(args.report, "\n".join(lines(done, None)) + "\n")
    print(f"{dataset}: {'written' if done.fresh else 'nothing new, nothing changed'}")
    return 0 if done.fresh or done.held else 2


def _refuse(args: Namespace) -> None:
    if (args.dataset is None) == (args.into is None):
        raise InputError("no dataset is named, or two are", "name one: python -m data scenes DIR --folder F")
    if [args.folder, args.table, args.layout].count(None) != 2:
        raise InputError("name one of --folder, --table and --layout", "see python -m data scenes --help")
    if args.layout:
        wrong = [name for name in ("lakes", "since") if getattr(args, name) is not None] + (["basin"] if args.basin else [])
        if wrong or args.dem:
            raise InputError(f"--{wrong[0] if wrong else 'dem'} means nothing to chips without lakes", "leave it out")
        if args.root is None:
            raise InputError("--layout needs --root", "name the folder that holds the folders of images and masks")
        return
    odd = [name for name in ("root", "water", "into") if getattr(args, name) is not None] + (["copy"] if args.copy else [])
    if odd:
        raise InputError(f"--{odd[0]} goes with --layout only", "leave it out, or say --layout pairs")


def _scenes(args: Namespace, dataset: Path, said: Options) -> Outcome:
    from data.commands.progress import progress
    from data.commit import recover
    from data.scenes.intake import take_in
    from data.scenes.wish import Wish
    from data.store import Store

    recover(dataset)
    store = Store(dataset)
    if store.meta.simulated:
        print(f"{dataset} is a simulated dataset: whatever is taken in is shown under that word")
    wish = Wish(args.folder, args.table, said, selected(args, store))
    return take_in(dataset, wish, progress, lambda text: print(text, flush=True))


def _chips(args: Namespace, dataset: Path, said: Options) -> Outcome:
    from data.commands.progress import progress
    from data.scenes.chips import ChipWish, take_in_chips

    wish = ChipWish(args.root, args.layout, said, args.water, args.copy)
    return take_in_chips(dataset, wish, progress, lambda text: print(text, flush=True))
