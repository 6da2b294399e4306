"""A small simulated basin, and single lakes of the default one: what the tests of the simulator share."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pandas as pd

from data.cache import file_digest, read_table
from data.simulate import Plan, write_simulated
from data.simulate.making import make_lake, make_scenes
from data.simulate.places import Places
from data.simulate.world import World, make_world
from data.spreading import crew

SMALL = Plan(lakes=40, first_year=2018, last_year=2022, seed=3, scenes=6)
FULL = Plan(scenes=120)


def small_basin(folder: Path, workers: int = 1, plan: Plan = SMALL) -> list[int]:
    """Write it, images and all; returns how many scenes were made at a time."""
    write_simulated(folder, plan)
    made: list[int] = []
    with crew(workers) as hands:
        make_scenes(folder, hands, made.append)
    return made


def digests(folder: Path) -> dict[str, str]:
    """File → SHA-256, of every file that is not hidden."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(folder)): file_digest(path) for path in files}


@lru_cache(maxsize=1)
def full() -> tuple[World, Places]:
    """The default basin before anything is written."""
    world = make_world(FULL)
    return world, Places(world)


def some_lakes(folder: Path, rows: list[int], dates: slice = slice(None)) -> None:
    """The default basin's tables, and the images of these lakes alone, or of some of their dates."""
    write_simulated(folder, FULL)
    for row in rows:
        job = full()[1].job(row)
        make_lake(folder, replace(job, sights=job.sights[dates], stems=job.stems[dates], mapped=job.mapped[dates]))


def frame(folder: Path, name: str) -> pd.DataFrame:
    return read_table(folder / f"{name}.parquet").to_pandas(date_as_object=False)
