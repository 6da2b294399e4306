"""What the users of a replay found: how long each step took, and every answer that was wrong or did not come."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MOST = 20
"""Complaints that are kept word for word."""


@dataclass
class Tally:
    """Of all users together.

    Args:
        seconds: By step.
        checked: Answers that were held against what was asked.
        wrong, missing: Answers of something else, and answers that never came.
        dropped: Connections that the server ended.
        bodies: Address → digest of what came, to see that all get the same.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict[str, list[float]](list))
    checked: int = 0
    wrong: int = 0
    missing: int = 0
    dropped: int = 0
    received: int = 0
    requests: int = 0
    complaints: list[str] = field(default_factory=list[str])
    bodies: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def hold(self, what: str, said: object, meant: object) -> None:
        """An answer, against what it must be."""
        self.checked += 1
        if said != meant:
            self.wrong += 1
            self.complain(f"{what}: {said!r} in place of {meant!r}")

    def lack(self, what: str) -> None:
        """An answer did not come."""
        self.missing += 1
        self.complain(what)

    def complain(self, words: str) -> None:
        if len(self.complaints) < MOST:
            self.complaints.append(words)

    def percentile(self, step: str, share: float) -> float:
        """Of a step, ms."""
        return round(float(np.percentile(self.seconds[step], share)) * 1e3, 1)

    def figures(self) -> dict[str, Any]:
        """What was counted, and the times of each step in ms."""
        times = {f"{step}_p{share}_ms": self.percentile(step, share) for step in sorted(self.seconds) for share in (50, 95)}
        counts = {name: getattr(self, name) for name in ("checked", "wrong", "missing", "dropped", "requests")}
        return {**counts, "clicks": len(self.seconds["click"]), "received_mb": round(self.received / 1e6, 1), **times}
