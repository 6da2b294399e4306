"""Ten published signs of hazard and their weights (Hindawi 2014, article 903709, table 3), where an inventory holds what they need.

Types of dam are written as in the 2020 Hindu Kush Himalaya inventory: M(e) is an end moraine.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from data.watchlist.component import Component, Values
from data.watchlist.given import Given

GROUP = "Published hazard signs"
SOURCE = "Hindawi 2014/903709, table 3"
END_MORAINE = frozenset({"m(e)", "end moraine", "end-moraine", "end moraine-dammed", "end-moraine dammed"})


def _end_moraine(given: Given) -> Values | None:
    """(L,) 1 for an end moraine, 0 for another type, NaN where the type is not known; None where it is known of no lake."""
    kind = given.lakes["dam_type"].astype("string").str.strip().str.lower()
    known = kind.fillna("").ne("").to_numpy(dtype=bool)
    return np.where(known, kind.isin(END_MORAINE).to_numpy(dtype=float, na_value=0.0), np.nan) if known.any() else None


def _elevation(given: Given) -> Values | None:
    return _known(given.lakes["elevation_m"].to_numpy(dtype=np.float64))


def _decade(given: Given) -> Values:
    """(L,) growth in ten years, %."""
    slope = given.statistic("slope")
    return 100.0 * (np.expm1(10.0 * slope) if given.table.settings.response == "log" else 10.0 * slope / given.statistic("mean_response"))


def _known(values: Values) -> Values | None:
    return values if np.isfinite(values).any() else None


def _column(role: str) -> Callable[[Given], Values | None]:
    def raw(given: Given) -> Values | None:
        name = given.columns.get(role)
        return None if name is None else _known(given.lakes[name].to_numpy(dtype=np.float64, na_value=np.nan))

    return raw


def _sign(
    name: str, title: str, unit: str, weight: float, *, raw: Callable[[Given], Values | None], needs: str, above: float | None = None,
    below: float | None = None, reads: str = "figure",
) -> Component:  # fmt: skip
    def met(values: Values) -> NDArray[np.bool_]:
        return np.asarray(values > above if above is not None else values < (below or 0.0))

    threshold = f"above {above:g} {unit}" if above is not None else f"below {below:g} {unit}"
    help = f"1 where {threshold.strip()}, else 0. Weight {weight:g} in {SOURCE}."
    return Component(
        f"sign_{name}", title, unit, help, raw, needs=needs, speaks="more" if above is not None else "less", met=met,
        threshold=threshold.strip(), weight=weight, group=GROUP, reads=reads,
    )  # fmt: skip


def _mapped(
    name: str, title: str, unit: str, weight: float, *, above: float | None = None, below: float | None = None, reads: str = "figure",
) -> Component:  # fmt: skip
    return _sign(name, title, unit, weight, raw=_column(name), needs="a column of the inventory", above=above, below=below, reads=reads)


COMPONENTS = (
    Component(
        "sign_end_moraine", "End moraine", "", f"1 where the dam is an end moraine, else 0. Weight 0.15 in {SOURCE}.", _end_moraine,
        needs="dam types", met=lambda raw: np.asarray(raw > 0), threshold="type M(e)", weight=0.15, group=GROUP, reads="yes",
    ),
    _sign(
        "area", "Large lake", "km²", 0.15, raw=lambda given: given.last_clear["area_km2"].to_numpy(dtype=np.float64),
        needs="a clear observation", above=0.2,
    ),
    _mapped("glacier_distance", "Near the glacier", "m", 0.15, below=500, reads="whole"),
    _mapped("glacier_slope", "Steep glacier", "°", 0.10, above=7),
    _mapped("downstream_slope", "Steep below the dam", "°", 0.10, above=20),
    _mapped("dam_width", "Narrow dam", "m", 0.10, below=60, reads="whole"),
    _mapped("glacier_area", "Large glacier", "km²", 0.09, above=2),
    _mapped("lake_glacier_slope", "Steep between lake and glacier", "°", 0.07, above=8),
    _sign("growth", "Fast growth", "%/decade", 0.06, raw=_decade, needs="a trend", above=10, reads="signed"),
    _sign("elevation", "High lake", "m", 0.03, raw=_elevation, needs="elevations", above=5000, reads="whole"),
)  # fmt: skip
