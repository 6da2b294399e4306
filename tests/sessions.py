"""A view's server in an in-memory session, with a selection to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shiny import Inputs, Outputs, Session, reactive
from shiny.testserver import TestServerSession, test_server

from data.store import Store
from modules.choices import State
from modules.reviewing.desk import Desk
from modules.selection import Selection

ID = "view"


class ViewSession:
    """Use it as a context manager: `view.set(...)` sends inputs, `view.read(...)` reads a reactive value of the selection.

    Args:
        store: The dataset; its opening table is fitted before the session starts.
        serve: The view's module server.
        state: What the session opens with.
        desk: What it may do with reviews; None: nothing.
    """

    def __init__(self, store: Store, serve: Callable[..., Any], state: State | None = None, desk: Desk | None = None) -> None:
        self.selection: Selection
        opening = state or State(store.settings())
        store.trends(opening.settings)
        store.flags(opening.settings)

        def server(input: Inputs, output: Outputs, session: Session) -> None:
            self.selection = Selection(store, opening, [], desk)
            serve(ID, store=store, selection=self.selection)

        self.session: TestServerSession = test_server(server)

    def __enter__(self) -> ViewSession:
        self.session.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.session.__exit__(None, None, None)

    def set(self, **inputs: Any) -> None:
        """Send inputs of the view and let everything settle; an error anywhere fails the test."""
        self.session.set_inputs(**{f"{ID}-{name}": value for name, value in inputs.items()})
        assert self.session.is_ok, self.session.error

    def read(self, name: str) -> Any:
        """A reactive value (or calc) of the selection, as it is now."""
        with reactive.isolate():
            return getattr(self.selection, name)()

    def change(self, name: str, value: object) -> None:
        """Set a reactive value of the selection, as another view would."""
        getattr(self.selection, name).set(value)
        self.set()

    def output(self, name: str) -> Any:
        """The value of one of the view's outputs."""
        return self.session.get_output(f"{ID}-{name}").value
