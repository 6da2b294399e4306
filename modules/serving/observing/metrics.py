"""Figures for Prometheus, in a registry of the app's own. No label has a value that a visitor can choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
KINDS = ("columns", "images", "lens", "sequence", "lib", "session", "static", "websocket", "healthz", "metrics")
"""First parts of a path that are counted by their own name; `page` is the page itself, and `other` all else."""


class Metrics:
    """What is counted while the app runs.

    Args:
        gauges: name → (words, how to read it now); a name that ends in `_total` only ever grows.
    """

    def __init__(self, gauges: dict[str, tuple[str, Callable[[], float]]]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.registry.register(_Now(gauges))
        self.requests = Counter("moraine_requests", "HTTP requests answered", ("kind", "status"), registry=self.registry)
        self.seconds = Histogram("moraine_request_seconds", "Until the answer began", ("kind",), buckets=SECONDS, registry=self.registry)
        self.visits = Counter("moraine_visits", "Visits that began", registry=self.registry)
        words = "How late the event loop is, asked once a second"
        self.lag = Histogram("moraine_loop_lag_seconds", words, buckets=SECONDS, registry=self.registry)
        self.errors = Counter("moraine_errors", "Errors that nobody foresaw", ("where",), registry=self.registry)
        for where in ("output", "effect", "request"):
            self.errors.labels(where)

    def error(self, where: str) -> None:
        """Count an error."""
        self.errors.labels(where).inc()

    def text(self) -> bytes:
        """As Prometheus reads it."""
        return generate_latest(self.registry)


class _Now(Collector):
    def __init__(self, gauges: dict[str, tuple[str, Callable[[], float]]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        for name, (words, read) in self._gauges.items():
            family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
            yield family(name, words, read())


def kind_of(path: str) -> str:
    """What kind of request a path is, one of a few."""
    first = path.strip("/").split("/", 1)[0]
    return "page" if not first else first if first in KINDS else "other"
