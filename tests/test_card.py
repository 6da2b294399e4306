"""ModelCard: what it accepts, what it refuses, and that it survives being written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from models.card import NORMALISATIONS, ModelCard

CARD = ModelCard(
    name="small-unet",
    title="Small U-Net",
    bands=("green", "nir"),
    normalisation="divisor",
    divisor=10_000,
    classes=("land", "lake"),
    pixel_m=10,
    training="simulated basin, split by sub-basin, CC0",
    scores={"test": {"iou_lake": 0.84}},
    parameters=490_000,
    weights_sha256="0" * 64,
)
NAMES = st.lists(st.text(min_size=1), min_size=1, unique=True).map(tuple)
POSITIVE = st.floats(min_value=1e-6, max_value=1e9)


@given(
    title=st.text(min_size=1).filter(str.strip),
    bands=NAMES,
    classes=NAMES,
    normalisation=st.sampled_from(NORMALISATIONS),
    divisor=POSITIVE,
    pixel_m=POSITIVE,
    scores=st.dictionaries(st.text(), st.dictionaries(st.text(), st.floats(allow_nan=False, allow_infinity=False))),
)
def test_a_card_is_the_same_after_a_round_trip(**changes: Any) -> None:
    card = replace(CARD, **changes)
    assert ModelCard.from_json(card.to_json(), Path("card.json")) == card


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "Small U-Net"),
        ("title", " "),
        ("bands", ()),
        ("bands", ("nir", "nir")),
        ("classes", ()),
        ("normalisation", "guess"),
        ("divisor", 0.0),
        ("divisor", float("nan")),
        ("pixel_m", -10.0),
        ("parameters", -1),
        ("weights_sha256", "abc"),
        ("weights_sha256", None),
    ],
)
def test_a_field_that_cannot_be_is_named(key: str, value: Any) -> None:
    with pytest.raises(InputError) as caught:
        replace(CARD, **{key: value})
    assert f"{key} = {value!r}" in caught.value.what


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("bands", "green"),
        ("pixel_m", "10"),
        ("parameters", True),
        ("scores", {"test": 1}),
        ("scores", []),
        ("title", 3),
        ("weights_sha256", 0),
    ],
)
def test_a_file_with_a_wrong_type_is_refused_by_field(key: str, value: Any) -> None:
    text = json.dumps({**json.loads(CARD.to_json()), key: value})
    with pytest.raises(InputError, match=f"card.json: {key} = .* has the wrong type"):
        ModelCard.from_json(text, Path("card.json"))


def test_a_file_that_lacks_a_field_has_one_too_many_or_is_no_json_is_refused() -> None:
    raw = json.loads(CARD.to_json())
    for text, words in (
        (json.dumps({k: v for k, v in raw.items() if k != "bands"}), "bands is missing"),
        (json.dumps({**raw, "colour": "red"}), "colour is unknown"),
        ("{", "is not JSON"),
        ("[]", "holds no JSON object"),
    ):
        with pytest.raises(InputError, match=words):
            ModelCard.from_json(text, Path("card.json"))
