"""Writes a lens: every file whole, `lens.json` last, so that a lens that is there is all there."""

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

from data.cache import write_atomic, write_text
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
        LensError: What was written does not fit together; the message names the file. `lens.json` is then not there.
    """
    from data.lens.reading import open_lens  # noqa: PLC0415  reading knows what fits together

    (folder / FILE).unlink(missing_ok=True)
    bodies = {name: packed(content) for name, content in contents.items()}
    for old in folder.glob("*") if folder.is_dir() else ():
        if old.name not in bodies and old.suffix in {".npz", ".parquet", ".jpg", ".png"}:
            old.unlink()
    told = replace(manifest, files=write_bodies(folder, bodies))
    seal(folder / FILE, told.to_json(), lambda: open_lens(folder).check())
    return told


def write_bodies(folder: Path, bodies: Mapping[str, bytes]) -> dict[str, str]:
    """Write files whole; returns the SHA-256 of each by its name."""
    for name, body in bodies.items():
        write_atomic(folder / name, lambda path, body=body: path.write_bytes(body))
    return {name: hashlib.sha256(body).hexdigest() for name, body in sorted(bodies.items())}


def seal(path: Path, text: str, check: Callable[[], object]) -> None:
    """Write the manifest that makes a folder whole; where `check` then raises, it goes again."""
    write_text(path, text)
    try:
        check()
    except BaseException:
        path.unlink(missing_ok=True)
        raise


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
