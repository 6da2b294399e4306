"""The lakes of a dataset, as scenes and masks that come in name them and lie over them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.geo_tables import shapes
from data.store import Store


class KnownLakes:
    """Lakes by id, and their outlines.

    Args:
        store: The dataset.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._oldest: dict[int | None, BaseGeometry | None] = {}

    @cached_property
    def _by_id(self) -> dict[str, list[int]]:
        held: dict[str, list[int]] = {}
        for key, name in zip(self._store.lake_keys.tolist(), self._store.ids, strict=True):
            if name:
                held.setdefault(_plain(name), []).append(key)
        return held

    def called(self, lake_id: str) -> list[int]:
        """The lake_keys of all lakes with that id, whatever its case; ids are not unique."""
        return list(self._by_id.get(_plain(lake_id), ()))

    def outline(self, lake_key: int | None) -> BaseGeometry | None:
        """The newest outline of a lake in longitude and latitude, mended; None where it has none."""
        row = None if lake_key is None else self._store.row_of(lake_key)
        shape = None if row is None else shapes(np.array([self._store.newest_outlines[row]], dtype=object))[0]
        return None if shape is None or shape.is_empty else shapely.make_valid(shape)

    def outlines(self, lake_key: int | None) -> list[BaseGeometry]:
        """All outlines of a lake in longitude and latitude, mended, oldest first; those without a date come first of all."""
        if lake_key is None:
            return []
        rows = self._store.outlines(lake_key).sort_values("date", kind="stable", na_position="first")
        held = shapes(rows["geometry"].to_numpy(dtype=object))
        return [shapely.make_valid(shape) for shape in held if shape is not None and not shape.is_empty]

    def oldest(self, lake_key: int | None) -> BaseGeometry | None:
        """The oldest outline of a lake in longitude and latitude, else the one that the lake itself has; None where it has none."""
        if lake_key not in self._oldest:  # every scene of a lake asks
            self._oldest[lake_key] = next(iter(self.outlines(lake_key)), None) or self.outline(lake_key)
        return self._oldest[lake_key]


def _plain(lake_id: str) -> str:
    return lake_id.strip().casefold()


def lake_names(lake_keys: Iterable[int]) -> str:
    """`lake 3`, `lakes 3, 5`."""
    keys = list(lake_keys)
    return f"lake{'s' * (len(keys) != 1)} {', '.join(map(str, keys))}"
