"""Importing inventories into a dataset: read, match, add, report, and write all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from data import meta, schema
from data.cache import fingerprint, read_table, write_text
from data.commit import recover, transaction
from data.errors import DatasetError, InputError
from data.importing import changes, setaside, tables
from data.importing.addition import Addition, addition
from data.importing.frames import chosen, objects
from data.importing.gathering import Gathered, described, gathered
from data.importing.options import ImportOptions, shown
from data.importing.redating import redated
from data.importing.report import Report, report
from data.importing.rescaling import rescaled
from data.parts.index import table_digest
from data.parts.partition import write_as_held
from data.readers import Layer, read
from data.records import DatasetMeta

TABLES = ("lakes", "outlines", "areas", "events")
REPORT = "import-report"
WRITTEN = (*(f"{name}.parquet" for name in schema.TABLES), setaside.FILE, f"{REPORT}.txt", f"{REPORT}.json")
"""Files of a dataset besides `dataset.toml`, by their names."""

Bar = Callable[[Iterable[Path], int, str], Iterable[Path]]
Write = Callable[[Path], None]


@dataclass(frozen=True)
class Imported:
    """How an import ended.

    Args:
        report: What it says.
        written: Whether any file of the dataset changed.
        refused: Rows that were set aside.
        differing: Rows that differ from the dataset's and were not taken.
    """

    report: Report
    written: bool
    refused: int
    differing: int


def import_inventories(paths: Sequence[Path], folder: Path, options: ImportOptions, bar: Bar | None = None) -> Imported:
    """Read inventories and add them to a dataset, which is made where there is none.

    Args:
        paths: The files, in any order.
        folder: The dataset.
        options: What the user says.
        bar: Draws progress over the files.

    Raises:
        InputError: A file cannot be used, or with `strict` a row of one; nothing is written.
        DatasetError: What is in the folder is damaged, or changed while this ran.
    """

    def layers() -> list[Layer]:
        return [layer for path in (bar(paths, len(paths), "reading") if bar else paths) for layer in read(path, options.read)]

    return import_layers(layers, folder, options)


def import_layers(given: Callable[[], Sequence[Layer]], folder: Path, options: ImportOptions) -> Imported:
    """`import_inventories`, of layers that somebody else reads: once the folder has been looked at.

    Args:
        given: Reads them.
        folder, options: As there.

    Raises:
        InputError, DatasetError: As there.
    """
    before = _state(folder)
    about = meta.read_meta(folder) if before else None
    held_tables = _checked({name: _table(folder, name) if before else schema.empty(name) for name in TABLES}, folder)
    held = {name: tables.frame(table) for name, table in held_tables.items()}
    layers = given()
    found = gathered(layers, options, about, folder.resolve().name)
    if about:
        held = _revised(held, about, found)
    added = addition(found, held, options.replace)
    _require_rows(added, options)
    events = changes.events(added.everything, added.pairs)
    after = described(found, about, folder.resolve().name)
    summary = report(found, added, events, after)
    new = _checked(tables.sealed(_frames(held, found, added, events, options)), folder)
    files = {
        f"{name}.parquet": _table_writer(folder, name, table)
        for name, table in new.items()
        if not table.equals(held_tables[name], check_metadata=True)
    }
    if after != about:
        files[meta.FILE] = lambda path: meta.write_meta(path.parent, after)
    files |= _refused_file(folder, added, layers)
    if files:
        files |= {f"{REPORT}.txt": _text_writer(summary.text), f"{REPORT}.json": _text_writer(summary.json)}
        _write(folder, files, before)
    return Imported(summary, bool(files), len(added.refused), 0 if options.replace else len(added.differing))


def _revised(held: dict[str, pd.DataFrame], about: DatasetMeta, found: Gathered) -> dict[str, pd.DataFrame]:
    """What the dataset holds, under the season, pixel and factor that it has from now on; notes say what that changed."""
    held, moved = redated(held, about.season, found.season)
    held, changed = rescaled(held, about, found.pixel_m, found.factor)
    if moved:
        found.notes.append(f"{moved:,} observations with a bare year moved to the middle of the new season")
    if changed:
        found.notes.append(f"{changed:,} mapping errors of the dataset were worked out anew, with the new pixel and factor")
    return held


def _refused_file(folder: Path, added: Addition, layers: Sequence[Layer]) -> dict[str, Write]:
    """`refused.csv`, if it changes."""
    path = folder / setaside.FILE
    held = path.read_text(encoding="utf-8") if path.exists() else ""
    text = setaside.refused_csv(added.refused, {shown(layer.file) for layer in layers}, held)
    return {setaside.FILE: _text_writer(text)} if text != held else {}


def _state(folder: Path) -> str:
    """A digest of the dataset's files as they are; empty where there is no dataset.

    Raises:
        InputError: The folder is a file, or is no dataset and holds files that an import would overwrite.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file", "give --into a folder")
    if folder.is_dir():
        recover(folder)
    before = _digest(folder)
    foreign = [] if before else [name for name in WRITTEN if (folder / name).exists()]
    if foreign:
        raise InputError(
            f"{folder} holds no {meta.FILE}, so it is not a dataset, but it holds {', '.join(foreign)}, which an import would overwrite",
            "name another folder, or move these files away",
        )
    return before


def _digest(folder: Path) -> str:
    if not (folder / meta.FILE).exists():
        return ""
    paths = [folder / meta.FILE, *(folder / f"{name}.parquet" for name in schema.TABLES)]
    return fingerprint(*(part for path in paths if path.exists() for part in (path.name, table_digest(path))))


def _table(folder: Path, name: str) -> pa.Table:
    path = folder / f"{name}.parquet"
    return read_table(path) if path.exists() else schema.empty(name)


def _checked(whole: dict[str, pa.Table], folder: Path) -> dict[str, pa.Table]:
    """The tables of a dataset, as they are or as they shall become, if they keep the schema. Raises DatasetError."""
    faults = [fault for name, table in whole.items() for fault in schema.check(table, name, whole)]
    if faults:
        listed = "".join(f"\n  {fault}" for fault in faults[:10])
        raise DatasetError(f"{folder} breaks its schema ({len(faults)} faults):{listed}", schema.see_all(folder))
    return whole


def _require_rows(added: Addition, options: ImportOptions) -> None:
    """Raises InputError where no row can be used, or with `strict` where one cannot."""
    bad = len(added.refused) + (0 if options.replace else len(added.differing))
    if options.strict and bad:
        raise InputError(f"{bad} rows cannot be used{_examples(added)}", "mend them, or import without --strict, which sets them aside")
    if not len(added.everything):
        raise InputError(f"no row can be used{_examples(added)}", "mend the rows it names, or name the columns that are meant")


def _examples(added: Addition) -> str:
    said = [f"row {r.row} of {r.file}: {r.column + ': ' if r.column else ''}{r.reason}" for r in added.refused]
    said += [f"row {d.row} of {d.file}: the dataset holds {d.held}, it says {d.given}" for d in added.differing]
    return "".join(f"\n  {text}" for text in said[:10]) + (f"\n  … and {len(said) - 10:,} more" if len(said) > 10 else "")


def _frames(
    held: dict[str, pd.DataFrame], found: Gathered, added: Addition, events: list[changes.Event], options: ImportOptions
) -> dict[str, pd.DataFrame]:
    """The four tables after the import, as frames."""
    fresh = chosen(added.everything, added.fresh)
    extra = found.extra.iloc[added.input_row[added.fresh]].set_axis(fresh.index)
    epochs = _newest_epochs(chosen(added.everything, ~added.fresh))
    first_key = max((int(key) for key in objects(held["outlines"], "outline_key")), default=-1) + 1
    return {
        "lakes": tables.lake_rows(held["lakes"], epochs, fresh, extra, options.replace),
        "outlines": _stacked(_kept(held["outlines"], added), tables.outline_rows(fresh, extra, first_key)),
        "areas": _stacked(_kept(held["areas"], added), tables.area_rows(fresh)),
        "events": _stacked(_others(held["events"]), tables.event_rows(events)),
    }


def _newest_epochs(rows: pd.DataFrame) -> dict[int, date]:
    newest: dict[int, date] = {}
    for key, epoch in zip(objects(rows, "lake_key"), objects(rows, "epoch"), strict=True):
        newest[int(key)] = max(epoch, newest.get(int(key), epoch))
    return newest


def _kept(table: pd.DataFrame, added: Addition) -> pd.DataFrame:
    """A table without the observations that are replaced."""
    names = zip(*(objects(table, name) for name in ("lake_key", "date", "source")), strict=True)
    return chosen(table, np.array([name not in added.dropped for name in names], dtype=bool))


def _others(events: pd.DataFrame) -> pd.DataFrame:
    """The events that no import worked out."""
    if "origin" not in events.columns:
        return events
    return chosen(events, np.array([origin != tables.ORIGIN for origin in objects(events, "origin")], dtype=bool))


def _stacked(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    names = list(dict.fromkeys([*old.columns, *new.columns]))
    parts = [part.astype(object) for part in (old, new) if len(part)]
    return pd.concat(parts, ignore_index=True).reindex(columns=names) if parts else pd.DataFrame(columns=names, dtype=object)


def _table_writer(folder: Path, name: str, table: pa.Table) -> Write:
    return lambda path: write_as_held(folder, path.parent, name, table)


def _text_writer(text: str) -> Write:
    return lambda path: write_text(path, text)


def _write(folder: Path, files: dict[str, Write], before: str) -> None:
    """Put all files in place together.

    Raises:
        DatasetError: The dataset is no longer what it was when it was read.
    """
    with transaction(folder) as stage:
        if _digest(folder) != before:
            raise DatasetError(f"{folder} was changed by another program while this one worked", "run the import again")
        for name, write in files.items():
            write(stage / name)
