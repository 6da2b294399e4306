"""Weights on disk: they come back as they were; tampered with, not finite or of another network they are refused by name."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load, save

from data.errors import InputError
from models.card import ModelCard, card_path, read_card
from models.weights import read_net, weights_path, write_model
from tests.networks import tiny_card, tiny_net


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, ModelCard]:
    return tmp_path, write_model(tmp_path, tiny_net(), tiny_card())


def rewritten(folder: Path, card: ModelCard, body: bytes) -> ModelCard:
    """Other weights, with a card that vouches for them."""
    weights_path(folder, card.name).write_bytes(body)
    return replace(card, weights_sha256=hashlib.sha256(body).hexdigest())


def tensors_of(folder: Path, card: ModelCard) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    body = weights_path(folder, card.name).read_bytes()
    head = json.loads(body[8 : 8 + int.from_bytes(body[:8], "little")])
    return load(body), head["__metadata__"]


def test_they_come_back_as_they_were(kept: tuple[Path, ModelCard]) -> None:
    folder, card = kept
    assert read_card(folder, card.name) == card
    image = torch.rand(1, 2, 16, 16)
    with torch.no_grad():
        assert torch.equal(read_net(folder, card)(image), tiny_net()(image))
    assert sorted(path.name for path in folder.iterdir()) == ["tiny.json", "tiny.safetensors"]


def test_any_flipped_byte_is_noticed(kept: tuple[Path, ModelCard]) -> None:
    folder, card = kept
    body = bytearray(weights_path(folder, card.name).read_bytes())
    for place in range(0, len(body), 97):
        body[place] ^= 1
        weights_path(folder, card.name).write_bytes(body)
        with pytest.raises(InputError, match="not what its card names"):
            read_net(folder, card)
        body[place] ^= 1


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_named(kept: tuple[Path, ModelCard], number: float) -> None:
    folder, card = kept
    tensors, told = tensors_of(folder, card)
    tensors["head.weight"][0, 1] = number
    with pytest.raises(InputError, match=r"head\.weight holds numbers that are not finite"):
        read_net(folder, rewritten(folder, card, save(tensors, told)))


def test_shapes_and_names_that_do_not_fit_are_named(kept: tuple[Path, ModelCard]) -> None:
    folder, card = kept
    tensors, told = tensors_of(folder, card)
    other = dict(tensors) | {"head.weight": torch.zeros(1, 5, 1, 1)}
    with pytest.raises(InputError, match=r"head\.weight has the shape \(1, 5, 1, 1\), not \(1, 4, 1, 1\)"):
        read_net(folder, rewritten(folder, card, save(other, told)))
    less = {name: value for name, value in tensors.items() if name != "head.bias"}
    with pytest.raises(InputError, match=r"head\.bias is missing"):
        read_net(folder, rewritten(folder, card, save(less, told)))
    more = tensors | {"extra": torch.zeros(1)}
    with pytest.raises(InputError, match="extra is not a part"):
        read_net(folder, rewritten(folder, card, save(more, told)))


def test_a_file_that_is_none_or_lacks_its_shape_or_belongs_to_another_card_is_refused(kept: tuple[Path, ModelCard]) -> None:
    folder, card = kept
    tensors, told = tensors_of(folder, card)
    for body in (b"", b"no weights at all", save(tensors, {}), save(tensors, {"shape": "{"})):
        with pytest.raises(InputError, match=r"tiny\.safetensors is no file of weights"):
            read_net(folder, rewritten(folder, card, body))
    whole = rewritten(folder, card, save(tensors, told))
    with pytest.raises(InputError, match="takes the bands green, nir"):
        read_net(folder, replace(whole, bands=("nir", "green")))
    with pytest.raises(InputError, match="guided"):
        read_net(folder, replace(whole, guided=True))
    weights_path(folder, card.name).unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read_net(folder, card)
    card_path(folder, card.name).unlink()
    with pytest.raises(InputError, match=r"tiny\.json cannot be read"):
        read_card(folder, card.name)
