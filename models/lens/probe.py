"""Which scenes make the probe: the same for every run of a dataset, spread over splits, reasons and sizes of lakes."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

CLEAR = ("", "ok")
UNCLEAR_SHARE = 0.25
"""Of the probe, at most, for scenes under cloud, shadow or snow: few, and where a model errs."""


@dataclass(frozen=True)
class Candidate:
    """A scene that can be in the probe.

    Args:
        scene_key: Names it.
        lake_key: Its lake; None where it shows none in particular.
        reason: `ok`, or why it is not usable.
        split: As the dataset has it, not as a run dealt it out: the probe must be the same for every run.
        size: Anything that grows with the lake.
    """

    scene_key: int
    lake_key: int | None
    reason: str
    split: str
    size: float


def probe_of(candidates: Sequence[Candidate], number: int) -> list[int]:
    """scene_keys of the probe, ascending: at most `number`.

    A quarter goes to scenes that are not clear, shared evenly by their reasons; the rest to the clear ones, shared evenly by the splits.
    Within each, as many from each part of the sizes, every lake once before any comes twice; what is left to chance follows from the
    scene's key, so that equal datasets have equal probes.
    """
    unclear = [each for each in candidates if each.reason not in CLEAR]
    clear = [each for each in candidates if each.reason in CLEAR]
    wanted = min(int(number * UNCLEAR_SHARE), len(unclear))
    wanted = max(wanted, min(number - len(clear), len(unclear)))
    taken: set[int] = set()
    for group, count, by in ((unclear, wanted, "reason"), (clear, number - wanted, "split")):
        parts: defaultdict[str, list[Candidate]] = defaultdict(list)
        for each in group:
            parts[getattr(each, by)].append(each)
        for name, share in _shares({name: len(part) for name, part in parts.items()}, count).items():
            taken |= set(_spread(parts[name], share))
    return sorted(taken)


def _shares(sizes: dict[str, int], number: int) -> dict[str, int]:
    """As even as the parts allow: one by one to whichever has least and has more to give."""
    shares = dict.fromkeys(sorted(sizes), 0)
    for _ in range(min(number, sum(sizes.values()))):
        shares[min((name for name in shares if shares[name] < sizes[name]), key=lambda name: shares[name])] += 1
    return shares


def _spread(part: Sequence[Candidate], number: int) -> list[int]:
    """One from each of `number` equal parts of the sizes; from a lake not yet taken where there is one."""
    order = sorted(part, key=lambda each: (each.size, each.scene_key))
    chosen: list[int] = []
    lakes: set[int | None] = set()
    for place in range(number):
        among = order[place * len(order) // number : (place + 1) * len(order) // number]
        best = min(among, key=lambda each: (each.lake_key is not None and each.lake_key in lakes, _chance(each.scene_key)))
        chosen.append(best.scene_key)
        lakes.add(best.lake_key)
    return chosen


def _chance(key: int) -> str:
    return hashlib.sha256(f"probe {key}".encode()).hexdigest()
