"""Flags against the planted truth of simulated basins: how many drainages and outliers are found, and how many of those found are true."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.flags import FLAGS
from data.flags.table import flag_table
from data.records import Season, TrendSettings
from data.simulate import Plan
from data.simulate.tables import SOURCE, simulated_tables
from tests.harness import Figures

BASINS, LAKES = 10, 1500
SPANS = {10: (2016, 2025), 20: (2006, 2025), 35: (1991, 2025)}
SETTINGS = TrendSettings(source=SOURCE, season=Season(9, 11))
LEAST = {("drainage", "precision"): 0.95, ("drainage", "recall"): 0.85, ("outlier", "precision"): 0.85, ("outlier", "recall"): 0.85}


def flags_against_truth(seed: int, scale: float) -> Figures:
    """The suite."""
    figures: Figures = {}
    basins, lakes = max(round(BASINS * scale), 1), max(round(LAKES * scale), 600)
    for years, (first, last) in SPANS.items():
        counts = sum((_basin(Plan(lakes, first, last, seed % 2**20 + round_)) for round_ in range(basins)), start=_none())
        for kind in ("drainage", "outlier"):
            planted, within, hit, found = (float(counts[kind, name]) for name in ("planted", "within", "hit", "found"))
            rates = {"recall": hit / planted, "recall where it can show": hit / within, "precision": hit / found}
            figures |= {f"{kind}, {years} years, {name}": round(rate, 3) for name, rate in rates.items()}
            figures[f"{kind}, {years} years, planted"] = int(planted)
            if scale == 1.0:
                assert rates["precision"] >= LEAST[kind, "precision"], (kind, years, rates)
                assert rates["recall where it can show"] >= LEAST[kind, "recall"], (kind, years, rates)
            else:
                assert min(rates["precision"], rates["recall where it can show"]) > 0.6, (kind, years, rates)
    return figures


def _none() -> pd.Series:
    index = pd.MultiIndex.from_product([["drainage", "outlier"], ["planted", "within", "hit", "found"]])
    return pd.Series(0, index=index)


def _basin(plan: Plan) -> pd.Series:
    """What was planted, what of it can show, what of it was found, and all that was found."""
    tables = {name: table.to_pandas(date_as_object=False) for name, table in simulated_tables(plan).items()}
    found = flag_table(FLAGS, tables["areas"], tables["lakes"], tables["events"], SETTINGS)
    truth, areas = tables["truth"].set_index("lake_key"), tables["areas"]
    seen = areas[(areas["source"] == SOURCE) & areas["reason"].isin(["ok", "empty"])].copy()
    return pd.concat({"drainage": _drainages(truth, seen, found), "outlier": _outliers(truth, seen, found)})


def _drainages(truth: pd.DataFrame, seen: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """Hit: the flag's date is the first one seen after the planted day. It can show with two dates on either side."""
    when = truth["drainage_date"].dropna()
    rows = seen[seen["lake_key"].isin(when.index)]
    after = rows["date"] >= rows["lake_key"].map(when)
    before, later = (rows[side].groupby("lake_key").size().reindex(when.index, fill_value=0) for side in (~after, after))
    first_after = rows[after].groupby("lake_key")["date"].min()
    mine = found[found["kind"] == "drainage"].set_index("lake_key")["date"]
    hit = sum(1 for key, day in mine.items() if key in first_after.index and first_after[key] == day)
    return pd.Series({"planted": len(when), "within": int(((before >= 2) & (later >= 2)).sum()), "hit": hit, "found": len(mine)})


def _outliers(truth: pd.DataFrame, seen: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """Hit: lake and year. It can show where that year was mapped, with dates before and after."""
    year = truth["outlier_year"].dropna()
    rows = seen[(seen["reason"] == "ok") & seen["lake_key"].isin(year.index)]
    at, odd = rows["date"].dt.year, rows["lake_key"].map(year)
    mapped, earlier, later = (set(rows.loc[mask, "lake_key"]) for mask in (at == odd, at < odd, at > odd))
    mine = found[found["kind"] == "outlier"]
    hit = np.count_nonzero(mine["date"].dt.year.to_numpy() == mine["lake_key"].map(year).to_numpy())
    return pd.Series({"planted": len(year), "within": len(mapped & earlier & later), "hit": hit, "found": len(mine)})


SUITES = {"flags": flags_against_truth}
