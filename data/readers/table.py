"""CSV: one row a lake and date, with longitude and latitude or without."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data.errors import InputError
from data.readers.layer import Layer, ReadOptions

SUFFIXES = (".csv", ".tsv")


def claims(path: Path) -> int:
    return int(path.suffix.lower() in SUFFIXES)


def read(path: Path, options: ReadOptions) -> list[Layer]:
    """Every cell is read as text: what is a number or a date is decided column by column afterwards.

    Text is UTF-8, UTF-16 with its mark (a spreadsheet's "Unicode text"), or else Latin-1.

    Raises:
        InputError: Not text, or its lines have different numbers of cells.
    """
    raw = path.read_bytes()
    wide = raw[:2] in {b"\xff\xfe", b"\xfe\xff"}
    if b"\x00" in raw[:4096] and not wide:
        raise InputError(f"{path} is not text, so not CSV", "give it the suffix of its real format")
    encoding = "utf-16" if wide else "utf-8-sig" if _decodes(raw) else "latin-1"
    head = raw[:65536].decode(encoding, errors="replace").splitlines()[:1]
    separator = max(",;\t", key=head[0].count) if head else ","
    try:
        frame = pd.read_csv(path, sep=separator, dtype=str, encoding=encoding, skipinitialspace=True, keep_default_na=False, na_values=[""])
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path} is not a table: {str(error)[:200]}", "mend the line it names, or export it again") from error
    frame.columns = [str(name).strip() for name in frame.columns]
    return [Layer(str(path), path.stem, frame.reset_index(drop=True))]


def _decodes(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
