"""The shoreline clock: to which side the focus lake grew between two dates."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, req, ui
from shiny.module import resolve_id
from shinywidgets import render_widget

from data.errors import MoraineError
from data.shoreline import Clock, shoreline_clock
from data.store import Store
from modules.controls import offer, script
from modules.figures import layout, words
from modules.numerals import figure_text, fixed_text
from modules.palette import colour
from modules.selection import Selection
from modules.widgets.plot import PlotWidget, plot_output

log = logging.getLogger(__name__)

POINTS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
Comparison = reactive.ExtendedTask[[int, str, date, date, float | None], "Face | str"]
NO_LAKE = "No lake in focus: click one in the volcano,<br>the map or the table"
HECTARE = 100.0
"""ha in a km²."""


@dataclass(frozen=True)
class Face:
    """What the clock shows.

    Args:
        lake: What a person calls it.
        source: Whose outlines or masks.
        before, after: The two days.
        clock: The change between them.
    """

    lake: str
    source: str
    before: date
    after: date
    clock: Clock


def clock_figure(face: Face | None, nothing: str = NO_LAKE) -> dict[str, Any]:
    """The clock as plotly JSON: gained area outward in hectares by azimuth, lost area beside it, mapping error as a pale disc behind.

    Args:
        face: What to show; None: only the words of `nothing`.
        nothing: Why there is no clock, and what to do.
    """
    note = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False, "font": {"size": 13, "color": colour("quiet")}}
    label = f"Shoreline clock of {face.lake}, {face.before} to {face.after}" if face else "Shoreline clock; nothing to show"
    return {
        "data": _slices(face.clock) if face else [],
        "layout": layout(
            polar=_polar(face.clock.direction) if face else {"domain": {"x": [0, 0.001], "y": [0, 0.001]}},
            barmode="overlay",
            margin={"l": 36, "r": 36, "t": 22, "b": 22},
            dragmode=False,
            xaxis={"visible": False},
            yaxis={"visible": False},
            annotations=[] if face else [{**note, "text": nothing}],
            meta=words(label, "ha"),
        ),
    }


def _polar(direction: float) -> dict[str, Any]:
    """The face. The scale stands on the side away from the growth, where no bar covers its figures."""
    scale = -90.0 - direction if math.isfinite(direction) else 45.0
    scale = (scale + 180) % 360 - 180
    quiet = {"color": colour("quiet"), "size": 11}
    return {
        "bgcolor": "rgba(0,0,0,0)",
        "angularaxis": {
            "direction": "clockwise", "rotation": 90, "tickmode": "array", "tickvals": [0, 90, 180, 270], "ticktext": list("NESW"),
            "showgrid": False, "linecolor": colour("line"), "tickfont": quiet, "ticks": "",
        },
        "radialaxis": {"angle": scale, "tickangle": 0, "nticks": 4, "ticksuffix": " ha", "gridcolor": colour("line"), "showline": False,
                       "ticks": "", "tickfont": {**quiet, "size": 10}, "rangemode": "tozero"},
    }  # fmt: skip


def _slices(clock: Clock) -> list[dict[str, Any]]:
    width = 360 / len(clock.azimuth)
    base = {"type": "barpolar", "theta": clock.azimuth.tolist(), "width": [width] * len(clock.azimuth)}
    text = [
        f"{point_name(azimuth)} ({azimuth:.0f}°)<br>gained {figure_text(gained * HECTARE)} ha, lost {figure_text(lost * HECTARE)} ha"
        f"<br>shore {'advanced' if advance >= 0 else 'retreated'} {abs(advance):.0f} m on average"
        for azimuth, gained, lost, advance in zip(clock.azimuth, clock.gained_km2, clock.lost_km2, clock.advance_m, strict=True)
    ]
    seen = {**base, "hovertemplate": "%{text}<extra></extra>", "text": text}
    bars = [
        {**seen, "r": _ha(clock.gained_km2), "marker": {"color": colour("growing")}, "name": "gained"},
        {**seen, "r": _ha(clock.lost_km2), "width": [width * 0.5] * len(text), "marker": {"color": colour("shrinking")}, "name": "lost"},
    ]
    if not math.isfinite(clock.sd_km2.sum()):
        return bars
    error = {**base, "r": _ha(clock.sd_km2), "marker": {"color": colour("quiet", 0.35)}, "hoverinfo": "skip", "name": "mapping error, 1 sd"}
    return [error, *bars]


def _ha(area_km2: Any) -> list[float]:
    return [float(f"{value * HECTARE:.5g}") for value in area_km2]


def point_name(azimuth: float) -> str:
    """The nearest of the sixteen points of the compass."""
    return POINTS[round(azimuth / 22.5) % 16]


def clock_words(face: Face) -> str:
    """How much, to which side, how one-sided, against the mapping error."""
    clock = face.clock
    moved = f"{face.before} to {face.after}, by {face.source}: {figure_text(clock.net_km2, signed=True)} km² net"
    # Along the shore an outline errs the same way: its slices' errors add up, as perimeter × pixel × factor does.
    error = float(clock.sd_km2.sum())
    if math.isfinite(error):
        moved += f", mapping error ± {figure_text(error, 2)} km²"
    if math.isnan(clock.direction):
        return f"{moved}. The shore did not move."
    at = int(abs(clock.advance_m).argmax())
    furthest = f"The shore {'advanced' if clock.advance_m[at] >= 0 else 'retreated'} most toward {point_name(clock.azimuth[at])}"
    within = " The change is within the mapping error." if math.isfinite(error) and abs(clock.net_km2) <= error else ""
    return f"{moved}. {_sided(clock)}. {furthest}, by {fixed_text(abs(float(clock.advance_m[at])), 0)} m.{within}"


def _sided(clock: Clock) -> str:
    """To which side it changed. Where the lake shrank on balance the direction is that in which it withdrew."""
    grew = clock.net_km2 >= 0
    azimuth = clock.direction if grew else (clock.direction + 180) % 360
    side = f"{point_name(azimuth)} ({azimuth:.0f}°)"
    what = "Grew" if grew else "Shrank"
    if clock.strength > 0.6:
        return f"{what} to one side: {side}"
    return f"{what} mostly at {side}" if clock.strength > 0.3 else f"{what} all round, a little more at {side}"


def legend(*, simulated: bool) -> Tag:
    """What the colours of the bars say."""
    kinds = (("growing", "gained"), ("shrinking", "lost"), ("steady", "mapping error of a slice, 1 sd"))
    chips = (tags.span(tags.span(class_=f"m-chip m-{meaning}", aria_hidden="true"), words) for meaning, words in kinds)
    return tags.p(*chips, tags.span("simulated") if simulated else None, class_="m-clock-legend m-quiet")


@module.ui
def shoreline_clock_ui() -> Tag:
    return tags.div(
        tags.div(
            ui.input_select("before", "from", choices={}, width="8.5rem"),
            ui.input_select("after", "to", choices={}, width="8.5rem"),
            class_="m-clock-dates",
        ),
        ui.output_ui("said"),
        plot_output("plot"),
        script("seen.js"),
        class_="m-clock-body",
        data_m_seen=resolve_id("seen"),
    )


@module.server
def shoreline_clock_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    widget = PlotWidget()

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @reactive.calc
    def source() -> str:
        layers = selection.layers()
        return layers[0] if layers else selection.settings().source

    @reactive.calc
    def seen() -> bool:
        # Below the window, where most clicks leave it, nobody sees it change. A browser that does not say is taken to show it.
        return not ("seen" in input and input.seen() is False)

    @reactive.calc
    def days() -> list[date]:
        req(seen())
        focus = selection.focus()
        selection.arrived()
        return _days(store, focus, source()) if focus is not None else []

    _offer_days(days, selection)
    compare = _comparison(store)

    _keep_comparing(input, selection, days, source, compare)

    @reactive.calc
    def face() -> Face | str:
        if selection.focus() is None:
            return NO_LAKE
        if len(days()) >= 2 and input.before() == input.after():
            return "Choose two different dates above"
        if len(days()) < 2:
            return f"{source()} has fewer than two dated shapes<br>of this lake: choose another mask layer or source"
        return compare.result()

    @reactive.effect
    def _draw() -> None:
        shown = face()
        widget.show(columns=[], bits=b"", figure=clock_figure(shown) if isinstance(shown, Face) else clock_figure(None, shown))

    @render.ui
    def said() -> Tag:
        req(seen(), cancel_output=True)
        shown = face()
        words = tags.p(clock_words(shown) if isinstance(shown, Face) else "", class_="m-clock-words", aria_live="polite")
        return tags.div(words, legend(simulated=store.meta.simulated) if isinstance(shown, Face) else None)


def _offer_days(days: Callable[[], list[date]], selection: Selection) -> None:
    """Offer the days that can be compared; the dates of the scenes in focus are chosen where they are among them."""

    @reactive.effect
    def _offer() -> None:
        held = days()
        choices = {day.isoformat(): day.isoformat() for day in held}
        before, after = selection.before(), selection.scene()
        first, last = (_among(held, scene.date if scene else None, at) for scene, at in ((before, 0), (after, -1)))
        offer("before", choices, first)
        offer("after", choices, last)


def _keep_comparing(
    input: Inputs, selection: Selection, days: Callable[[], list[date]], source: Callable[[], str], compare: Comparison
) -> None:
    """Compare the two chosen days anew whenever the lake, its days or the choice changes."""

    # Before the outputs: one that had shown the old clock already, and then waits in the same flush, is an error in Shiny's client.
    @reactive.effect(priority=5)
    def _compare() -> None:
        focus, held = selection.focus(), days()
        chosen = {day.isoformat(): day for day in held}
        before, after = chosen.get(str(input.before())), chosen.get(str(input.after()))
        compare.cancel()
        if focus is not None and before is not None and after is not None and before != after:
            compare.invoke(focus, source(), before, after, selection.trial.rest().above(source()))


def _comparison(store: Store) -> Comparison:
    """Measures a clock off the page's own thread: a mask may have to be read for each date."""

    @reactive.extended_task
    async def compare(lake_key: int, source: str, before: date, after: date, above: float | None) -> Face | str:
        try:
            return await asyncio.to_thread(_face, store, lake_key, source, (before, after), above)
        except MoraineError as error:
            log.warning("shoreline clock: %s", error)
            return f"{error.what.replace(f'{store.path.absolute()}/', '')}. {error.remedy}."

    return compare


def _days(store: Store, lake_key: int, source: str) -> list[date]:
    from data.lake_shapes import shape_days  # noqa: PLC0415  (rasterio is imported on first use, not by `import app`)

    return shape_days(store, lake_key, source)


def _face(store: Store, lake_key: int, source: str, days: tuple[date, date], above: float | None) -> Face:
    from data.lake_shapes import shape_on  # noqa: PLC0415

    before, after = (shape_on(store, lake_key, source, day, above) for day in days)
    row = store.row_of(lake_key)
    clock = shoreline_clock(before, after, store.meta.pixel_m or math.nan, store.meta.area_sd_factor)
    by = source if above is None else f"{source} (probability > {above:g})"
    return Face(store.labels[row] if row is not None else "", by, *days, clock)


def _among(days: list[date], wanted: date | None, otherwise: int) -> str | None:
    if not days:
        return None
    return (wanted if wanted is not None and wanted in days else days[otherwise]).isoformat()
