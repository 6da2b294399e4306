"""Files that a command does not take in, and how its report lists what it found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 12
"""Items of a list that are written out on a screen."""
TITLES = {"ambiguous": "Ambiguous, not taken", "unmatched": "Unmatched, not taken", "refused": "Refused"}


@dataclass(frozen=True)
class Problem:
    """A file that is not taken.

    Args:
        name: Of the file.
        kind: A key of TITLES.
        what: Why, and what to do about it.
    """

    name: str
    kind: str
    what: str


def listed(title: str, items: list[str], shown: int | None) -> list[str]:
    """A title with its items under it, or nothing.

    Args:
        title: What they are.
        items: In the order in which they are told.
        shown: How many are written out; None for all.
    """
    if not items:
        return []
    rest = len(items) - len(items[:shown])
    more = [f"  … and {rest:,} more (--report FILE lists all)"] if rest else []
    return [f"{title}: {len(items):,}", *(f"  {item}" for item in items[:shown]), *more]


def problem_lines(problems: Iterable[Problem], shown: int | None) -> list[str]:
    """The problems by kind, as `listed`."""
    kept = list(problems)
    return [
        line
        for kind, title in TITLES.items()
        for line in listed(title, [f"{each.name}: {each.what}" for each in kept if each.kind == kind], shown)
    ]
