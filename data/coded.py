"""A column of texts that repeat, by number: of a million lakes it is counted and filtered in a millisecond."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

pc = cast(Any, compute)  # its functions are made at import, and no type checker sees them


@dataclass(frozen=True)
class Coded:
    """A column of texts that repeat.

    Args:
        codes: (L,) int32 places in `names`, -1 where a lake has none.
        names: In alphabetical order.
    """

    codes: NDArray[np.int32]
    names: list[str]

    def among(self, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(L,) which lakes have one of the wanted names.

        Args:
            wanted: (len(names),) booleans.
        """
        return np.append(wanted, False)[self.codes]

    def of(self, names: Container[str]) -> NDArray[np.bool_]:
        """(L,) which lakes have one of these names."""
        return self.among(np.array([name in names for name in self.names], dtype=bool))

    def counts(self, lakes: NDArray[np.bool_]) -> dict[str, int]:
        """How many of some lakes have each name; names that none has are left out."""
        each = np.bincount(self.codes[lakes] + 1, minlength=len(self.names) + 1)[1:]
        return {name: int(count) for name, count in zip(self.names, each, strict=True) if count}


def texts_of(column: pd.Series) -> pa.Array:
    """A column of texts as Arrow holds it; empty where there is none."""
    held = pa.array(column, type=pa.large_string(), from_pandas=True)
    return pc.fill_null(held.combine_chunks() if isinstance(held, pa.ChunkedArray) else held, "")


def coded(texts: pa.Array) -> Coded:
    """A column by its names, of `texts_of`."""
    held = texts.dictionary_encode()
    names: list[str] = held.dictionary.to_pylist()
    order = np.argsort(np.array(names, dtype=object), kind="stable")
    place = np.empty(len(names), dtype=np.int32)
    place[order] = np.arange(len(names), dtype=np.int32) - ("" in names)
    return Coded(place[held.indices.to_numpy()], [names[at] for at in order.tolist() if names[at]])
