"""Packing: a dataset in, the folder that travels out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, TypeVar

import pyarrow as pa

from data.cache import write_folder, write_table, write_table_named
from data.commit import current
from data.errors import InputError
from data.meta import FILE, write_meta
from data.packing.filling import Filler, Group
from data.packing.order import groups
from data.packing.pack import Pack
from data.packing.previews import LADDER
from data.packing.sums import line_bytes, write_sums
from data.parts.index import is_parted
from data.records import Scene
from data.scene_table import LEFT_OUT
from data.schema import TABLES
from data.scores import carry
from data.store import Store
from data.trends import resolve
from data.trends.cache import TrendCache, as_arrow

LEAST = 40
"""Lakes with images that a pack should have: images are cut into as fine steps as leave room for so many."""
TRIED = 3
"""Groups that do not fit any more, one after the other, before a pack counts as full."""
SAMPLED, SAMPLED_SCENES = 5, 2
"""How many fit is foreseen by every so-manieth group, and so many scenes of each."""
SURE = 1.02
"""What is foreseen is taken for so much more."""
SPARE = 4096
"""Bytes for what is written last: dataset.toml, and the column that tells what stayed behind."""
Item = TypeVar("Item")


class Watch(Protocol):
    """Hands on items and shows how far it is (`data.commands.progress`)."""

    def __call__(self, items: Iterable[Item], total: int | None, what: str) -> Iterable[Item]: ...


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Args:
        most: Bytes of the whole pack.
        named: Keys of lakes that go first.
        least: Lakes with images there should be room for.
    """

    most: int
    named: Sequence[int] = ()
    least: int = LEAST


@dataclass
class Packed:
    """What came of it.

    Args:
        pack: As dataset.toml says it.
        bytes: Of all files.
        tables: Of those, bytes of tables.
        trouble: Scenes that cannot be packed, and why.
    """

    pack: Pack
    bytes: int = 0
    tables: int = 0
    trouble: list[str] = field(default_factory=list[str])


def pack(store: Store, out: Path, wish: Wish, watch: Watch, say: Callable[[str], None]) -> Packed:
    """Make a pack of a dataset.

    Args:
        store: The dataset; nothing in it is changed.
        out: A folder that does not exist yet, or is empty.
        wish: How large, and what first.
        watch: Shows how far it is.
        say: Takes sentences.

    Raises:
        InputError: `out` is in use; not even the tables fit; or one of them is in parts.
        DatasetError: A table is damaged.
    """
    parted = [path.name for path in sorted(store.path.glob("*.parquet")) if is_parted(current(store.path, path.name))]
    if parted:
        what = f"{', '.join(parted)} in {store.path} lies in parts, and a pack travels with tables of one file each"
        raise InputError(what, "serve such a dataset from where it is, or pack one of the lakes that matter (python -m data import)")
    done: list[Packed] = []
    write_folder(out, lambda stage: done.append(_Packing(store, stage, wish).run(watch, say)))
    return done[0]


class _Packing:
    def __init__(self, store: Store, stage: Path, wish: Wish) -> None:
        self._store, self._stage, self._wish = store, stage, wish
        self._filler = Filler(store, stage)

    def run(self, watch: Watch, say: Callable[[str], None]) -> Packed:
        tables = self._tables()
        room = self._wish.most - tables
        if room < 0:
            what = f"the tables alone take {tables / 1e6:.1f} MB, and the pack may have {self._wish.most / 1e6:.1f}"
            raise InputError(what, f"allow more: --max-mb {tables / 1e6 + 1:.0f}")
        wanted = groups(self._store, self._store.trends(self._store.settings()), self._wish.named)
        steps = self._steps(wanted, room) if wanted else LADDER[0]
        taken: list[Group] = []
        for finest in (each for each in LADDER if each <= steps):
            for group in taken:
                group.drop()
            say(f"{len(wanted):,} lakes or single images to choose from; bands in {finest} steps, so that as many fit as should")
            taken = self._fill(wanted, finest, room, watch)
            if len(taken) >= min(self._wish.least, len(wanted)):
                break
        return self._finish(taken, tables)

    def _tables(self) -> int:
        """Copy the tables, byte for byte, and the trends that the dataset opens with; how much they take."""
        for path in sorted(self._store.path.glob("*.parquet")):
            shutil.copyfile(current(self._store.path, path.name), self._stage / path.name)
        settings = self._store.settings()
        key = TrendCache.key(self._store.areas_digest, self._store.digests["lakes.parquet"], settings, resolve(settings))
        write_table_named(self._stage / "trends", key, as_arrow(self._store.trends(settings)))
        files = [path for path in self._stage.rglob("*") if path.is_file()]
        return self._filler.weight(files) + SPARE + 2 * line_bytes(FILE) + len(self._store.scenes)

    def _steps(self, wanted: Sequence[list[Scene]], room: int) -> int:
        """The finest steps in which there is room for as many groups as there should be."""
        first = wanted[: self._wish.least]
        whole = sum(_bytes(scenes) for scenes in first)
        for steps in LADDER[:-1]:
            tried = [self._filler.fill(scenes[:: max(1, len(scenes) // SAMPLED_SCENES)], steps) for scenes in first[::SAMPLED]]
            once = sum(self._filler.weight(group.heights) for group in tried)
            each, seen = sum(self._filler.weight(group.files) for group in tried) - once, sum(_bytes(group.kept) for group in tried)
            for group in tried:
                group.drop()
            if seen and SURE * (each / seen * whole + once / len(tried) * len(first)) <= room:
                return steps
        return LADDER[-1]

    def _fill(self, wanted: Sequence[list[Scene]], steps: int, room: int, watch: Watch) -> list[Group]:
        """Group after group, until TRIED in a row do not fit."""
        taken: list[Group] = []
        misses = 0
        for scenes in watch(wanted, len(wanted), "packing images"):
            group = self._filler.fill(scenes, steps)
            weight = self._filler.weight(group.files)
            if weight > room:
                group.drop()
                misses += 1
                if misses == TRIED:
                    break
                continue
            room, misses = room - weight, 0
            taken.append(group)
        return taken

    def _finish(self, taken: Sequence[Group], tables: int) -> Packed:
        kept = [scene for group in taken for scene in group.kept]
        steps = max((group.steps for group in taken), default=0)
        lakes = {scene.lake_key for scene in kept} - {None}
        told = Pack(self._store.digest, len(kept), len(self._store.scenes), len(lakes), len(self._store.scenes.lakes), steps)
        if len(self._store.scenes):
            self._tell_left_out({scene.scene_key for scene in kept}, {key: dem for group in taken for key, dem in group.dems.items()})
        write_meta(self._stage, replace(self._store.meta, pack=told))
        for folder in sorted((path for path in self._stage.rglob("*") if path.is_dir()), reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()
        carry(self._store, self._stage)
        write_sums(self._stage)
        trouble = [f"{key}: {why}" for group in taken for key, why in group.trouble.items()]
        return Packed(told, sum(path.stat().st_size for path in self._stage.rglob("*") if path.is_file()), tables, trouble)

    def _tell_left_out(self, kept: set[int], dems: dict[int, str]) -> None:
        table = self._store.table("scenes")
        keys = table.column("scene_key").to_pylist()
        told = {"dem": pa.array([dems.get(key) for key in keys], TABLES["scenes"].columns["dem"].type)}
        told[LEFT_OUT] = pa.array([key not in kept for key in keys], pa.bool_())
        for name, values in told.items():
            table = table.drop_columns([name]) if name in table.column_names else table
            table = table.append_column(name, values)
        write_table(self._stage / "scenes.parquet", table)


def _bytes(scenes: Sequence[Scene]) -> int:
    return sum(scene.path.stat().st_size for scene in scenes if scene.path.exists())
