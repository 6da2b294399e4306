"""What two watch-lists of one dataset have to tell apart: observations, the dataset itself, settings, weights, reviews."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from data.records import TrendSettings
from data.reviews.latest import Observation
from data.watchlist.saved import Saved

OBSERVATION, DATASET, SETTING, WEIGHT, REVIEW = "observation", "dataset", "setting", "weight", "review"
CAUSES = (OBSERVATION, DATASET, SETTING, WEIGHT, REVIEW)


def keyed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows by what names them: lake, day and threshold."""
    index = pd.MultiIndex.from_arrays([rows["lake_key"], rows["date"], rows["threshold"].fillna(-1.0)])
    return rows.drop(columns=["lake_key", "date", "threshold"]).set_index(index)


def _differs(one: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """Which rows of two tables with the same index hold another value; two missing ones are the same."""
    same = (one == other) | (one.isna() & other.isna())
    return ~same.all(axis=1).to_numpy(dtype=bool)


def left_out(saved: Saved) -> frozenset[Observation]:
    """The observations that a review leaves out; of other sources as well."""
    columns = (saved.reviews[name].tolist() for name in ("lake_key", "date", "source"))
    return frozenset((int(key), day.date(), str(source)) for key, day, source in zip(*columns, strict=True))


def stated(saved: Saved) -> TrendSettings:
    """The settings of a list with the threshold that its areas have: the one that a dataset chooses for itself may change."""
    held = saved.rows["threshold"].dropna().unique().tolist()
    return replace(saved.settings, threshold=held[0]) if len(held) == 1 else saved.settings


@dataclass(frozen=True)
class Between:
    """The earlier list and the later one."""

    then: Saved
    now: Saved

    @cached_property
    def settings(self) -> tuple[TrendSettings, TrendSettings]:
        """Of both, as `stated`."""
        return stated(self.then), stated(self.now)

    @cached_property
    def same_source(self) -> bool:
        """Whether both rest on the areas of one source at one threshold: only then are single observations compared."""
        one, other = self.settings
        return (one.source, one.threshold) == (other.source, other.threshold)

    @cached_property
    def both(self) -> list[int]:
        """Keys of the lakes that both know."""
        return np.intersect1d(self.then.lakes["lake_key"].to_numpy(), self.now.lakes["lake_key"].to_numpy()).tolist()

    @cached_property
    def added(self) -> pd.DataFrame:
        """The observations that are new, of lakes that both know; none where the source is another one."""
        rows = self.now.rows
        if not self.same_source:
            return rows.iloc[:0]
        fresh = ~keyed(rows).index.isin(keyed(self.then.rows).index)
        return rows.loc[fresh & rows["lake_key"].isin(self.both).to_numpy(dtype=bool)]

    @cached_property
    def revised(self) -> dict[int, str]:
        """lake_key → what is said otherwise of it, in words: its observations, its description, its floods, or that it is there at all."""
        found = dict.fromkeys(self._observed_otherwise(), "earlier observations were revised or taken away")
        found |= dict.fromkeys(self._described_otherwise(), "the inventory describes it otherwise")
        found |= dict.fromkeys(self._burst(), "the record of floods has changed")
        one, other = (set(saved.lakes["lake_key"].tolist()) for saved in (self.then, self.now))
        found |= dict.fromkeys(other - one, "it is new in the dataset")
        return found | dict.fromkeys(one - other, "it is not in the dataset any more")

    def _observed_otherwise(self) -> set[int]:
        if not self.same_source:
            return set()
        then, now = keyed(self.then.rows), keyed(self.now.rows)
        common, gone = then.index.intersection(now.index), then.index.difference(now.index)
        changed = common[_differs(then.loc[common], now.loc[common])]
        return {int(key) for key in [*changed.get_level_values(0), *gone.get_level_values(0)]} & set(self.both)

    def _described_otherwise(self) -> set[int]:
        held = [name for name in self.then.lakes.columns if name != "label" and name.removeprefix("role:") not in self.remapped]
        one, other = (saved.lakes[held].set_index("lake_key").loc[self.both] for saved in (self.then, self.now))
        return {key for key, differs in zip(self.both, _differs(one, other), strict=True) if differs}

    def _burst(self) -> set[int]:
        then, now = (None if saved.floods is None else saved.floods["lake_key"].value_counts().to_dict() for saved in (self.then, self.now))
        keys = (then or {}).keys() | (now or {}).keys()
        return {int(key) for key in keys if (then or {}).get(key) != (now or {}).get(key)}

    @cached_property
    def remapped(self) -> set[str]:
        """Roles that another column plays now."""
        one, other = self.then.columns, self.now.columns
        return {role for role in one.keys() | other.keys() if one.get(role) != other.get(role)}

    @cached_property
    def reviewed(self) -> dict[Observation, bool]:
        """What only one of them leaves out, of a source that either rests on → whether now."""
        one, other = left_out(self.then), left_out(self.now)
        sources = {self.then.settings.source, self.now.settings.source}
        return {each: each in other for each in sorted(one ^ other) if each[2] in sources}

    @cached_property
    def causes(self) -> tuple[str, ...]:
        """What differs at all, in the order of CAUSES."""
        then, now = self.then, self.now
        differ = {
            OBSERVATION: len(self.added) > 0,
            DATASET: bool(self.revised) or (then.floods is None) != (now.floods is None),
            SETTING: self.settings[0] != self.settings[1],
            WEIGHT: (then.wish.weights, then.wish.top) != (now.wish.weights, now.wish.top) or bool(self.remapped),
            REVIEW: bool(self.reviewed),
        }
        return tuple(cause for cause in CAUSES if differ[cause])

    @cached_property
    def touched(self) -> dict[str, set[int]]:
        """Cause → keys of the lakes whose own data it changes; settings and weights are everybody's, and not in it."""
        return {
            OBSERVATION: set(self.added["lake_key"].tolist()),
            DATASET: set(self.revised),
            REVIEW: {key for key, _, _ in self.reviewed},
        }

    @cached_property
    def labels(self) -> dict[int, str]:
        """lake_key → what a person calls the lake, now or else then."""
        return self.then.labels | self.now.labels
