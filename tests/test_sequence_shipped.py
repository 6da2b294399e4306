"""The run of the sequence lab that Moraine comes with: small, whole, and as good as is said, by numpy alone on fresh curves."""

from __future__ import annotations

import numpy as np
import pytest

from data.sequence.cell import readouts
from data.sequence.features import followed
from data.sequence.reading import SequenceRun, open_sequence
from models.sequence.curves import LENGTH, curves, running_count
from models.sequence.training import HELD_OUT
from tests.conftest import ROOT
from tests.soak.soak_sequence import EXACT, FRESH, SECONDS, WITHIN_ONE, judged

FOLDER = ROOT / "models" / "runs" / "sequence"
LARGEST = 1_500_000


@pytest.fixture(scope="module")
def run() -> SequenceRun:
    return open_sequence(FOLDER)


def test_it_is_whole_and_small(run: SequenceRun) -> None:
    run.check()
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= LARGEST
    assert {path.name for path in FOLDER.iterdir()} == {*run.manifest.files, "sequence.json"}
    held = run.curves()
    assert np.array_equal(held.count, running_count(held.x)), "its curves are counted by the rule of the lab"


def test_fresh_curves_are_counted_as_well_as_is_said(run: SequenceRun) -> None:
    """The bars of row 7; and what the manifest says of its own 2,000 curves holds within what chance does to another 2,000."""
    rates, told = judged(run, FRESH, 20261126), run.manifest.results
    assert rates["exact"] >= EXACT
    assert rates["within one"] >= WITHIN_ONE
    assert rates["always the most frequent"] < 0.3
    for name, field in (("exact", "exact"), ("within one", "within_one"), ("always the most frequent", "majority")):
        share = told[field]
        assert abs(rates[name] - share) < 4 * np.sqrt(2 * share * (1 - share) / FRESH) + 1e-9, name
    assert told["cpu_seconds"] <= SECONDS


def test_its_figures_are_those_of_its_own_curves_held_out(run: SequenceRun) -> None:
    plan = run.manifest.plan
    x = curves(int(plan["held_out"]), [run.manifest.seed, HELD_OUT])
    assert x.shape == (2000, LENGTH)
    count = running_count(x)
    net = run.network(run.manifest.epochs[-1])
    few = slice(0, 256)
    assert np.abs(readouts(net, x[few])[:, -1] - run.held_out()["told"].to_numpy()[few]).max() < 2e-3
    assert run.held_out()["count"].tolist() == count[:, -1].tolist()
    level, counted = followed(net, x, count)
    last = run.units()[run.units()["epoch"] == run.manifest.epochs[-1]].sort_values(["layer", "unit"])
    assert last["r_level"].to_numpy() == pytest.approx(level.ravel(), abs=2e-3)
    assert last["r_count"].to_numpy() == pytest.approx(counted.ravel(), abs=2e-3)


def test_the_docs_say_the_figures_of_this_run(run: SequenceRun) -> None:
    text = (ROOT / "docs" / "sequence.md").read_text(encoding="utf-8")
    results, units = run.manifest.results, run.units()
    last = units[units["epoch"] == run.manifest.epochs[-1]]
    said = [f"{results[name]:.1%}".replace("%", " %") for name in ("exact", "within_one", "majority")]
    said += [f"{last[name].abs().max():.3f}" for name in ("r_level", "r_count")]
    assert [each for each in said if each not in text] == []
    for value, many in zip(*np.unique(run.held_out()["count"], return_counts=True), strict=True):
        assert f"| {value} | {many:,} |" in text
