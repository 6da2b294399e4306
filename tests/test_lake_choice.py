"""Which lakes and days a command works on: ids, keys, files, basins, days."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.commands.selectors import add_selectors, selected
from data.errors import InputError
from data.lake_choice import Chosen, chosen
from data.store import Store
from tests.datasets import TWINS, small_dataset

LAKES = pd.DataFrame(
    {
        "lake_key": [0, 1, 2, 7, 12],
        "lake_id": ["GL086925E27898N", "Lower Barun", None, "12", "GL086925E27898N"],
        "basin": ["Dudh", "Arun", "Arun", None, "Tamor"],
        "sub_basin": ["Imja", "Barun", None, None, "Imja"],
    }
)


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        ("1", {1}),
        ("#12", {12}),
        ("12", {7}),
        ("gl086925e27898n", {0, 12}),
        ("Lower Barun, 2", {1, 2}),
        ("0;1\n2", {0, 1, 2}),
        ("'Lower Barun', \"#7\",", {1, 7}),
    ],
)
def test_ids_and_keys_are_read(wanted: str, keys: set[int]) -> None:
    assert chosen(LAKES, wanted, [], None).lakes == keys


@pytest.mark.parametrize(
    ("name", "text", "keys"),
    [
        ("plain.txt", "Lower Barun\n2\n# a remark\n7 # another\n", {1, 2, 7}),
        ("one.txt", "GL_ID\nLower Barun\n", {1}),
        ("ids.csv", "name,GLIMS_ID\nx,Lower Barun\ny,12\n", {1, 7}),
        ("keys.csv", "lake_id,lake_key\nLower Barun,12\n,2\n", {2, 7}),
        ("row.csv", "1,2,#12", {1, 2, 12}),
        ("sheet.txt", "lake_id\tx\nLower Barun\t3\n", {1}),
        ("nosuffix", "1\n2", {1, 2}),
    ],
)
def test_files_are_read(tmp_path: Path, name: str, text: str, keys: set[int]) -> None:
    (tmp_path / name).write_text(text)
    assert chosen(LAKES, str(tmp_path / name), [], None).lakes == keys


def test_a_shared_id_brings_all_its_lakes_and_says_so() -> None:
    found = chosen(LAKES, "GL086925E27898N,1", [], None)
    assert found.lakes == {0, 1, 12}
    assert found.notes == ("GL086925E27898N is the id of 2 lakes (#0, #12): all are taken",)


def test_basins_and_sub_basins_are_added_up_and_cut_with_the_lakes() -> None:
    assert chosen(LAKES, None, ["arun"], None).lakes == {1, 2}
    assert chosen(LAKES, None, ["Imja", "Barun"], None).lakes == {0, 1, 12}
    assert chosen(LAKES, "1,#12", ["Imja"], None).lakes == {12}
    assert chosen(LAKES, None, [], None) == Chosen()


@pytest.mark.parametrize(
    ("wanted", "basins", "since", "says"),
    [
        ("Lower Barum", [], None, "did you mean Lower Barun"),
        ("99,1,#98", [], None, "2 of 3 are not lakes of this dataset: 99, #98"),
        ("lakes.txt", [], None, "does not exist"),
        (",", [], None, "names no lake"),
        (None, ["Aru"], None, "did you mean Arun"),
        ("1", ["Tamor"], None, "no lake is left"),
        (None, [], "5/9/2020", "neither a year nor a day"),
    ],
)
def test_what_is_not_known_is_an_error_that_helps(wanted: str | None, basins: list[str], since: str | None, says: str) -> None:
    with pytest.raises(InputError) as error:
        chosen(LAKES, wanted, basins, since)
    assert says in str(error.value)


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_text("\n")
    with pytest.raises(InputError, match="is empty"):
        chosen(LAKES, str(tmp_path / "none.txt"), [], None)


def test_since_is_a_day_or_the_first_of_a_year() -> None:
    assert chosen(LAKES, None, [], "2016").since == date(2016, 1, 1)
    since = chosen(LAKES, None, [], "2016-09-05")
    assert since.since == date(2016, 9, 5)
    assert [since.takes(3, day) for day in (date(2016, 9, 4), date(2016, 9, 5), None)] == [False, True, True]
    assert [Chosen(frozenset({3})).takes(key, None) for key in (3, 4, None)] == [True, False, False]


@given(st.sets(st.sampled_from([0, 1, 2, 7, 12]), min_size=1), st.sampled_from([",", "\n", ";", " , ", ",\n"]))
def test_any_set_of_keys_is_read_back(keys: set[int], separator: str) -> None:
    assert chosen(LAKES, separator.join(f"#{key}" for key in keys), [], None).lakes == keys


def test_the_options_choose_lakes_of_a_dataset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(small_dataset(tmp_path / "small"))
    parser = ArgumentParser()
    add_selectors(parser)
    assert selected(parser.parse_args([]), store) == Chosen()
    assert capsys.readouterr().out == ""
    twin = store.ids[TWINS[0]]
    found = selected(parser.parse_args(["--lakes", twin, "--since", "2020"]), store)
    assert found.lakes == set(TWINS)
    assert f"{twin} is the id of 2 lakes" in capsys.readouterr().out
