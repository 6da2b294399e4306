"""What a mask says of its lake: area with its errors, agreement with the label; adding it to the series; taking it away."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from typing import Any

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, req, ui
from shiny.types import SafeException

from data.errors import MoraineError
from data.store import Store
from modules.measures import slope_words
from modules.numerals import figure_text, probability_text
from modules.observations import REASONS
from modules.segmenting.state import Segmentation
from modules.segmenting.subject import Measured, Outcome, Subject
from modules.session_points import SessionPoint, refitted

FILES = {"tif": "GeoTIFF", "geojson": "GeoJSON"}
NO_DAY = "The image has no date: type it under Day, and the area can join the series."
NO_LAKE = "No lake of the dataset lies in the image, so there is no series to add to."
EMPTY = "No mask yet: choose an image and a model, and press Segment."


def made_words(outcome: Outcome, threshold: float, found: Measured) -> str:
    """By what a mask was made: `unet at 0.5, 8 passes, edited by hand`."""
    at = "" if outcome.binary else f" at {threshold:g}"
    passes = "" if outcome.passes is None else f", {len(outcome.passes)} passes"
    return f"{outcome.model.replace('stored:', 'stored mask of ')}{at}{passes}{', edited by hand' if found.by_hand else ''}"


def point_of(subject: Subject, found: Measured, made: str) -> SessionPoint | None:
    """The observation that a mask is; None where lake, day or area is unknown."""
    if subject.lake_key is None or subject.day is None or not math.isfinite(found.area_km2):
        return None
    scene = None if subject.scene is None else subject.scene.scene_key
    return SessionPoint(
        subject.lake_key, subject.day, found.area_km2, found.area_sd_km2, found.valid_share, found.reason, made, scene
    )  # fmt: skip


def figures(store: Store, subject: Subject, outcome: Outcome, found: Measured, made: str) -> Tag:
    """The figures as a list of terms: each with its unit."""
    row = store.row_of(subject.lake_key) if subject.lake_key is not None else None
    rows: list[tuple[str, str]] = []
    if row is not None:
        area = f"{figure_text(found.area_km2)} ± {figure_text(found.area_sd_km2, 2)} km²"
        bad = "" if found.reason == "ok" else f" ({REASONS.get(found.reason, found.reason)}: not used by the trend)"
        told = "mapping error, 1 sd" if found.by_hand else "1 sd"
        rows.append((f"Own water of {store.labels[row]}", f"{area}{bad}, {told}"))
    if outcome.passes is not None and math.isfinite(found.spread_km2):
        rows.append(("Spread over the passes", f"{figure_text(found.spread_km2, 2)} km² (1 sd of {len(outcome.passes)} areas)"))
    water = f"{found.water_px:,} px" if not math.isfinite(found.other_km2) else f"{figure_text(found.other_km2)} km²"
    rows.append(("Other water in the image" if row is not None else "All water in the image", water))
    if math.isfinite(found.iou) or subject.label is not None:
        scores = (("IoU of water", found.iou), ("precision", found.precision), ("recall", found.recall))
        rows.append(("Against the label", ", ".join(f"{name} {figure_text(value)}" for name, value in scores)))
    rows.append(("Made by", made + (f"; {found.by_hand:,} px by hand" if found.by_hand else "")))
    simulated = tags.p("Simulated: no real lake.", class_="m-quiet") if store.meta.simulated and subject.scene is not None else None
    return tags.div(tags.dl(*(tags.div(tags.dt(name), tags.dd(value)) for name, value in rows), class_="m-segment-figures"), simulated)


@module.ui
def segment_result_ui() -> Tag:
    """Figures, the buttons that add and take back, and the downloads."""
    return tags.fieldset(
        tags.legend("Area"),
        ui.output_ui("measured"),
        tags.div(
            ui.input_action_button("add", "Add to the series", class_="btn-sm m-button"),
            ui.input_action_button("back", "Take back", class_="btn-sm m-button", title="This session's points leave the series"),
            ui.input_action_button("see", "See the series", class_="btn-sm m-button"),
            class_="m-segment-buttons",
        ),
        ui.output_ui("series", aria_live="polite"),
        tags.div(
            *(ui.download_button(suffix, f"Mask as {words}", class_="btn-sm m-button") for suffix, words in FILES.items()),
            class_="m-segment-buttons",
        ),
        class_="m-segment-part",
    )  # fmt: skip


@module.server
def segment_result_server(input: Inputs, output: Outputs, session: Session, work: Segmentation) -> None:
    """Show what was measured; add it where it belongs."""
    store, selection = work.store, work.selection

    @reactive.calc
    def made() -> tuple[Subject, Outcome, Measured, str]:
        (subject, outcome), found = work.current(), work.measured()
        req(found is not None)
        assert found is not None
        return subject, outcome, found, made_words(outcome, selection.segmenting().threshold, found)

    @render.ui
    def measured() -> Tag:
        return tags.p(EMPTY, class_="m-empty") if work.measured() is None else figures(store, *made())

    @reactive.effect
    @reactive.event(input.add)
    def _add() -> None:
        subject, _, found, words = made()
        point = point_of(subject, found, words)
        if point is not None:
            selection.session.add(point)

    @reactive.effect
    @reactive.event(input.back)
    def _back() -> None:
        subject = work.subject()
        if subject is not None and subject.lake_key is not None:
            selection.session.take_back(subject.lake_key)

    @reactive.effect
    @reactive.event(input.see)
    def _see() -> None:
        subject = work.subject()
        if subject is not None and subject.lake_key is not None:
            selection.set_focus(subject.lake_key)
        selection.show_page("explore")

    @render.ui
    def series() -> Tag | None:
        subject = work.subject()
        if subject is None:
            return None
        return series_words(store, work, subject)

    for suffix in FILES:
        _download(suffix, work, made)


def series_words(store: Store, work: Segmentation, subject: Subject) -> Tag | None:
    """What this session added to the lake's series and what that does to its trend; or why nothing can be added."""
    if subject.lake_key is None:
        return tags.p(NO_LAKE, class_="m-quiet")
    points, table = work.selection.session.of(subject.lake_key), work.selection.fitted()
    at = store.row_of(subject.lake_key)
    if not points or at is None:
        return tags.p(NO_DAY, class_="m-notice") if subject.day is None else None
    refit = refitted(store, table, points, work.selection.display())
    assert refit is not None
    response = table.settings.response
    days = ", ".join(f"{point.day.isoformat()} ({figure_text(point.area_km2)} km²)" for point in points)
    before, after = (_trend_words(row, response) for row in (table.frame.iloc[at].to_dict(), refit.row))
    return tags.div(
        tags.p(f"This session, in the series of {store.labels[at]} by {table.settings.source}: {days}. Not written into the dataset."),
        tags.p(f"Its trend: {before} before, {after} with {'it' if len(points) == 1 else 'them'}."),
    )


def _trend_words(row: dict[str, Any], response: str) -> str:
    return f"{slope_words(row, response) or 'no slope'} (q = {probability_text(float(row['log_q']))})"


def _download(suffix: str, work: Segmentation, made: reactive.calc) -> None:
    def name() -> str:
        from modules.segmenting import measuring  # noqa: PLC0415  brings rasterio

        subject, outcome, found, _ = made()
        told = measuring.provenance(work.store, subject, outcome, work.selection.segmenting().threshold, found)
        return measuring.file_name(subject, told, suffix)

    async def download() -> AsyncIterator[bytes]:
        from modules.segmenting import measuring  # noqa: PLC0415  brings rasterio

        subject, outcome, found, _ = made()
        told = measuring.provenance(work.store, subject, outcome, work.selection.segmenting().threshold, found)
        write = measuring.geotiff if suffix == "tif" else measuring.geojson
        try:
            yield await asyncio.to_thread(write, subject, found, told)
        except MoraineError as error:
            raise SafeException(f"{error.what}. {error.remedy}.") from error

    download.__name__ = suffix
    render.download_button(filename=name)(download)
