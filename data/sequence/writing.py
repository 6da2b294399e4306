"""Writes a run of the sequence lab: every file whole, `sequence.json` last, so that a run that is there is all there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from data.lens.writing import Content, packed, seal, write_bodies
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
    told = replace(manifest, files=write_bodies(folder, bodies))
    seal(folder / FILE, told.to_json(), lambda: open_sequence(folder).check())
    return told
