"""A scene read in parts, band of rows by band of rows, so that memory holds a few MB of it however large it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from data.errors import RasterError
from data.rasters.judging import AGAIN
from data.rasters.reading import opened, read_stored
from data.rasters.writing import DIGEST, WITH_HEADER
from data.scenes.headers import Header
from data.scenes.meaning import Meaning
from data.scenes.pixels import physical

MOST_PART = 2**25
"""Bytes of a part, as stored and as meant together. Where whole blocks fit, parts are made of them: none is decoded twice."""
SAMPLE = 2**20
"""Numbers that a sample holds at most, or so."""


def write_parts(header: Header, mean: Meaning, bands: Sequence[str], places: Sequence[int], target: Path) -> NDArray[np.float32]:
    """Write what the numbers of a file mean as one plain array (`.npy`), (N, H, W) float32, NaN where there is no data.

    Args:
        header: Of the file.
        mean: What its numbers mean.
        bands: (B,) names of all its bands.
        places: (N,) those to write, from 0.
        target: The file to make.

    Returns:
        (N, h, w) every so-manieth pixel of it; all of them where there are few.

    Raises:
        RasterError: It cannot be read, or is not what its digest says.
    """
    _verify(header)
    height, width = header.grid.shape
    step = max(1, round((len(places) * height * width / SAMPLE) ** 0.5))
    seen: list[NDArray[np.float32]] = []
    numbers = [place + 1 for place in places]
    with target.open("wb") as file:
        npy.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (len(places), height, width)})
        begins = file.tell()
        for top, bottom in _rows(header, numbers):
            values, _ = physical(header.path, mean, [bands[place] for place in places], numbers, (0, top, width, bottom))
            for band, rows in enumerate(values):
                file.seek(begins + 4 * width * (band * height + top))
                file.write(np.ascontiguousarray(rows, dtype="<f4").data)
            seen.append(values[:, -top % step :: step, ::step].copy())
    return np.concatenate(seen, axis=1)


def _rows(header: Header, numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Parts of the file's rows: as many whole blocks as fit, or else parts of blocks."""
    height, width = header.grid.shape
    with opened(header.path) as dataset:
        block = int(dataset.block_shapes[0][0])
    row = width * len(numbers) * (np.dtype(header.dtype).itemsize + 4)
    fit = max(1, MOST_PART // row)
    step = fit // block * block or fit
    return ((top, min(top + step, height)) for top in range(0, height, step))


def _verify(header: Header) -> None:
    """Raise RasterError where a file says a digest of its pixels, and they are others."""
    told = header.tags.get(DIGEST.lower())
    if told is None:
        return
    digest = hashlib.sha256()
    for number in range(1, len(header.described) + 1):
        for top, bottom in _rows(header, [number]):
            stored = read_stored(header.path, [number], (0, top, header.grid.width, bottom)).values
            digest.update(np.ascontiguousarray(stored, dtype=stored.dtype.newbyteorder("<")).data)
    if digest.hexdigest() != told.removesuffix(WITH_HEADER):
        raise RasterError(f"{header.path} is damaged: its pixels are not those that were written (its checksum differs)", AGAIN)
