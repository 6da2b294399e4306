"""`refused.csv`: the rows that were set aside, so that a person can mend them."""

from __future__ import annotations

import csv
import io

from data.importing.options import Refusal

FILE = "refused.csv"
COLUMNS = ["file", "row", "column", "reason", "values"]


def refused_csv(refused: list[Refusal], files: set[str], held: str) -> str:
    """The text of `refused.csv`: of the files that were read now, the rows set aside now; of all others what it held; empty for none.

    Args:
        refused: Rows that this import set aside.
        files: The files that it read.
        held: The text as it was, empty where there was none.
    """
    rows: list[list[str]] = [cells for cells in list(csv.reader(io.StringIO(held)))[1:] if cells[0].removeprefix("'") not in files]
    rows += [[_neutral(cell) for cell in (r.file, str(r.row), r.column, r.reason, r.values)] for r in refused]
    if not rows and not held:
        return ""
    rows.sort(key=lambda cells: (cells[0], int(cells[1]), cells[3]))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue()


def _neutral(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe in front."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
