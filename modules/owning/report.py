"""What became of a table on its way in, for the page that shows it: read from the report of its import."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from data.own_table.wording import without_options
from data.store import Store
from data.words import several

REPORT = "import-report"
REFUSED = "refused.csv"
ITEMS = 100
"""Of one kind that are listed on the page; the file lists all."""
NOTHING_BEFORE = re.compile(r" \([\d,]+ added, 0 there already\)")
"""Goes without saying where a table is opened, not added to."""
KINDS = {"merge": "merge", "split": "split", "missing": "gap", "outlier": "odd area"}
"""Kind of an event → what a count of them is called."""


@dataclass(frozen=True)
class Section:
    """A sentence, and what it is about."""

    words: str
    items: tuple[str, ...] = ()
    more: int = 0


def counts(store: Store) -> list[str]:
    """What there is, and what was done about it, in a few words each; what did not occur is left out."""
    facts = _facts(store)
    kinds = Counter(str(event.get("kind")) for event in facts.get("events", []))
    done = [
        (len(facts.get("ids_of_distant_lakes", [])), "id", " of lakes far apart"),
        *((kinds[kind], noun, "") for kind, noun in KINDS.items()),
        (len(facts.get("refused", [])), "row", " set aside"),
    ]
    there = [several(len(store.lakes), "lake"), several(int(facts.get("observations", 0)), "observation")]
    return [*there, *(several(count, noun) + more for count, noun, more in done if count)]


def sections(store: Store) -> list[Section]:
    """The report: a line that is set in belongs to the one above it."""
    found: list[tuple[str, list[str]]] = []
    for line in report_text(store).splitlines():
        if line.startswith("  ") and found:
            found[-1][1].append(line.strip())
        elif line.strip():
            found.append((line.strip(), []))
    return [Section(words, tuple(items[:ITEMS]), max(len(items) - ITEMS, 0)) for words, items in found]


def report_text(store: Store) -> str:
    """The whole report, without what is only for who has a command line."""
    try:
        lines = (store.path / f"{REPORT}.txt").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return "The report of this import is not there any more."
    return "\n".join(NOTHING_BEFORE.sub("", without_options(line)) for line in lines) + "\n"


def refused_csv(store: Store) -> str:
    """The rows that were set aside, with their reasons; empty where there are none."""
    try:
        return (store.path / REFUSED).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _facts(store: Store) -> dict[str, Any]:
    try:
        return json.loads((store.path / f"{REPORT}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
