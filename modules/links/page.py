"""Which page is open, and what the page Segment does, as part of a link, and back. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from data.errors import InputError
from data.rasters.probability import THRESHOLDS
from modules.choices import PAGES, Segmenting, State


def page_pairs(state: State) -> Iterator[tuple[str, str]]:
    """Only what differs from how a visit opens."""
    if state.page != PAGES[0]:
        yield "page", state.page
    if state.segmenting.model:
        yield "model", state.segmenting.model
    if state.segmenting.threshold != Segmenting().threshold:
        yield "level", f"{state.segmenting.threshold:g}"


def segmenting_from(one: Mapping[str, str]) -> Segmenting:
    """What the page Segment does. A model that is not installed here stays named: the page opens with another.

    Raises:
        InputError, ValueError: The threshold is none that is known, or the model's name is no name.
    """
    threshold, model = float(one.get("level", Segmenting().threshold)), one.get("model", "")
    nearest = min(THRESHOLDS, key=lambda known: abs(known - threshold))
    if not abs(nearest - threshold) < 1e-6 or len(model) > 100:
        raise InputError("the threshold or the model is unknown", f"thresholds are {THRESHOLDS[0]:g} to {THRESHOLDS[-1]:g} by .05")
    return Segmenting(model, nearest)
