"""Labelled chips become a dataset that has no lakes and no dates: images with splits, and masks of source `label`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data import schema
from data.cache import fingerprint, write_table
from data.commit import alone_in, current, recover, transaction
from data.errors import InputError, RasterError
from data.geo_tables import geo_table
from data.meta import FILE, write_meta
from data.problems import Problem
from data.records import DatasetMeta
from data.scene_table import LABEL
from data.scenes import tables
from data.scenes.chip_files import ChipFiles, ChipWish
from data.scenes.jobs import plain
from data.scenes.layouts import LAYOUTS, Chip, Chips, Layout, chips, chips_of
from data.scenes.wish import Outcome, Progress
from data.store import Store

VERSION = "1"
BATCH = 1000
"""Chips after which the tables are written: so much is looked at again after a kill."""
SECONDS = 0.03
"""That a chip of 256² takes, about, where its image is linked."""


def take_in_chips(dataset: Path, wish: ChipWish, progress: Progress, announce: Callable[[str], None]) -> Outcome:
    """Make a dataset of labelled chips, or add to one what is missing or has changed.

    Args:
        dataset: Its folder; made where there is none.
        wish: What is asked for.
        progress: Hands items on and shows how far it is.
        announce: Is told, before the work starts, how many chips and about how long.

    Raises:
        MoraineError: The folder holds no chips, or the dataset cannot be used.
    """
    layout = LAYOUTS[wish.layout]
    found = chips(wish.root, layout) if wish.pairs is None else Chips(chips_of(wish.root, wish.pairs), [], [])
    recover(dataset)
    if not dataset.exists() or not current(dataset, FILE).exists():
        _make(dataset, layout)
    labels = f"masks/{LABEL}"
    with alone_in(dataset / labels):
        place = plain(layout.name)
        tables.clear_strays(dataset, time.time(), (f"scenes/{place}", f"{labels}/{place}"))
        return _taken_in(dataset, wish, found, progress, announce)


def _taken_in(dataset: Path, wish: ChipWish, found: Chips, progress: Progress, announce: Callable[[str], None]) -> Outcome:
    layout = LAYOUTS[wish.layout]
    store, outcome = Store(dataset), Outcome()
    outcome.problems = [Problem(name, "unmatched", "there is no mask of its name") for name in found.unlabelled]
    outcome.problems += [Problem(name, "unmatched", "there is no image of its name") for name in found.imageless]
    rows = {row.path: row for row in tables.held(store.table("scenes")).rows}
    intake = _Intake(dataset, wish, layout, ChipFiles(dataset, wish, layout), outcome, dict(store.meta.sensors), rows)
    keys = store.table("scenes").column("scene_key").to_pylist()
    intake.next_key = max(keys, default=-1) + 1
    todo = [chip for chip in found.chips if not intake.is_held(chip)]
    announce(f"{layout.title}: {len(todo):,} chips to take in, {len(outcome.held):,} there already; about {_about(len(todo))}")
    try:
        for chip in progress(todo, len(todo), "taking in chips"):
            intake.take(chip)
    finally:
        intake.commit()
    return outcome


def _make(dataset: Path, layout: Layout) -> None:
    """A dataset without lakes."""
    if dataset.exists() and (not dataset.is_dir() or any(dataset.iterdir())):
        raise InputError(f"{dataset} exists and is no dataset", "name a folder that does not exist yet, or is empty")
    about = f"Labelled images without lakes or dates. {layout.about}".strip()
    with transaction(dataset) as staged:
        name = plain(dataset.resolve().name)
        write_meta(
            staged, DatasetMeta(name, layout.title, licence=layout.licence, citation=layout.citation, description=about)
        )  # fmt: skip
        write_table(staged / "lakes.parquet", geo_table(schema.empty("lakes")))
        write_table(staged / "areas.parquet", schema.empty("areas"))


def _about(count: int) -> str:
    seconds = count * SECONDS
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


@dataclass
class _Intake:
    """A run at work."""

    dataset: Path
    wish: ChipWish
    layout: Layout
    files: ChipFiles
    outcome: Outcome
    sensors: dict[str, list[str]]
    held: dict[str, tables.Row]
    next_key: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    masks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def _paths(self, chip: Chip) -> tuple[str, str]:
        """Of the image and the mask, from the dataset's folder."""
        parts = [plain(part) for part in Path(chip.name).with_suffix("").parts]
        place = "/".join([plain(self.layout.name), *parts])
        return f"scenes/{place}.tif", f"masks/{LABEL}/{place}.tif"

    def _record(self, chip: Chip) -> str:
        """By size and time of the files rather than their bytes: reading 44 GB to find that nothing changed would take minutes."""
        told = [path.stat() for path in (chip.image, chip.mask)]
        files = [f"{each.st_size} {each.st_mtime_ns}" for each in told]
        return fingerprint(VERSION, *files, repr(self.wish.options), str(self.wish.water), chip.split, chip.region)[:32]

    def is_held(self, chip: Chip) -> bool:
        """Whether the dataset has this chip as it is; if so, that is noted."""
        image, mask = self._paths(chip)
        row = self.held.get(image)
        if row is None or row.record != self._record(chip) or not (self.dataset / image).is_file() or not (self.dataset / mask).is_file():
            return False
        self.outcome.held[chip.name] = row.note
        return True

    def take(self, chip: Chip) -> None:
        """Put one chip in place, and note its rows."""
        try:
            put = self.files.put(chip, *self._paths(chip))
        except RasterError as error:
            self.outcome.problems.append(Problem(chip.name, "refused", f"{error.what}: {error.remedy}"))
            return
        image, mask = self._paths(chip)
        row = self.held.get(image)
        key = row.scene_key if row is not None else self.next_key
        self.next_key += row is None
        sensor = tables.sensor_name(self.sensors, put.label, put.bands)
        self.sensors[sensor] = list(put.bands)
        pixel = put.grid.pixel_m if put.grid.crs else None
        self.rows.append(
            {
                "scene_key": key, "sensor": sensor, "path": image, "pixel_m": pixel, "split": chip.split or None,
                "origin": chip.name, "name": chip.stem, "basin": chip.region or None, tables.RECORD: self._record(chip),
            }
        )  # fmt: skip
        self.masks.append({"scene_key": key, "source": LABEL, "path": mask, "kind": "label"})
        self.outcome.fresh[chip.name] = ""
        self.outcome.assumed.setdefault(put.did, []).append(chip.name)
        if len(self.rows) >= BATCH:
            self.commit()

    def commit(self) -> None:
        """Write the rows so far into the tables."""
        if self.rows:
            used = {row["sensor"] for row in self.rows}
            tables.put(self.dataset, self.rows, self.masks, {name: bands for name, bands in self.sensors.items() if name in used})
        self.rows = []
        self.masks = []
