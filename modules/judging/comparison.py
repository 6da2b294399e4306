"""Sources held against each other: means with their intervals, paired differences, kinds of error, reliability. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from models.bootstrap import Interval, mean_interval, paired_interval
from modules.judging.frame import cluster_codes
from modules.judging.inspection import Seen
from modules.judging.metrics import METRICS

PARTS = ("missed_lakes", "label_lakes", "false_lakes", "predicted_lakes", "missed_px", "false_px", "boundary_px")
"""The fields of `models.metrics.ErrorParts`, as columns of scores."""


def means(found: Seen) -> dict[str, dict[str, Interval]]:
    """Source → metric → mean over its scenes, with the interval of a bootstrap of clusters. Slow: call it in a thread."""
    told: dict[str, dict[str, Interval]] = {}
    for source in found.sources:
        rows = found.of(source)
        codes = cluster_codes(rows)
        told[source] = {name: mean_interval(rows[name].to_numpy(dtype=float), codes) for name in METRICS}
    return told


def differences(found: Seen, base: str) -> dict[str, dict[str, Interval]]:
    """Other source → metric → mean of (it − `base`) over the scenes that both have, likewise. Slow: call it in a thread."""
    told: dict[str, dict[str, Interval]] = {}
    theirs = found.of(base)
    for source in found.sources:
        if source != base:
            ours = found.of(source)
            both = ours.index.intersection(theirs.index)
            rows, other = ours.loc[both], theirs.loc[both]
            codes = cluster_codes(rows)
            told[source] = {
                name: paired_interval(rows[name].to_numpy(dtype=float), other[name].to_numpy(dtype=float), codes) for name in METRICS
            }
    return told


def comparison_frame(found: Seen, base: str) -> pd.DataFrame:
    """The comparison as a table to keep: a row a source and metric, and one a difference to `base`."""
    rows = [_row(source, "", name, each) for source, by in means(found).items() for name, each in by.items()]
    if base:
        rows += [_row(source, base, name, each) for source, by in differences(found, base).items() for name, each in by.items()]
    columns = ["source", "minus", "metric", "mean", "low_95", "high_95", "scenes", "clusters"]
    return pd.DataFrame(rows, columns=columns).assign(scope=found.scope, resampled=found.unit)


def _row(source: str, minus: str, metric: str, each: Interval) -> dict[str, Any]:
    return {"source": source, "minus": minus or None, "metric": metric, "mean": each.mean, "low_95": each.low, "high_95": each.high,
            "scenes": each.scenes, "clusters": each.clusters}  # fmt: skip


def error_sums(found: Seen) -> pd.DataFrame:
    """By source: the sums of `models.metrics.ErrorParts` over its scenes, and how many `scenes` they are."""
    names = list(PARTS)
    if not len(found.rows):
        return pd.DataFrame(columns=[*names, "scenes"])
    sums = found.rows.groupby("source")[names].sum()
    return sums.assign(scenes=found.rows.groupby("source").size()).reindex(list(found.sources)).fillna(0).astype("int64")


def pooled_reliability(found: Seen) -> dict[str, pd.DataFrame]:
    """Source → bins with pixels, said and found, pooled over the pixels of its scenes; no source without probabilities."""
    told: dict[str, pd.DataFrame] = {}
    for source, bins in found.bins.groupby("source", sort=True):
        weighed = bins.assign(said=bins["said"] * bins["pixels"], found=bins["found"] * bins["pixels"])
        sums = weighed.groupby("bin")[["pixels", "said", "found"]].sum()
        told[str(source)] = sums.assign(**{name: sums[name].div(sums["pixels"]) for name in ("said", "found")})
    return told


def calibration_error(bins: pd.DataFrame) -> float:
    """ECE of pooled bins."""
    return float((bins["pixels"] * (bins["said"] - bins["found"]).abs()).sum() / bins["pixels"].sum())


def spreads(rows: pd.DataFrame, metric: str) -> np.ndarray | None:
    """The 5th, 25th, 50th, 75th and 95th percentile of a metric, None where there is no value."""
    values = rows[metric].to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    return np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95]) if len(values) else None
