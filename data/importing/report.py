"""What an import found, in words and as JSON: nothing that was set aside, mended, or matched by judgement goes unsaid."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from data.importing import dates
from data.importing.addition import Addition
from data.importing.changes import Event
from data.importing.gathering import Gathered, known_days
from data.importing.options import ImportOptions
from data.records import DatasetMeta

SHOWN = 12
HALF_YEAR = 365.25 / 2
AREA_LIMIT = 0.05


@dataclass(frozen=True)
class Report:
    """A report: `lines` for people (lists cut after a dozen), `facts` with everything."""

    lines: list[str]
    facts: dict[str, Any]

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    @property
    def json(self) -> str:
        return json.dumps(self.facts, ensure_ascii=False, indent=1, default=str) + "\n"


def report(found: Gathered, added: Addition, events: list[Event], about: DatasetMeta, options: ImportOptions) -> Report:
    """Describe the dataset after an import, and what this import did.

    Args:
        found: The input.
        added: How it was added.
        events: Everything that happened to lakes, of all sources.
        about: `dataset.toml` after the import.
        options: What the user said.
    """
    rows = added.everything
    facts: dict[str, Any] = {
        "dataset": about.name, "lakes": int(rows["lake_key"].nunique()), "observations": len(rows),
        "added": int(rows["fresh"].sum()), "identical": added.identical,
        "epochs": _epochs(rows, about), "duplicate_ids": _duplicate_ids(rows), "ids_of_distant_lakes": added.far,
        "renamed": _matched(rows, "renamed"), "unmatched": _unmatched(rows), "area_differences": _area_differences(rows),
        "mended": [f"row {row} of {file}" for file, row in found.mended],
        "events": [{"lake_key": e.lake_key, "date": e.date, "kind": e.kind, "evidence": e.evidence, "source": e.source} for e in events],
        "differing": [d.__dict__ for d in added.differing], "replaced": len(added.dropped),
        "refused": [r.__dict__ for r in added.refused],
        "columns_kept": sorted(map(str, found.extra.columns)), "notes": found.notes,
        "season": about.season.token if about.season else "none", "dates": options.dates, "uncertainty": _uncertainty(rows, about),
    }  # fmt: skip
    return Report(_lines(facts, about), facts)


def _epochs(rows: pd.DataFrame, about: DatasetMeta) -> list[dict[str, Any]]:
    """One entry a source and year: outlines, lakes, total area, and what the acquisition days say of the nominal date."""
    years = pd.Series([d.year for d in rows["epoch"]], index=rows.index)
    entries: list[dict[str, Any]] = []
    for (source, year), part in rows.groupby([rows["source"], years], sort=True):
        images = [(e, i) for e, i, n in zip(part["epoch"], part["date_image"], part["date_nominal"], strict=True) if isinstance(i, date)]
        known = known_days(part)
        entries.append({
            "source": source, "year": int(year), "outlines": len(part), "lakes": int(part["lake_key"].nunique()),
            "total_km2": round(float(part["area_km2"].sum()), 4), "nominal": int(part["date_nominal"].sum()), "days_known": len(known),
            "outside_season": sum(not dates.in_season(d, about.season) for d in known),  # type: ignore[arg-type]
            "far_from_nominal": sum(abs((i - e).days) > HALF_YEAR for e, i in images),
        })  # fmt: skip
    return entries


def _said(part: pd.DataFrame) -> str:
    return ", ".join(
        f"lake {k} {a:.3f} km² (row {r:.0f} of {f})" if isinstance(f, str) else f"lake {k} {a:.3f} km²"
        for k, a, r, f in zip(part["lake_key"], part["area_km2"], part["row"], part["file"], strict=True)
    )


def _duplicate_ids(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Every id that several observations of one source and epoch carry."""
    named = rows[rows["lake_id"].notna()]
    twice = named[named.duplicated(["source", "epoch", "lake_id"], keep=False)]
    found: list[dict[str, Any]] = []
    for (source, epoch, lake_id), part in twice.groupby(["source", "epoch", "lake_id"], sort=True):
        same = part["geometry"].map(lambda s: None if s is None else s.wkb).duplicated().any()
        found.append(
            {
                "lake_id": lake_id,
                "source": source,
                "epoch": epoch,
                "outlines": len(part),
                "identical_outlines": bool(same),
                "lakes": _said(part),
            }
        )
    return found


def _matched(rows: pd.DataFrame, how: str) -> list[str]:
    part = rows[(rows["how"] == how) & rows["fresh"].astype(bool)]
    return [f"{i} in {e.year} is lake {k}" for i, e, k in zip(part["lake_id"], part["epoch"], part["lake_key"], strict=True)]


def _unmatched(rows: pd.DataFrame) -> dict[str, Any]:
    """Lakes seen in one epoch only, where the source has several: by the year in which they were seen."""
    found: Counter[str] = Counter()
    for _, part in rows.groupby("source", sort=True):
        if part["epoch"].nunique() > 1:
            once = part[~part["lake_key"].duplicated(keep=False)]
            found.update(str(d.year) for d in once["epoch"])
    return {"total": sum(found.values()), "by_year": dict(sorted(found.items()))}


def _area_differences(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Outlines whose area differs by more than 5 % from what their file says it is."""
    drawn = rows[rows["fresh"].astype(bool) & rows["geometry"].notna() & rows["area_reported_km2"].notna()]
    off = drawn["area_km2"] / drawn["area_reported_km2"].astype(float).where(drawn["area_reported_km2"] > 0) - 1
    listed = drawn[~(off.abs() <= AREA_LIMIT)]
    return [
        {"file": f, "row": int(r), "lake_id": i, "lake_key": int(k), "outline_km2": round(float(a), 5), "file_km2": round(float(b), 5)}
        for f, r, i, k, a, b in zip(
            *(listed[c] for c in ("file", "row", "lake_id", "lake_key", "area_km2", "area_reported_km2")), strict=True
        )
    ]


def _uncertainty(rows: pd.DataFrame, about: DatasetMeta) -> str:
    with_sd = int(rows["area_sd_km2"].notna().sum())
    if with_sd == 0:
        return "unknown: the pixel size is neither told by scene ids nor given (--pixel METRES)"
    pixel = f"{about.pixel_m:g} m" if about.pixel_m else "that of each outline's image"
    return f"perimeter × pixel × {about.area_sd_factor:g}, pixel {pixel}, where the input states none; known for {with_sd:,} of {len(rows):,} observations"


def _lines(facts: dict[str, Any], about: DatasetMeta) -> list[str]:
    lines = [
        f"{about.title}: {facts['lakes']:,} lakes, {facts['observations']:,} observations ({facts['added']:,} added, {facts['identical']:,} already there)"
    ]
    lines += _epoch_lines(facts, about)
    lines.append(f"Mapping error: {facts['uncertainty']}")
    ids = facts["duplicate_ids"]
    lines += _listed(
        f"Ids that several outlines of one epoch carry: {len(ids)}", [_duplicate_words(entry) for entry in ids], all_of_them=True
    )
    lines += _listed(
        f"Ids that name a lake elsewhere, so matched by overlap: {len(facts['ids_of_distant_lakes'])}", facts["ids_of_distant_lakes"]
    )
    lines += _listed(f"Matched by overlap though the ids differ: {len(facts['renamed'])}", facts["renamed"])
    once = facts["unmatched"]
    if once["total"]:
        years = ", ".join(f"{n:,} in {year}" for year, n in once["by_year"].items())
        lines.append(f"Lakes seen in one epoch only: {once['total']:,} ({years})")
    for kind, title in (
        ("merge", "Merges"),
        ("split", "Splits"),
        ("missing", "Missing although seen before and after"),
        ("outlier", "Areas that do not fit their neighbours in time"),
    ):
        told = list(dict.fromkeys(f"{event['date'].year}: {event['evidence']}" for event in facts["events"] if event["kind"] == kind))
        lines += _listed(f"{title}: {len(told):,}", told)
    off = facts["area_differences"]
    lines += _listed(
        f"Areas more than 5 % off the file's own: {len(off)}",
        [
            f"{d['lake_id'] or 'lake ' + str(d['lake_key'])} (row {d['row']} of {d['file']}): outline {d['outline_km2']:g}, file {d['file_km2']:g} km²"
            for d in off
        ],
    )
    lines += _listed(f"Outlines mended: {len(facts['mended'])}", facts["mended"])
    lines += _listed(
        f"Rows that differ from the dataset's: {len(facts['differing'])}, "
        + ("replaced" if facts["replaced"] else "not taken (--replace takes them)"),
        [f"row {d['row']} of {d['file']}, lake {d['lake_key']}: held {d['held']}, given {d['given']}" for d in facts["differing"]],
    )
    if facts["columns_kept"]:
        lines.append(f"Columns kept under their own names: {', '.join(facts['columns_kept'])}")
    lines += [f"Note: {note}" for note in facts["notes"]]
    return lines


def _epoch_lines(facts: dict[str, Any], about: DatasetMeta) -> list[str]:
    lines: list[str] = []
    window = about.season.token if about.season else "9-11"
    for e in facts["epochs"]:
        words = f"  {e['source']} {e['year']}: {e['outlines']:,} outlines, {e['total_km2']:,.2f} km²"
        if e["days_known"]:
            words += f"; days known {e['days_known']:,}, {e['days_known'] - e['outside_season']:,} of them in months {window}"
            if e["far_from_nominal"]:
                words += f", {e['far_from_nominal']:,} more than half a year from 15 October {e['year']}"
        lines.append(words)
    nominal = sum(e["nominal"] for e in facts["epochs"])
    if nominal:
        lines.append(f"Dates: {nominal:,} are nominal (only the year is known or used; --dates image uses the days of scene ids)")
    lines.append(f"Season: {facts['season']}" + ("" if about.season else " (set one with --season FIRST-LAST)"))
    return lines


def _duplicate_words(entry: dict[str, Any]) -> str:
    same = "; two outlines are identical, so the total counts one twice" if entry["identical_outlines"] else ""
    return f"{entry['lake_id']} in {entry['epoch'].year}: {entry['lakes']}{same}"


def _listed(title: str, items: list[str], all_of_them: bool = False) -> list[str]:
    """A title and its items; of a long list the first dozen, the rest being in the JSON report. Nothing for an empty list."""
    if not items:
        return []
    shown = items if all_of_them else items[:SHOWN]
    rest = [f"  … and {len(items) - len(shown):,} more (import-report.json lists all)"] if len(items) > len(shown) else []
    return [title, *(f"  {item}" for item in shown), *rest]
