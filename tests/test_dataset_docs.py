"""docs/dataset.md says what the code does: every table, column, code and key, and no other."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from data.export import FLOODS, NEWEST, provenance
from data.floods.record import EXTRA as FLOOD_EXTRA
from data.importing.tables import AREA_EXTRA, OUTLINE_EXTRA
from data.records import DatasetMeta
from data.schema import EVENT_KINDS, REASONS, TABLES
from data.simulate import Plan
from data.simulate.tables import simulated_tables
from data.simulate.truth import SHARES
from data.store import Store
from tests.conftest import ROOT
from tests.datasets import small_dataset

TEXT = (ROOT / "docs" / "dataset.md").read_text(encoding="utf-8")
SECTIONS = {part.split("\n", 1)[0].split(" ")[0]: part for part in TEXT.split("\n## ")[1:]}


def told(section: str) -> set[str]:
    """The names in the first column of a section's table."""
    rows = re.findall(r"^\| (`[^|]+) \|", SECTIONS[section], flags=re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_its_row(table: str) -> None:
    assert told(table) == set(TABLES[table].columns)
    assert f"{table}.parquet" in TEXT


def test_every_key_of_dataset_toml() -> None:
    assert told("dataset.toml") == {"format", *(field.name for field in fields(DatasetMeta))}


def test_codes_and_what_an_import_adds() -> None:
    for section, names in (
        ("areas", {*REASONS, *AREA_EXTRA}),
        ("events", {*EVENT_KINDS, *FLOOD_EXTRA}),
        ("outlines", OUTLINE_EXTRA),
        ("truth", SHARES),
    ):
        assert {name for name in names if f"`{name}`" not in SECTIONS[section]} == set()


def test_every_column_of_truth() -> None:
    tables = simulated_tables(Plan(lakes=3, scenes=1))
    for name in ("truth", "truth_scenes"):
        assert told(name) == set(tables[name].column_names)


def test_every_column_of_provenance(tmp_path: Path) -> None:
    store = Store(small_dataset(tmp_path / "d"))
    assert told("Exports") == set(provenance(store, store.trends(store.settings())))
    assert all(f"`{name}`" in SECTIONS["Exports"] for name in (*NEWEST, *FLOODS))
