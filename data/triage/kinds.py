"""The kinds that triage tells apart, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass

from data.trends.quiet import WORTH


@dataclass(frozen=True)
class Kind:
    """One kind.

    Args:
        name: As in tables, links and exports.
        help: What it means, for the person who reads it.
    """

    name: str
    help: str


_ALL = (
    Kind(
        "grew",
        "Growing at q < 0.05, by more than its mapping error, and nothing that was tried takes the growth away. Also where only plain "
        "least squares says so, because its dates resemble each other: then why says 'by plain least squares', and a lake that merely "
        "drifts to and fro for years can pass for one.",
    ),
    Kind("shrank", "The same of a lake that shrinks, without a sudden loss."),
    Kind("drained", "Part of its area went between two dates and stayed away (see its flag)."),
    Kind(
        "model artefact", "There is a trend, but it hangs on one date, on a change of sensor, on the threshold, the source or the method."
    ),
    Kind("mapping error", "There is a trend, but no larger than what the errors of its outlines could make."),
    Kind("chance", "p < 0.05, yet among so many lakes as many such p are to be expected: q is 0.05 or more."),
    Kind("stable", f"No trend; one of {WORTH:g} %/yr would have been seen and is excluded."),
    Kind(
        "unobservable", f"No trend, but a change of {WORTH:g} %/yr may hide in its dates and noise: look again with more or better images."
    ),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""By name, in the order in which a person wants them."""
