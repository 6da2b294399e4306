"""A watch-list as a file: JSON, documented in docs/watchlist.md, readable by people and complete enough to be ranked again."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd

from data.cache import fingerprint
from data.watchlist.columns_json import encoded
from data.watchlist.given import Given
from data.watchlist.rank import Ranking
from data.watchlist.saved import FLOODS, LAKES, REVIEWS, ROWS, Saved

FORMAT, VERSION = "moraine-watchlist", 1
DIGITS = 12
"""Characters of a fingerprint."""


def file_text(saved: Saved, given: Given, ranking: Ranking) -> str:
    """The file.

    Args:
        saved: The list.
        given: What it was ranked from: for the part that people read.
        ranking: The order.
    """
    rest = {
        "format": FORMAT, "version": VERSION, "made": saved.made, "dataset": vars(saved.dataset), "settings": saved.settings.token,
        "weights": dict(saved.wish.weights), "top": saved.wish.top, "mapped": dict(saved.wish.columns), "columns": saved.columns,
        "list": [_entry(saved, given, ranking, row) for row in ranking.listed.tolist()],
        "lakes": encoded(saved.lakes, LAKES),
        "floods": None if saved.floods is None else encoded(saved.floods, FLOODS),
        "reviews": encoded(saved.reviews, REVIEWS),
        "observations": encoded(saved.rows, ROWS),
    }  # fmt: skip
    # One line a member: people can read the first ones, and version control can tell what changed.
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {_dumped(name, value)}" for name, value in rest.items()) + "\n}\n"


def _dumped(name: str, value: Any) -> str:
    if name != "list" or not value:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    return "[\n" + ",\n".join(json.dumps(entry, ensure_ascii=False, allow_nan=False) for entry in value) + "\n]"


def _entry(saved: Saved, given: Given, ranking: Ranking, row: int) -> dict[str, Any]:
    lake_key = int(ranking.lake_key[row])
    mine = saved.rows.loc[(saved.rows["lake_key"] == lake_key).to_numpy(dtype=bool)]
    day = given.last_clear["day"].iloc[row]
    lake = saved.lakes.iloc[row]
    return {
        "place": int(ranking.rank[row]), "lake_key": lake_key, "lake_id": _text(lake["lake_id"]), "label": str(lake["label"]),
        "score": float(ranking.score[row]), "known_share": float(ranking.known[row]),
        "last_clear": None if pd.isna(day) else f"{day:%Y-%m-%d}", "observations": len(mine),
        "fingerprint": fingerprint(mine.drop(columns="lake_key").to_csv(index=False, float_format="%.17g"))[:DIGITS],
        "components": {name: _component(ranking, name, row) for name in ranking.raw},
    }  # fmt: skip


def _component(ranking: Ranking, name: str, row: int) -> dict[str, Any]:
    scaled = {"value": _number(ranking.raw[name][row]), "scaled": _number(ranking.every_scaled[name][row])}
    if name not in ranking.names:
        return scaled
    at = ranking.names.index(name)
    return {**scaled, "weight": float(ranking.weights[at]), "contribution": _number(ranking.parts[row, at])}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
