"""Which lake of a dataset a review means, also after the dataset was imported anew and its keys came out differently. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import pandas as pd

from data.coded import texts_of
from data.lake_names import Texts
from data.plain_text import cut
from data.reviews.record import TEXT_CHARACTERS, Place, Review

NEAR_M = 1_500.0
"""Within this a lake of the same id, or of the same key where neither has an id, is the same one: centres move as a lake grows."""
SAME_M = 100.0
"""Within this a lake is the same one whatever it is called, where no other is as near."""


@dataclass(frozen=True)
class Placed:
    """Reviews with the keys of a dataset, and those that no lake of it could be found for.

    Args:
        reviews: In the order given; `place.lake_key` is the dataset's.
        lost: The others, as they were.
    """

    reviews: tuple[Review, ...]
    lost: tuple[Review, ...]


class Lakes:
    """The lakes of a dataset, to look a place up in.

    Args:
        lakes: Its table `lakes`: at least lake_key, lake_id, lon, lat.
    """

    def __init__(self, lakes: pd.DataFrame) -> None:
        self._key = lakes["lake_key"].to_numpy(dtype=np.int64)
        self._order = np.argsort(self._key, kind="stable")
        self._id = Texts(texts_of(pd.Series(lakes["lake_id"])), partial(cut, most=TEXT_CHARACTERS))
        self._lon, self._lat = (lakes[name].to_numpy(dtype=float) for name in ("lon", "lat"))

    @cached_property
    def _by_id(self) -> dict[str, int]:
        """Ids that one lake carries → its row. Asked for once a key is another lake's: of a million lakes it takes a second."""
        ids = list(self._id)
        carried = Counter(ids)
        return {label: row for row, label in enumerate(ids) if label and carried[label] == 1}

    def _row(self, lake_key: int) -> int | None:
        at = int(np.searchsorted(self._key, lake_key, sorter=self._order))
        row = int(self._order[at]) if at < len(self._order) else None
        return row if row is not None and self._key[row] == lake_key else None

    def place(self, lake_key: int) -> Place:
        """What a review keeps of a lake, which must be there."""
        row = self._row(lake_key)
        if row is None:
            raise KeyError(lake_key)
        lon, lat = float(self._lon[row]), float(self._lat[row])
        known = np.isfinite(lon) and np.isfinite(lat)
        return Place(lake_key, self._id[row], lon if known else None, lat if known else None)

    def key(self, place: Place) -> int | None:
        """The lake that is meant: by key where its id agrees, else by an id that one lake carries, else by where it lies; None: none is.

        A key or an id does not decide where the lake lies elsewhere.
        """
        row = self._row(place.lake_key)
        if row is not None and self._id[row] == place.lake_id and self._apart(row, place) <= NEAR_M:
            return place.lake_key
        row = self._by_id.get(place.lake_id)
        if row is not None and self._apart(row, place) <= NEAR_M:
            return int(self._key[row])
        return self._lying_at(place)

    def _apart(self, row: int, place: Place) -> float:
        """Metres; 0 where either does not say where it lies."""
        if place.lon is None or place.lat is None or not np.isfinite(self._lon[row] + self._lat[row]):
            return 0.0
        return float(_metres(self._lon[row], self._lat[row], place.lon, place.lat))

    def _lying_at(self, place: Place) -> int | None:
        if place.lon is None or place.lat is None:
            return None
        near = np.flatnonzero(_metres(self._lon, self._lat, place.lon, place.lat) <= SAME_M)
        return int(self._key[near[0]]) if len(near) == 1 else None


def _metres(lon: np.ndarray, lat: np.ndarray, to_lon: float, to_lat: float) -> np.ndarray:
    east = (np.asarray(lon) - to_lon + 180) % 360 - 180
    return 111_195.0 * np.hypot(east * np.cos(np.radians(to_lat)), np.asarray(lat) - to_lat)


def placed(reviews: Iterable[Review], lakes: Lakes) -> Placed:
    """The reviews with the keys of these lakes."""
    found: list[Review] = []
    lost: list[Review] = []
    for review in reviews:
        key = lakes.key(review.place)
        if key is None:
            lost.append(review)
        else:
            found.append(review if key == review.place.lake_key else replace(review, place=replace(review.place, lake_key=key)))
    return Placed(tuple(found), tuple(lost))
