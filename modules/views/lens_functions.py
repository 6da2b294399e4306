"""Function space: every run as a path through training, by what it predicts on the same scenes; a point is a run and epoch to show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shinywidgets import render_widget

from data.errors import LensError
from data.lens.function_space import Functions, FunctionSpace, function_space
from data.lens.reading import Lens
from data.store import Store
from modules.controls import key_of, text_of
from modules.figures import axis, layout, words
from modules.finishing import made_by
from modules.lensing.looking import LensSelection
from modules.palette import colour
from modules.selection import Selection
from modules.widgets.plot import PlotWidget, plot_output

LAYOUTS = {
    "probabilities": "probabilities (PCA)",
    "disagreement": "masks, by disagreement",
    "isomap": "probabilities (Isomap)",
}
AXES = {"probabilities": "principal component", "disagreement": "axis of disagreement", "isomap": "Isomap axis"}


@dataclass(frozen=True, eq=False)
class Laid:
    """Runs that are laid out: how, which, why others are not among them, and where they are."""

    how: str
    lenses: dict[str, Lens]
    faults: list[str]
    space: FunctionSpace


def comparable(lenses: Mapping[str, Lens], run: str) -> tuple[dict[str, Lens], list[str]]:
    """The runs that can be laid out together with this one, which is among them, and why others cannot."""
    chosen, faults = dict[str, Lens](), list[str]()
    keys = set(lenses[run].probe().scene_key.tolist())
    for name, lens in lenses.items():
        if name == run:
            chosen[name] = lens
        elif fault := lens.fault("functions.npz", "probe.npz"):
            faults.append(fault)
        elif not keys & set(lens.probe().scene_key.tolist()) or lens.manifest.scenes_digest != lenses[run].manifest.scenes_digest:
            faults.append(f"{lens.manifest.title} was made on other scenes, so it has no place here.")
        elif lens.functions().shape[2:] != lenses[run].functions().shape[2:]:
            faults.append(f"{lens.manifest.title} keeps its predictions at another size, so it has no place here.")
        else:
            chosen[name] = lens
    return chosen, faults


def laid_out(lenses: Mapping[str, Lens], how: str) -> FunctionSpace:
    """Where the runs are; slow enough for a thread. Raises LensError where they cannot be compared."""
    held = {name: Functions(lens.probe().scene_key, lens.manifest.epochs, lens.functions()) for name, lens in lenses.items()}
    return function_space(held, how)


def functions_figure(space: FunctionSpace, lenses: Mapping[str, Lens], run: str, how: str) -> dict[str, Any]:
    """A path a run as plotly JSON: its start open, its end filled; that of the run shown in front.

    Args:
        space: Where they are.
        lenses: The runs, by name.
        run: The run shown.
        how: A key of LAYOUTS.
    """
    order = [name for name in lenses if name != run] + [run]
    key = {(name, epoch): at for at, (name, epoch) in enumerate(zip(space.points["run"], space.points["epoch"], strict=True))}
    parts = {name: space.points[space.points["run"] == name] for name in order}
    traces = [_path(parts[name], lenses[name], key, own=name == run, dash=_dash(lenses[name], lenses[run])) for name in order]
    ends = [(*map(float, parts[name][["x", "y"]].iloc[-1]), lenses[name].manifest.title, name == run) for name in order]
    left, right, low, high = (float(edge) for name in "xy" for edge in (space.points[name].min(), space.points[name].max()))
    wide = right - left or 1.0
    notes = [*_epoch_notes(parts[run]), *_titles(ends, low, high, right + 0.06 * wide)]
    titles = [f"{AXES[how]} {number}, {100 * share:.0f} % explained" for number, share in enumerate(space.explained, 1)]
    label = (
        f"{len(lenses)} runs as paths through training, by their predictions on {space.scenes} scenes."
        " Arrow keys walk the points, Enter shows one."
    )
    return {
        "data": traces,
        "layout": layout(
            xaxis=axis(titles[0], constrain="domain", range=[left - 0.04 * wide, right + 0.34 * wide]),
            yaxis=axis(titles[1], scaleanchor="x", constrain="domain"),
            margin={"l": 50, "r": 10, "t": 10, "b": 44},
            dragmode="pan",
            annotations=notes,
            uirevision=f"{how} {sorted(lenses)}",
            meta=words(label, "", points=["across", "up"], paths=True),
        ),
    }


def space_words(done: Laid | None) -> str:
    """What is laid out, and what can be done with it."""
    if done is None:
        return "Laying out the runs …"
    runs, scenes = len(done.lenses), done.space.scenes
    which = f"{runs} run{'s' * (runs != 1)} on {scenes} scenes that all followed"
    return f"{which}; rings: the epoch shown; press a point to show its run and epoch"


def _dash(lens: Lens, shown: Lens) -> str:
    """Runs of another kind of network than the one shown are dashed."""
    return "solid" if lens.manifest.model == shown.manifest.model else "dash"


def _path(points: pd.DataFrame, lens: Lens, key: Mapping[tuple[str, int], int], *, own: bool, dash: str) -> dict[str, Any]:
    meaning, count = "ink" if own else "quiet", len(points)
    title = escape(lens.manifest.title, quote=False)  # plotly reads tags
    said = [f"{title}, epoch {epoch}{_iou(lens, epoch)}" for epoch in points["epoch"]]
    ends = {"symbol": ["circle-open", *["circle"] * (count - 1)], "size": [9, *[4] * max(count - 2, 0), 9][:count]}
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [round(value, 4) for value in points["x"].tolist()],
        "y": [round(value, 4) for value in points["y"].tolist()],
        "line": {"color": colour(meaning), "width": 2.2 if own else 1.2, "dash": dash},
        "marker": {**ends, "color": colour(meaning), "opacity": 1, "line": {"width": 1.5}},
        "opacity": 1 if own else 0.75,
        "customdata": [key[lens.name, int(epoch)] for epoch in points["epoch"]],
        "text": said,
        "hovertemplate": "%{text}<extra></extra>",
        "meta": {"epochs": [int(epoch) for epoch in points["epoch"]], "own": own},
    }


def _iou(lens: Lens, epoch: int) -> str:
    try:
        rows = lens.epochs()
    except LensError:
        return ""
    found = rows.loc[rows["epoch"] == epoch, "validation_iou"]
    return f", validation IoU {float(found.iloc[0]):.3f}" if len(found) and pd.notna(found.iloc[0]) else ""


def _titles(ends: Sequence[tuple[float, float, str, bool]], low: float, high: float, right: float) -> list[dict[str, Any]]:
    """Titles of runs beside each other on the right, each tied to the end of its path, none over another.

    Args:
        ends: x, y and title of each end, and whether it is of the run shown.
        low, high: Of all y.
        right: Where titles begin along x.
    """
    step, made, below = (high - low or 1.0) / 14, list[dict[str, Any]](), -float("inf")
    for x, y, title, own in sorted(ends, key=lambda end: end[1]):
        below = max(y, below + step)
        made.append({
            "x": x, "y": y, "ax": right, "ay": below, "axref": "x", "ayref": "y", "xanchor": "left", "showarrow": True, "arrowhead": 0,
            "arrowwidth": 1, "arrowcolor": colour("line"), "standoff": 8, "text": escape(title, quote=False),
            "font": {"size": 11, "color": colour("ink" if own else "quiet")},
        })  # fmt: skip
    return made


def _epoch_notes(points: pd.DataFrame) -> list[dict[str, Any]]:
    """Some epochs along the path in front."""
    step = max(1, len(points) // 5)
    some = points.iloc[[0, *range(step - 1, len(points) - step // 2 - 1, step)]].drop_duplicates("epoch")
    look = {"showarrow": False, "yanchor": "bottom", "yshift": 6, "font": {"size": 11, "color": colour("ink")}}
    rows = some[["x", "y", "epoch"]].itertuples(index=False)
    return [{**look, "x": float(x), "y": float(y), "text": str(int(epoch))} for x, y, epoch in rows]


@module.ui
def lens_functions_ui() -> Tag:
    return tags.div(
        tags.div(
            ui.input_select("how", "Laid out by", LAYOUTS),
            tags.span(ui.output_text("said", inline=True), class_="m-quiet", role="status"),
            class_="m-lens-row",
        ),
        ui.output_ui("faults"),
        tags.div(plot_output("plot"), class_="m-lens-plot m-functions-plot"),
        class_="m-functions",
    )


@module.server
def lens_functions_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    widget = PlotWidget()
    held: reactive.Value[Laid | None] = reactive.Value(None, name="held")

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @reactive.calc
    def how() -> str:
        return name if (name := text_of(input.how())) in LAYOUTS else next(iter(LAYOUTS))

    @reactive.calc
    def fault() -> str:
        return looking.lens().fault("functions.npz", "probe.npz")

    def wanted() -> tuple[str, str] | None:
        return (how(), looking.run()) if looking.on("functions") and not fault() else None

    _keep_laid_out(selection, looking, held, wanted)

    @reactive.effect
    def _draw() -> None:
        done = held()
        if done is not None and looking.on("functions") and looking.run() in done.lenses:
            widget.show(columns=[], bits=b"", figure=functions_figure(done.space, done.lenses, looking.run(), done.how))

    @render.text
    def said() -> str:
        return "" if fault() else space_words(held())

    @render.ui
    def faults() -> TagList:
        done = held()
        listed = [fault()] if fault() else done.faults if done else []
        return TagList(*(tags.p(each, class_="m-notice", role="alert") for each in listed))

    _take(widget, looking, held)


def _take(widget: PlotWidget, looking: LensSelection, held: reactive.Value[Laid | None]) -> None:
    """A point that is pressed is the run and epoch shown."""

    def pressed(change: dict[str, Any]) -> None:
        place = key_of(change["new"][0]) if change["new"] else None
        with reactive.isolate():
            done = held()
            if done is not None and place is not None and 0 <= place < len(done.space.points):
                run, epoch = done.space.points.loc[place, ["run", "epoch"]]
                looking.show_at(str(run), int(epoch))

    widget.observe(pressed, names="picked")


def _keep_laid_out(
    selection: Selection,
    looking: LensSelection,
    held: reactive.Value[Laid | None],
    wanted: Callable[[], tuple[str, str] | None],
) -> None:
    """Keep what is laid out true to the way and the run that are wanted, in a thread, where files are read; None: nothing new is."""

    def laid(how: str, run: str) -> Laid:
        chosen, faults = comparable(looking.lenses, run)
        return Laid(how, chosen, faults, laid_out(chosen, how))

    @reactive.extended_task
    async def lay_out(how: str, run: str) -> Laid:
        return await asyncio.to_thread(laid, how, run)

    @reactive.effect
    def _start() -> None:
        asked = wanted()
        with reactive.isolate():
            done = held()
        if asked is not None and (done is None or done.how != asked[0] or asked[1] not in done.lenses):
            lay_out.cancel()
            lay_out.invoke(*asked)

    @reactive.effect
    def _finish() -> None:
        done = made_by(lay_out, selection.notices, "The runs could not be laid out")
        if done is not None:
            held.set(done)
