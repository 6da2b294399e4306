"""The harness of bench and soak: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.__main__ import completed, line
from tests.harness import Figures, found, run

GOOD: Figures = {"value": 1, "unit": "s"}


def test_figures_are_printed_and_merged_with_those_of_earlier_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bench.json"
    path.write_text(json.dumps({"explore.click_ms": {"value": 9.0}}))
    trends: Figures = {"value": 0.5, "unit": "s", "peer": "loop", "peer_value": 100.0}
    assert run({"trends.ols": lambda: completed(lambda: trends), "other": lambda: completed(lambda: GOOD)}, "trends", path, line) == 0
    assert json.loads(path.read_text()) == {"explore.click_ms": {"value": 9.0}, "trends.ols": {**trends, "ratio": 200.0}}
    assert capsys.readouterr().out.split() == ["trends.ols", "0.5", "s", "loop", "100", "s", "×", "200"]


def test_a_benchmark_that_fails_is_told_after_the_others_ran(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> Figures:
        raise RuntimeError("no such lake")

    path = tmp_path / "bench.json"
    assert run({"broken": broken, "good": lambda: completed(lambda: GOOD)}, "", path, line) == 1
    assert list(json.loads(path.read_text())) == ["good"]
    error = capsys.readouterr().err
    assert "no such lake" in error
    assert error.rstrip().endswith("failed: broken")


def test_a_prefix_that_names_nothing_is_an_error(tmp_path: Path) -> None:
    assert run({"good": lambda: GOOD}, "typo", tmp_path / "bench.json", line) == 2


@pytest.mark.parametrize(("folder", "table"), [("bench", "BENCHMARKS"), ("soak", "SUITES")])
def test_everything_found_can_be_called(folder: str, table: str) -> None:
    everything: dict[str, Callable[..., Figures]] = found(folder, table)
    assert all(callable(job) for job in everything.values())
