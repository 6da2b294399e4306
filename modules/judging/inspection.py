"""What the Predictions page shows: the choices of a person, and which scores follow from them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.scene_table import LEFT_OUT
from modules.judging.frame import Judged
from modules.judging.metrics import METRICS

SCOPES = {"lake": "the scene's lake", "scene": "all water of the scene"}
SORTS = {"disagreement": "disagreement between the sources", "too_large": "area too large", "too_small": "area too small"}
"""Ways to order beside the metrics. Disagreement: the largest less the smallest score, by the chosen metric, of the sources chosen."""
MOST = 6
"""Sources side by side."""


@dataclass(frozen=True)
class Inspection:
    """What is looked at; empty texts and lists mean: what there is.

    Args:
        metric: A key of METRICS.
        scope: A key of SCOPES; empty: the lake's, where there are such scores.
        sources: Whose masks, MOST at most; empty: all.
        sort: A key of METRICS or SORTS, for the worst; empty: the metric.
        worst_of: By whose scores the worst are found; empty: the first source's.
        pair: The two sources held against each other; empty names: the first two.
        reasons, sizes, places, splits: Scenes to keep.
    """

    metric: str = "iou"
    scope: str = ""
    sources: tuple[str, ...] = ()
    sort: str = ""
    worst_of: str = ""
    pair: tuple[str, str] = ("", "")
    reasons: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()


FILTERS = {"reasons": "reason", "sizes": "size", "places": "place", "splits": "split"}
"""Field of an inspection → column of the rows."""


@dataclass(frozen=True, eq=False)
class Seen:
    """The scores that an inspection leaves.

    Args:
        rows, bins: As in `Judged`, of one scope, of the sources and scenes that are wanted.
        scope: Which.
        sources: In the order of their columns; those that have scores.
        total: Scenes with scores of that scope, before filters.
        unit: As in `Judged`.
    """

    rows: pd.DataFrame
    bins: pd.DataFrame
    scope: str
    sources: tuple[str, ...]
    total: int
    unit: str

    @property
    def scenes(self) -> int:
        """How many scenes are left."""
        return int(self.rows["scene_key"].nunique()) if len(self.rows) else 0

    @property
    def left_out(self) -> NDArray[np.int64]:
        """Keys of those whose images stayed behind when the dataset was packed."""
        behind = _behind(self.rows)
        return np.unique(self.rows["scene_key"].to_numpy(dtype=np.int64)[behind]) if behind.any() else np.array([], dtype=np.int64)

    def of(self, source: str) -> pd.DataFrame:
        """The rows of one source, by scene_key."""
        return self.rows.loc[self.rows["source"] == source].set_index("scene_key", drop=False).sort_index()

    def pair(self, wanted: tuple[str, str]) -> tuple[str, str] | None:
        """The two sources that are held against each other, None where there are not two."""
        if len(self.sources) < 2:
            return None
        first = wanted[0] if wanted[0] in self.sources else next(name for name in self.sources if name != wanted[1])
        second = wanted[1] if wanted[1] in self.sources and wanted[1] != first else next(name for name in self.sources if name != first)
        return first, second


def _behind(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """(N,) whether the image of a row's scene stayed behind when the dataset was packed."""
    return rows[LEFT_OUT].to_numpy(dtype=bool) if LEFT_OUT in rows.columns else np.zeros(len(rows), dtype=bool)


def seen(judged: Judged, inspection: Inspection) -> Seen:
    """Those scores of a dataset that are wanted."""
    rows, bins = judged.rows, judged.bins
    if rows.empty:
        return Seen(rows, bins, inspection.scope or "scene", (), 0, judged.unit)
    held = set(rows["scope"])
    scope = inspection.scope if inspection.scope in held else "lake" if "lake" in held else "scene"
    rows, bins = (part.loc[part["scope"] == scope] for part in (rows, bins))
    names = [name for name in sorted(set(rows["source"])) if not inspection.sources or name in inspection.sources][:MOST]
    total = int(rows["scene_key"].nunique())
    return Seen(_kept(rows, names, inspection), _kept(bins, names, inspection), scope, tuple(names), total, judged.unit)


def _kept(rows: pd.DataFrame, names: list[str], inspection: Inspection) -> pd.DataFrame:
    wanted = rows["source"].isin(names)
    for field, column in FILTERS.items():
        if values := getattr(inspection, field):
            wanted &= rows[column].isin(values)
    return rows.loc[wanted]


def continuum_rows(rows: pd.DataFrame, metric: str, shares: tuple[float, ...]) -> list[tuple[float, int]]:
    """(share, position in `rows`) of the scene at each quantile of a metric, from worst to best, each scene once.

    Args:
        rows: Of one source.
        metric: A key of METRICS; rows without a value are passed over.
        shares: 0 is the worst, 1 the best.
    """
    worse = METRICS[metric].badness(rows[metric].to_numpy(dtype=float))
    order = np.lexsort((rows["scene_key"].to_numpy(), -worse))
    order = order[np.isfinite(worse[order])]
    packed = np.flatnonzero(~_behind(rows)[order])
    if not len(packed):
        return []
    # Of few scenes one may stand at several quantiles: it is then the worst or the best before it is the median.
    inward = sorted(shares, key=lambda share: abs(share - 0.5))
    places = {round(share * (len(order) - 1)): share for share in inward} if len(order) else {}
    # In a pack, what cannot be shown gives way to the nearest that can.
    shown = {int(packed[np.abs(packed - place).argmin()]): share for place, share in places.items()}
    return [(share, int(order[place])) for place, share in sorted(shown.items())]


def worst_first(found: Seen, inspection: Inspection) -> pd.DataFrame:
    """scene_key and `value` of every scene that can be judged so, and shown, the worst first.

    `value` is the metric of the source that is looked at, its signed area bias, or the spread between sources (see SORTS).
    """
    sort = inspection.sort or inspection.metric
    if sort == "disagreement":
        wide = found.rows.pivot_table(index="scene_key", columns="source", values=inspection.metric, aggfunc="first", dropna=False)
        value = (wide.max(axis=1) - wide.min(axis=1)).where(wide.notna().sum(axis=1) > 1)
        badness = value
    else:
        column = sort if sort in METRICS else "area_bias"
        value = found.of(worst_source(found, inspection))[column] if found.sources else pd.Series(dtype=float)
        badness = -value if sort == "too_small" or (sort in METRICS and not METRICS[sort].low_is_good) else value
    known = pd.DataFrame({"value": value, "badness": badness}).dropna()
    known = known.loc[~known.index.isin(found.left_out)]
    known = known.sort_values("badness", ascending=False, kind="stable").rename_axis("scene_key").reset_index()
    return known[["scene_key", "value"]]


def worst_source(found: Seen, inspection: Inspection) -> str:
    """By whose scores the worst are found."""
    return inspection.worst_of if inspection.worst_of in found.sources else found.sources[0] if found.sources else ""
