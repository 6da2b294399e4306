"""What the numbers of a folder of masks mean: told by their content over the whole folder, and said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.errors import InputError, RasterError
from data.masks.pixels import raw_values
from data.rasters.reading import header
from data.rasters.writing import DIGEST

SLACK = 1e-5
"""By which a float may leave 0 to 1 and still be a probability: what softmax and resampling leave behind."""
MOST_DISTINCT = 4
ENOUGH = 32
"""Files after which no more are looked at where they can be told already."""


@dataclass(frozen=True)
class Meaning:
    """How values become probabilities.

    Args:
        mode: `unit` (0 to 1), `percent` (0 to 100), `byte` (0 to 255), `steps` (Moraine's own bytes), or `binary`.
        top: The value that means water, where binary.
        unknown: A value that means that nothing is known, besides the file's own nodata.
        says: The assumption in words.
    """

    mode: str
    top: float = 1
    unknown: float | None = None
    says: str = ""

    @property
    def binary(self) -> bool:
        """Whether there are no probabilities."""
        return self.mode == "binary"


FORCED = {
    "binary": Meaning("binary", np.inf, None, "as --values says, every value above 0 is water"),
    "unit": Meaning("unit", says="as --values says, probabilities 0 to 1"),
    "percent": Meaning("percent", says="as --values says, probabilities 0 to 100"),
    "byte": Meaning("byte", says="as --values says, probabilities 0 to 255"),
}
BINARY = {
    frozenset({0.0, 1.0}): Meaning("binary", 1, None, "no value but 0 and 1: binary, 1 is water"),
    frozenset({0.0, 255.0}): Meaning("binary", 255, None, "no value but 0 and 255: binary, 255 is water"),
    frozenset({0.0, 1.0, 255.0}): Meaning("binary", 1, 255, "no value but 0, 1 and 255: binary, 1 is water, 255 where nothing is known"),
}
"""By the values that a folder holds, first match first."""
FULL = {"unit": 1.0, "percent": 100.0, "byte": 255.0, "steps": 200.0}


@dataclass
class _Census:
    """What was seen so far of the values of one kind of file."""

    distinct: set[float] = field(default_factory=set[float])
    lowest: float = np.inf
    highest: float = -np.inf
    floats: bool = False
    steps: bool = True
    files: int = 0

    def add(self, values: NDArray[np.generic], steps: bool) -> None:
        self.files += 1
        self.floats |= values.dtype.kind == "f"
        self.steps &= steps
        if values.size:
            self.lowest, self.highest = min(self.lowest, float(values.min())), max(self.highest, float(values.max()))
        if len(self.distinct) <= MOST_DISTINCT:
            self.distinct |= {float(value) for value in np.unique(values)[: MOST_DISTINCT + 1]}

    @property
    def settled(self) -> bool:
        """Whether further files would hardly change the answer."""
        told = len(self.distinct) > MOST_DISTINCT and (self.floats or self.highest > 100)
        return self.files >= ENOUGH and told and not self.steps


def meaning(paths: Iterable[Path], forced: str = "auto") -> Meaning:
    """What the values of these files mean. Files that cannot be read are passed over: they are refused by name later.

    Args:
        paths: Files of one kind and one source.
        forced: `auto`, or a key of FORCED.

    Raises:
        InputError: It cannot be told.
    """
    if forced != "auto":
        return FORCED[forced]
    seen: dict[bool, _Census] = {}
    for path in paths:
        try:
            raw, absent = raw_values(path)
            steps = raw.dtype == np.uint8 and DIGEST in header(path).tags
        except RasterError:
            continue
        census = seen.setdefault(raw.dtype.kind == "f", _Census())
        census.add(raw[~absent], steps)
        if len(seen) == 1 and census.settled:
            break
    if len(seen) == 2:
        raise InputError("some of the masks are floats, others whole numbers", "put them into two folders, or say what they are: --values")
    return _judged(next(iter(seen.values()), _Census()))


def _judged(census: _Census) -> Meaning:
    values, highest = census.distinct, census.highest
    if census.steps and census.files and not census.floats:
        if values <= {0, 200, 255}:
            return Meaning("binary", 200, 255, "masks that Moraine wrote: binary")
        return Meaning("steps", says="masks that Moraine wrote: probabilities in steps of 1/200")
    for levels, means in BINARY.items():
        if values <= levels and not (census.floats and means.top > 1):
            return means
    if census.lowest < -SLACK:
        raise InputError(
            f"the masks hold {census.lowest:g}, which is no probability",
            "write probabilities (the sigmoid of logits), or say --values binary",
        )
    if census.floats and highest <= 1 + SLACK:
        return Meaning("unit", says="floats: probabilities 0 to 1")
    if not census.floats and 100 < highest <= 255:
        return Meaning("byte", says=f"whole numbers up to {highest:g}: probabilities, 255 is 1")
    raise InputError(
        f"the masks are {'floats' if census.floats else 'whole numbers'} up to {highest:g}, which may mean several things",
        "say what they are: --values unit (0 to 1), percent (0 to 100), byte (0 to 255) or binary (above 0 is water)",
    )


def probabilities(path: Path, means: Meaning) -> NDArray[np.floating]:
    """(H, W) probabilities of water, NaN where nothing is known; 0 or 1 for a binary mask. Floats keep the type they have in the file.

    Raises:
        RasterError: It cannot be read, or holds values that the others of its folder do not.
    """
    raw, absent = raw_values(path)
    if means.unknown is not None:
        absent |= raw == means.unknown
    if means.mode == "steps":
        absent |= raw == 255
    kind = np.dtype(np.float32 if raw.dtype == np.float32 else np.float64)
    values: NDArray[np.floating] = raw.astype(kind)
    strange = ~absent & _strange(values, means)
    if strange.any():
        found = float(values[strange][0])
        raise RasterError(f"{path} holds the value {found:g}; {means.says}", "take it out of the folder, or say what it is: --values")
    shares = (values > 0).astype(kind) if means.binary else np.clip(values / FULL[means.mode], 0, 1).astype(kind)
    shares[absent] = np.nan
    return shares


def _strange(values: NDArray[np.floating], means: Meaning) -> NDArray[np.bool_]:
    if means.binary:
        return (values < 0) if np.isinf(means.top) else (values != 0) & (values != means.top)
    slack = SLACK if means.mode == "unit" else 0.0
    return (values < -slack) | (values > FULL[means.mode] + slack)
