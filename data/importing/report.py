"""What an import found, in words and as JSON: nothing that was set aside, mended, or matched by judgement goes unsaid."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from data.importing import dates
from data.importing.addition import Addition
from data.importing.changes import Event
from data.importing.frames import grouped, numbers, objects
from data.importing.gathering import Gathered, known_days
from data.importing.report_text import lines
from data.records import DatasetMeta

HALF_YEAR = 365.25 / 2
AREA_LIMIT = 0.05
SHOWN = 12


@dataclass(frozen=True)
class Report:
    """A report: `lines` for a screen (long lists are cut after a dozen), `all_lines` for a file, `facts` for programs."""

    lines: list[str]
    all_lines: list[str]
    facts: dict[str, Any]

    @property
    def text(self) -> str:
        """What `import-report.txt` holds."""
        return "\n".join(self.all_lines) + "\n"

    @property
    def json(self) -> str:
        """What `import-report.json` holds."""
        return json.dumps(self.facts, ensure_ascii=False, indent=1, default=str) + "\n"


def report(found: Gathered, added: Addition, events: list[Event], about: DatasetMeta) -> Report:
    """Describe the dataset after an import, and what this import did.

    Args:
        found: The input.
        added: How it was added.
        events: Everything that happened to lakes, of all sources.
        about: `dataset.toml` after the import.
    """
    rows = added.everything
    facts: dict[str, Any] = {
        "title": about.title, "lakes": len(set(objects(rows, "lake_key"))), "observations": len(rows),
        "added": int(added.fresh.sum()), "identical": added.identical, "epochs": _epochs(rows, about),
        "season": about.season.token if about.season else "none", "uncertainty": _uncertainty(rows, about),
        "duplicate_ids": _duplicate_ids(rows, found), "ids_of_distant_lakes": added.far, "renamed": _renamed(added),
        "unmatched": _unmatched(rows),
        "area_differences": _area_differences(added), "mended": [f"row {row} of {file}" for file, row in found.mended],
        "events": _events(events, rows),
        "differing": [asdict(difference) for difference in added.differing], "replaced": len(added.dropped),
        "refused": [asdict(refusal) for refusal in added.refused],
        "columns_kept": sorted(map(str, found.extra.columns)), "notes": found.notes,
    }  # fmt: skip
    return Report(lines(facts, SHOWN), lines(facts, None), facts)


def _epochs(rows: pd.DataFrame, about: DatasetMeta) -> list[dict[str, Any]]:
    """One entry a source and year: outlines, lakes, total area, and what the acquisition days say of the nominal date."""
    entries: list[dict[str, Any]] = []
    for (source, year), places in grouped(rows.assign(year=[day.year for day in objects(rows, "epoch")]), "source", "year"):
        part = rows.iloc[places]
        days, epochs = known_days(part), objects(part, "epoch")
        images = [(epoch, image) for epoch, image in zip(epochs, objects(part, "date_image"), strict=True) if isinstance(image, date)]
        entries.append({
            "source": source, "year": int(year), "observations": len(part), "lakes": len(set(objects(part, "lake_key"))),
            "total_km2": round(float(numbers(part, "area_km2").sum()), 4), "nominal_date": min(epochs),
            "nominal": int(sum(map(bool, objects(part, "date_nominal")))), "days_known": len(days), "images": len(images),
            "in_season": sum(dates.in_season(day, about.season) for day in days),
            "far_from_nominal": sum(abs((image - epoch).days) > HALF_YEAR for epoch, image in images),
        })  # fmt: skip
    return entries


def _uncertainty(rows: pd.DataFrame, about: DatasetMeta) -> str:
    known = int(np.isfinite(numbers(rows, "area_sd_km2")).sum())
    if known == 0:
        return "unknown: the pixel size is neither told by scene ids nor given (--pixel METRES)"
    if about.pixel_m is None and objects(rows, "sensor").tolist().count(None) == len(rows):
        return f"as the input states it; known for {known:,} of {len(rows):,} observations"
    pixel = f"{about.pixel_m:g} m" if about.pixel_m else "that of each outline's image"
    formula = f"perimeter × pixel × {about.area_sd_factor:g}, pixel {pixel}, where the input states none"
    return f"{formula}; known for {known:,} of {len(rows):,} observations"


def _duplicate_ids(rows: pd.DataFrame, input_: Gathered) -> list[dict[str, Any]]:
    """Every id that several rows of one source and epoch carry; `set_aside` counts those that repeat another in everything."""
    set_aside = Counter(input_.repeated)
    found: list[dict[str, Any]] = []
    named = rows.iloc[np.flatnonzero([label is not None for label in objects(rows, "lake_id")])]
    for (source, epoch, lake_id), places in grouped(named, "source", "epoch", "lake_id"):
        repeats = set_aside[source, epoch, lake_id]
        if len(places) + repeats > 1:
            part = named.iloc[places]
            shapes = [shape.wkb for shape in objects(part, "geometry") if shape is not None]
            lakes = zip(objects(part, "lake_key"), numbers(part, "area_km2"), strict=True)
            found.append({
                "lake_id": lake_id, "source": source, "year": epoch.year, "set_aside": repeats,
                "identical_outlines": len(set(shapes)) < len(shapes),
                "lakes": [{"lake_key": int(key), "area_km2": round(float(area), 5)} for key, area in lakes],
            })  # fmt: skip
    return found


def _events(events: list[Event], rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Events, those of the lakes that were largest first."""
    largest: dict[int, float] = {}
    for key, area in zip(objects(rows, "lake_key"), numbers(rows, "area_km2"), strict=True):
        largest[int(key)] = max(area, largest.get(int(key), 0.0))
    return [asdict(event) for event in sorted(events, key=lambda event: (-largest[event.lake_key], event.lake_key, event.date))]


def _renamed(added: Addition) -> list[str]:
    names = ("how", "fresh", "lake_id", "epoch", "lake_key")
    fields = zip(*(objects(added.everything, name) for name in names), strict=True)
    return [f"{lake_id} of {epoch.year} is lake {key}" for how, fresh, lake_id, epoch, key in fields if how == "renamed" and fresh]


def _unmatched(rows: pd.DataFrame) -> dict[str, int]:
    """Lakes seen in one epoch only of a source that has several, by the year in which they were seen."""
    found: Counter[str] = Counter()
    for _, places in grouped(rows, "source"):
        part = rows.iloc[places]
        epochs: list[date] = list(objects(part, "epoch"))
        if len(set(epochs)) > 1:
            found.update(str(epochs[own[0]].year) for _, own in grouped(part, "lake_key") if len(own) == 1)
    return dict(sorted(found.items()))


def _area_differences(added: Addition) -> list[dict[str, Any]]:
    """Outlines of this import whose area is more than 5 % off what their file says it is."""
    names = ("file", "row", "lake_id", "lake_key", "geometry", "area_km2", "area_reported_km2")
    fields = zip(added.fresh, *(objects(added.everything, name) for name in names), strict=True)
    return [
        {"file": file, "row": int(row), "lake_id": lake_id, "lake_key": int(key), "outline_km2": round(area, 5), "file_km2": round(said, 5)}
        for fresh, file, row, lake_id, key, shape, area, said in fields
        if fresh and shape is not None and said is not None and abs(area - said) > AREA_LIMIT * said
    ]
