"""Text as it may be shown: what is replaced, what stays, and that tables say the same as single texts."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.plain_text import MARK, cut, plain, plain_lines, plain_table
from tests.hostile import ATTACKS

TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Unicode's own names (Bidi_Class) of what turns the direction of writing."""


def _letters(text: str) -> str:
    return "".join(each for each in text if unicodedata.category(each)[0] in "LNPSM" and each != MARK)


@given(st.text(max_size=60))
def test_nothing_is_left_that_ends_a_line_or_turns_the_writing_and_no_letter_is_touched(text: str) -> None:
    found = plain(text)
    for each in found:
        assert unicodedata.category(each) not in {"Cc", "Zl", "Zp"}
        assert unicodedata.bidirectional(each) not in TURNS
    assert _letters(found) == _letters(text)
    assert plain(found) == found


@given(st.lists(st.one_of(st.none(), st.text(max_size=20), st.sampled_from(ATTACKS)), max_size=8))
def test_a_table_says_the_same_as_single_texts(texts: list[str | None]) -> None:
    found = plain_table(pa.table({"no\0te": pa.array(texts, pa.string()), "path": pa.array(texts, pa.string())}))
    assert found.column_names == [f"no{MARK}te", "path"]
    assert found.column(0).to_pylist() == [None if text is None else plain(text) for text in texts]
    assert found.column("path").to_pylist() == texts


def test_a_table_without_such_texts_is_the_same_object() -> None:
    table = pa.table({"name": ["Imja Tsho", "بحيرة", None], "n": [1, 2, 3]})
    assert plain_table(table) is table
    assert plain_table(pa.table([[1], [2]], ["a\0", f"a{MARK}"])).column_names == [f"a{MARK}", f"a{MARK}{MARK}"]
    assert plain_table(pa.table({"note": pa.array(["a\0", "b"]).dictionary_encode()})).column(0).to_pylist() == [f"a{MARK}", "b"]


def test_lines_stay_where_there_may_be_several() -> None:
    assert plain_lines("one\r\ntwo\u202e\nthree") == f"one\ntwo{MARK}\nthree"


@pytest.mark.parametrize(("text", "expected"), [("Imja", "Imja"), ("x" * 80, "x" * 80), ("x" * 81, "x" * 79 + "…")])
def test_a_long_label_is_cut(text: str, expected: str) -> None:
    assert cut(text) == expected
