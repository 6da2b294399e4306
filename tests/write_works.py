"""Each kind of write that Moraine does, in a small world of its own: what there is before, the work, and what must hold whenever it is cut.

A world is a folder: `d` a dataset, `in` what is handed in, `out` what is written for people, `state` a state folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.__main__ import main
from data.own_table.answers import Answers
from data.own_table.look import look
from data.own_table.make import make
from data.records import TrendSettings
from data.reviews.connecting import sqlite_url
from data.reviews.log import ReviewLog
from data.simulate import Plan, write_simulated
from data.simulate.making import make_scenes
from data.spreading.hands import Alone
from data.store import Store
from modules.images.beforehand import addresses
from modules.images.routes import Images
from modules.serving.datasets import Datasets
from tests import inventories
from tests.datasets import SOURCE, small_dataset
from tests.followed_lens import Followed, followed_lens
from tests.image_cases import LAKE, plain_dataset
from tests.mask_folders import chip_dataset, chip_masks
from tests.review_writer import review
from tests.scene_files import SIX, numbers, small_grid, write_tiff
from tests.write_holds import Held, acknowledged, at_once, lens_of_one_moment, own_or_none, pictures_verified, verified, whole

REVIEWS = 12


def command(*words: object) -> None:
    """A command of `python -m data`; anything but success fails the work."""
    code = main([str(word) for word in words])
    assert code == 0, f"exit code {code}"


def model_command(*words: object) -> None:
    from models.__main__ import main as models

    code = models([str(word) for word in words])
    assert code == 0, f"exit code {code}"


def before_import(world: Path, seed: int) -> None:
    paths = inventories.himalaya(world / "in")
    command("import", *paths[:2], "--into", world / "d")


def do_import(world: Path) -> None:
    command("import", *sorted((world / "in").glob("*.shp")), "--into", world / "d")


def before_join(world: Path, seed: int) -> None:
    small_dataset(world / "d")
    rows = "".join(f"{name},{number + seed}\n" for number, name in enumerate(sorted({*Store(world / "d").ids} - {""})))
    inventories.table(world / "in", f"lake_id,people\n{rows}", "people.csv")


def do_join(world: Path) -> None:
    command("join", world / "d", world / "in/people.csv", "--on", "lake_id", "--replace")


def before_floods(world: Path, seed: int) -> None:
    small_dataset(world / "d")
    rows = "".join(f"{number},{2000 + (number + seed) % 20},{name}\n" for number, name in enumerate(Store(world / "d").ids[:9]))
    inventories.table(world / "in", f"GF_ID,Year_exact,GL_ID\n{rows}", "HMAGLOFDB.csv")


def do_floods(world: Path) -> None:
    command("floods", world / "d", world / "in/HMAGLOFDB.csv")


def before_scenes(world: Path, seed: int) -> None:
    store = Store(small_dataset(world / "d"))
    (world / "in").mkdir()
    for key in (0, 2, 5):
        for year in (2019, 2021):
            grid = small_grid(key, 48)
            write_tiff(world / f"in/{store.ids[key]}_{year}-10-05.tif", numbers(6, grid, seed + year).astype(np.float32) / 20000, grid, SIX)


def do_scenes(world: Path) -> None:
    command("scenes", world / "d", "--folder", world / "in", "--sensor", "sentinel-2")


def before_masks(world: Path, seed: int) -> None:
    chip_masks(chip_dataset(world / "d"), world / "in")


def do_masks(world: Path) -> None:
    command("masks", world / "d", "--folder", world / "in", "--source", "unet")


def before_labels(world: Path, seed: int) -> None:
    chip_masks(chip_dataset(world / "d"), world / "in", "label")


def do_labels(world: Path) -> None:
    command("labels", world / "d", "--folder", world / "in")


def before_simulate(world: Path, seed: int) -> None:
    (world / "in").mkdir()
    (world / "in/seed").write_text(str(seed % 1000))


def do_simulate(world: Path) -> None:
    if not (world / "d/dataset.toml").exists():
        write_simulated(world / "d", Plan(30, 2021, 2025, int((world / "in/seed").read_text()), 2))


def before_making(world: Path, seed: int) -> None:
    write_simulated(world / "d", Plan(20, 2021, 2025, seed % 1000, 1))


def do_making(world: Path) -> None:
    command("simulate", "--resume", "--workers", 1, "--into", world / "d")


def before_trends(world: Path, seed: int) -> None:
    small_dataset(world / "d")


def do_trends(world: Path) -> None:
    store = Store(world / "d", world / "state")
    for method in ("ols", "theil-sen", "huber"):
        store.trends(TrendSettings(source=SOURCE, method=method))
    store.flags(TrendSettings(source=SOURCE))
    assert not store.unkept, store.unkept


def before_pictures(world: Path, seed: int) -> None:
    plain_dataset(world / "d")


def do_pictures(world: Path) -> None:
    datasets = Datasets([world / "d"], None)
    store, images = datasets.store(datasets.default), Images(datasets, world / "state")
    assert store is not None
    for address in addresses(store, LAKE, flipbook=False):
        images.draw(store, address)
    assert not images.drawn.kept.trouble, images.drawn.kept.trouble


def before_reviews(world: Path, seed: int) -> None:
    (world / "state").mkdir()
    (world / "out").mkdir()


def do_reviews(world: Path) -> None:
    log = ReviewLog(sqlite_url(world / "state/reviews.sqlite"))
    with (world / "out/acknowledged").open("ab", buffering=0) as file:
        for number in range(REVIEWS):
            log.append(review("a", number))
            file.write(f"{review('a', number).key}\n".encode())
    log.close()


def before_out(world: Path, seed: int) -> None:
    small_dataset(world / "d")
    (world / "out").mkdir()
    for name in ("lakes.csv", "lakes.gpkg", "lakes.geojson", "lakes.parquet"):
        command("export", world / "d", "--out", world / "out" / name)
    inventories.table(world / "in", "lake_id,people\n" + "".join(f"{name},1\n" for name in Store(world / "d").ids[:5]), "people.csv")
    command("join", world / "d", world / "in/people.csv", "--on", "lake_id")


def do_out(world: Path) -> None:
    for name in ("lakes.csv", "lakes.gpkg", "lakes.geojson", "lakes.parquet"):
        command("export", world / "d", "--out", world / "out" / name)
    command("watchlist", world / "d", "--out", world / "out/list.json")


def before_lens(world: Path, seed: int) -> None:
    followed_lens(world / "out", Followed(scenes=8, epochs=3, side=32, never=(), lost=(), seed=1))


def do_lens(world: Path) -> None:
    followed_lens(world / "out", Followed(scenes=8, epochs=4, side=32, never=(), lost=(), seed=2))


def before_pack(world: Path, seed: int) -> None:
    chip_dataset(world / "d")
    (world / "out").mkdir()


def do_pack(world: Path) -> None:
    done = ["--check"] if (world / "out/pack").exists() else ["--max-mb", 5]
    command("pack", world / "d", "--into", world / "out/pack", *done)


def before_own(world: Path, seed: int) -> None:
    rows = "".join(f"L{n % 9},{85 + n % 9 / 10},28.{n % 9},{2000 + n // 9}-10-0{n % 9 + 1},{1 + n / 50}\n" for n in range(60))
    inventories.table(world / "in", f"lake_id,lon,lat,date,area\n{rows}", "mine.csv")


def do_own(world: Path) -> None:
    """As the app does it: into a folder of the visit's that nobody looks at before all is there; one that was cut short is swept away."""
    shutil.rmtree(world / "own", ignore_errors=True)
    found = look(world / "in", ["mine.csv"])
    answers = Answers(found["date"]["guess"], found["id"]["guess"])
    make(world / "in", ["mine.csv"], answers, world / "own")


def before_models(world: Path, seed: int) -> None:
    write_simulated(world / "d", Plan(20, 2021, 2025, seed % 1000, 1))
    make_scenes(world / "d", Alone(), lambda _: None)


def do_models(world: Path) -> None:
    model_command("predict", world / "d", "--model", "water_index", "--workers", 1)
    model_command("evaluate", world / "d", "--workers", 1)


@dataclass(frozen=True)
class Work:
    """A kind of write.

    Args:
        before: Makes the world in which it happens, from a seed.
        function: That does it, `module:function`, of a world.
        holds: What must hold after a kill: `(world, files before, files after, whose turn)`.
        apart: Files that the second run may leave different.
        needs: Modules to import before it is done.
        long: Whether a sample leaves it out.
    """

    before: Callable[[Path, int], None]
    function: str
    holds: Callable[[Path, Held, Held, str], None] = whole
    apart: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    long: bool = False


DATASETS = {
    "import": Work(before_import, f"{__name__}:do_import", at_once),
    "join": Work(before_join, f"{__name__}:do_join", at_once),
    "floods": Work(before_floods, f"{__name__}:do_floods", at_once),
    "scenes": Work(before_scenes, f"{__name__}:do_scenes"),
    "masks": Work(before_masks, f"{__name__}:do_masks"),
    "labels": Work(before_labels, f"{__name__}:do_labels"),
}
TORCH = ("models.commands.predict", "models.commands.evaluate", "models.zoo.water_index")
MADE = {
    "simulate": Work(before_simulate, f"{__name__}:do_simulate", at_once),
    "making": Work(before_making, f"{__name__}:do_making", long=True),
    "trends": Work(before_trends, f"{__name__}:do_trends", verified),
    "pictures": Work(before_pictures, f"{__name__}:do_pictures", pictures_verified, needs=("modules.images.answers",)),
    "reviews": Work(before_reviews, f"{__name__}:do_reviews", acknowledged, frozenset({"out/acknowledged"})),
    "exports": Work(before_out, f"{__name__}:do_out", long=True),
    "pack": Work(before_pack, f"{__name__}:do_pack", long=True),
    "own table": Work(before_own, f"{__name__}:do_own", own_or_none),
    "lens": Work(before_lens, f"{__name__}:do_lens", lens_of_one_moment),
    "predict and evaluate": Work(before_models, f"{__name__}:do_models", needs=TORCH, long=True),
}
