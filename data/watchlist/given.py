"""What the components of a watch-list are worked out from. A saved watch-list holds all of it, so that it can be ranked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.records import Season, TrendTable
from data.trends.series import barred


@dataclass(frozen=True)
class Given:
    """Never change what it holds.

    Args:
        lakes: L rows in lake_key order, as `Store.lakes`.
        table: Their trends, in the same order.
        rows: The area rows of the source under test, ordered by lake_key and date.
        floods: One row a recorded outburst flood (`lake_key`, `date`); None where nobody has brought a record of floods.
        columns: Role (of `data.watchlist.roles`) → the column of `lakes` that plays it.
    """

    lakes: pd.DataFrame
    table: TrendTable
    rows: pd.DataFrame
    floods: pd.DataFrame | None = None
    columns: Mapping[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def lake_keys(self) -> NDArray[np.int32]:
        """(L,) ascending."""
        return self.lakes["lake_key"].to_numpy(dtype=np.int32)

    @cached_property
    def clear(self) -> pd.DataFrame:
        """The rows that saw the lake clearly, whatever the month; ordered as `rows`."""
        return self._clear(None)

    @cached_property
    def used(self) -> pd.DataFrame:
        """The rows that trends use: clear, and in the season."""
        return self._clear(self.table.settings.season)

    def _clear(self, season: Season | None) -> pd.DataFrame:
        return self.rows.loc[barred(self.rows, season) == ""]

    def statistic(self, name: str) -> NDArray[np.float64]:
        """(L,) a column of the trend table."""
        return self.table.frame[name].to_numpy(dtype=np.float64)

    @cached_property
    def last_clear(self) -> pd.DataFrame:
        """L rows: of each lake's last clear observation the `day` of its image, `year_only` where that day is not known, `area_km2`.

        NaT and NaN where a lake has none.
        """
        last = self.clear.loc[~self.clear["lake_key"].duplicated(keep="last")].set_index("lake_key")
        image = pd.to_datetime(last["date_image"])
        last = last.assign(day=image.fillna(last["date"]), year_only=last["date_nominal"] & image.isna())
        return last[["day", "year_only", "area_km2"]].reindex(self.lake_keys)
