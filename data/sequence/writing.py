"""Writes a run of the sequence lab: all files as one, so that there is the old run or the new one, whoever kills us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from data.lens.writing import Content, digests, packed, write_together
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
        LensError: What was to be written does not fit together; the message names the file. What was there before stays.
        DatasetError: Another process is writing there.
    """
    bodies = {name: packed(content) for name, content in contents.items()}
    told = replace(manifest, files=digests(bodies))
    write_together(folder, {**bodies, FILE: told.to_json().encode()}, lambda place: open_sequence(place).check())
    return told
