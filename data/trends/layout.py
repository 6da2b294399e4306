"""Which columns the rectangles of a dataset have: fits of some of its lakes are those of all only where both are laid out alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Layout:
    """The columns of a `SeriesBatch`.

    Args:
        years: (Y,) nominal years that any lake was seen in, ascending.
        repeats: (Y,) how often the lake seen most in that year was.
        errors: Whether any area has its error.
    """

    years: tuple[float, ...]
    repeats: tuple[int, ...]
    errors: bool

    @property
    def nominal_year(self) -> NDArray[np.float64]:
        """(T,) the year of each column."""
        return np.repeat(np.array(self.years, dtype=np.float64), np.array(self.repeats, dtype=np.intp))


def merged(layouts: Iterable[Layout]) -> Layout:
    """The layout of all lakes, from those of parts of them."""
    most: dict[float, int] = {}
    errors = False
    for each in layouts:
        errors = errors or each.errors
        for year, repeat in zip(each.years, each.repeats, strict=True):
            most[year] = max(repeat, most.get(year, 0))
    return Layout(tuple(sorted(most)), tuple(most[year] for year in sorted(most)), errors)
