"""What single observations say: how large the lake is, how much it changed last, and how long nobody has seen it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.watchlist.component import Component, Values
from data.watchlist.components.trend import fitted_area
from data.watchlist.given import Given


def last_change(given: Given) -> Values:
    """(L,) %: the last clear area of the season against the one before; NaN where there are fewer than two."""
    found = [_last_two(used) for used in given.used_blocks]
    newest, before = (pd.concat(each).reindex(given.lake_keys).to_numpy(dtype=np.float64) for each in zip(*found, strict=True))
    return 100.0 * (newest / before - 1.0)


def _last_two(used: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Each lake's last area and the one before, by lake_key."""
    last = ~used["lake_key"].duplicated(keep="last")
    rest = used.loc[~last]
    before = rest.loc[~rest["lake_key"].duplicated(keep="last")]
    return used.loc[last].set_index("lake_key")["area_km2"], before.set_index("lake_key")["area_km2"]


def unseen_days(given: Given) -> Values:
    """(L,) days between each lake's last clear date and the newest one of any lake.

    Not from today: a list made of the same data must stay the same list.
    """
    days = given.last_clear["day"]
    return ((days.max() - days).dt.total_seconds() / 86_400.0).to_numpy(dtype=np.float64)


COMPONENTS = (
    Component(
        "newest_area", "Newest area", "km²", "The area at the last clear date.",
        lambda given: given.last_clear["area_km2"].to_numpy(dtype=np.float64), needs="a clear observation",
    ),
    Component(
        "fitted_area", "Area by the trend", "km²", "The fitted line's area at the last date used: steadier than the newest area.",
        lambda given: fitted_area(given, "last_year"),
    ),
    Component(
        "last_change", "Last change", "%", "The last clear area of the season against the one before; large drops count as large rises do.",
        last_change, needs="two clear observations", speaks="size", reads="signed",
    ),
    Component(
        "unseen", "Days unseen", "days",
        "From the lake's last clear date to the newest clear date of any lake of this source: what nobody has seen for long.",
        unseen_days, needs="a clear observation", reads="whole",
    ),
)  # fmt: skip
