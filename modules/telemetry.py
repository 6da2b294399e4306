"""What Shiny would tell OpenTelemetry of every reactive value and function, spared where nobody listens.

Shiny 1.8 reads the sources of the whole call stack to guess the name of a reactive value that has none (10 ms each, and an extended task has
three), and of each reactive function to say where it stands; for this app a quarter of the time until a visit's page is settled.
Both only label telemetry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shiny.otel._core import is_otel_tracing_enabled
from shiny.reactive import Value, _reactives


def spare_telemetry() -> None:
    """Leave out names and places of reactive objects, unless something collects them."""
    if is_otel_tracing_enabled():
        return
    setattr(Value, "_try_infer_name", _no_name)
    setattr(_reactives, "extract_source_ref", _no_place)


def _no_name(_: Value[Any]) -> None:
    return None


def _no_place(_: Callable[..., Any]) -> dict[str, Any]:
    return {}
