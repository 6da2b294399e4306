"""The floods of a dataset, whoever recorded them, and the last one of each lake."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from data.floods.record import KIND

COLUMNS = ["lake_key", "date", "date_from", "date_to", "precision", "words", "evidence", "source", "matched", "distance_km"]


def flood_rows(events: pd.DataFrame) -> pd.DataFrame:
    """`COLUMNS` of every flood among the events, by lake, then by date as far as it is known, undated ones last.

    `words` says when it was, no more precisely than its record (`2015-07-28`, `July 2015`, `2015`, `1955–1966`, `date unknown`).
    Floods that no table of records brought have no more than a date: it counts as exact.

    Args:
        events: The rows of `events`.
    """
    floods = events.loc[(events["kind"] == KIND).to_numpy(dtype=bool)]
    precision = _precision(floods)
    for name in ("date_from", "date_to"):
        held = pd.to_datetime(floods[name]) if name in floods else pd.Series(pd.NaT, index=floods.index)
        floods = floods.assign(**{name: held.where(precision != "", pd.to_datetime(floods["date"]))})
    plain = np.where(floods["date"].notna(), "day", "unknown")
    floods = floods.assign(
        precision=precision.where(precision != "", plain),
        date=pd.to_datetime(floods["date"]),
        **{name: floods.get(name, default) for name, default in (("matched", None), ("distance_km", np.nan))},
    )
    floods["words"] = [_words(row) for row in floods.to_dict("records")]
    order = floods.assign(_when=floods["date"].fillna(floods["date_from"]).fillna(floods["date_to"]))
    return order.sort_values(["lake_key", "_when"], kind="stable", ignore_index=True).loc[:, COLUMNS]


def _precision(floods: pd.DataFrame) -> pd.Series:
    if "precision" not in floods:
        return pd.Series("", index=floods.index, dtype=object)
    held = pd.Series(floods["precision"])
    return held.astype(object).where(held.notna(), "")


def _words(row: dict[str, object]) -> str:
    """When a flood was, in words."""
    first, last, day = row["date_from"], row["date_to"], row["date"]
    kind = row["precision"]
    if kind == "day" and isinstance(day, pd.Timestamp):
        return f"{day:%Y-%m-%d}"
    if kind == "month" and isinstance(first, pd.Timestamp):
        return f"{first:%B %Y}"
    if kind == "about" and isinstance(day, pd.Timestamp):
        return f"about {day.year}"
    if kind == "before" and isinstance(last, pd.Timestamp):
        return f"before {last.year + 1}"
    if isinstance(first, pd.Timestamp) and isinstance(last, pd.Timestamp):
        return _span(first, last)
    return "date unknown"


def _span(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """`2003`, `1955–1966`, `May–August 2003`."""
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"{first.year}" if first.year == last.year else f"{first.year}–{last.year}"
    return f"{first:%B}–{last:%B %Y}" if first.year == last.year else f"{first:%B %Y} – {last:%B %Y}"


def last_floods(floods: pd.DataFrame, lake_keys: np.ndarray) -> pd.DataFrame:
    """One row a lake, in the order of `lake_keys`: `floods`, how many are known; `flood_date`, the day that stands for the last dated one
    (NaT without one); `flood_words`, when that was, and how many there were; empty for a lake without floods.

    Args:
        floods: Of `flood_rows`.
        lake_keys: (L,).
    """
    if not len(floods):
        nothing = np.zeros(len(lake_keys), dtype=np.int64), np.full(len(lake_keys), "NaT", dtype="datetime64[ms]")
        return pd.DataFrame({"lake_key": lake_keys, "floods": nothing[0], "flood_date": nothing[1], "flood_words": ""})
    count = floods.groupby("lake_key").size().reindex(lake_keys, fill_value=0)
    when = floods.assign(flood_date=floods["date"].fillna(floods["date_to"]))
    newest = when.sort_values(["lake_key", "flood_date"], na_position="first", kind="stable").drop_duplicates("lake_key", keep="last")
    newest = newest.set_index("lake_key").reindex(lake_keys)
    words = [
        "" if not n else f"{said}" + (f" ({n} floods)" if n > 1 else "") for said, n in zip(newest["words"], count.to_list(), strict=True)
    ]
    return pd.DataFrame(
        {"lake_key": lake_keys, "floods": count.to_numpy(), "flood_date": newest["flood_date"].to_numpy(), "flood_words": words}
    )


class FloodHistory:
    """The floods of a dataset, worked out on first use. Never change what it hands out.

    Args:
        events: The rows of `events`.
        lake_keys: (L,) the dataset's lakes.
    """

    def __init__(self, events: pd.DataFrame, lake_keys: np.ndarray) -> None:
        self._events, self._lake_keys = events, lake_keys

    @cached_property
    def rows(self) -> pd.DataFrame:
        """One row a flood (see `flood_rows`)."""
        return flood_rows(self._events)

    @cached_property
    def last(self) -> pd.DataFrame:
        """One row a lake (see `last_floods`)."""
        return last_floods(self.rows, self._lake_keys)

    @cached_property
    def burst(self) -> np.ndarray:
        """(L,) booleans: the lakes with a recorded flood."""
        return np.isin(self._lake_keys, self.rows["lake_key"])
