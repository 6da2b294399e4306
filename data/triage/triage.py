"""The triage of a dataset: facts of all lakes, the rules over them, and the words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.flags.drainage import FLAG as DRAINAGE
from data.trends.known_error import METHOD as KNOWN_ERROR
from data.trends.multiplicity import log_q_benjamini_hochberg
from data.trends.series import series
from data.triage.case import LOG_ALPHA, Case
from data.triage.doubts import DOUBTS
from data.triage.facts import Facts
from data.triage.kinds import KINDS
from data.triage.rules import decided
from data.triage.words import sentences

if TYPE_CHECKING:
    from data.area_table import AreaTable
    from data.records import SeriesBatch, TrendSettings, TrendTable
    from data.store import Store

VERSION = 1
COLUMNS = ("lake_key", "kind", "why")


def triage(store: Store, areas: AreaTable, settings: TrendSettings) -> pd.DataFrame:
    """One row a lake in the row order of `Store.lakes`: lake_key, kind (categorical over KINDS), why (the evidence that decided, in words).

    Args:
        store: The dataset.
        areas: Its areas at every threshold.
        settings: What is under test.
    """
    facts = facts_of(store, areas, settings)
    kind = decided(facts)
    return pd.DataFrame({
        "lake_key": store.lake_keys,
        "kind": pd.Categorical(kind, categories=list(KINDS)),
        "why": pd.Series(sentences(facts, kind), dtype="str"),
    })  # fmt: skip


def facts_of(store: Store, areas: AreaTable, settings: TrendSettings) -> Facts:
    """All that the rules look at."""
    table = store.trends(settings)
    batch, _ = series(store.rows_of(settings), store.lake_keys, settings)
    frame = table.frame
    log_q, log_q_ols = (frame[name].to_numpy(dtype=float) for name in ("log_q", "log_q_ols"))
    sure = log_q < LOG_ALPHA
    shown = np.flatnonzero(sure | (log_q_ols < LOG_ALPHA))
    method = frame["method"].iloc[shown].to_numpy(dtype=object)
    case = Case(store, areas, table, batch.of(shown), shown, method, frame["slope"].to_numpy(dtype=float)[shown], sure[shown])
    mapping = _against_errors(batch, table)
    doubts = {name: doubt.find(case) for name, doubt in DOUBTS.items()}
    return Facts(
        table=table,
        sure=sure,
        apparent=~np.isnan(log_q_ols) & (log_q_ols < LOG_ALPHA),
        mapping_log_p=mapping,
        mapping_log_q=log_q_benjamini_hochberg(mapping),
        drained=_drained(store, settings),
        rows=shown,
        doubts=doubts,
    )  # fmt: skip


def _against_errors(batch: SeriesBatch, table: TrendTable) -> NDArray[np.float64]:
    """(L,) log p of the known-error test: whether the trend exceeds what the errors of the outlines could make; NaN without errors."""
    return KNOWN_ERROR.fit(batch, table.settings.response).columns["log_p"]


def _drained(store: Store, settings: TrendSettings) -> dict[int, str]:
    """Row → the words of its drainage flag."""
    flags = store.flags(settings)
    mine = flags.loc[(flags["kind"] == DRAINAGE.name).to_numpy(dtype=bool)]
    rows = np.searchsorted(store.lake_keys, mine["lake_key"].to_numpy())
    return dict(zip(rows.tolist(), mine["words"].tolist(), strict=True))
