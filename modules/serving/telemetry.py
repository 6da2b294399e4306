"""What Shiny would tell OpenTelemetry of every reactive value and function, spared where nobody listens.

Shiny 1.8 reads the sources of the whole call stack to guess the name of a reactive value that has none (10 ms each; an extended task has
three), and of each reactive function and output to say where it stands: for this app a quarter of the time until a page is settled. Both
only label telemetry. And it asks a hundred times a click whether anybody listens, by an import that fails where nobody does,
and reads the environment a thousand times a visit to learn how much is to be told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shiny.otel import _collect, _span_wrappers  # pyright: ignore[reportPrivateUsage]
from shiny.otel._collect import OtelCollectLevel
from shiny.otel._core import is_otel_tracing_enabled
from shiny.reactive import Value, _extended_task, _reactives  # pyright: ignore[reportPrivateUsage]
from shiny.session import _session  # pyright: ignore[reportPrivateUsage]


def spare_telemetry() -> None:
    """Leave out names and places of reactive objects, unless something collects them."""
    if not is_otel_tracing_enabled():
        Value._try_infer_name = _no_name  # pyright: ignore[reportPrivateUsage]
        for module in (_reactives, _extended_task, _session):
            module.extract_source_ref = _no_place  # pyright: ignore[reportPrivateImportUsage]
        for module in (_reactives, _extended_task, _span_wrappers):
            module.is_otel_tracing_enabled = _nobody_listens  # pyright: ignore[reportPrivateImportUsage]
        _collect._get_env_level = _nothing_told  # pyright: ignore[reportPrivateUsage]


def _nobody_listens() -> bool:
    return False


def _nothing_told() -> OtelCollectLevel:
    return OtelCollectLevel.NONE


def _no_name(_: Value[Any]) -> None:
    return None


def _no_place(_: Callable[..., Any]) -> Any:
    return {}
