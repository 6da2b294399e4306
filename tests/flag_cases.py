"""Series for the tests of flags, as area rows by lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from data.flags import FLAGS
from data.flags.table import flag_table
from data.records import Season, TrendSettings
from tests.trend_cases import area_rows

NO_EVENTS = pd.DataFrame({"lake_key": pd.Series([], dtype="int32"), "date": pd.Series([], dtype="datetime64[s]"), "kind": []})


def lakes_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The lakes of these rows, side by side on a line a kilometre apart."""
    keys = sorted(rows["lake_key"].unique())
    return pd.DataFrame({"lake_key": keys, "lon": [80 + 0.01 * key for key in keys], "lat": 28.0}).astype({"lake_key": "int32"})


def flags_of(
    rows: pd.DataFrame, *kinds: str, events: pd.DataFrame = NO_EVENTS, season: Season | None = None, lakes: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The findings of some kinds, or of all."""
    wanted = {name: FLAGS[name] for name in kinds} if kinds else FLAGS
    return flag_table(wanted, rows, lakes_of(rows) if lakes is None else lakes, events, TrendSettings(source="inventory", season=season))


def dated(areas: Mapping[int, Sequence[float]], first: int = 2000, **defaults: object) -> pd.DataFrame:
    """One row a year on 1 October, a real date; 0 km² is an empty mask, NaN no row."""
    rows: list[dict[str, object]] = [
        {"lake_key": key, "date": f"{first + place}-10-01", "area_km2": area, "reason": "ok" if area else "empty"}
        for key, values in areas.items()
        for place, area in enumerate(values)
        if area == area  # noqa: PLR0124  NaN
    ]
    return area_rows(rows, **{"date_nominal": False, **defaults})
