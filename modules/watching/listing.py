"""The list as the browser draws it: texts, keys and shares only. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.store import Store
from data.watchlist.components import COMPONENTS
from data.watchlist.given import Given
from data.watchlist.rank import Ranking
from data.watchlist.volumes import volume_range
from modules.figures import CLASSES
from modules.numerals import fixed_text
from modules.watching.words import day_text, range_text, value_text


@dataclass(frozen=True)
class Shown:
    """What the list is drawn from.

    Args:
        store: The dataset.
        given: What the components were worked out from.
        ranking: The order.
        codes: (L,) class codes.
        verdict: What the test says of the lake in a row.
        likely: What triage says its trend most likely is.
    """

    store: Store
    given: Given
    ranking: Ranking
    codes: np.ndarray
    verdict: Callable[[int], str]
    likely: Callable[[int], str]


def list_record(shown: Shown, rows: Sequence[int], *, further: bool) -> dict[str, Any]:
    """Headers, and of each lake its place, contributions, components and verdict.

    Args:
        shown: What to draw from.
        rows: Rows of the lakes, in order.
        further: Components without weight as well.
    """
    ranking, response = shown.ranking, shown.given.table.settings.response
    others = [name for name in ranking.raw if name not in ranking.names] if further else []
    columns = [
        {"title": COMPONENTS[name].title, "unit": COMPONENTS[name].unit_for(response), "part": place if place < len(ranking.names) else -1}
        for place, name in enumerate([*ranking.names, *others])
    ]
    names = [*ranking.names, *others]
    last = shown.given.last_clear.iloc[list(rows)]
    low, _, high = volume_range(last["area_km2"].to_numpy(dtype=float))
    days, years = (last[name].tolist() for name in ("day", "year_only"))
    tied = ranking.tied
    return {
        "columns": columns,
        "rows": [
            {
                **_lake(shown, row, tied=bool(tied[row])),
                "cells": [value_text(name, float(ranking.raw[name][row])) for name in names],
                "seen": day_text(days[at], years[at]),
                "volume": range_text(float(low[at]), float(high[at])),
            }
            for at, row in enumerate(rows)
        ],
    }


def _lake(shown: Shown, row: int, *, tied: bool) -> dict[str, Any]:
    ranking, store = shown.ranking, shown.store
    label = store.labels[row]
    return {
        "key": int(store.lake_keys[row]),
        "rank": f"{'=' if tied else ''}{ranking.rank[row]}",
        "label": label,
        "beside": store.ids[row] if store.ids[row] != label else "",
        "score": fixed_text(float(ranking.score[row]), 3),
        "parts": [None if np.isnan(part) else round(float(part), 4) for part in ranking.parts[row]],
        "known": "" if ranking.known[row] > 1 - 1e-9 else f"{100 * ranking.known[row]:.0f} % of the weight known",
        "meaning": CLASSES[shown.codes[row]],
        "verdict": shown.verdict(row),
        "likely": shown.likely(row),
    }
