"""One page of the gallery: which brushed observations are on it, and the words and addresses of each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from data.afar.places import there
from data.records import Scene, TrendSettings
from data.store import Store
from modules.figures import CLASSES
from modules.image_urls import thumb_url
from modules.measures import CLASS_WORDS
from modules.numerals import figure_text
from modules.observations import REASONS, drawn_observations, with_scenes

PAGE = 48
"""Observations a page; a lake is parted only where it alone has more."""
LIKELY = 2 * PAGE
"""Images asked for ahead at most."""


@dataclass(frozen=True)
class Drawing:
    """How the gallery draws its images.

    Args:
        bands: As `Look.bands`.
        layers: Sources, the first of which that a scene has is outlined.
        settings: Of the lake in focus: its source's water is what lies above their threshold.
    """

    bands: str
    layers: tuple[str, ...]
    settings: TrendSettings = field(default_factory=TrendSettings)


def in_order(found: pd.DataFrame, store: Store, ranks: np.ndarray) -> pd.DataFrame:
    """The observations by lake, the one with most evidence first, then by date.

    Args:
        found: As `brushed_observations` gives them.
        store: The dataset.
        ranks: (L,) of `measures.rank`.
    """
    rows = np.searchsorted(store.lake_keys, found["lake_key"].to_numpy(dtype=np.int64))
    return found.assign(row=rows, rank=ranks[rows]).sort_values(["rank", "date"], ignore_index=True, kind="stable")


def page_starts(lakes: Sequence[int]) -> list[int]:
    """Where each page begins, for the lake of each observation in order; one page where there is nothing."""
    starts, at = [0], 0
    while at < len(lakes):
        end = at + 1
        while end < len(lakes) and lakes[end] == lakes[at]:
            end += 1
        if end - starts[-1] > PAGE and at > starts[-1]:
            starts.append(at)
        while end - starts[-1] > PAGE:
            starts.append(starts[-1] + PAGE)
        at = end
    return starts


def gallery_page(store: Store, found: pd.DataFrame, classes: np.ndarray, drawing: Drawing, at: int) -> dict[str, Any]:
    """What the browser draws: texts, keys and addresses only.

    Args:
        store: The dataset.
        found: Of `in_order`.
        classes: (L,) class codes.
        drawing: How to draw.
        at: Which page; the nearest that there is.
    """
    starts = page_starts(found["lake_key"].tolist())
    at = min(max(at, 0), len(starts) - 1)
    first, last = starts[at], [*starts[1:], len(found)][at]
    part = found.iloc[first:last]
    years = sorted({day.year for day in part["date"]})
    lakes = [
        {**_lake(store, int(row), int(classes[row])), "years": _cells(store, rows, drawing, years)}
        for row, rows in part.groupby("row", sort=False)
    ]
    without = sum(bool(shot["missing"]) for lake in lakes for year in lake["years"] for shot in year)
    simulated = " · simulated" if store.meta.simulated and len(found) else ""
    return {
        "said": gallery_words((first, len(part), len(found)), found["lake_key"].nunique(), without) + simulated,
        "years": years, "lakes": lakes, "at": at, "pages": len(starts), "any": bool(len(found)),
    }  # fmt: skip


def gallery_words(counts: tuple[int, int, int], lakes: int, without: int) -> str:
    """`24 of 24 images, 3 lakes`; on one page of several `49 to 96 of 312 …`; what has no image is counted apart.

    Args:
        counts: Observations before this page, on it, and in all.
        lakes: In all.
        without: Observations on this page that have no image.
    """
    first, here, total = counts
    if not total:
        return "No observation lies in that shape: draw round the points themselves"
    of = f"{here:,} of {total:,}" if here == total else f"{first + 1:,} to {first + here:,} of {total:,}"
    what = "images" if not without else "observations"
    bare = f"; {without:,} {'has' if without == 1 else 'have'} no image" if without else ""
    return f"{of} {what}, {lakes:,} lake{'s' * (lakes != 1)}{bare}"


def _cells(store: Store, rows: pd.DataFrame, drawing: Drawing, years: list[int]) -> list[list[dict[str, Any]]]:
    """What one lake shows in each year; several dates of a year stand below each other."""
    cells: dict[int, list[dict[str, Any]]] = {year: [] for year in years}
    for record in rows.to_dict("records"):
        cells[record["date"].year].append(_shot(store, store.labels[record["row"]], record, drawing))
    return [cells[year] for year in years]


def _lake(store: Store, row: int, code: int) -> dict[str, Any]:
    label = store.labels[row]
    return {
        "key": int(store.lake_keys[row]), "name": label, "beside": store.ids[row] if store.ids[row] != label else "",
        "meaning": CLASSES[code], "class": CLASS_WORDS[code],
    }  # fmt: skip


def _shot(store: Store, label: str, record: dict[str, Any], drawing: Drawing) -> dict[str, Any]:
    scene = None if pd.isna(record["scene_key"]) else store.scenes.scene(int(record["scene_key"]))
    year = record["date"].year
    day = f"{year}, day unknown" if record["date_nominal"] and (scene is None or not scene.date) else f"{record['date']:%Y-%m-%d}"
    if scene is not None and scene.date:
        day = scene.date.isoformat()
    area = area_words(record["area_km2"], record["area_sd_km2"])
    reason = next((code for code in (str(record["reason"]), scene.reason if scene else "") if code not in {"ok", "", "nan", "None"}), "")
    missing = _missing(scene, year)
    return {
        "scene": scene.scene_key if scene else None,
        "url": _address(store, scene, drawing) if scene and not missing else None,
        "missing": missing,
        "day": day,
        "area": area,
        "reason": REASONS.get(reason, reason),
        "alt": ", ".join(part for part in (label, day, area, REASONS.get(reason, reason), missing) if part),
    }


def _missing(scene: Scene | None, year: int) -> str:
    """Why there is nothing to be seen; empty where there is."""
    if scene is None:
        return f"no scene of {year}"
    if there(scene.path):
        return ""
    return f"the scene of {year} is not in this pack" if scene.left_out else f"the scene of {year} is not there yet"


def likely_addresses(store: Store, lake_keys: Sequence[int], settings: TrendSettings, drawing: Drawing) -> list[str]:
    """The thumbnails that a brush over the series of these lakes may ask for; none where there are more than LIKELY of them."""
    imaged = np.array(lake_keys, dtype=np.int64)[np.isin(lake_keys, store.scenes.lakes)].tolist()
    if not imaged:
        return []
    rows = with_scenes(store, drawn_observations(store, imaged, settings))
    keys = rows["scene_key"].dropna().astype(int).tolist()
    scenes = [store.scenes.scene(key) for key in keys] if len(keys) <= LIKELY else []
    return [_address(store, scene, drawing) for scene in scenes if scene is not None and there(scene.path)]


def _address(store: Store, scene: Scene, drawing: Drawing) -> str:
    source = next((source for source in drawing.layers if source in scene.masks), None)
    return thumb_url(store, scene, drawing.bands, source, drawing.settings.above(source) if source else None)


def area_words(area: float, sd: float) -> str:
    """`0.123 ± 0.004 km²`."""
    return f"{figure_text(area)} km²" if pd.isna(sd) else f"{figure_text(area)} ± {figure_text(sd, 1)} km²"
