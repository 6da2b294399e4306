"""Areas that a session measured itself, beside those of the dataset: one lake's series with them, and its trend fitted anew. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from data.records import TrendTable
from data.store import Store
from data.trends import resolve
from data.trends.classes import classes
from data.trends.corrections import log_q_with
from data.trends.student import probability
from modules.choices import Display
from modules.trial import code_alone, row_in


@dataclass(frozen=True)
class SessionPoint:
    """One observation.

    Args:
        lake_key: Whose.
        day: Of the image.
        area_km2, area_sd_km2: The lake's own water and its mapping error (1 sd), km²; NaN where unknown.
        valid_share: Share of the lake that the mask knows, 0 to 1.
        reason: A reason code of `areas`; only `ok` is fitted.
        made: By what, in words: `unet at 0.5, edited by hand`.
        scene_key: The image, None for one that was handed in.
    """

    lake_key: int
    day: date
    area_km2: float
    area_sd_km2: float
    valid_share: float
    reason: str
    made: str
    scene_key: int | None = None


@dataclass(frozen=True)
class Refit:
    """The trend of one lake with its session's points.

    Args:
        row: As a row of the trend table; q over the family of the table, in which only this lake's p is another one.
        code: Its class.
    """

    row: dict[str, Any]
    code: int

    @property
    def statistics(self) -> dict[str, Any]:
        """`row` without what names the lake."""
        return {name: value for name, value in self.row.items() if name not in {"lake_key", "lake_id"}}


def with_points(rows: pd.DataFrame, points: Sequence[SessionPoint], source: str) -> pd.DataFrame:
    """The area rows of one lake by one source and a session's points, by date; `session` says by what a point was made, else nothing.

    An observation of a day that a point measures anew is not fitted any more: its reason becomes `replaced`.
    """
    days = pd.to_datetime([point.day for point in points])
    stored = rows.assign(session="", reason=rows["reason"].mask(rows["date"].isin(days), "replaced"))
    mine = pd.DataFrame(
        [
            {
                "lake_key": point.lake_key, "date": day, "source": source, "threshold": float("nan"), "area_km2": point.area_km2,
                "area_sd_km2": point.area_sd_km2, "valid_share": point.valid_share, "reason": point.reason, "sensor": None,
                "scene_key": point.scene_key, "date_nominal": False, "date_image": pd.NaT, "session": point.made,
            }
            for day, point in zip(days, points, strict=True)
        ],
        columns=list(stored.columns),
    ).astype({name: kind for name, kind in stored.dtypes.items() if name not in {"sensor", "session"}}, errors="ignore")  # fmt: skip
    both = pd.concat([stored, mine]) if len(stored) else mine
    return both.sort_values("date", ignore_index=True, kind="stable")


def refitted(store: Store, table: TrendTable, points: Sequence[SessionPoint], display: Display) -> Refit | None:
    """Fit one lake's trend anew with its session's points; None where the dataset has no such lake.

    Args:
        store: The dataset.
        table: The trends that are shown: of all lakes, whose family is used, or of this one alone at a threshold of its own, without q.
        points: All of one lake, at least one.
        display: What classes are held against.
    """
    lake_key = points[0].lake_key
    row = store.row_of(lake_key)
    if row is None:
        return None
    source = table.settings.source
    held = store.areas(lake_key, table.settings)
    rows = with_points(held[held["source"] == source], points, source)
    settings = replace(table.settings, threshold=None)  # the rows are those of one threshold already
    fitted = resolve(settings).table(rows, store.lakes.iloc[[row]], settings, table.shared)
    frame, at = fitted.frame, row_in(table, lake_key)
    if len(table.frame) == 1 < len(store.lakes):
        return Refit(frame.iloc[0].to_dict(), code_alone(fitted, display))
    for suffix in ("", "_ols"):
        family = (table.frame[f"log_{letter}{suffix}"].to_numpy(dtype=float) for letter in "pq")
        log_q = np.array([log_q_with(table.settings.correction, *family, at, frame[f"log_p{suffix}"].iloc[0])])
        frame = frame.assign(**{f"log_q{suffix}": log_q, f"q{suffix}": probability(log_q)})
    code = classes(replace(fitted, frame=frame), use=display.use, alpha=display.alpha, effect=display.effect)
    return Refit(frame.iloc[0].to_dict(), int(code[0]))
