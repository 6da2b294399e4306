"""What asks for masks: one wish a session, off the event loop; its answer is shown where the image is still the one it was asked for."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from shiny import reactive

from data.errors import InputError, MoraineError
from models.wire import Order
from modules.segmenting import keeping
from modules.segmenting.choice import Choice
from modules.segmenting.state import Segmentation
from modules.segmenting.subject import Outcome, Subject
from modules.serving.guard.rate import Rate
from modules.serving.inference import Wish


class Running:
    """The wish of a session.

    Args:
        work: What it segments.
        rate: How often it may have a model run.
    """

    def __init__(self, work: Segmentation, rate: Rate) -> None:
        self._work, self._rate = work, rate
        self.wish: Wish | None = None
        self.asked: bool | None = None  # with or without augmentation, before there was an image
        self._task = reactive.extended_task(self._segment)
        self.status = self._task.status
        reactive.effect(self._show)
        reactive.effect(self._forget)

    def begin(self, model: Choice, *, augmented: bool) -> None:
        """Segment the image that is shown, or the one that is on its way; what was asked before is given up."""
        with reactive.isolate():
            subject = self._work.subject()
        waits = subject is None or self._work.preparing
        self.asked = augmented if waits else None
        if waits or subject is None or (model.card is not None and not self._may_run()):
            return
        self._task.cancel()
        self._work.trouble.set(None)
        self._task.invoke(subject, self._work.image, model, augmented)

    def _may_run(self) -> bool:
        """Whether a model may run now; what is shown, or on its way, stays where it may not."""
        wait = self._rate.ask()
        if wait:
            what = f"A model has run {self._rate.most} times for you within the last minute; others are waiting for it too"
            self._work.trouble.set(InputError(what, f"press Segment again in {wait} s. Thresholds, edits and stored masks need no model"))
        return not wait

    def _forget(self) -> None:
        """An image that cannot be had is not waited for."""
        if self._work.trouble() is not None:
            self.asked = None

    def stop(self) -> None:
        """Give up what was asked."""
        self.asked = None
        self._task.cancel()
        self._work.inference.cancel(self._work.visit)

    async def _segment(self, subject: Subject, image: str, model: Choice, augmented: bool) -> tuple[Subject, str, Outcome]:
        from modules.segmenting import reading  # noqa: PLC0415  brings rasterio

        work, self.wish = self._work, None
        if model.card is None:
            return subject, image, await asyncio.to_thread(reading.stored_outcome, work.store, subject, model.value)
        began = time.monotonic()
        chip = await asyncio.to_thread(reading.chip_of, work.store, subject, augmented=augmented)
        key = await asyncio.to_thread(keeping.key_of, subject, model.card, chip, augmented=augmented)
        kept = work.inference.masks
        held = await asyncio.to_thread(keeping.found, kept, key, subject, model.value, model.title)
        if held is not None:
            return subject, image, replace(held, seconds=time.monotonic() - began)
        self.wish = work.inference.ask(work.visit, Order(model.value, chip, augmented))
        passes = await asyncio.wrap_future(self.wish.answer)
        seconds = time.monotonic() - began
        outcome = await asyncio.to_thread(reading.outcome_of, subject, model.value, model.title, passes, seconds)
        await asyncio.to_thread(keeping.keep, kept, key, outcome)
        return subject, image, outcome

    def _show(self) -> None:
        try:
            subject, image, outcome = self._task.result()
        except MoraineError as error:
            self._work.trouble.set(error)
            return
        with reactive.isolate():
            shown = self._work.subject()
            # The page may have been left and entered again meanwhile: the same image and lake, read once more.
            if shown is not None and (shown.key, shown.lake_key, self._work.image) == (subject.key, subject.lake_key, image):
                self._work.outcome.set(outcome)
