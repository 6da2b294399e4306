"""`ModelCard`: everything one must know of a segmenter to use it rightly, in one object that travels with its weights."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from data.errors import InputError

NORMALISATIONS = ("none", "divisor", "chip_min_max", "band_mean_sd")
Scores = dict[str, dict[str, float]]


@dataclass(frozen=True)
class ModelCard:
    """What a segmenter is, what it must be fed, and how well it did.

    Args:
        name: Lower-case identifier; it becomes the `source` of the masks and areas that the segmenter makes.
        title: The name that people read.
        bands: Input bands in the order of the network's channels, e.g. `("green", "nir")`.
        normalisation: How reflectance becomes input: `none`; `divisor` (divided by `divisor`); `chip_min_max` (each band
            rescaled to 0–1 within its chip); `band_mean_sd` (with the band's own mean and sd, kept in the weights).
        guided: Whether it must be told where the lake was, long ago.
        divisor: What raw digital numbers are divided by to give reflectance; 1 where they are reflectance already.
        classes: Output classes in channel order.
        pixel_m: Ground size in metres of the pixels that it was trained on.
        training: What it was trained on, how that was split, and under which licence.
        scores: Split → metric → value, e.g. `{"test": {"iou_lake": 0.84}}`; a metric's name says which IoU is meant.
        area_sd: How a standard error is measured (`mapping`, `tta`) → size class → by what it is multiplied to cover (`models.intervals`).
        parameters: Number of trained parameters; 0 for an index with a threshold.
        weights_sha256: Digest (hex) of the weights file, None where there is none.

    Raises:
        InputError: A field contradicts this; the message names the field, the value and the remedy.
    """

    name: str
    title: str
    bands: tuple[str, ...]
    normalisation: str
    classes: tuple[str, ...]
    pixel_m: float
    training: str
    guided: bool = False
    divisor: float = 1.0
    scores: Scores = field(default_factory=dict[str, dict[str, float]])
    area_sd: Scores = field(default_factory=dict[str, dict[str, float]])
    parameters: int = 0
    weights_sha256: str | None = None

    def __post_init__(self) -> None:
        self._require("name", re.fullmatch(r"[a-z][a-z0-9_-]*", self.name), "use lower-case letters, digits, - and _")
        self._require("title", self.title.strip(), "say what people should read")
        for key, values in (("bands", self.bands), ("classes", self.classes)):
            self._require(key, values and len(set(values)) == len(values), "name at least one, each once")
        self._require("normalisation", self.normalisation in NORMALISATIONS, f"use one of {', '.join(NORMALISATIONS)}")
        self._require("divisor", 0 < self.divisor < float("inf"), "give a number above 0")
        self._require("pixel_m", 0 < self.pixel_m < float("inf"), "give metres above 0")
        self._require("parameters", self.parameters >= 0, "give a number from 0")
        digest = self.weights_sha256
        self._require("weights_sha256", digest is None or re.fullmatch(r"[0-9a-f]{64}", digest), "give 64 hexadecimal digits")
        trained_without_weights = self.parameters > 0 and digest is None
        self._require("weights_sha256", not trained_without_weights, "a segmenter with parameters needs the digest of its weights")

    def _require(self, key: str, good: object, remedy: str) -> None:
        if not good:
            raise InputError(f"model card {self.name!r}: {key} = {getattr(self, key)!r} cannot be", remedy)

    def to_json(self) -> str:
        """The card as JSON; equal cards give equal text."""
        return json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, path: Path) -> ModelCard:
        """Invert `to_json`; `path` is named in errors.

        Raises:
            InputError: It is not JSON, a field is missing, unknown or of the wrong type, or a value breaks a rule.
        """
        try:
            raw: Any = json.loads(text)
        except ValueError as error:
            raise InputError(f"{path} is not JSON: {error}", "restore the card that came with the weights") from error
        if not isinstance(raw, dict):
            raise InputError(f"{path} holds no JSON object", "restore the card that came with the weights")
        return cls(**_checked(cast(dict[str, Any], raw), path))


SHIPPED = Path(__file__).parent / "weights"
"""Where the cards and weights of the segmenters that come with Moraine are."""


def card_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"


def read_card(folder: Path, name: str) -> ModelCard:
    """The card of that name in a folder.

    Raises:
        InputError: There is none, or it is no card.
    """
    path = card_path(folder, name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read", "restore the card that came with the weights, or train the model anew") from error
    return ModelCard.from_json(text, path)


def _checked(raw: Mapping[str, Any], path: Path) -> dict[str, Any]:
    required = {f.name for f in fields(ModelCard)} - {"guided", "divisor", "scores", "area_sd", "parameters", "weights_sha256"}
    known = {f.name for f in fields(ModelCard)}
    for name in sorted(required - raw.keys()):
        raise InputError(f"{path}: {name} is missing", "add it to the card")
    for name in sorted(raw.keys() - known):
        raise InputError(f"{path}: {name} is unknown", f"remove it; a card has {', '.join(sorted(known))}")
    values = dict(raw)
    for name, value in raw.items():
        if name in {"bands", "classes"}:
            _require_type(
                path, name, value, isinstance(value, list) and all(isinstance(v, str) for v in cast(list[Any], value)), "a list of names"
            )
            values[name] = tuple(cast(list[str], value))
        elif name in {"divisor", "pixel_m"}:
            _require_type(path, name, value, _is_number(value), "a number")
        elif name == "guided":
            _require_type(path, name, value, isinstance(value, bool), "true or false")
        elif name == "parameters":
            _require_type(path, name, value, isinstance(value, int) and not isinstance(value, bool), "a whole number")
        elif name in {"scores", "area_sd"}:
            _require_type(path, name, value, _are_scores(value), "name → name → number")
        else:
            _require_type(path, name, value, isinstance(value, str) or (name == "weights_sha256" and value is None), "text")
    return values


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_scores(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    splits = cast(dict[str, Any], value).values()
    return all(isinstance(split, dict) and all(_is_number(v) for v in cast(dict[str, Any], split).values()) for split in splits)


def _require_type(path: Path, name: str, value: object, good: bool, kind: str) -> None:
    if not good:
        raise InputError(f"{path}: {name} = {value!r} has the wrong type", f"make it {kind}")
