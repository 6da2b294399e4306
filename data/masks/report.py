"""What a run of `masks` or `labels` found, in words: nothing that was assumed, moved or left out goes unsaid."""

from __future__ import annotations

from data.masks.wish import Outcome
from data.problems import SHOWN, listed, problem_lines


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
        said.append(f"Areas at 20 thresholds; series and trends use {outcome.threshold:g}, as dataset.toml says")
    said += listed("Brought onto the grid of their scene", _noted(notes, ("resampled", "pixel for pixel")), shown)
    said += listed("_pred files that differ from their _prob file", _noted(notes, ("differs", "could not be compared")), shown)
    said += listed("No area", _noted(notes, ("no area",)), shown)
    why = "Areas only, measured on the mask's own grid or polygons, as there is no scene to show them on (python -m data scenes adds one)"
    said += listed(why, sorted(outcome.areas_only), shown)
    said += problem_lines(outcome.problems, shown)
    return said + listed("Left alone, by their names", outcome.left, shown)


def _noted(notes: dict[str, str], words: tuple[str, ...]) -> list[str]:
    """Names with the part of their note that holds one of the words."""
    parts = {name: [part for part in note.split("; ") if any(word in part for word in words)] for name, note in notes.items()}
    return [f"{name}: {', '.join(found)}" for name, found in parts.items() if found]
