"""Loss and IoU curves of a run, of what it learns from and of what it does not; the epoch in force is a bar that the browser moves."""

from __future__ import annotations

from typing import Any

import pandas as pd
from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shinywidgets import render_widget

from data.store import Store
from modules.figures import axis, layout, words
from modules.lensing.looking import LensSelection
from modules.palette import colour
from modules.selection import Selection
from modules.widgets.plot import PlotWidget, plot_output

PANELS = {"loss": (("loss", "train"), ("validation_loss", "validation")), "IoU": (("train_iou", "train"), ("validation_iou", "validation"))}
"""Title of the y axis → columns of epochs.parquet and what they are called; the first panel is the upper one."""
DOMAINS = {"loss": (0.56, 1.0), "IoU": (0.0, 0.44)}
LOOKS = {"train": {"color": colour("quiet"), "width": 1.5, "dash": "dot"}, "validation": {"color": colour("ink"), "width": 2}}


def curves_figure(epochs: pd.DataFrame, title: str) -> dict[str, Any]:
    """Two panels over one axis of epochs, as plotly JSON.

    Args:
        epochs: epoch, loss, train_iou, validation_loss, validation_iou; NaN where not known.
        title: Of the run.
    """
    rows = epochs.sort_values("epoch")
    traces: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for number, (name, columns) in enumerate(PANELS.items()):
        y = f"y{number + 1 if number else ''}"
        axes[y.replace("y", "yaxis")] = axis(name, domain=list(DOMAINS[name]), rangemode="tozero", anchor="x", nticks=4)
        for column, kind in columns:
            known = rows[rows[column].notna()]
            traces.append(_trace(known, column, f"{kind} {name}", kind, y))
            if len(known):
                notes.append(_note(known, column, kind, y))
    span = rows["epoch"]
    label = f"Loss and IoU of {title} through {len(rows)} epochs, while training and on validation scenes"
    return {
        "data": traces,
        "layout": layout(
            xaxis=axis("epoch", range=[span.min() - 0.5, span.max() + 0.5], anchor="y2", tickformat="d"),
            **axes,
            margin={"l": 46, "r": 62, "t": 8, "b": 36},
            dragmode=False,
            annotations=notes,
            uirevision=title,
            meta=words(label, "", epochs=True),
        ),
    }


def _trace(rows: pd.DataFrame, column: str, said: str, kind: str, y: str) -> dict[str, Any]:
    values = [float(f"{value:.5g}") for value in rows[column].tolist()]
    hover = f"epoch %{{x}}<br>{said} %{{y:.3f}}<extra></extra>"
    return {"type": "scatter", "mode": "lines", "x": rows["epoch"].tolist(), "y": values, "yaxis": y, "line": LOOKS[kind],
            "hovertemplate": hover}  # fmt: skip


def _note(rows: pd.DataFrame, column: str, kind: str, y: str) -> dict[str, Any]:
    """The name of a line, beside its end."""
    beside = next(name for columns in PANELS.values() if column in {c for c, _ in columns} for name, _ in columns if name != column)
    last = float(rows[column].iloc[-1])
    other = float(rows[beside].iloc[-1])
    return {
        "x": 1, "xref": "paper", "y": last, "yref": y, "text": kind, "xanchor": "left", "xshift": 4, "showarrow": False,
        "yanchor": "middle" if pd.isna(other) else "bottom" if last >= other else "top",
        "font": {"size": 11, "color": LOOKS[kind]["color"]},
    }  # fmt: skip


@module.ui
def lens_curves_ui() -> Tag:
    return tags.div(ui.output_ui("fault"), plot_output("plot"), class_="m-lens-plot m-lens-curves")


@module.server
def lens_curves_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    widget = PlotWidget()

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @reactive.effect
    def _draw() -> None:
        if not looking.on("training"):
            return
        lens = looking.lens()
        if not lens.fault("epochs.parquet"):
            widget.show(columns=[], bits=b"", figure=curves_figure(lens.epochs(), lens.manifest.title))

    @render.ui
    def fault() -> Tag | None:
        return tags.p(said, class_="m-notice", role="alert") if (said := looking.lens().fault("epochs.parquet")) else None
