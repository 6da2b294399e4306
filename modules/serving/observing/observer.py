"""One object that a running app is watched by."""

from __future__ import annotations

from collections.abc import Callable

from shiny import Session

from modules.serving.datasets import Datasets
from modules.serving.observing.errors import Errors, NumberedApp
from modules.serving.observing.health import health_route, metrics_route
from modules.serving.observing.layer import Observed
from modules.serving.observing.metrics import Metrics


class Observer:
    """Numbers errors, counts, and answers whoever asks how the app is.

    Args:
        gauges: See Metrics.
    """

    def __init__(self, gauges: dict[str, tuple[str, Callable[[], float]]]) -> None:
        self._app: NumberedApp | None = None
        self.metrics = Metrics({"moraine_visits_live": ("Visits that are open", self._live), **gauges})
        self.errors = Errors(self.metrics.error)

    def attach(self, app: NumberedApp, datasets: Datasets, who: str) -> None:
        """Watch an app. Last of all its layers, so that it stands outside of the others.

        Args:
            app: Whose errors, requests and visits.
            datasets: What it serves.
            who: May read `/metrics`; see `metrics_route`.
        """
        app.errors = self.errors
        self._app = app
        app.starlette_app.router.routes[:0] = [health_route(datasets), metrics_route(self.metrics, who)]
        app.starlette_app.add_middleware(Observed, metrics=self.metrics, errors=self.errors)

    def visit(self, session: Session) -> None:
        """A visit begins."""
        self.metrics.visits.inc()
        self.errors.watch(session)

    def _live(self) -> float:
        return 0.0 if self._app is None else len(self._app._sessions)  # pyright: ignore[reportPrivateUsage]
