"""The trend table of a dataset whose rows are never all in memory: blocks of lakes are read and fitted apart, by any number of workers.

What all lakes share, and how their columns are laid out, is found in a first pass; so the table is, digit for digit, the one that a fit of
all rows at once gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.records import SeriesBatch, TrendSettings, TrendTable
from data.spreading import Hands
from data.trends.corrections import CORRECTIONS
from data.trends.fit import Evidence, Fit, Shared
from data.trends.layout import Layout, merged
from data.trends.method import Method
from data.trends.permutation import Shuffle, groups_of, planned
from data.trends.pooling import blocks, joined, said
from data.trends.series import layout_of, series
from data.trends.table import assembled, sub_basins


class Reads(Protocol):
    """Where rows come from; sent to workers."""

    @property
    def settings(self) -> TrendSettings: ...
    def rows(self, lake_keys: NDArray[np.int32]) -> pd.DataFrame:
        """The rows of the source of neighbouring lakes."""
        ...


BLOCK_S = 1.0
"""Seconds of a block, about."""
Told = Callable[[float], object]
"""Hears how much is done, 0 to 1; in the thread that does it."""


def unheard(_: float) -> None:
    """Nobody hears it."""


@dataclass(frozen=True)
class Work:
    """What is done with each block.

    Args:
        reads: Gives its rows.
        method: The method's name.
        learning: Whether what its lakes say is wanted, rather than their fit.
        layout: The columns of all lakes; None: those that the block's own need.
        shared: What all lakes share, once it is known.
    """

    reads: Reads
    method: str
    learning: bool = False
    layout: Layout | None = None
    shared: Shared | None = None


@dataclass(frozen=True)
class Block:
    """Neighbouring lakes.

    Args:
        number: Among the blocks.
        lake_keys: (B,) ascending.
    """

    number: int
    lake_keys: NDArray[np.int32]


@dataclass(frozen=True)
class Answer:
    """What came of a block.

    Args:
        number: Of it.
        layout: The columns that it was fitted with.
        left_out: Observations left out, by reason.
        n: (B,) observations of each lake.
        evidence, fit: What its lakes say, or their fit.
    """

    number: int
    layout: Layout
    left_out: dict[str, int]
    n: NDArray[np.int64]
    evidence: Evidence | None = None
    fit: Fit | None = None


def table_by_blocks(method: Method, lakes: pd.DataFrame, reads: Reads, hands: Hands, told: Told = unheard) -> TrendTable:
    """Fit all lakes and correct over the family.

    Args:
        method: The method.
        lakes: The rows of `lakes` in lake_key order: lake_key, lake_id, basin, sub_basin.
        reads: Gives the rows, and the settings.
        hands: Who does the work.
        told: Hears how far it is.

    Raises:
        TrendError: See `data.trends.series.series`.
    """
    keys = lakes["lake_key"].to_numpy(dtype=np.int32)
    items = [Block(number, keys[rows]) for number, rows in enumerate(blocks(len(keys)))] or [Block(0, keys)]
    learning = method.pooling is not None and method.given is not None
    shuffled = CORRECTIONS[reads.settings.correction].log_q is None
    stages = _stages(1 + learning + shuffled, told)
    first = _laid_alike(Work(reads, method.name, learning), items, hands, next(stages))
    layout, shared = first[0].layout, None
    last = first
    if learning and method.pooling is not None:
        shared = method.pooling.conclude(said([each.evidence for each in first if each.evidence is not None]))
        work = Work(reads, method.name, layout=layout, shared=shared)
        last = _answers(work, items, hands, _of(len(items), next(stages)))
    fit = joined([each.fit for each in last if each.fit is not None], shared)
    left_out: dict[str, int] = {}
    for each in first:
        left_out = {reason: left_out.get(reason, 0) + each.left_out.get(reason, 0) for reason in sorted({*left_out, *each.left_out})}
    family = Family(reads, layout, lakes, np.concatenate([each.n for each in first]))
    correct = partial(_corrected, family, hands, next(stages, unheard))
    alone = SeriesBatch(keys, layout.nominal_year, np.empty((0, 0)), np.empty((0, 0)))
    return assembled(method.name, fit, alone, cast("pd.Series", lakes["lake_id"]), reads.settings, left_out=left_out, correct=correct)


def _stages(count: int, told: Told) -> Iterator[Told]:
    """For each of so many stages, which count alike, who hears how far it is; what is told never falls."""
    most = 0.0

    def tell(stage: int, share: float) -> None:
        nonlocal most
        most = max(most, (stage + share) / count)
        told(most)

    return (partial(tell, stage) for stage in range(count))


def _of(all_of_them: int, told: Told) -> Callable[[Sequence[object]], object]:
    return lambda found: told(len(found) / all_of_them)


def _laid_alike(work: Work, items: Sequence[Block], hands: Hands, told: Told) -> list[Answer]:
    """Answers with the columns of all lakes: each block has its own at first, and those that lack some are done again."""

    def so_far(found: Sequence[Answer]) -> None:
        told(len(found) / (len(items) + len(lacking(found)[1])))

    def lacking(found: Sequence[Answer]) -> tuple[Layout, list[Block]]:
        layout = merged(each.layout for each in found)
        return layout, [items[each.number] for each in found if each.layout != layout]

    found = _answers(work, items, hands, so_far)
    layout, other = lacking(found)
    redone = _answers(replace(work, layout=layout), other, hands, lambda more: told((len(items) + len(more)) / (len(items) + len(other))))
    again = {each.number: each for each in redone}
    return [again.get(each.number, each) for each in found]


def _named(block: Block) -> str:
    return f"the lakes from {block.lake_keys[0]}" if len(block.lake_keys) else "no lake"


def _answers(work: Work, items: Sequence[Block], hands: Hands, came: Callable[[Sequence[Answer]], object]) -> list[Answer]:
    """In order of the blocks; `came` hears of those there are, after each."""
    found: list[Answer] = []
    for answer in hands.map(partial(_answer, work), items, seconds=BLOCK_S * len(items), named=_named):
        found.append(answer)
        came(found)
    return sorted(found, key=lambda each: each.number)


def _answer(work: Work, block: Block) -> Answer:
    from data.trends import METHODS, resolve  # noqa: PLC0415 - the methods import this floor's records, and it them
    from data.trends.automatic import AUTOMATIC  # noqa: PLC0415

    settings = work.reads.settings
    method = AUTOMATIC if work.method == AUTOMATIC.name else METHODS.get(work.method) or resolve(settings)
    batch, left_out = series(work.reads.rows(block.lake_keys), block.lake_keys, settings, layout=work.layout)
    told = partial(Answer, block.number, work.layout or layout_of(batch), left_out, (~np.isnan(batch.area)).sum(axis=1))
    if work.learning and method.pooling is not None:
        return told(evidence=method.pooling.learn(batch, settings.response))
    if work.shared is not None and method.given is not None:
        return told(fit=method.given(batch, settings.response, work.shared))
    return told(fit=method.fit(batch, settings.response))


@dataclass(frozen=True)
class Family:
    """All lakes, as a correction sees them.

    Args:
        reads: Gives their rows.
        layout: The columns of all of them.
        lakes: The rows of `lakes`.
        n: (L,) observations of each.
    """

    reads: Reads
    layout: Layout
    lakes: pd.DataFrame
    n: NDArray[np.int64]


def _corrected(family: Family, hands: Hands, told: Told, tests: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    log_q = CORRECTIONS[family.reads.settings.correction].log_q
    if log_q is not None:
        return [log_q(each) for each in tests]
    group = sub_basins(family.lakes)
    shuffle, rows = planned(family.n, tests)
    keys = family.lakes["lake_key"].to_numpy(dtype=np.int32)
    items = [(number, keys[mine]) for number, mine in groups_of(rows, np.zeros(len(keys), np.int64) if group is None else group)]
    passed = shuffle.alone
    found = hands.map(partial(_shuffled, family.reads, family.layout, shuffle), items, named=lambda item: f"sub-basin {item[0]}")
    for done, each in enumerate(found, 1):
        passed = passed + each
        told(done / len(items))
    counts = shuffle.counts(passed)
    return [counts.log_q(each) for each in tests]


def _shuffled(reads: Reads, layout: Layout, shuffle: Shuffle, item: tuple[int, NDArray[np.int32]]) -> NDArray[np.int64]:
    number, keys = item
    rows = reads.rows(keys)
    batch, _ = series(rows.loc[np.isin(rows["lake_key"].to_numpy(), keys)], keys, reads.settings, layout=layout)
    return shuffle.of_group(batch, reads.settings.response, number)
