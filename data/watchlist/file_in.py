"""A watch-list file read back. It comes from anywhere: every part is checked before anything is made of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.errors import InputError, MoraineError
from data.records import TrendSettings
from data.schema import REASONS
from data.trends import resolve
from data.watchlist.columns_json import GOOD, LONGEST, REMEDY, decoded
from data.watchlist.file_out import FORMAT, VERSION
from data.watchlist.roles import ROLES
from data.watchlist.saved import FLOODS, LAKES, MOST_LAKES, MOST_ROWS, REVIEWS, ROWS, Dataset, Saved
from data.watchlist.wish import Wish, weighed

MOST_MB = 40
"""The largest file that is read: twice what MOST_ROWS observations take."""
MOST_PARTS, MOST_VALUES = 200_000, 4_000_000
"""Lists and tables, and values, in a file: a small one of nothing but brackets would else fill the memory."""
CHOOSE = "choose a file that the page Watch-list saved"


def read_file(path: Path, most_mb: float = MOST_MB) -> Saved:
    """Read and check a watch-list.

    Raises:
        InputError: It is none, is too large, or holds something that it must not: the part, and the row, are named.
    """
    if path.stat().st_size > most_mb * 2**20:
        raise InputError(f"the file is larger than {most_mb:g} MB", CHOOSE)
    return read_text(path.read_bytes())


def read_text(raw: bytes) -> Saved:
    """The same, of the bytes of a file."""
    if raw.count(b"[") + raw.count(b"{") > MOST_PARTS or raw.count(b",") > MOST_VALUES:
        raise InputError("the file holds more than any watch-list", CHOOSE)
    try:
        sent = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the file is no JSON: {str(error)[:120]}", CHOOSE) from error
    if not isinstance(sent, dict) or sent.get("format") != FORMAT:
        raise InputError("the file is no watch-list", CHOOSE)
    if sent.get("version") != VERSION:
        raise InputError(f"the file has version {str(sent.get('version'))[:20]}, this Moraine reads {VERSION}", "update Moraine")
    try:
        return _saved(sent)
    except MoraineError as error:
        raise InputError(f"the watch-list cannot be used: {error.what}", error.remedy) from error


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _saved(sent: dict[str, Any]) -> Saved:
    lakes = decoded(sent.get("lakes"), LAKES, "lakes", MOST_LAKES)
    keys = lakes["lake_key"].to_numpy()
    if not (np.diff(keys) > 0).all():
        raise InputError("the keys of lakes are not in order, or one is there twice", REMEDY)
    settings = replace(TrendSettings.from_token(_text(sent, "settings")), without="")
    resolve(settings)
    floods = None if sent.get("floods") is None else decoded(sent["floods"], FLOODS, "floods", MOST_ROWS)
    return Saved(
        made=_text(sent, "made"),
        dataset=_dataset(sent.get("dataset")),
        settings=settings,
        wish=_wish(sent),
        columns=_columns(_texts(sent, "columns")),
        lakes=lakes,
        rows=_rows(sent, keys),
        floods=floods,
        reviews=decoded(sent.get("reviews"), REVIEWS, "reviews", MOST_ROWS),
        ranks=_ranks(sent.get("list")),
    )


def _rows(sent: dict[str, Any], keys: np.ndarray) -> pd.DataFrame:
    rows = decoded(sent.get("observations"), ROWS, "observations", MOST_ROWS)
    strange = set(rows["reason"]) - set(REASONS)
    if strange:
        raise InputError(f"observations have the reason {sorted(strange)[0]!r}", f"reasons are {', '.join(REASONS)}")
    if not rows["lake_key"].isin(keys.tolist()).to_numpy(dtype=bool).all():
        raise InputError("observations name a lake that is not there", REMEDY)
    area, sd = (rows[name].to_numpy(dtype=np.float64) for name in ("area_km2", "area_sd_km2"))
    bad = np.flatnonzero((area < 0) | (area > 1e6) | (sd < 0))
    if len(bad):
        raise InputError(f"observations, row {bad[0]}: an area is out of range", "areas are km², 0 to a million")
    if rows.duplicated(["lake_key", "date", "threshold"]).to_numpy(dtype=bool).any():
        raise InputError("an observation is there twice", REMEDY)
    return rows.sort_values(["lake_key", "date"], ignore_index=True, kind="stable")


def _dataset(sent: object) -> Dataset:
    if not isinstance(sent, dict) or not isinstance(sent.get("simulated"), bool):
        raise InputError("the file does not say which dataset it is of", REMEDY)
    name, title, digest, licence, citation = (_text(sent, field) for field in ("name", "title", "digest", "licence", "citation"))
    return Dataset(name, title, digest, sent["simulated"], licence, citation)


def _wish(sent: dict[str, Any]) -> Wish:
    weights, top = sent.get("weights"), sent.get("top")
    if not isinstance(weights, dict) or not all(map(GOOD["float"], weights.values())):
        raise InputError("the weights are no numbers", REMEDY)
    if not isinstance(top, int) or isinstance(top, bool):
        raise InputError("the length of the list is no whole number", REMEDY)
    return Wish(weighed(weights), top, tuple(sorted(_texts(sent, "mapped").items())))


def _columns(texts: dict[str, str]) -> dict[str, str]:
    strange = sorted(texts.keys() - ROLES.keys())
    if strange:
        raise InputError(f"role {strange[0]!r} is unknown", f"use one of {', '.join(ROLES)}")
    return texts


def _ranks(sent: object) -> dict[int, int]:
    good = isinstance(sent, list) and all(
        isinstance(entry, dict) and all(isinstance(entry.get(name), int) for name in ("lake_key", "place")) for entry in sent
    )
    if not good:
        raise InputError("the list is no list of lakes and places", REMEDY)
    return {entry["lake_key"]: entry["place"] for entry in sent}  # pyright: ignore[reportGeneralTypeIssues]


def _text(sent: dict[str, Any], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str) or len(value) > 4 * LONGEST:
        raise InputError(f"{name} is missing, or no text", REMEDY)
    return value


def _texts(sent: dict[str, Any], name: str) -> dict[str, str]:
    value = sent.get(name)
    if (
        not isinstance(value, dict)
        or len(value) > len(ROLES)
        or not all(isinstance(text, str) and len(text) <= LONGEST for text in value.values())
    ):
        raise InputError(f"{name} is missing, or no table of texts", REMEDY)
    return dict(value)
