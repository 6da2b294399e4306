"""An import's report in words."""

from __future__ import annotations

from typing import Any

KINDS = {
    "merge": "Merges", "split": "Splits", "missing": "Missing although seen before and after",
    "outlier": "Areas that do not fit their neighbours in time (kept, as they may be true)",
}  # fmt: skip


def lines(facts: dict[str, Any], shown: int | None) -> list[str]:
    """The facts of a `report.Report` as lines.

    Args:
        facts: See `report.report`.
        shown: How many items of a list are written out; None for all.
    """
    count = f"{facts['lakes']:,} lakes, {facts['observations']:,} observations"
    said = [f"{facts['title']}: {count} ({facts['added']:,} added, {facts['identical']:,} there already)"]
    said += [_epoch(entry, facts["season"]) for entry in facts["epochs"]]
    said += _dates(facts)
    said.append(f"Mapping error: {facts['uncertainty']}")
    said += _lakes(facts, shown)
    for kind, title in KINDS.items():
        told = dict.fromkeys(f"{event['date'].year}: {event['evidence']}" for event in facts["events"] if event["kind"] == kind)
        said += _listed(title, list(told), shown)
    said += _listed("Areas more than 5 % off the file's own", [_area(entry) for entry in facts["area_differences"]], shown)
    said += _listed("Outlines mended", facts["mended"], shown)
    taken = "replaced" if facts["replaced"] else "not taken; --replace takes them"
    said += _listed(f"Rows that differ from the dataset's ({taken})", [_difference(entry) for entry in facts["differing"]], shown)
    said += _listed(
        "Rows set aside",
        [f"row {r['row']} of {r['file']}: {r['column'] + ': ' if r['column'] else ''}{r['reason']}" for r in facts["refused"]],
        shown,
    )
    if facts["columns_kept"]:
        said.append(f"Columns kept under their own names: {', '.join(facts['columns_kept'])}")
    return said + [f"Note: {note}" for note in facts["notes"]]


def _epoch(entry: dict[str, Any], season: str) -> str:
    words = f"  {entry['source']} {entry['year']}: {entry['observations']:,} observations, {entry['total_km2']:,.2f} km²"
    if entry["days_known"]:
        window = "9-11" if season == "none" else season
        words += f"; of {entry['days_known']:,} days known, {entry['in_season']:,} lie in months {window}"
    if entry["far_from_nominal"]:
        words += f", {entry['far_from_nominal']:,} more than half a year from {entry['nominal_date']}"
    return words


def _dates(facts: dict[str, Any]) -> list[str]:
    nominal = sum(entry["nominal"] for entry in facts["epochs"])
    beside = "; --dates image uses the days of the scene ids" if any(entry["images"] for entry in facts["epochs"]) else ""
    season = f"Season: {facts['season']}" + (" (set one with --season FIRST-LAST)" if facts["season"] == "none" else "")
    return [f"Dates: {nominal:,} are nominal, that is, only the year is known or used{beside}", season] if nominal else [season]


def _lakes(facts: dict[str, Any], shown: int | None) -> list[str]:
    """What was found out about ids and lakes; ids that several outlines carry are all listed."""
    said = _listed("Ids that several outlines of one epoch carry", [_duplicate(entry) for entry in facts["duplicate_ids"]], shown=None)
    said += _listed("Ids of a lake that lies elsewhere, matched by overlap instead", facts["ids_of_distant_lakes"], shown)
    said += _listed("Matched by overlap though the ids differ", facts["renamed"], shown)
    once = facts["unmatched"]
    if once:
        said.append(f"Lakes seen in one epoch only: {sum(once.values()):,} ({', '.join(f'{n:,} in {year}' for year, n in once.items())})")
    return said


def _duplicate(entry: dict[str, Any]) -> str:
    lakes = ", ".join(f"lake {lake['lake_key']} {lake['area_km2']:.3f} km²" for lake in entry["lakes"])
    same = "; two outlines are identical, so the total counts one twice" if entry["identical_outlines"] else ""
    aside = f"; {entry['set_aside']} set aside as a repeat" if entry["set_aside"] else ""
    return f"{entry['lake_id']} in {entry['year']}: {lakes}{same}{aside}"


def _area(entry: dict[str, Any]) -> str:
    lake = entry["lake_id"] or f"lake {entry['lake_key']}"
    return f"{lake} (row {entry['row']} of {entry['file']}): outline {entry['outline_km2']:g}, file {entry['file_km2']:g} km²"


def _difference(entry: dict[str, Any]) -> str:
    return f"row {entry['row']} of {entry['file']}, lake {entry['lake_key']}: held {entry['held']}, given {entry['given']}"


def _listed(title: str, items: list[str], shown: int | None) -> list[str]:
    """A title with the number of items, and the items; nothing where there are none."""
    if not items:
        return []
    rest = len(items) - len(items[:shown])
    more = [f"  … and {rest:,} more (import-report.txt lists all)"] if rest else []
    return [f"{title}: {len(items):,}", *(f"  {item}" for item in items[:shown]), *more]
