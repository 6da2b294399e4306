"""What a run of `masks` or `labels` found, in words: nothing that was assumed, moved or left out goes unsaid."""

from __future__ import annotations

from data.masks.wish import Outcome

SHOWN = 12
TITLES = {
    "ambiguous": "Ambiguous, not taken", "unmatched": "Unmatched, not taken", "refused": "Refused",
}  # fmt: skip


def lines(outcome: Outcome, shown: int | None = SHOWN) -> list[str]:
    """The report.

    Args:
        outcome: Of the run.
        shown: How many items of a list are written out; None for all.
    """
    notes = outcome.held | outcome.fresh
    said = [f"{outcome.source}: {len(notes):,} masks ({len(outcome.fresh):,} taken in, {len(outcome.held):,} there already)"]
    said += [f"Values of {'_' + kind if kind else 'the masks'}: {says}" for kind, says in sorted(outcome.assumed.items())]
    if outcome.threshold is not None:
        said.append(f"Areas at 20 thresholds; series and trends use {outcome.threshold:g} (--threshold)")
    said += _listed("Brought onto the grid of their scene", _noted(notes, ("resampled", "pixel for pixel")), shown)
    said += _listed("_pred files that differ from their _prob file", _noted(notes, ("differs", "could not be compared")), shown)
    said += _listed("No area", _noted(notes, ("no area",)), shown)
    why = "Areas only, measured on the mask's own grid or polygons, as there is no scene to show them on (python -m data scenes adds one)"
    said += _listed(why, sorted(outcome.areas_only), shown)
    for kind, title in TITLES.items():
        said += _listed(title, [f"{each.name}: {each.what}" for each in outcome.problems if each.kind == kind], shown)
    return said + _listed("Left alone, by their names", outcome.left, shown)


def _noted(notes: dict[str, str], words: tuple[str, ...]) -> list[str]:
    """Names with the part of their note that holds one of the words."""
    parts = {name: [part for part in note.split("; ") if any(word in part for word in words)] for name, note in notes.items()}
    return [f"{name}: {', '.join(found)}" for name, found in parts.items() if found]


def _listed(title: str, items: list[str], shown: int | None) -> list[str]:
    if not items:
        return []
    rest = len(items) - len(items[:shown])
    more = [f"  … and {rest:,} more (--report FILE lists all)"] if rest else []
    return [f"{title}: {len(items):,}", *(f"  {item}" for item in items[:shown]), *more]
