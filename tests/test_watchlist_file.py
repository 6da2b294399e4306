"""The file of a watch-list: exact both ways, readable, and hostile ones refused with the part and the row."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from data.cache import read_table, write_table
from data.errors import InputError
from data.store import Store
from data.watchlist.between import Between
from data.watchlist.file_in import read_file, read_text
from data.watchlist.file_out import file_text
from data.watchlist.opened import given_by
from data.watchlist.rank import ranked, raw_components
from data.watchlist.saved import Saved, saved_of
from tests.datasets import MARKUP
from tests.watch_worlds import THEN, TODAY, world


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Saved, str]:
    store = world(tmp_path_factory.mktemp("file") / "small", dated=False, reviewed=False)
    given = given_by(store, store.trends(store.settings()), {})
    ranking = ranked(given.lake_keys, raw_components(given), THEN)
    saved = saved_of(store, given, ranking, THEN, day=TODAY)
    return saved, file_text(saved, given, ranking)


def test_it_comes_back_exactly(made: tuple[Saved, str]) -> None:
    saved, text = made
    back = read_text(text.encode())
    for name in ("made", "dataset", "settings", "wish", "columns", "ranks"):
        assert getattr(back, name) == getattr(saved, name), name
    for name in ("lakes", "rows", "reviews"):
        one, other = getattr(saved, name), getattr(back, name)
        pd.testing.assert_frame_equal(one, other, check_dtype=False, check_exact=True)
    assert back.floods is None


def test_people_can_read_it(made: tuple[Saved, str]) -> None:
    sent = json.loads(made[1])
    first = sent["list"][0]
    assert (first["place"], first["last_clear"], first["observations"]) == (1, "2023-10-15", 8)
    parts = [each["contribution"] for each in first["components"].values() if "contribution" in each]
    assert sum(parts) == pytest.approx(first["score"])
    assert sent["dataset"]["simulated"] is True
    assert MARKUP in sent["lakes"]["label"]


def changed(text: str, path: tuple[Any, ...], value: Any) -> bytes:
    sent = json.loads(text)
    place = sent
    for step in path[:-1]:
        place = place[step]
    if value == DROP:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(sent).encode()


DROP = "take it away"
WRONG: list[tuple[tuple[Any, ...], Any, str]] = [
    (("format",), "other", "no watch-list"), (("version",), 99, "version 99"), (("lakes",), DROP, "lakes is not a table"),
    (("lakes", "lake_key"), DROP, "lakes has no column 'lake_key'"), (("lakes", "lake_key", 3), "3", "row 3: '3' is no int"),
    (("lakes", "lake_key", 3), 2, "not in order"), (("lakes", "label", 0), None, "lakes, label, row 0"),
    (("lakes", "label", 0), "x" * 10_000, "row 0"), (("observations", "date", 5), "2020-13-01", "observations, date, row 5"),
    (("observations", "date", 5), 5, "row 5"), (("observations", "area_km2", 5), 1e300, "row 5"),
    (("observations", "area_km2", 5), -1.0, "out of range"), (("observations", "area_km2", 5), True, "row 5"),
    (("observations", "reason", 5), "nonsense", "reason 'nonsense'"), (("observations", "lake_key", 5), 999, "a lake that is not there"),
    (("observations", "area_km2"), [1.0], "different lengths"), (("settings",), "nonsense", "not a trend setting"),
    (("settings",), "magic~log~all~inventory", "trend method 'magic' is unknown"), (("weights",), {"nonsense": 1}, "nonsense"),
    (("weights",), {"growth": "1"}, "weights are no numbers"), (("weights",), {"growth": 1e9}, "out of range"),
    (("weights",), {"growth": 10**400}, "weights are no numbers"), (("top",), 2.5, "whole"),
    (("top",), 10**9, "out of range"), (("columns",), {"nonsense": "x"}, "role 'nonsense'"), (("dataset",), [], "which dataset"),
    (("list",), [{}], "lakes and places"), (("reviews",), None, "reviews is not a table"), (("made",), 7, "made is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "told"), WRONG, ids=[str(n) for n in range(len(WRONG))])
def test_what_was_changed_by_hand_is_refused_by_name(made: tuple[Saved, str], path: tuple[Any, ...], value: Any, told: str) -> None:
    with pytest.raises(InputError) as caught:
        read_text(changed(made[1], path, copy.deepcopy(value)))
    assert told in caught.value.what
    assert caught.value.remedy


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"null", b"\xff\xfe", b"[" * 200_000, b'{"format": "moraine-watchlist", "version": 1, "x": NaN}', b"1" * 100_000,
        b'{"format": "moraine-watchlist", "version": 1, "lakes": {"lake_key": ' + b"9" * 5_000 + b"}}",
        b'{"format": "moraine-watchlist", "version": 1, "x": [' + b"[]," * 300_000 + b"1]}",
    ],
)  # fmt: skip
def test_what_is_no_list_at_all_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError):
        read_text(raw)


NAMES = st.sampled_from(["lakes", "weights", "top", "list", "lake_key", "observations"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
TREES = st.recursive(LEAVES, lambda part: st.lists(part, max_size=3) | st.dictionaries(NAMES, part, max_size=4), max_leaves=12)
PARTS = st.dictionaries(NAMES, TREES).map(lambda each: json.dumps({"format": "moraine-watchlist", "version": 1, **each}).encode())


@examples(raw=st.one_of(st.binary(max_size=60), PARTS))
def test_anything_else_is_refused_by_the_one_error(raw: bytes) -> None:
    with pytest.raises(InputError):
        read_text(raw)


def test_a_large_file_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_bytes(b" " * (2**20 + 1))
    with pytest.raises(InputError, match="larger than 1 MB"):
        read_file(path, most_mb=1)


def test_a_text_longer_than_a_file_holds_is_no_difference(made: tuple[Saved, str], tmp_path: Path) -> None:
    folder = world(tmp_path / "long", dated=False, reviewed=False).path
    lakes = read_table(folder / "lakes.parquet")
    for name in ("name", "basin"):
        lakes = lakes.set_column(lakes.schema.get_field_index(name), name, pa.array(["x" * 10_000] * len(lakes)))
    write_table(folder / "lakes.parquet", lakes)
    store = Store(folder)
    given = given_by(store, store.trends(store.settings()), {})
    ranking = ranked(given.lake_keys, raw_components(given), THEN)
    saved = saved_of(store, given, ranking, THEN, day=TODAY)
    assert Between(read_text(file_text(saved, given, ranking).encode()), saved).causes == ()
