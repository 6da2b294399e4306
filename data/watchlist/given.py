"""What the components of a watch-list are worked out from. A saved watch-list holds all of it, so that it can be ranked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import schema
from data.flags import FLAGS
from data.flags.table import flag_table
from data.records import TrendTable
from data.trends.series import barred, days_of, out_of_season

FLAGGED = ("drainage", "acceleration")
"""Flags that components are made of."""


@dataclass(frozen=True)
class Given:
    """Never change what it holds.

    Args:
        lakes: L rows in lake_key order, as `Store.lakes`.
        table: Their trends, in the same order.
        read: Gives the area rows of the source under test, ordered by lake_key and date. Read when they are needed, never held: there
            may be millions, and as many of these records as visits.
        floods: One row a recorded outburst flood (`lake_key`, `date`); None where nobody has brought a record of floods.
        columns: Role (of `data.watchlist.roles`) → the column of `lakes` that plays it.
        find_flags: Gives the flags (`data.flags.table.flag_table`), at least those of FLAGGED; None: they are looked for here.
    """

    lakes: pd.DataFrame
    table: TrendTable
    read: Callable[[], pd.DataFrame]
    floods: pd.DataFrame | None = None
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    find_flags: Callable[[], pd.DataFrame] | None = None

    @cached_property
    def flags(self) -> pd.DataFrame:
        """What was found beside the trends, once a component asks for it."""
        if self.find_flags is not None:
            return self.find_flags()
        wanted = {name: FLAGS[name] for name in FLAGGED}
        # Recorded merges say where lakes went, which these flags do not ask.
        nothing = schema.empty("events").to_pandas(date_as_object=False)
        return flag_table(wanted, self.rows, self.lakes, nothing, self.table.settings)

    @cached_property
    def lake_keys(self) -> NDArray[np.int32]:
        """(L,) ascending."""
        return self.lakes["lake_key"].to_numpy(dtype=np.int32)

    @property
    def rows(self) -> pd.DataFrame:
        """The area rows, read anew; ordered by lake_key and by the dates that the trend goes by."""
        rows = self.read()
        if self.table.settings.dates != "image":
            return rows
        return rows.iloc[np.lexsort((days_of(rows, self.table.settings)[0], rows["lake_key"].to_numpy()))]

    @property
    def clear(self) -> pd.DataFrame:
        """The rows that saw the lake clearly, whatever the month; ordered as `rows`."""
        return self.rows.loc[self._clear]

    @property
    def used(self) -> pd.DataFrame:
        """The rows that trends use: clear, and in the season."""
        rows = self.rows
        return rows.loc[self._clear & ~out_of_season(rows, self.table.settings.season)]

    @cached_property
    def _clear(self) -> NDArray[np.bool_]:
        return np.asarray(barred(self.rows, None) == "")

    def statistic(self, name: str) -> NDArray[np.float64]:
        """(L,) a column of the trend table."""
        return self.table.frame[name].to_numpy(dtype=np.float64)

    @cached_property
    def last_clear(self) -> pd.DataFrame:
        """L rows: of each lake's last clear observation the `day` of its image, `year_only` where that day is not known, `area_km2`.

        NaT and NaN where a lake has none.
        """
        clear = self.clear
        last = clear.loc[~clear["lake_key"].duplicated(keep="last")].set_index("lake_key")
        image = pd.to_datetime(last["date_image"])
        last = last.assign(day=image.fillna(last["date"]), year_only=last["date_nominal"] & image.isna())
        return last[["day", "year_only", "area_km2"]].reindex(self.lake_keys)
