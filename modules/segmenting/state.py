"""`Segmentation`: what this session segments. The views of the page Segment share it as all views share the selection."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from shiny import Session, reactive, req
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from data.errors import MoraineError
from data.store import Store
from modules.segmenting.subject import Measured, Outcome, Subject
from modules.selection import Selection
from modules.serving.inference import Inference

if TYPE_CHECKING:
    from starlette.types import ASGIApp

LAYERS = 24
"""Pictures and rasters of this session that its browser may still ask for."""


class Segmentation:
    """Reactive values of the page, and what follows from them.

    Args:
        store: The dataset.
        selection: Of the session.
        inference: Segments for all sessions.
        session: The session.
    """

    def __init__(self, store: Store, selection: Selection, inference: Inference, session: Session) -> None:
        self.store, self.selection, self.inference = store, selection, inference
        self.visit = session.id
        self.subject: reactive.Value[Subject | None] = reactive.Value(None, name="subject")
        self.outcome: reactive.Value[Outcome | None] = reactive.Value(None, name="outcome")
        self.edits: reactive.Value[NDArray[np.uint8] | None] = reactive.Value(None, name="edits")
        self.measured: reactive.Value[Measured | None] = reactive.Value(None, name="measured")
        self.trouble: reactive.Value[MoraineError | None] = reactive.Value(None, name="trouble")
        self.layers = Layers(session)
        self.image = ""  # address of the picture of `subject`
        self.preparing = False  # whether another image is on its way
        self.current = reactive.calc(self._current)
        session.on_ended(lambda: inference.cancel(session.id))
        self._keep_measured()

    def show(self, subject: Subject | None, image: str = "") -> None:
        """Another image, or the same once more, of which perhaps another lake is measured: then what was made of it stays.

        Args:
            subject: The image.
            image: The address of its picture.
        """
        with reactive.isolate():
            before = self.subject()
        same = before is not None and subject is not None and (before.key, self.image) == (subject.key, image)
        if not same:
            self.edits.set(None)
        if not same or before is None or subject is None or before.lake_key != subject.lake_key:
            self.outcome.set(None)  # a guided model was guided by that lake
        if subject is not None:
            self.trouble.set(None)
        self.image = image
        self.subject.set(subject)

    def _current(self) -> tuple[Subject, Outcome]:
        """The image and what was made of it; whoever asks waits until both are there."""
        subject, outcome = self.subject(), self.outcome()
        req(subject is not None and outcome is not None and outcome.stored.shape == subject.grid.shape)
        assert subject is not None
        assert outcome is not None
        return subject, outcome

    def _keep_measured(self) -> None:
        """Measure whenever image, answer, threshold or edits change: in a thread, the last change only."""

        @reactive.extended_task
        async def measure(subject: Subject, outcome: Outcome, threshold: float, edits: NDArray[np.uint8] | None) -> Measured:
            return await asyncio.to_thread(_measured, self.store, subject, outcome, threshold, edits)

        @reactive.effect
        def start() -> None:
            if self.subject() is None or self.outcome() is None:
                measure.cancel()
                self.measured.set(None)
                return
            measure.cancel()
            measure.invoke(*self.current(), self.selection.segmenting().threshold, self.edits())

        @reactive.effect
        def finish() -> None:
            try:
                found = measure.result()
            except MoraineError as error:
                self.trouble.set(error)
                return
            with reactive.isolate():
                outcome = self.outcome()
            if outcome is not None and outcome.stored.shape == found.mask.shape:
                self.measured.set(found)


def _measured(store: Store, subject: Subject, outcome: Outcome, threshold: float, edits: NDArray[np.uint8] | None) -> Measured:
    from modules.segmenting.measuring import measured  # noqa: PLC0415  brings rasterio

    return measured(store, subject, outcome, threshold, edits)


class Layers:
    """Rasters and pictures for this session's browser alone, over HTTP and never over the WebSocket.

    Args:
        session: The session.
    """

    def __init__(self, session: Session) -> None:
        self._held: dict[str, tuple[bytes, str, bool]] = {}
        self._stay: set[str] = set()
        self._numbers = itertools.count(1)
        self._address = session.dynamic_route("layer", self._answer)

    def put(self, body: bytes, media_type: str, *, gzipped: bool = False, stays: bool = False) -> str:
        """Its address. What does not stay gives way once there are more than LAYERS of its kind."""
        name = str(next(self._numbers))
        if stays:
            self._stay.add(name)
        self._held[name] = (body, media_type, gzipped)
        passing = [held for held in self._held if held not in self._stay]
        for old in passing[: max(len(passing) - LAYERS, 0)]:
            del self._held[old]
        return f"{self._address}&layer={name}" if "?" in self._address else f"{self._address}?layer={name}"

    def drop(self, address: str) -> None:
        """What stayed is not needed any more."""
        name = address.rpartition("layer=")[2]
        self._stay.discard(name)
        self._held.pop(name, None)

    def put_raster(self, packed: bytes) -> str:
        """The address of bytes that `modules.segmenting.subject.packed` made."""
        return self.put(packed, "application/octet-stream", gzipped=True)

    def _answer(self, request: Request) -> ASGIApp:
        held = self._held.get(request.query_params.get("layer", ""))
        if held is None:
            return PlainTextResponse("This picture is not kept any more. Press Segment again.", 404)
        body, media_type, gzipped = held
        headers = {"Cache-Control": "private, max-age=3600", **({"Content-Encoding": "gzip"} if gzipped else {})}
        return Response(body, media_type=media_type, headers=headers)
