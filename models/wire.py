"""Frames between the app and its worker process: a header in JSON, then arrays as they lie in memory. Nothing is unpickled."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from models.chips import Chip

_SIZES = struct.Struct("<IQ")
PASSES = 8
"""Of test-time augmentation: the dihedral group of the square."""


class Writer(Protocol):
    """What a frame is written to."""

    def write(self, data: bytes | memoryview, /) -> object: ...

    def flush(self) -> object: ...


@dataclass(frozen=True)
class Order:
    """What a worker is asked.

    Args:
        model: A name in `models.zoo`.
        chip: The scene.
        augmented: Segment it in all PASSES ways of test-time augmentation, not only as it is.
    """

    model: str
    chip: Chip
    augmented: bool = False


def write_frame(stream: Writer, header: dict[str, Any], *parts: NDArray[np.generic]) -> None:
    """Write one frame and send it off."""
    bodies = [np.ascontiguousarray(part) for part in parts]
    head = json.dumps(header).encode()
    stream.write(_SIZES.pack(len(head), sum(body.nbytes for body in bodies)))
    stream.write(head)
    for body in bodies:
        if body.nbytes:
            stream.write(body.reshape(-1).view(np.uint8).data)
    stream.flush()


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], bytearray] | None:
    """The next frame's header and its bytes; None where the other side has gone, in the middle of a frame as well."""
    sizes = _read(stream, _SIZES.size)
    if sizes is None:
        return None
    head_size, body_size = _SIZES.unpack(sizes)
    head, body = _read(stream, head_size), _read(stream, body_size)
    return None if head is None or body is None else (json.loads(bytes(head)), body)


def _read(stream: BinaryIO, size: int) -> bytearray | None:
    held = bytearray(size)
    view, at = memoryview(held), 0
    while at < size:
        # A buffered stream's readinto fills as much as comes; read(n) would hold everything twice.
        got = stream.readinto(view[at:])  # type: ignore[attr-defined]
        if not got:
            return None
        at += got
    return held


def write_order(stream: Writer, number: int, order: Order) -> None:
    """Send an order under a number that its answers carry."""
    chip = order.chip
    header = {
        "order": number, "model": order.model, "augmented": order.augmented, "bands": list(chip.bands),
        "pixel_m": chip.pixel_m if math.isfinite(chip.pixel_m) else None, "shape": list(chip.reflectance.shape),
        "guided": chip.outline is not None,
    }  # fmt: skip
    outline = [] if chip.outline is None else [chip.outline.astype(np.uint8)]
    write_frame(stream, header, chip.reflectance.astype(np.float32, copy=False), *outline)


def order_from(header: dict[str, Any], body: bytearray) -> Order:
    """The order that `write_order` wrote."""
    bands, height, width = header["shape"]
    pixels = np.frombuffer(body, dtype=np.float32, count=bands * height * width).reshape(bands, height, width)
    outline = None
    if header["guided"]:
        outline = np.frombuffer(body, dtype=np.uint8, offset=pixels.nbytes).reshape(height, width).astype(bool)
    pixel_m = header["pixel_m"]
    chip = Chip(pixels, tuple(header["bands"]), math.nan if pixel_m is None else float(pixel_m), outline)
    return Order(str(header["model"]), chip, bool(header["augmented"]))


def probabilities_from(header: dict[str, Any], body: bytearray) -> NDArray[np.float32]:
    """(N, H, W): the answer to an order, N = 1 or PASSES, the first that of the scene as it is."""
    return np.frombuffer(body, dtype=np.float32).reshape(header["shape"])
