"""The sequence lab's network, trained in full by its command: seconds, seconds of processor, and what it reaches.

In full the defaults with the seed of the run: at most 300 s of processor on one core, and on 2,000 fresh curves, by the forward pass in
numpy, at least 85 % exact and 98 % within one, beside what always saying the most frequent count would reach.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from data.sequence.cell import readouts
from data.sequence.reading import SequenceRun, open_sequence
from models.__main__ import main
from models.sequence.curves import curves, running_count
from tests.harness import Figures

FRESH = 2_000
SECONDS, EXACT, WITHIN_ONE = 300, 0.85, 0.98


def judged(run: SequenceRun, fresh: int, seed: int) -> Figures:
    """The last network of a run on curves that nobody has seen."""
    x = curves(fresh, [seed, 777])
    count = running_count(x)[:, -1]
    off = np.abs(np.rint(readouts(run.network(run.manifest.epochs[-1]), x)[:, -1]) - count)
    rates = {"exact": off == 0, "within one": off <= 1, "always the most frequent": count == np.bincount(count).argmax()}
    return {name: round(float(each.mean()), 4) for name, each in rates.items()}


def training(seed: int, scale: float) -> Figures:
    """The suite."""
    few = () if scale == 1.0 else ("--epochs", "2", "--curves", "256", "--held-out", "64", "--units", "4")
    with tempfile.TemporaryDirectory() as folder:
        assert main(["sequence", "--into", str(Path(folder) / "run"), "--seed", str(seed), *few]) == 0
        run = open_sequence(Path(folder) / "run")
        units, results = run.units(), run.manifest.results
        losses = run.epochs()["loss"]
        last = units[units["epoch"] == run.manifest.epochs[-1]]
        figures = {
            **judged(run, FRESH if scale == 1.0 else 200, seed),
            "seconds of processor": results["cpu_seconds"],
            **{
                f"largest |r| to the {what}": round(float(last[name].abs().max()), 3)
                for name, what in (("r_level", "level"), ("r_count", "count"))
            },
        }
    if scale == 1.0:
        assert figures["seconds of processor"] <= SECONDS, figures
        assert figures["exact"] >= EXACT, figures
        assert figures["within one"] >= WITHIN_ONE, figures
    else:
        assert losses.is_monotonic_decreasing, "it learns"
    return figures


SUITES = {"sequence.training": training}
