"""`python -m tests.soak [PREFIX]`: the long suites in full (fuzz, kill, replay), and soak.json.

A suite is an entry of SUITES in a `tests/soak/soak_*.py`: its name, and a function of a seed and a scale (1.0 is the full
run; `make test` takes a small part) that raises AssertionError where something gave way, and returns its figures.
"""

from __future__ import annotations

import secrets
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.figures import ROOT, found, merge

SUITES: dict[str, Callable[[int, float], dict[str, Any]]] = found(Path(__file__).parent, "soak_", "SUITES")


def run(suites: dict[str, Callable[[int, float], dict[str, Any]]], only: str, path: Path, seed: int) -> int:
    """Run in full the suites whose name begins with `only`; the seed is printed, so that a failure can be run again."""
    chosen = {name: suite for name, suite in suites.items() if name.startswith(only)}
    if not chosen:
        print(f"no suite begins with {only!r}; there are {', '.join(suites) or 'none yet'}", file=sys.stderr)
        return 2
    failed: list[str] = []
    for name, suite in chosen.items():
        print(f"{name} (seed {seed})", flush=True)
        began = time.monotonic()
        try:
            figures = suite(seed, 1.0)
        except Exception:  # noqa: BLE001 - one suite that gives way must not hide the others; it is shown, and counted in the exit code
            traceback.print_exc()
            failed.append(name)
            continue
        row = {**figures, "seed": seed, "seconds": round(time.monotonic() - began, 1)}
        print("  " + ", ".join(f"{key} {value}" for key, value in row.items()), flush=True)
        merge(path, {name: row})
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    seed = secrets.randbelow(2**31)
    sys.exit(run(SUITES, sys.argv[1] if len(sys.argv) > 1 else "", ROOT / "soak.json", seed))
