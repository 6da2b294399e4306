"""What lakes are called, against the same said in plain Python."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.lake_names import MOST_WORDS, PLACES, LakeNames, bare

WORDS = st.one_of(st.none(), st.sampled_from(["", "Imja Tsho", " imja tsho", "(ÇİL)", "'Gl 1'", "#7", "#2", "ΣΟΣ"]), st.text(max_size=6))
Rows = Sequence[tuple[str | None, str | None, str | None]]
ROWS = st.lists(st.tuples(WORDS, WORDS, st.sampled_from([None, "Arun", "Éire"])), max_size=9)


def lakes(rows: Rows) -> pd.DataFrame:
    """Every other key is free, so that a row number is no key."""
    keys = np.arange(len(rows), dtype=np.int32) * 2 + 1
    columns = {name: pd.array([row[at] for row in rows], dtype="str") for at, name in enumerate(("lake_id", "name", "basin"))}
    return pd.DataFrame({"lake_key": keys, **columns, "sub_basin": None, "dam_type": columns["basin"]})


@given(ROWS, st.lists(st.one_of(WORDS.filter(lambda text: text is not None), st.sampled_from(["#1", "#01", "#4", "#²", "#"])), max_size=5))
def test_a_text_names_the_lakes_that_carry_it(rows: Rows, asked: list[str]) -> None:
    frame = lakes(rows)
    index: dict[str, set[int]] = {}
    for key, lake_id, name in zip(frame["lake_key"], frame["lake_id"], frame["name"], strict=True):
        for text in (f"#{key}", *(text for text in (lake_id, name) if isinstance(text, str))):
            index.setdefault(bare(text), set()).add(int(key))
    wanted = {text: index[text] for text in map(bare, asked) if text and text in index}
    found = LakeNames(frame).named(asked)
    assert {text: set(keys) for text, keys in found.items()} == wanted
    assert all(len(keys) == len(set(keys)) for keys in found.values())


@given(ROWS)
def test_labels_are_the_name_else_the_id_else_the_key(rows: Rows) -> None:
    names = LakeNames(lakes(rows))
    assert list(names.labels) == [name or lake_id or f"lake {at * 2 + 1}" for at, (lake_id, name, _) in enumerate(rows)]
    assert [names.labels[at] for at in range(len(rows))] == names.labels[:] == list(names.labels)
    assert names.ids[:] == [lake_id or "" for lake_id, _, _ in rows]
    assert len(names.ids) == len(rows)
    with pytest.raises(IndexError):
        names.labels[len(rows)]


ASCII = st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=8)


@given(st.lists(st.tuples(ASCII, ASCII, st.sampled_from([None, "Arun", "Eire"])), max_size=9), ASCII, st.booleans())
def test_every_word_must_be_found(rows: Rows, words: str, places: bool) -> None:
    frame = lakes(rows)
    names = LakeNames(frame)
    texts = ["\n".join([names.labels[at], row[0] or "", *([row[2] or ""] if places else [])]).lower() for at, row in enumerate(rows)]
    plainly = [all(word in text for word in words.lower().split()) for text in texts]
    assert names.containing(words, places=places).tolist() == plainly


def test_columns_that_are_not_there_are_not_looked_through() -> None:
    frame = lakes([("GL1", "Imja", "Arun")]).drop(columns=list(PLACES))
    assert LakeNames(frame).containing("imja gl").tolist() == [True]
    assert LakeNames(frame).containing("arun").tolist() == [False]


def test_a_text_without_end_costs_no_more_than_a_long_one() -> None:
    names = LakeNames(lakes([("a b c d e f g h i j k l m", None, None), ("a", None, None)]))
    assert MOST_WORDS == 12
    assert names.containing("a b c d e f g h i j k l").tolist() == [True, False]
    assert names.containing("a b c d e f g h i j k l " + "x" * 10**6).tolist() == [True, False], "what goes beyond is passed over"
    assert names.containing(" " * 200 + "nothing").tolist() == [True, True]
