"""Writes a lens: all files as one, so that there is the old lens or the new one, whoever kills us."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data.commit import transaction
from data.errors import LensError
from data.lens.arrays import packed_arrays
from data.lens.manifest import FILE, Manifest

Content = bytes | pd.DataFrame | Mapping[str, NDArray[Any]]


def write_lens(folder: Path, contents: Mapping[str, Content], manifest: Manifest) -> Manifest:
    """Write the files of a lens and the manifest that names them; files of an older lens that are not among them go.

    Args:
        folder: `RUN/lens`, made where it is not there.
        contents: File name → bytes for a picture, a table for `.parquet`, arrays by name for `.npz`; see docs/lens.md for which.
        manifest: What it is of; its `files` are filled in.

    Returns:
        The manifest as written.

    Raises:
        LensError: What was to be written does not fit together; the message names the file. What was there before stays.
        DatasetError: Another process is writing there.
    """
    from data.lens.reading import open_lens  # noqa: PLC0415  reading knows what fits together

    bodies = {name: packed(content) for name, content in contents.items()}
    told = replace(manifest, files=digests(bodies))
    write_together(folder, {**bodies, FILE: told.to_json().encode()}, lambda place: open_lens(place).check())
    for old in folder.glob("*"):
        if old.name not in bodies and old.suffix in {".npz", ".parquet", ".jpg", ".png"}:
            old.unlink()
    return told


def digests(bodies: Mapping[str, bytes]) -> dict[str, str]:
    """The SHA-256 of each file by its name."""
    return {name: hashlib.sha256(body).hexdigest() for name, body in sorted(bodies.items())}


def write_together(folder: Path, bodies: Mapping[str, bytes], check: Callable[[Path], object]) -> None:
    """Put files in their places as one: all of them or, where `check` raises, none.

    Args:
        folder: Made where it is not there.
        bodies: File name → what it holds.
        check: Told where they lie before they are put there.

    Raises:
        LensError: What `check` raised, told of `folder`.
        DatasetError: Another process is writing there.
    """
    with transaction(folder) as stage:
        for name, body in bodies.items():
            (stage / name).write_bytes(body)
        try:
            check(stage)
        except LensError as error:
            raise LensError(error.what.replace(str(stage), str(folder)), error.remedy) from error


def packed(content: Content) -> bytes:
    """The bytes of a file; equal contents give equal bytes."""
    if isinstance(content, bytes):
        return content
    if isinstance(content, pd.DataFrame):
        sink = io.BytesIO()
        table = pa.Table.from_pandas(content, preserve_index=False).replace_schema_metadata(None)
        pq.write_table(table, sink, compression="zstd", write_page_checksum=True)  # pyright: ignore[reportUnknownMemberType]
        return sink.getvalue()
    return packed_arrays(content)
