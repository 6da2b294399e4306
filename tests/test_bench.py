"""The bench harness: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.__main__ import run


def test_figures_are_printed_and_merged_with_those_of_earlier_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bench.json"
    path.write_text(json.dumps({"explore.click_ms": {"value": 9.0}}))
    table = {
        "trends.ols": lambda: {"value": 0.5, "unit": "s", "peer": "loop", "peer_value": 100.0},
        "other": lambda: {"value": 1, "unit": "s"},
    }
    assert run(table, "trends", path) == 0
    assert json.loads(path.read_text()) == {
        "explore.click_ms": {"value": 9.0},
        "trends.ols": {"value": 0.5, "unit": "s", "peer": "loop", "peer_value": 100.0, "ratio": 200.0},
    }
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 1
    assert printed[0].startswith("trends.ols")


def test_a_benchmark_that_fails_is_told_after_the_others_ran(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> dict[str, object]:
        raise RuntimeError("no such lake")

    path = tmp_path / "bench.json"
    assert run({"broken": broken, "good": lambda: {"value": 1, "unit": "s"}}, "", path) == 1
    assert list(json.loads(path.read_text())) == ["good"]
    error = capsys.readouterr().err
    assert "no such lake" in error
    assert error.rstrip().endswith("failed: broken")


def test_a_prefix_that_names_nothing_is_an_error(tmp_path: Path) -> None:
    assert run({"good": lambda: {"value": 1, "unit": "s"}}, "typo", tmp_path / "bench.json") == 2
