"""`refused.csv`: the rows that were set aside, so that a person can mend them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from data.importing.options import Refusal

FILE = "refused.csv"
COLUMNS = ["file", "row", "column", "reason", "values"]


def refused_csv(refused: list[Refusal], held: Path) -> str:
    """The text of `refused.csv`: what it held, and the rows of this import; of one file's row the newer reason stands.

    Args:
        refused: Rows that this import set aside.
        held: The file as it is, if it is there.
    """
    rows: dict[tuple[str, str, str], list[str]] = {}
    if held.exists():
        with held.open(encoding="utf-8", newline="") as stream:
            rows = {(cells[0], cells[1], cells[4]): cells for cells in list(csv.reader(stream))[1:]}
    for refusal in refused:
        values = _neutral(refusal.values)
        rows[refusal.file, str(refusal.row), values] = [
            _neutral(refusal.file),
            str(refusal.row),
            _neutral(refusal.column),
            refusal.reason,
            values,
        ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows[key] for key in sorted(rows, key=lambda key: (key[0], int(key[1]), key[2])))
    return text.getvalue()


def _neutral(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
