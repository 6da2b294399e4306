"""What was found, chosen, and why not: a line for each lake and season."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from data.cache import write_text
from data.export import neutralised
from data.stac.errors import printable
from data.stac.harvest import Source
from data.stac.request import Job, Request
from data.stac.running import Outcome

FILE = "stac_report.csv"
WHY = 400
"""Letters of why-not that a line holds."""


def licence(collection: dict[str, Any]) -> tuple[str, str]:
    """Licence and attribution as a collection tells them: its `license` with the address of the text, and its licensors and producers."""
    link = next((str(each.get("href")) for each in collection.get("links") or [] if each.get("rel") == "license"), "")
    kind = str(collection.get("license") or "not stated")
    providers = [each for each in collection.get("providers") or [] if isinstance(each, dict) and each.get("name")]
    makers = [str(each["name"]) for each in providers if {"licensor", "producer"} & set(each.get("roles") or [])]
    names = dict.fromkeys(makers or [str(each["name"]) for each in providers])
    return printable(f"{kind} {link}").strip(), printable("; ".join(names)) or "not stated"


def report_frame(jobs: Sequence[Job], outcome: Outcome, request: Request, source: Source) -> pd.DataFrame:
    """One row a job, in their order."""
    kind, attribution = licence(source.searcher.about)
    about = {"catalogue": request.catalogue, "collection": request.collection, "licence": kind, "attribution": attribution}
    return pd.DataFrame([{**_line(job, outcome), **about} for job in jobs])


def _line(job: Job, outcome: Outcome) -> dict[str, Any]:
    entry, failure = outcome.entries.get(job), outcome.failed.get(job)
    scenes = entry["scenes"] if entry else []
    status = "not done" if entry is None else "had" if scenes and job not in outcome.fresh else "fetched" if scenes else "none"
    why = failure or "; ".join([*([job.lake.about] if job.lake.about else []), *_notes(scenes), *_why(entry)])
    joined = lambda name: " ".join(str(scene[name]) for scene in scenes)  # noqa: E731
    return {
        "lake_key": job.lake.key, "lake": job.lake.label, "season": job.window.year, "first_day": job.window.begins,
        "last_day": job.window.last,
        "status": "failed" if failure else status, "found": entry["found"] if entry else None, "judged": entry["judged"] if entry else None,
        "date": joined("date"), "item": joined("item"), "clear_share": " ".join(f"{scene['valid_share']:.3f}" for scene in scenes),
        "why_not": why[:WHY], "megabytes": round(entry["bytes"] / 1e6, 3) if entry else None,
    }  # fmt: skip


def _notes(scenes: list[dict[str, Any]]) -> list[str]:
    return [str(scene["note"]) for scene in scenes if scene["note"]]


def _why(entry: dict[str, Any] | None) -> list[str]:
    if entry is None:
        return []
    faults = [f"could not be read: {fault}" for fault in entry.get("faults", [])]
    if entry["scenes"]:
        return faults
    return [*entry["refused"], *faults] or ["the catalogue has no scene of this season that shows the lake"]


def write_report(folder: Path, frames: Sequence[pd.DataFrame]) -> Path:
    """Write the reports of all collections beside the tables, as one; text that a spreadsheet would run as a formula is made harmless."""
    write_text(folder / FILE, neutralised(pd.concat(frames, ignore_index=True)).to_csv(index=False))
    return folder / FILE


def summary(frame: pd.DataFrame, outcome: Outcome, megabytes: float) -> list[str]:
    """What is printed at the end."""
    counts = Counter(frame["status"].tolist())
    words = {
        "fetched": "with new scenes",
        "had": "had theirs",
        "none": "without a usable scene",
        "failed": "failed",
        "not done": "not done",
    }
    told = ", ".join(f"{counts[status]:,} {said}" for status, said in words.items() if counts[status])
    name = f"{frame['collection'].iloc[0]}: " if len(frame) else ""
    lines = [f"{name}{len(frame):,} lakes × seasons: {told}; {megabytes:,.1f} MB read"]
    if outcome.failed:
        some = list(outcome.failed.items())[:3]
        lines += [f"  failed: {job.lake.label} {job.window.year}: {why}" for job, why in some]
    if len(frame):
        lines.append(f"Licence: {frame['licence'].iloc[0]}. Attribution: {frame['attribution'].iloc[0]}")
    return lines
