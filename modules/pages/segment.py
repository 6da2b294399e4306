"""Segment: one image, a model, a mask that a hand can correct, and what it says of the lake. Layout only."""

from __future__ import annotations

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module

from data.store import Store
from modules.choices import State
from modules.segmenting.state import Segmentation
from modules.selection import Selection
from modules.serving.guard.rate import Rate
from modules.serving.inference import Inference
from modules.views.segment_picture import segment_picture_server, segment_picture_ui
from modules.views.segment_result import segment_result_server, segment_result_ui
from modules.views.segment_run import segment_run_server, segment_run_ui
from modules.views.segment_source import segment_source_server, segment_source_ui


@module.ui
def segment_ui(state: State, upload_mb: int) -> Tag:
    """Choices on the left, pictures and what they say on the right; below each other on a phone."""
    return tags.div(
        tags.h1("Segment", class_="visually-hidden"),
        tags.div(segment_source_ui("source", upload_mb), segment_run_ui("run", state), class_="m-segment-choices"),
        tags.div(segment_picture_ui("picture"), segment_result_ui("result"), class_="m-segment-main"),
        class_="m-segment",
    )


@module.server
def segment_server(
    input: Inputs,
    output: Outputs,
    session: Session,
    *,
    store: Store,
    selection: Selection,
    inference: Inference,
    upload_mb: int,
    a_minute: int,
) -> None:
    """`a_minute`: how often this visit may have a model run within a minute."""
    work = Segmentation(store, selection, inference, session)
    segment_source_server("source", work, upload_mb)
    segment_run_server("run", work, Rate(a_minute))
    segment_picture_server("picture", work)
    segment_result_server("result", work)
