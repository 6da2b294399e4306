"""Fits of many lakes, put together from blocks of them: the same numbers in memory and on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from data.records import SeriesBatch
from data.trends.fit import Evidence, Fit, Shared

BLOCK = 25_000
"""Lakes fitted at a time: the last digit of a sum may hang on how many rows a library is given at once, so all ways take the same."""


@dataclass(frozen=True)
class Pooling:
    """How a method learns what lakes share; its fit is that with what it learnt given.

    Args:
        learn: Maps a batch and the response to what each lake says.
        conclude: Maps what all lakes say to what they share.
    """

    learn: Callable[[SeriesBatch, str], Evidence]
    conclude: Callable[[Evidence], Shared]


def blocks(lakes: int) -> Iterator[slice]:
    """The rows of each block."""
    return (slice(start, min(start + BLOCK, lakes)) for start in range(0, lakes, BLOCK))


def said(parts: Sequence[Evidence]) -> Evidence:
    """What all lakes say, from blocks of them in order."""
    return {name: np.concatenate([part[name] for part in parts], axis=-1) for name in parts[0]}


def joined(fits: Iterable[Fit], shared: Shared | None) -> Fit:
    """The fit of all lakes, from those of blocks in order.

    Args:
        fits: At least one.
        shared: What all lakes share, None where the method learns nothing.
    """
    parts = list(fits)
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns}
    status = np.concatenate([part.status for part in parts])
    # Of methods that mix others a block may need the first of them only.
    methods = max((part.methods for part in parts), key=len)
    codes = [np.zeros(len(part.status), dtype=np.int8) if part.method is None else part.method for part in parts]
    by = None if all(part.method is None for part in parts) else np.concatenate(codes)
    return Fit(columns, status, parts[0].shared if shared is None else shared, by, methods)


def fit_in_blocks(
    fit: Callable[[SeriesBatch, str], Fit],
    given: Callable[[SeriesBatch, str, Shared], Fit] | None,
    pooling: Pooling | None,
    batch: SeriesBatch,
    response: str,
) -> Fit:
    """All lakes of a batch, a block at a time where there are more than one has.

    Args:
        fit, given, pooling: Of a method.
        batch: L lakes × T observations.
        response: `log` or `area`.
    """
    if len(batch.lake_key) <= BLOCK:
        return fit(batch, response)
    parts = [batch.of(rows) for rows in blocks(len(batch.lake_key))]
    if pooling is None or given is None:
        return joined((fit(part, response) for part in parts), None)
    shared = pooling.conclude(said([pooling.learn(part, response) for part in parts]))
    return joined((given(part, response, shared) for part in parts), shared)
