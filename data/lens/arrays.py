"""Arrays in an npz file without pickles: equal arrays give equal bytes, and a hostile file is refused before it is unpacked."""

from __future__ import annotations

import io
import math
import tokenize
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.zip_faults import BAD_ZIP

Arrays = dict[str, NDArray[Any]]
UNPACKED = 2**30
"""Bytes that all arrays of one file may take."""
MOST = 4_096
"""Arrays of one file."""
KINDS = {"u1", "i4", "i8", "f2", "f4", "f8"}
BROKEN = (*BAD_ZIP, tokenize.TokenError, OSError, LookupError, TypeError, MemoryError)
"""What zipfile and numpy raise over damaged bytes."""
MOMENT = (1980, 1, 1, 0, 0, 0)
"""The date of every member, so that the bytes follow from the arrays alone."""


def packed_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The arrays as a deflated npz file."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, values in arrays.items():
            member = io.BytesIO()
            np.save(member, np.asarray(values, order="C"), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, member.getvalue())
    return sink.getvalue()


def unpacked_arrays(body: bytes) -> Arrays:
    """The arrays of an npz file.

    Raises:
        ValueError: It is none, or holds something else than finite numbers, more than may be, or another size than it declares.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            if len(members) > MOST or sum(member.file_size for member in members) > UNPACKED:
                raise ValueError(f"it would unpack to more than {UNPACKED // 2**20} MB")
            return {member.filename.removesuffix(".npy"): _array(archive.read(member), member.filename) for member in members}
    except ValueError:
        raise
    except BROKEN as error:
        raise ValueError(f"it is no npz file: {error}") from error


def _array(body: bytes, name: str) -> NDArray[Any]:
    stream = io.BytesIO(body)
    version = np.lib.format.read_magic(stream)
    if version not in {(1, 0), (2, 0)}:
        raise ValueError(f"{name} has another format")
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, by_columns, dtype = read(stream, max_header_size=4096)
    if dtype.str[1:] not in KINDS or dtype.str[0] not in "<|" or by_columns:
        raise ValueError(f"{name} is of the kind {dtype.str[:20]}, not one of {', '.join(sorted(KINDS))}")
    if math.prod(shape) * dtype.itemsize != len(body) - stream.tell() or len(shape) > 6:
        raise ValueError(f"{name} is not of the size that it declares")
    values = np.frombuffer(body, dtype, offset=stream.tell()).reshape(shape)
    if dtype.kind == "f" and np.isinf(values).any():
        raise ValueError(f"{name} holds numbers that are not finite")
    return values
