"""What is counted over all area rows of a dataset: once, for every visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.trends.series import image_dates_differ

HALF_A_YEAR = 365.25 / 2
DAYS = 365.25


@dataclass(frozen=True)
class AreaCounts:
    """Counts of the rows that series and trends use: of each source one threshold, the dataset's own.

    Args:
        observations, usable: Rows; those with reason `ok` and an area above 0.
        years: The years with observations, ascending.
        nominal: Observations of which only the year is known.
        imaged: Nominal ones whose acquisition day is known all the same.
        far: Of those, how many lie more than half a year from the date used.
        farthest: The longest of those distances, years.
        median_n: The median number of usable observations a lake and source.
        area: km², the smallest and largest usable area; None where there are not two different ones.
        each: The fewest and most observations, usable or not, of a lake by a source; None where there are not two different numbers.
        image_dates: Whether some image is known to be of another day than the date used.
    """

    observations: int = 0
    usable: int = 0
    years: tuple[int, ...] = ()
    nominal: int = 0
    imaged: int = 0
    far: int = 0
    farthest: float = 0.0
    median_n: float = 0.0
    area: tuple[float, float] | None = None
    each: tuple[float, float] | None = None
    image_dates: bool = False


def area_counts(rows: pd.DataFrame) -> AreaCounts:
    """Count them.

    Args:
        rows: As `Store.area_rows`.
    """
    area, days, image = rows["area_km2"].to_numpy(dtype=float), _days(rows, "date"), _days(rows, "date_image")
    usable = (rows["reason"] == "ok").to_numpy(dtype=bool) & (area > 0)
    nominal = rows["date_nominal"].to_numpy(dtype=bool)
    imaged = nominal & ~np.isnat(image)
    apart = np.abs((image[imaged] - days[imaged]).astype(np.int64))
    series = _series(rows)
    return AreaCounts(
        observations=len(rows),
        usable=int(usable.sum()),
        years=tuple(int(year) for year in np.unique(days[~np.isnat(days)].astype("datetime64[Y]").astype(np.int64) + 1970)),
        nominal=int(nominal.sum()),
        imaged=len(apart),
        far=int((apart > HALF_A_YEAR).sum()),
        farthest=float(apart.max() / DAYS) if len(apart) else 0.0,
        median_n=float(np.median(_sizes(series[usable]))) if usable.any() else 0.0,
        area=_span(area[usable]),
        each=_span(_sizes(series)),
        image_dates=image_dates_differ(rows),
    )


def _days(rows: pd.DataFrame, name: str) -> NDArray[np.datetime64]:
    return rows[name].to_numpy(dtype="datetime64[D]")


def _series(rows: pd.DataFrame) -> NDArray[np.int64]:
    """(N,) a number for each lake and source."""
    source, names = pd.factorize(rows["source"])
    return rows["lake_key"].to_numpy(dtype=np.int64) * len(names) + source


def _sizes(series: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many rows each series has."""
    return np.unique(series, return_counts=True)[1].astype(np.float64)


def _span(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """The ends of some values, None where they are one value or none."""
    if not len(values) or values.min() == values.max():
        return None
    return float(values.min()), float(values.max())
