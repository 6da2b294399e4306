"""What the components of a watch-list are worked out from. A saved watch-list holds all of it, so that it can be ranked again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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


LAST = ["lake_key", "date", "date_image", "date_nominal", "area_km2"]
"""What is told of each lake's last clear observation."""


@dataclass(frozen=True)
class Given:
    """Never change what it holds.

    Args:
        lakes: L rows in lake_key order, as `Store.lakes`.
        table: Their trends, in the same order.
        read: Gives the area rows of the source under test, some lakes at a time, ordered by lake_key and date. Read when they are needed,
            never held: there may be millions, and as many of these records as visits.
        floods: One row a recorded outburst flood (`lake_key`, `date`); None where nobody has brought a record of floods.
        columns: Role (of `data.watchlist.roles`) → the column of `lakes` that plays it.
        find_flags: Gives the flags (`data.flags.table.flag_table`), at least those of FLAGGED; None: they are looked for here.
    """

    lakes: pd.DataFrame
    table: TrendTable
    read: Callable[[], Iterable[pd.DataFrame]]
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
        """All of `row_blocks`."""
        return pd.concat(list(self.row_blocks))

    @property
    def row_blocks(self) -> Iterator[pd.DataFrame]:
        """The area rows, read anew, some lakes at a time; ordered by lake_key and by the dates that the trend goes by."""
        for rows in self.read():
            if self.table.settings.dates == "image":
                yield rows.iloc[np.lexsort((days_of(rows, self.table.settings)[0], rows["lake_key"].to_numpy()))]
            else:
                yield rows

    @property
    def clear_blocks(self) -> Iterator[pd.DataFrame]:
        """The rows that saw the lake clearly, whatever the month; as `row_blocks`."""
        return (rows.loc[barred(rows, None) == ""] for rows in self.row_blocks)

    @property
    def used_blocks(self) -> Iterator[pd.DataFrame]:
        """The rows that trends use: clear, and in the season."""
        return (rows.loc[~out_of_season(rows, self.table.settings.season)] for rows in self.clear_blocks)

    def statistic(self, name: str) -> NDArray[np.float64]:
        """(L,) a column of the trend table."""
        return self.table.frame[name].to_numpy(dtype=np.float64)

    @cached_property
    def last_clear(self) -> pd.DataFrame:
        """L rows: of each lake's last clear observation the `day` of its image, `year_only` where that day is not known, `area_km2`.

        NaT and NaN where a lake has none.
        """
        last = pd.concat([rows.loc[~rows["lake_key"].duplicated(keep="last"), LAST] for rows in self.clear_blocks]).set_index("lake_key")
        image = pd.to_datetime(last["date_image"])
        last = last.assign(day=image.fillna(last["date"]), year_only=last["date_nominal"] & image.isna())
        return last.loc[:, ["day", "year_only", "area_km2"]].reindex(self.lake_keys)
