"""Importing inventories into a dataset: read, match, add, report, and write all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from data import meta, schema
from data.cache import file_digest, fingerprint, read_table, write_table, write_text
from data.commit import recover, transaction
from data.errors import DatasetError, InputError
from data.importing import changes, setaside, tables
from data.importing.addition import Addition, addition
from data.importing.gathering import Gathered, described, gathered
from data.importing.options import ImportOptions
from data.importing.report import Report, report
from data.readers import read

TABLES = ("lakes", "outlines", "areas", "events")
REPORT = "import-report"

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
    before = _state(folder)
    about = meta.read_meta(folder) if before else None
    held_tables = {name: _table(folder, name) for name in TABLES}
    held = {name: tables.frame(table) for name, table in held_tables.items()}
    layers = [layer for path in (bar(paths, len(paths), "reading") if bar else paths) for layer in read(path, options.read)]
    found = gathered(layers, options, about, folder.resolve().name)
    added = addition(found, held, options.replace)
    _require_rows(added, options)
    events = changes.events(added.everything, added.pairs)
    after = described(found, about, folder.resolve().name)
    summary = report(found, added, events, after, options)
    new = tables.sealed(_frames(held, found, added, events, options))
    faults = [fault for name, table in new.items() for fault in schema.check(table, name, new)]
    if faults:
        raise DatasetError(
            f"the tables would break their schema: {faults[0]} ({len(faults)} faults)",
            "run `python -m data check` on the dataset, and mend it first",
        )
    changed: dict[str, Write] = {
        f"{name}.parquet": _table_writer(table) for name, table in new.items() if not table.equals(held_tables[name], check_metadata=True)
    }
    if after != about:
        changed[meta.FILE] = lambda path: meta.write_meta(path.parent, after)
    refused = setaside.refused_csv(added.refused, folder / setaside.FILE)
    if added.refused and refused != _text(folder / setaside.FILE):
        changed[setaside.FILE] = _text_writer(refused)
    if changed:
        changed |= {f"{REPORT}.txt": _text_writer(summary.text), f"{REPORT}.json": _text_writer(summary.json)}
        _write(folder, changed, before)
    return Imported(summary, bool(changed), len(added.refused), 0 if options.replace else len(added.differing))


def _state(folder: Path) -> str:
    """A digest of the dataset's files as they are; empty where there is no dataset.

    Raises:
        InputError: The folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file", "give --into a folder")
    if folder.is_dir():
        recover(folder)
    return _digest(folder)


def _digest(folder: Path) -> str:
    if not (folder / meta.FILE).exists():
        return ""
    paths = [folder / meta.FILE, *(folder / f"{name}.parquet" for name in schema.TABLES)]
    return fingerprint(*(part for path in paths if path.exists() for part in (path.name, file_digest(path))))


def _table(folder: Path, name: str) -> pa.Table:
    path = folder / f"{name}.parquet"
    return read_table(path) if (folder / meta.FILE).exists() and path.exists() else schema.empty(name)


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
    fresh = added.everything[added.everything["fresh"].astype(bool)]
    extra = found.extra.iloc[added.input_row[fresh.index]].set_axis(fresh.index)
    areas, outlines = (_without(held[name], added) for name in ("areas", "outlines"))
    epochs = added.everything[~added.everything["fresh"].astype(bool)].groupby("lake_key")["epoch"].max()
    first_key = max((int(key) for key in held["outlines"]["outline_key"]), default=-1) + 1
    others = held["events"]
    if "origin" in others.columns:
        others = others[others["origin"] != tables.ORIGIN]
    return {
        "lakes": tables.lake_rows(held["lakes"], epochs, fresh, extra, options.replace),
        "outlines": _stacked(outlines, tables.outline_rows(fresh, extra, first_key)),
        "areas": _stacked(areas, tables.area_rows(fresh)),
        "events": _stacked(others, tables.event_rows(events)),
    }


def _without(table: pd.DataFrame, added: Addition) -> pd.DataFrame:
    """A table without the observations that are replaced."""
    if not added.dropped:
        return table
    keys = zip(table["lake_key"], table["date"], table["source"], strict=True)
    return table[[key not in added.dropped for key in keys]]


def _stacked(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([old.astype(object), new.astype(object)], ignore_index=True) if len(old) else new.reindex(columns=_union(old, new))


def _union(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys([*old.columns, *new.columns]))


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _table_writer(table: pa.Table) -> Write:
    return lambda path: write_table(path, table)


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
