"""The evidence that decided, in one sentence a lake."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.trends.quiet import WORTH
from data.triage.doubts import DOUBTS
from data.triage.facts import Facts

ALPHA = 0.05
INSUFFICIENT = "fewer than three usable dates"
AUTOCORRELATED = "its dates resemble each other so much that they carry no evidence"


def sentences(facts: Facts, kind: NDArray[np.object_]) -> list[str]:
    """(L,) why each lake is of its kind.

    Args:
        facts: Of L lakes.
        kind: (L,) what the rules made of them.
    """
    frame = facts.table.frame
    names = ["slope", "slope_pct", "p", "q", "q_ols", "detectable_pct"]
    columns: list[list[Any]] = [frame[name].tolist() for name in names]
    status, mapping = frame["status"].astype(str).tolist(), np.exp(facts.mapping_log_p).tolist()
    against, passed = _doubts(facts)
    unit = "%/yr" if facts.table.settings.response == "log" else "km²/yr"
    expected = f"of {facts.table.family:,} lakes tested about {ALPHA * facts.table.family:,.0f} have p < 0.05 by chance alone"
    out: list[str] = []
    for row, (name, state, error, slope, pct, p, q, q_ols, least) in enumerate(zip(kind, status, mapping, *columns, strict=True)):
        trend = f"{'grows' if slope > 0 else 'shrinks'} by {abs(pct if unit == '%/yr' else slope):.2g} {unit}"
        known = _evidence(q, q_ols)
        if name == "drained":
            out.append(facts.drained[row])
        elif name == "model artefact":
            out.append(f"{trend} ({known}), but {'; '.join(against[row])}")
        elif name == "mapping error":
            out.append(f"{trend} ({known}), but no more than the errors of its outlines could make (known error: p = {_p(error)})")
        elif name in {"grew", "shrank"}:
            out.append(f"{trend} ({known}), {_beyond(error)}{_still(passed.get(row, []))}")
        elif name == "chance":
            out.append(f"{trend} (p = {_p(p)}), but q = {_p(q)}: {expected}")
        elif state == "constant" and math.isnan(p):
            out.append("its area is the same on every date: it never changed, or one outline was used again")
        elif state == "insufficient":
            out.append(INSUFFICIENT)
        elif not least >= 0:
            out.append(AUTOCORRELATED if state == "autocorrelated" else "its dates allow no test")
        else:
            out.append(_quiet(name, p, least))
    return out


def _p(p: float) -> str:
    return f"{p:.2g}" if p >= 0.001 else f"{p:.0e}".replace("e-0", "e-")


def _beyond(error: float) -> str:
    return "its areas have no mapping error to hold it against" if math.isnan(error) else f"more than its mapping error (p = {_p(error)})"


def _still(passed: list[str]) -> str:
    return f"; still there {', '.join(passed)}" if passed else ""


def _evidence(q: float, q_ols: float) -> str:
    return f"q = {_p(q)}" if q < ALPHA else f"q = {_p(q_ols)} by plain least squares"


def _quiet(kind: str, p: float, least: float) -> str:
    none = f"no trend (p = {_p(p)})"
    if kind == "stable":
        return f"{none}; one of {least:.2g} %/yr would have been found with 80 % probability, and its interval excludes {WORTH:g} %/yr"
    if least > WORTH:
        return f"{none}, but one of {least:.2g} %/yr is the least that its dates and noise would have shown with 80 % probability"
    return f"{none}, but its interval does not exclude {WORTH:g} %/yr"


def _doubts(facts: Facts) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """Row → what speaks against its trend, and what tried to and could not."""
    against: dict[int, list[str]] = {}
    passed: dict[int, list[str]] = {}
    for name, found in facts.doubts.items():
        for place, row in enumerate(facts.rows.tolist()):
            if place in found.words:
                against.setdefault(row, []).append(found.words[place])
            elif found.made[place]:
                passed.setdefault(row, []).append(DOUBTS[name].passed)
    return against, passed
