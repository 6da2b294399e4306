"""The plane of scenes of the tab Embedding, kept true to run, layer and projection; its views share it."""

from __future__ import annotations

import asyncio

from shiny import reactive, req

from data.lens.reading import Lens
from modules.finishing import made_by
from modules.lensing.embedded import FILES, NARROWEST, WIDEST, Embedded, embedded, layer_of, usable
from modules.lensing.looking import LensSelection
from modules.selection import Selection

Asked = tuple[Lens, str, str]


class Plane:
    """Where the scenes are, laid out off the event loop, since a bandwidth takes a third of a second to find.

    Args:
        looking: What the page looks at.
        selection: Where notices go.

    `placed` is None before the first layout, and where the lens cannot be used; then `fault` says why. While another one is worked out the
    old one stays, and `stale` says so.
    """

    def __init__(self, looking: LensSelection, selection: Selection) -> None:
        self._looking, self._selection = looking, selection
        self.placed: reactive.Value[Embedded | None] = reactive.Value(None, name="placed")
        self.pictures: reactive.Value[bool] = reactive.Value(False, name="pictures")
        self.fault = reactive.calc(lambda: looking.lens().fault(*FILES))
        self.layer = reactive.calc(lambda: layer_of(looking.lens().manifest, looking.field("layer")))
        self.share = reactive.calc(self._share)
        self.stale = reactive.calc(lambda: not self._is(self.placed(), self._asked()))
        self._asked = reactive.calc(self._asks)
        self._keep()

    def _asks(self) -> Asked | None:
        if self.fault():
            return None
        lens, layer = self._looking.lens(), self.layer()
        return lens, layer, usable(lens, layer, self._looking.field("projection"))

    def _is(self, at: Embedded | None, asked: Asked | None) -> bool:
        if at is None or asked is None:
            return at is asked
        return (at.lens.digest, at.layer, at.projection) == (asked[0].digest, *asked[1:])

    def _share(self) -> float:
        """The bandwidth in force, in spreads."""
        at, wanted = self.placed(), self._looking.field("bandwidth")
        req(at is not None)
        assert at is not None
        return round(min(max(at.share if wanted is None else wanted, NARROWEST), WIDEST), 2)

    def _keep(self) -> None:
        @reactive.extended_task
        async def lay_out(lens: Lens, layer: str, projection: str) -> Embedded:
            return await asyncio.to_thread(embedded, lens, layer, projection)

        @reactive.effect
        def start() -> None:
            if not self._looking.on("embedding"):
                return
            asked = self._asked()
            with reactive.isolate():
                held = self.placed()
            if asked is None:
                self.placed.set(None)
            elif not self._is(held, asked):
                lay_out.cancel()
                lay_out.invoke(*asked)

        @reactive.effect
        def finish() -> None:
            made = made_by(lay_out, self._selection.notices, "The scenes could not be laid out")
            with reactive.isolate():
                asked = self._asked()
            if made is not None and self._is(made, asked):
                self.placed.set(made)
