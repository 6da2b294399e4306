"""A dataset whose every text is an attack, in what is made of it without a browser: the page, the columns of plots, briefs and exports."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from starlette.requests import Request

from data.export import FORMATS, FORMULA_STARTS, export_frame, export_geometry, provenance, write_export
from data.plain_text import LABEL_MOST
from data.reviews.placing import Lakes
from data.reviews.record import TEXT_CHARACTERS
from data.store import Store
from modules.brief.document import brief_html
from modules.columns import lake_columns
from modules.serve import page
from modules.serving.config import Config
from modules.serving.datasets import Datasets
from tests.hostile import ATTACKS, LONG, MARKUP, NUL, TURN, hostile_dataset
from tests.test_watchlist_brief import brief_of

BECOME = re.compile(r"<img src=x|<svg onload|<script>window|<a href='javascript|<b>bold")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(hostile_dataset(tmp_path_factory.mktemp("hostile") / "hostile"))


def test_the_attacks_are_there(store: Store) -> None:
    told = {*store.lakes["name"], *store.lakes["basin"], *store.lakes["note"]}
    assert {attack for attack in ATTACKS if attack.isprintable()} <= told
    assert MARKUP in store.sources
    assert not [text for text in told if NUL in text or TURN in text]


def test_the_page_has_them_as_text(store: Store) -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"lake=1", "headers": []}
    html = str(page(Datasets([store.path], None), Config([], None), Request(scope)))
    assert "&lt;img src=x" in html
    assert not BECOME.search(html)
    assert not re.search(f"[{TURN}{NUL}]", html)
    assert LONG[:200] not in re.sub(r'value="[^"]*"', "", html)  # but for the value of a choice, which finds the lakes again


def test_what_plots_say_is_short_and_turns_nothing(store: Store) -> None:
    columns = lake_columns(store)
    texts = [*columns["lake_id"], *columns["name"], *store.labels]
    assert MARKUP in texts
    assert max(len(text) for text in texts) == LABEL_MOST
    assert not [text for text in texts if re.search(f"[{TURN}{NUL}\t\r\n]", text)]


def test_a_review_finds_a_lake_with_an_endless_id_again(store: Store) -> None:
    lakes = Lakes(store.lakes)
    keys = store.lake_keys.tolist()
    assert [lakes.key(lakes.place(key)) for key in keys] == keys
    assert max(len(lakes.place(key).lake_id) for key in keys) == TEXT_CHARACTERS


def test_a_brief_has_them_as_text(store: Store) -> None:
    html = brief_html(brief_of(store), lambda done, of: None).decode()
    assert "&lt;img src=x" in html
    assert not BECOME.search(html)
    assert not re.search(f"[{TURN}{NUL}]", html)


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_of_an_export_takes_them_and_a_spreadsheet_runs_none(store: Store, tmp_path: Path, suffix: str) -> None:
    table = store.trends(store.settings())
    path = tmp_path / f"out.{suffix}"
    write_export(export_frame(store, table), export_geometry(store), suffix, path, provenance(store, table))
    raw = path.read_bytes()
    assert LONG[:5000].encode() in raw or suffix in {"gpkg", "parquet"}  # an export leaves nothing out; those two store it in pieces
    if suffix == "csv":
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
        cells = [cell for row in rows for cell in row]
        assert any("HYPERLINK" in cell for cell in cells)
        assert [cell for cell in cells if cell.startswith(FORMULA_STARTS) and not re.fullmatch(r"-?[\d.]+(e[+-]\d+)?|-inf", cell)] == []
