"""`python -m tests.bench [PREFIX]`: one line a benchmark, and bench.json.

A benchmark is an entry of BENCHMARKS in a `tests/bench/bench_*.py`: its name, and a function without arguments that
returns `value` and `unit`, and, where there is something to compare with, `peer` (its name) and `peer_value`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.harness import ROOT, Figures, found, run


def completed(benchmark: Callable[[], Figures]) -> Figures:
    """A benchmark's result with all five keys. `ratio` is peer_value / value unless the benchmark gives its own."""
    result = benchmark()
    value, peer = result["value"], result.get("peer_value")
    ratio = result.get("ratio", peer / value if peer is not None and value else None)
    return {"value": value, "unit": result["unit"], "peer": result.get("peer"), "peer_value": peer, "ratio": ratio}


def line(name: str, row: Figures) -> str:
    """What is printed of a benchmark."""
    text = f"{name:<40} {row['value']:>12.6g} {row['unit']}"
    if row["peer_value"] is not None:
        text += f"   {row['peer'] or 'peer'} {row['peer_value']:.6g} {row['unit']}"
    return text + (f"   × {row['ratio']:.4g}" if row["ratio"] is not None else "")


def main(only: str = "") -> int:
    """Run the benchmarks whose name begins with `only`."""
    benchmarks = {name: lambda work=work: completed(work) for name, work in found("bench", "BENCHMARKS").items()}
    return run(benchmarks, only, ROOT / "bench.json", line)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
