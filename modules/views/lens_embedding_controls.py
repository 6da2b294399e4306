"""What the plane of scenes shows, and how: projection, layer, what marks tell, and how far the error is smoothed; all of it in the link."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, ui

from data.store import Store
from modules.controls import link_control, with_reset
from modules.lensing.embedded import NARROWEST, WIDEST
from modules.lensing.looking import LensSelection
from modules.lensing.plane import Plane
from modules.lensing.state import COLOURS, PROJECTIONS, Lensing
from modules.selection import Selection

MARKS = {"points": "points", "pictures": "pictures"}


@module.ui
def lens_embedding_controls_ui(lensing: Lensing) -> Tag:
    slider = ui.input_slider("bandwidth", "Smoothing", NARROWEST, WIDEST, lensing.bandwidth or 0.2, step=0.01, ticks=False)
    return tags.div(
        ui.input_select("projection", "Projection", PROJECTIONS, selected=lensing.projection),
        ui.input_select("layer", "Layer", {}),
        ui.input_select("colour", "Marks by", COLOURS, selected=lensing.colour),
        ui.input_select("marks", "Shown as", MARKS),
        with_reset("smoothing", "auto", slider),
        class_="m-lens-plane-row",
    )


@module.server
def lens_embedding_controls_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection, plane: Plane
) -> None:
    def tie(name: str, read: Callable[[object], object], move: Callable[[object], None], held: Callable[[], object]) -> None:
        link_control(
            input, name, held=held, read=read, take=lambda said: looking.change(**{name: said}), move=move, default=None
        )  # fmt: skip

    def choose(name: str) -> Callable[[object], None]:
        return lambda said: ui.update_select(name, selected=str(said))

    for name, choices in (("projection", PROJECTIONS), ("colour", COLOURS)):
        tie(name, _among(choices), choose(name), lambda name=name: looking.field(name))

    def layer(sent: object) -> str:
        with reactive.isolate():
            return _among({each.name: each.name for each in looking.lens().manifest.layers})(sent)

    tie("layer", layer, choose("layer"), plane.layer)
    tie("bandwidth", _share, lambda said: ui.update_slider("bandwidth", value=said), plane.share)

    @reactive.effect
    def _layers() -> None:
        manifest = looking.lens().manifest
        names = {layer.name: layer.name + (" (bottleneck)" if layer.name == manifest.bottleneck else "") for layer in manifest.layers}
        with reactive.isolate():
            ui.update_select("layer", choices=names, selected=plane.layer())

    @reactive.effect
    @reactive.event(input.marks)
    def _marks() -> None:
        plane.pictures.set(input.marks() == "pictures")

    @reactive.effect
    @reactive.event(input.auto)
    def _auto() -> None:
        looking.change(bandwidth=None)


def _among(names: Mapping[str, str]) -> Callable[[object], str]:
    def read(sent: object) -> str:
        if sent not in names:
            raise ValueError(sent)
        return str(sent)

    return read


def _share(sent: object) -> float:
    if isinstance(sent, bool) or not isinstance(sent, int | float) or not NARROWEST <= sent <= WIDEST:
        raise ValueError(sent)
    return round(float(sent), 2)
