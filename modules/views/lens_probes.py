"""Concept probes over depth: how well a linear reading of each layer tells size, snow, shadow or turbidity on lakes it never saw."""

from __future__ import annotations

import asyncio
from typing import Any

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shinywidgets import render_widget

from data.lens.probes import CONCEPTS, Reading, Target, probe, target_of
from data.lens.reading import Lens
from data.store import Store
from modules.figures import axis, layout, words
from modules.finishing import made_by
from modules.lensing.embedded import FILES, lakes
from modules.lensing.looking import LensSelection
from modules.palette import colour
from modules.selection import Selection
from modules.widgets.plot import PlotWidget, plot_output

Read = dict[str, tuple[Target, list[Reading | None]]]
"""Concept → how it is read, and how well from each layer."""
UNKNOWN = "This lens knows of no concept on enough scenes: at least thirty, of ten lakes, and not all the same."


def readings(lens: Lens) -> Read:
    """All concepts from all layers; seconds, so in a thread.

    Args:
        lens: Whose FILES can be used.
    """
    features, group = lens.features(), lakes(lens.scenes)
    found: Read = {}
    for name, title in CONCEPTS.items():
        target = target_of(name, lens.scenes[name].to_numpy(dtype=float))
        read = [probe(features[layer.name], target, group) for layer in lens.manifest.layers] if target is not None else []
        if target is not None and any(read):
            found[title] = target, read
    return found


def probes_figure(lens: Lens, found: Read) -> dict[str, Any]:
    """A panel a concept as plotly JSON: layers from shallow to deep, their scores with intervals, and what chance gives.

    Args:
        lens: Whose layers.
        found: At least one concept.
    """
    layers = [layer.name for layer in lens.manifest.layers]
    traces: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    notes: list[dict[str, Any]] = []
    wide = 1 / len(found)
    for place, (title, (target, read)) in enumerate(found.items()):
        number = "" if place == 0 else str(place + 1)
        domain = [place * wide + (0.03 if place else 0), (place + 1) * wide - 0.01]
        axes |= _axes(number, domain, read, layers, binary=target.binary)
        traces += [_chance(layers, read, number), _scores(layers, read, number, title, target)]
        notes.append(_title(title, target, number))
    label = f"How well each of {len(layers)} layers tells {', '.join(found)}, judged on lakes left out"
    return {
        "data": traces,
        "layout": layout(**axes, annotations=notes, margin={"l": 36, "r": 6, "t": 34, "b": 60}, dragmode=False, meta=words(label, "")),
    }


def _axes(number: str, domain: list[float], read: list[Reading | None], layers: list[str], *, binary: bool) -> dict[str, Any]:
    low = min([reading.low for reading in read if reading] + [0.45 if binary else -0.05])
    x = axis("", domain=domain, anchor=f"y{number}", type="category", categoryarray=layers, categoryorder="array", tickangle=-45)
    return {f"xaxis{number}": x, f"yaxis{number}": axis("", range=[max(low, -1.0), 1.02], anchor=f"x{number}", nticks=5)}


def _title(title: str, target: Target, number: str) -> dict[str, Any]:
    how = "AUC" if target.binary else "R²"
    return {
        "xref": f"x{number} domain", "yref": f"y{number} domain", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "yshift": 6,
        "showarrow": False, "text": f"<b>{title}</b>, {how}", "font": {"size": 12, "color": colour("ink")},
    }  # fmt: skip


def _scores(layers: list[str], read: list[Reading | None], number: str, title: str, target: Target) -> dict[str, Any]:
    known = [(layer, reading) for layer, reading in zip(layers, read, strict=True) if reading]
    spans = {
        "array": [round(reading.high - reading.score, 4) for _, reading in known],
        "arrayminus": [round(reading.score - reading.low, 4) for _, reading in known],
    }
    how = "AUC" if target.binary else "R²"
    said = [
        f"{title} from {layer}: {how} {reading.score:.2f} ({reading.low:.2f} to {reading.high:.2f}); by chance {reading.chance:.2f}; "
        f"{reading.scenes:,} scenes of {reading.groups} lakes" for layer, reading in known
    ]  # fmt: skip
    return {
        "type": "scatter", "mode": "lines+markers",
        "x": [layer for layer, _ in known], "y": [round(reading.score, 4) for _, reading in known],
        "xaxis": f"x{number}", "yaxis": f"y{number}", "text": said, "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": colour("ink"), "width": 1.5}, "marker": {"color": colour("ink"), "size": 6},
        "error_y": {"type": "data", "symmetric": False, **spans, "thickness": 1, "width": 3, "color": colour("quiet")},
    }  # fmt: skip


def _chance(layers: list[str], read: list[Reading | None], number: str) -> dict[str, Any]:
    known = [(layer, reading) for layer, reading in zip(layers, read, strict=True) if reading]
    return {
        "type": "scatter", "mode": "lines", "x": [layer for layer, _ in known], "y": [round(reading.chance, 4) for _, reading in known],
        "xaxis": f"x{number}", "yaxis": f"y{number}", "line": {"color": colour("quiet"), "width": 1, "dash": "dot"}, "hoverinfo": "skip",
    }  # fmt: skip


def probes_words(found: Read) -> str:
    """What the chart says, for those who read: the layer that tells each concept best."""
    best: list[str] = []
    for title, (target, read) in found.items():
        score = max(reading.score for reading in read if reading)
        how = "AUC" if target.binary else "R²"
        best.append(f"{title} ({'present or not' if target.binary else target.words}): best {how} {score:.2f}")
    return (
        "; ".join(best) + ". Ridge probes on the mean of each channel, judged on lakes left out; bars: 95 % over lakes; dotted: the same "
        "on values dealt to other lakes."
    )  # fmt: skip


@module.ui
def lens_probes_ui() -> Tag:
    return tags.div(
        tags.p(ui.output_text("told", inline=True), class_="m-quiet", role="status"),
        tags.div(plot_output("plot"), class_="m-lens-probes-plot html-fill-container"),
    )


@module.server
def lens_probes_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    widget = PlotWidget()
    found: reactive.Value[tuple[str, Read] | None] = reactive.Value(None, name="readings")

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @reactive.extended_task
    async def read(lens: Lens) -> tuple[str, Read]:
        return lens.digest, await asyncio.to_thread(readings, lens)

    @reactive.effect
    def start() -> None:
        lens = looking.lens()
        with reactive.isolate():
            held = found()
        if looking.on("embedding") and not lens.fault(*FILES) and (held is None or held[0] != lens.digest):
            read.cancel()
            read.invoke(lens)

    @reactive.effect
    def finish() -> None:
        made = made_by(read, selection.notices, "Concepts could not be read from the layers")
        if made is not None:
            found.set(made)

    @reactive.calc
    def shown() -> Read | None:
        held, lens = found(), looking.lens()
        return held[1] if held is not None and held[0] == lens.digest else None

    @reactive.effect
    def _draw() -> None:
        if looking.on("embedding") and (known := shown()):
            widget.show(columns=[], bits=b"", figure=probes_figure(looking.lens(), known))

    @render.text
    def told() -> str:
        known = shown()
        if known is None:
            return looking.lens().fault(*FILES) or "Reading concepts from the layers …"
        return probes_words(known) if known else UNKNOWN
