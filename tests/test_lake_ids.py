"""Pasted lists of ids: any separator, nothing lost, nothing guessed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.lake_names import LakeNames
from modules.lake_ids import Found, found_lakes, listed, report

LAKES = pd.DataFrame(
    {
        "lake_key": [0, 1, 2, 3, 7],
        "lake_id": ["GL1", "GL2", "GL2", None, "A 7, north"],
        "name": [None, "Imja Tsho", None, "GL9", None],
    }
)
NAMES = LakeNames(LAKES)


@pytest.mark.parametrize("separator", [" ", ",", ", ", ";", "\n", "\r\n", "\t", " | ", '","', "\n\n"])
def test_any_separator_will_do(separator: str) -> None:
    assert found_lakes(separator.join(["GL1", "gl9"]), NAMES) == Found((0, 3), 2)


def test_an_id_that_holds_separators_is_found_on_its_own_line() -> None:
    assert found_lakes("A 7, north\nImja tsho", NAMES).lake_keys == (1, 7)


def test_missing_repeated_and_shared_are_told_apart() -> None:
    found = found_lakes("GL1 GL2 gl1 nope nope", NAMES)
    assert found == Found((0, 1, 2), 3, ("nope",), 2, ("GL2",))
    assert report(found) == "2 of 3 found · missing: nope · 2 named twice or more · GL2 is shared by several lakes: all are shown"


def test_a_long_list_of_missing_ids_is_cut() -> None:
    assert "and 5 more" in report(found_lakes(" ".join(f"x{i}" for i in range(15)), NAMES))


def test_nothing_pasted_is_nothing_to_report() -> None:
    assert report(found_lakes(" \n, ", NAMES)) == ""


@given(st.sets(st.sampled_from(LAKES["lake_key"].tolist())))
def test_a_list_is_read_back_as_the_same_lakes(keys: set[int]) -> None:
    text = listed(tuple(sorted(keys)), LAKES, NAMES)
    assert found_lakes(text, NAMES).lake_keys == tuple(sorted(keys))


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    found = found_lakes(text, NAMES)
    assert len(found.missing) <= found.asked
    assert set(found.lake_keys) <= set(LAKES["lake_key"])


def test_keys_are_plain_ints() -> None:
    assert all(type(key) is int for key in found_lakes("#7 GL2", NAMES).lake_keys)
    assert not isinstance(NAMES.named(["#7"])["#7"][0], np.integer)
