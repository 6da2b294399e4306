"""What a run of `scenes` found, in words: nothing that was assumed, moved or left out goes unsaid."""

from __future__ import annotations

from data.problems import SHOWN, listed, problem_lines
from data.scenes.wish import Outcome


def lines(outcome: Outcome, shown: int | None = SHOWN) -> list[str]:
    """The report.

    Args:
        outcome: Of the run.
        shown: How many items of a list are written out; None for all.
    """
    notes = outcome.held | outcome.fresh
    said = [f"{counted(len(notes))} ({len(outcome.fresh):,} taken in, {len(outcome.held):,} there already)"]
    if outcome.skipped:
        said.append(f"Other lakes or days than asked for: {outcome.skipped:,}")
    for says, names in sorted(outcome.assumed.items()):
        said.append(f"{counted(len(names))}: {says}")
        said += [f"  {name}" for name in names] if shown is None else []
    said += listed("To be looked at", [f"{name}: {note}" for name, note in sorted(notes.items()) if note], shown)
    said += problem_lines(outcome.problems, shown)
    return said + listed("Left alone: predictions and labels by their names (python -m data masks, labels)", outcome.left, shown)


def counted(count: int) -> str:
    """`1 scene`, `2 scenes`."""
    return "1 scene" if count == 1 else f"{count:,} scenes"
