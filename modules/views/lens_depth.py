"""The layers of a network in forward order: how many maps, how large, how far each sees; a layer that is pressed is looked at."""

from __future__ import annotations

from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shiny.module import resolve_id

from data.errors import LensError
from data.lens.learning import Fate
from data.lens.manifest import Layer, Manifest
from data.lens.reading import Lens
from data.store import Store
from modules.controls import text_of
from modules.lensing.learned import KINDS, fate_of, learned
from modules.lensing.looking import LensSelection
from modules.lensing.maps import field_px, length_words
from modules.selection import Selection

HEADS = ("layer", "maps", "size, px", "stride", "a unit sees", "")


def depth_table(manifest: Manifest, fields: dict[str, int], fates: dict[str, Fate], current: str) -> Tag:
    """A row a layer.

    Args:
        manifest: Whose.
        fields: Layer → px on a side that a unit of it sees at most.
        fates: Of the layers that do not learn as the others do, by name.
        current: The layer that is looked at; empty: none.
    """
    widest = max(fields.values())
    rows = [_row(manifest, layer, fates.get(layer.name), layer.name == current, (fields[layer.name], widest)) for layer in manifest.layers]
    return tags.table(
        tags.caption("Layers in the order in which an image passes them", class_="visually-hidden"),
        tags.thead(tags.tr([tags.th(head, scope="col") for head in HEADS])),
        tags.tbody(rows),
        class_="m-compare m-depth",
    )


def _row(manifest: Manifest, layer: Layer, fate: Fate | None, current: bool, field: tuple[int, int]) -> Tag:
    name = tags.button(
        layer.name, type="button", class_="m-depth-name", data_lens_layer=layer.name, aria_pressed="true" if current else "false",
        title=f"Look at the maps of {layer.name}",
    )  # fmt: skip
    said = [KINDS[fate.kind]] if fate else []
    said += ["bottleneck"] if layer.name == manifest.bottleneck else []
    return tags.tr(
        tags.th(name, scope="row"),
        tags.td(f"{layer.channels:,}"),
        tags.td(f"{layer.height} × {layer.width}"),
        tags.td(f"{layer.stride:g}", _metres(layer.stride, manifest.pixel_m)),
        tags.td(
            tags.span(style=f"width:{100 * field[0] / field[1]:.1f}%", class_="m-depth-bar", aria_hidden="true"),
            f"{field[0]} px",
            _metres(field[0], manifest.pixel_m),
        ),
        tags.td(", ".join(said), title=fate.words if fate else None),
        class_="m-depth-still" if fate else None,
    )


def _metres(px: float, pixel_m: float | None) -> Tag | None:
    return None if pixel_m is None else tags.span(f" {length_words(px * pixel_m)}", class_="m-depth-metres")


def fates_by_layer(lens: Lens) -> dict[str, Fate]:
    """Layer → what is to be said of its weights; empty where gradients are not known (the view beside says why)."""
    try:
        _, found = learned(lens)
    except LensError:
        return {}
    named = {layer.name: fate_of(layer, found) for layer in lens.manifest.layers}
    return {name: fate for name, fate in named.items() if fate}


@module.ui
def lens_depth_ui() -> Tag:
    return tags.div(ui.output_ui("table"), class_="m-depth-scroll m-layers", data_lens_layer_input=resolve_id("layer"))


@module.server
def lens_depth_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    layer = reactive.calc(lambda: looking.state().layer)

    @render.ui
    def table() -> Tag | None:
        if not looking.on("layers"):
            return None
        lens = looking.lens()
        fields = {each.name: field_px(lens, each) for each in lens.manifest.layers}
        return depth_table(lens.manifest, fields, fates_by_layer(lens), layer())

    @reactive.effect
    @reactive.event(input.layer)
    def _look() -> None:
        """A name from the browser: looked up, not believed."""
        name = text_of(input.layer())
        if looking.lens().manifest.layer(name):
            looking.change(layer=name)
