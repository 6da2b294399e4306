"""Writes a lens: every file whole, `lens.json` last, so that a lens that is there is all there."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
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
    for name, body in bodies.items():
        write_atomic(folder / name, lambda path, body=body: path.write_bytes(body))
    told = replace(manifest, files={name: hashlib.sha256(body).hexdigest() for name, body in sorted(bodies.items())})
    write_text(folder / FILE, told.to_json())
    try:
        open_lens(folder).check()
    except BaseException:
        (folder / FILE).unlink(missing_ok=True)
        raise
    return told


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
