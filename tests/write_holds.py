"""What must hold of the world of a write (`tests.write_works`) whenever it is cut, and once it was done again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import geopandas as gpd
import rasterio

from data.cache import DIGEST_CHARACTERS, LEFT_S, TEMP_SUFFIX
from data.checks import dataset_faults
from data.commit import COMMITTED, STAGED, current
from data.lens.reading import open_lens
from data.reviews.connecting import sqlite_url
from data.reviews.log import ReviewLog
from data.store import Store
from tests.review_writer import DATASET, review

Held = dict[str, bytes]


def files(world: Path) -> Held:
    """What a reader sees: each file that is not hidden, a commit that was cut short taken as made; databases by what they say."""
    held: Held = {}
    for path in sorted(world.rglob("*")):
        name = path.relative_to(world)
        if path.is_file() and not any(part.startswith(".") for part in name.parts) and path.suffix not in {".sqlite-wal", ".sqlite-shm"}:
            held[name.as_posix()] = _content(current(path.parent, path.name))
    for path in (world / "d" / COMMITTED).glob("*"):
        held[f"d/{path.name}"] = _content(path)
    return held


def _content(path: Path) -> bytes:
    if path.suffix == ".gpkg":
        return gpd.read_file(path).to_json().encode()
    if path.suffix == ".sqlite":
        log = ReviewLog(sqlite_url(path))
        held = log.since(DATASET)
        log.close()
        return "".join(f"{each.key}\n" for each in held).encode()
    return path.read_bytes()


def is_table(name: str) -> bool:
    """Whether it is a table of a dataset, or says what there is."""
    return name.startswith("d/") and name.count("/") == 1


def whole(world: Path, old: Held, new: Held, turn: str) -> None:
    """No file is half there: each is as it was before or as it is after, and a dataset has no fault."""
    seen = files(world)
    for name, body in seen.items():
        assert is_table(name) or body in (old.get(name), new.get(name)), f"{turn}: {name} is neither the old one nor the new one"
    for name in old:
        assert name in seen or name not in new, f"{turn}: {name} is lost"
    if current(world / "d", "dataset.toml").exists():
        faults = dataset_faults(world / "d")
        assert not faults, f"{turn}: {faults[0]}"
        store = Store(world / "d")
        masks = [path for scene in store.scenes for path in scene.masks.values()] if (world / "d/masks.parquet").exists() else []
        for path in (path for name in masks if (path := world / "d" / name).exists()):  # those of a simulator are made later
            with rasterio.open(path) as raster:
                raster.read()


def at_once(world: Path, old: Held, new: Held, turn: str) -> None:
    """As `whole`, and all tables of the dataset are the old ones or all are the new ones."""
    whole(world, old, new, turn)
    seen, before, after = ({name: body for name, body in held.items() if is_table(name)} for held in (files(world), old, new))
    assert seen in (before, after), f"{turn}: some tables are old, others new"


def verified(world: Path, old: Held, new: Held, turn: str) -> None:
    """As `whole`, and every kept table is what its name says."""
    whole(world, old, new, turn)
    for path in (world / "state").rglob("*.parquet"):
        assert path.name.split(".")[-2] == hashlib.sha256(path.read_bytes()).hexdigest()[:DIGEST_CHARACTERS], f"{turn}: {path.name}"


def pictures_verified(world: Path, old: Held, new: Held, turn: str) -> None:
    """As `whole`, and every kept picture is what its head says."""
    whole(world, old, new, turn)
    for path in (path for path in (world / "state/pictures").glob("??/*") if not path.name.startswith(".")):
        held = path.read_bytes()
        assert held[:32] == hashlib.sha256((path.parent.name + path.name).encode() + held[32:]).digest(), f"{turn}: {path.name}"


def acknowledged(world: Path, old: Held, new: Held, turn: str) -> None:
    """Every review that was acknowledged is there, once, in order, and nothing else."""
    path = world / "state/reviews.sqlite"
    held = _content(path).decode().split() if path.exists() else []
    said = (world / "out/acknowledged").read_text().split() if (world / "out/acknowledged").exists() else []
    assert held == [review("a", number).key for number in range(len(held))], f"{turn}: lost, twice, or out of order"
    assert set(said) <= set(held), f"{turn}: an acknowledged review is lost"


def lens_of_one_moment(world: Path, old: Held, new: Held, turn: str) -> None:
    """The lens is there, and all there: the one before or the one after."""
    places = [path for path in (world / "out").rglob("lens") if path.is_dir()]
    assert len(places) == 1, turn
    lens = open_lens(places[0])
    lens.check()
    assert len(lens.manifest.epochs) in {3, 4}, turn


def later(world: Path) -> None:
    """Let days pass: only then is a half-written file surely nobody's."""
    for left in world.rglob(f".*{TEMP_SUFFIX}*"):
        os.utime(left, (left.stat().st_mtime - 2 * LEFT_S,) * 2)


def nothing_left(world: Path, turn: str) -> None:
    """After the work was done again, no half-written file lies about in the dataset or the state folder."""
    for part in ("d", "state"):
        left = [
            path.name for path in (world / part).rglob(".*") if path.name.endswith(TEMP_SUFFIX) or path.name.startswith((STAGED, COMMITTED))
        ]
        assert not left, f"{turn}: {left}"


def own_or_none(world: Path, old: Held, new: Held, turn: str) -> None:
    """A dataset that is there has no fault."""
    if (world / "own/dataset.toml").exists():
        faults = dataset_faults(world / "own")
        assert not faults, f"{turn}: {faults[0]}"
