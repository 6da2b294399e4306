"""Writes a run of the sequence lab: every file whole, `sequence.json` last, so that a run that is there is all there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from data.cache import write_atomic, write_text
from data.lens.writing import Content, packed
from data.sequence.manifest import FILE, Manifest
from data.sequence.reading import open_sequence


def write_sequence(folder: Path, contents: Mapping[str, Content], manifest: Manifest) -> Manifest:
    """Write the files of a run and the manifest that names them.

    Args:
        folder: Made where it is not there.
        contents: File name → a table for `.parquet`, arrays by name for `.npz`; see docs/sequence.md for which.
        manifest: What it is of; its `files` are filled in.

    Returns:
        The manifest as written.

    Raises:
        LensError: What was written does not fit together; the message names the file. `sequence.json` is then not there.
    """
    (folder / FILE).unlink(missing_ok=True)
    bodies = {name: packed(content) for name, content in contents.items()}
    for name, body in bodies.items():
        write_atomic(folder / name, lambda path, body=body: path.write_bytes(body))
    told = replace(manifest, files={name: hashlib.sha256(body).hexdigest() for name, body in sorted(bodies.items())})
    write_text(folder / FILE, told.to_json())
    try:
        open_sequence(folder).check()
    except BaseException:
        (folder / FILE).unlink(missing_ok=True)
        raise
    return told
