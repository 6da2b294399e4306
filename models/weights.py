"""Weights on disk: safetensors beside their card, believed only if the digest, every name, shape and number is right."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from data.errors import InputError
from models.card import ModelCard, card_path, read_card
from models.unet import Shape, UNet, parameters

SHAPE = "shape"
"""Key of the metadata in which a file says what network it is of."""


def weights_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.safetensors"


def write_model(folder: Path, net: UNet, card: ModelCard) -> ModelCard:
    """Write weights, then the card with their digest; a reader never sees half a file. Returns the card as written.

    What `calibrate` wrote into a card stays as long as the weights are the same.
    """
    body = save(
        {name: value.contiguous().to(torch.float32) for name, value in net.state_dict().items() if value.is_floating_point()},
        {SHAPE: net.shape.to_json()},
    )
    told = replace(card, parameters=parameters(net), weights_sha256=hashlib.sha256(body).hexdigest())
    if card_path(folder, card.name).exists():
        held = read_card(folder, card.name)
        told = replace(told, area_sd=held.area_sd if held.weights_sha256 == told.weights_sha256 else told.area_sd)
    write_whole(weights_path(folder, card.name), body)
    write_whole(card_path(folder, card.name), told.to_json().encode())
    return told


def write_whole(path: Path, body: bytes) -> None:
    """Put a file in place at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def read_net(folder: Path, card: ModelCard) -> UNet:
    """The network of a card, with its weights.

    Raises:
        InputError: The file is not there, is not the one that the card names, or holds what cannot be its weights; the message names it.
    """
    path = weights_path(folder, card.name)
    if (card.normalisation, card.divisor) != ("band_mean_sd", 1.0):
        said = f"{card.normalisation} and divisor {card.divisor:g}"
        what = f"{card_path(folder, card.name)} says {said}; networks are normalised by band_mean_sd with divisor 1"
        raise InputError(what, "restore the card that came with the weights, or train the model anew")
    remedy = "restore the file that came with the card, or train the model anew"
    try:
        body = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read", remedy) from error
    digest = hashlib.sha256(body).hexdigest()
    if digest != card.weights_sha256:
        raise InputError(f"{path} is not what its card names: its SHA-256 is {digest}, not {card.weights_sha256}", remedy)
    try:
        with safe_open(path, "pt") as held:
            shape = Shape.from_json((held.metadata() or {})[SHAPE])
            tensors = {name: held.get_tensor(name) for name in held.keys()}  # noqa: SIM118  no mapping
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no file of weights: {error}", remedy) from error
    if shape.guided != card.guided:
        raise InputError(f"{path} is {'' if shape.guided else 'not '}guided; its card says otherwise", remedy)
    if shape.bands != card.bands:
        raise InputError(f"{path} takes the bands {', '.join(shape.bands)}; its card says {', '.join(card.bands)}", remedy)
    net = UNet(shape)
    fill(net, tensors, path)
    return net.eval()


def fill(net: UNet, tensors: Mapping[str, Tensor], path: Path) -> None:
    """Put weights into a network.

    Raises:
        InputError: Names or shapes are not those of the network, or a number is not finite.
    """
    remedy = "restore the file that came with the card, or train the model anew"
    wanted = {name: value for name, value in net.state_dict().items() if value.is_floating_point()}
    for name in sorted(wanted.keys() | tensors.keys()):
        if name not in tensors or name not in wanted:
            raise InputError(f"{path}: {name} is {'missing' if name in wanted else 'not a part of the network'}", remedy)
        if tensors[name].shape != wanted[name].shape:
            raise InputError(f"{path}: {name} has the shape {tuple(tensors[name].shape)}, not {tuple(wanted[name].shape)}", remedy)
        if not torch.isfinite(tensors[name]).all():
            raise InputError(f"{path}: {name} holds numbers that are not finite", remedy)
    net.load_state_dict({name: value.to(torch.float32) for name, value in tensors.items()}, strict=False)
