"""`python -m tests.bench [PREFIX]`: one line a benchmark, and bench.json.

A benchmark is an entry of BENCHMARKS in a `tests/bench/bench_*.py`: its name, and a function without arguments that
returns `value` and `unit`, and, where there is something to compare with, `peer` (its name) and `peer_value`.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.figures import ROOT, found, merge


def figure(result: dict[str, Any]) -> dict[str, Any]:
    """A benchmark's result with all five keys. `ratio` is peer_value / value unless the benchmark gives its own."""
    value, peer = result["value"], result.get("peer_value")
    ratio = result.get("ratio", peer / value if peer is not None and value else None)
    return {"value": value, "unit": result["unit"], "peer": result.get("peer"), "peer_value": peer, "ratio": ratio}


def line(name: str, row: dict[str, Any]) -> str:
    """What is printed of a benchmark."""
    text = f"{name:<40} {row['value']:>12.6g} {row['unit']}"
    if row["peer_value"] is not None:
        text += f"   {row['peer'] or 'peer'} {row['peer_value']:.6g} {row['unit']}"
    return text + (f"   × {row['ratio']:.4g}" if row["ratio"] is not None else "")


def run(benchmarks: dict[str, Callable[[], dict[str, Any]]], only: str, path: Path) -> int:
    """Run those whose name begins with `only`; one that fails is reported, and the rest still run."""
    chosen = {name: work for name, work in benchmarks.items() if name.startswith(only)}
    if not chosen:
        print(f"no benchmark begins with {only!r}; there are {', '.join(benchmarks) or 'none yet'}", file=sys.stderr)
        return 2
    failed: list[str] = []
    for name, work in chosen.items():
        try:
            row = figure(work())
        except Exception:  # noqa: BLE001 - one broken benchmark must not hide the others; it is shown, and counted in the exit code
            traceback.print_exc()
            failed.append(name)
            continue
        print(line(name, row), flush=True)
        merge(path, {name: row})
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run(found(Path(__file__).parent, "bench_", "BENCHMARKS"), sys.argv[1] if len(sys.argv) > 1 else "", ROOT / "bench.json"))
