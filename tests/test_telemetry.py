"""Labels for telemetry that nobody collects cost no visit anything; a release of Shiny that makes them elsewhere is noticed here."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from shiny import reactive

from modules.serving.telemetry import spare_telemetry


def test_no_source_is_read_for_a_value_or_a_task_or_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> Any:
        raise AssertionError("reads sources")

    spare_telemetry()
    for name in ("stack", "getsourcelines"):
        monkeypatch.setattr(inspect, name, refused)

    async def work() -> int:
        return 1

    held = [reactive.Value(1)]
    task = reactive.extended_task(work)

    @reactive.calc
    def doubled() -> int:
        return 2 * held[0]()

    with reactive.isolate():
        assert doubled() == 2
        assert task.status() == "initial"
