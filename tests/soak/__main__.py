"""`python -m tests.soak [PREFIX]`: the long suites in full (fuzz, kill, replay), and soak.json.

A suite is an entry of SUITES in a `tests/soak/soak_*.py`: its name, and a function of a seed and a scale (1.0 is the full
run; `make test` takes a small part) that raises AssertionError where something gave way, and returns its figures.
"""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable

from tests.harness import ROOT, Figures, found, run


def timed(name: str, suite: Callable[[int, float], Figures], seed: int) -> Figures:
    """A full run. The seed is printed first, so that a failure can be run again."""
    print(f"{name}, seed {seed}", flush=True)
    began = time.monotonic()
    return {**suite(seed, 1.0), "seed": seed, "seconds": round(time.monotonic() - began, 1)}


def line(name: str, row: Figures) -> str:
    """What is printed of a suite."""
    return f"{name}: " + ", ".join(f"{key} {value}" for key, value in row.items())


def main(only: str = "") -> int:
    """Run in full the suites whose name begins with `only`."""
    seed = secrets.randbelow(2**31)
    suites = {name: lambda name=name, suite=suite: timed(name, suite, seed) for name, suite in found("soak", "SUITES").items()}
    return run(suites, only, ROOT / "soak.json", line)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
