"""Reviews as a file that people keep, send and take in again: CSV for a spreadsheet, JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from data.errors import InputError
from data.export import FORMULA_STARTS
from data.reviews.record import Place, Review, checked

COLUMNS = (
    "seq", "at", "dataset", "digest", "lake_key", "lake_id", "lon", "lat", "date", "source", "verdict", "note", "who", "signed_in", "key",
)  # fmt: skip
FORMATS = ("csv", "json")
MOST_BYTES, MOST_ROWS = 64 * 2**20, 200_000


def written(reviews: Iterable[Review], format: str) -> bytes:
    """The file. In CSV, text that a spreadsheet would run as a formula stands behind an apostrophe.

    Raises:
        InputError: The format is none of FORMATS.
    """
    rows = [_row(review) for review in reviews]
    if format == "json":
        return (json.dumps({"moraine": "reviews", "format": 1, "reviews": rows}, ensure_ascii=False, indent=1) + "\n").encode()
    if format != "csv":
        raise InputError(f"reviews cannot be written as {format!r}", f"use one of {', '.join(FORMATS)}")
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows([{name: _guarded(row[name]) for name in COLUMNS} for row in rows])
    return out.getvalue().encode()


def _row(review: Review) -> dict[str, Any]:
    place = review.place
    return {
        "seq": review.seq, "at": review.at.isoformat(), "dataset": review.dataset, "digest": review.digest, "lake_key": place.lake_key,
        "lake_id": place.lake_id, "lon": place.lon, "lat": place.lat, "date": review.date.isoformat() if review.date else None,
        "source": review.source, "verdict": review.verdict, "note": review.note, "who": review.who, "signed_in": review.signed_in,
        "key": review.key,
    }  # fmt: skip


def _guarded(cell: object) -> object:
    # An apostrophe of the text's own is doubled, or it would be lost on the way back.
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("'", *FORMULA_STARTS)) else cell


def read_reviews(path: Path) -> list[Review]:
    """Read what `written` wrote, in the order of the log.

    Raises:
        InputError: The file is none, is too large, or a row cannot be what it says; it names the row.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path.name} is larger than {MOST_BYTES // 2**20} MB", "hand in fewer reviews at once")
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}", "name a file of reviews") from error
    return reviews_from(raw, path.name)


def reviews_from(raw: bytes, name: str) -> list[Review]:
    """The same of the bytes of a file.

    Args:
        raw: What it holds.
        name: What to call it in messages.

    Raises:
        InputError: See `read_reviews`.
    """
    try:
        text = raw.decode("utf-8-sig")
        rows = _from_json(text, name) if text.lstrip().startswith("{") else _from_csv(text, name)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, csv.Error) as error:
        raise InputError(f"{name} is no file of reviews: {error}", "hand in one that Moraine wrote, .csv or .json") from error
    if len(rows) > MOST_ROWS:
        raise InputError(f"{name} holds more than {MOST_ROWS:,} reviews", "hand in fewer at once")
    return sorted((_review(row, f"{name} review {number}") for number, row in enumerate(rows, 1)), key=lambda review: review.seq)


def _from_json(text: str, name: str) -> list[dict[str, Any]]:
    held = json.loads(text)
    rows = held.get("reviews")
    if held.get("moraine") != "reviews" or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{name} is no file of reviews", "hand in one that Moraine wrote, .csv or .json")
    return rows


def _from_csv(text: str, name: str) -> list[dict[str, Any]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        raise InputError(f"{name} has no column {missing[0]!r}", "hand in a file of reviews that Moraine wrote, .csv or .json")
    return [{column: (row[column] or "").removeprefix("'") for column in COLUMNS} for row in reader]


def _review(row: dict[str, Any], where: str) -> Review:
    try:
        place = Place(int(row["lake_key"]), str(row["lake_id"] or ""), _degrees(row["lon"]), _degrees(row["lat"]))
        day = date.fromisoformat(row["date"]) if row["date"] else None
        signed = str(row["signed_in"]).lower()
        if signed not in {"true", "false"}:
            raise ValueError(f"signed_in is {signed[:20]!r}")
        return checked(
            Review(
                str(row["key"]), str(row["dataset"]), str(row["digest"]), place, day, str(row["source"] or ""), str(row["verdict"]),
                str(row["note"] or ""), str(row["who"]), signed == "true", datetime.fromisoformat(row["at"]), int(row["seq"]),
            )
        )  # fmt: skip
    except InputError as error:
        raise InputError(f"{where}: {error.what}", error.remedy) from error
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{where} cannot be read: {error}", "mend that row, or take it out") from error


def _degrees(cell: object) -> float | None:
    value = None if cell in (None, "") else float(str(cell))
    if value is not None and not abs(value) <= 360:
        raise ValueError(f"{value} is no angle")
    return value
