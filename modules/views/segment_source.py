"""Which image is segmented: a date of the lake in focus, or a GeoTIFF that is handed in."""

from __future__ import annotations

from pathlib import Path

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, req, ui
from shiny.module import resolve_id

from data.afar.places import there
from data.errors import InputError
from data.plain_text import cut, plain
from data.records import Scene
from data.store import Store
from modules.controls import key_of, offer, text_of
from modules.observations import REASONS
from modules.segmenting.handed import NUMBERS, Handed, Preparing, band_names, day_of
from modules.segmenting.state import Segmentation
from modules.segmenting.subject import Subject
from modules.selection import Selection
from modules.serving.uploading import uploaded

ORIGINS = {"scene": "A date of the lake in focus", "file": "A GeoTIFF of your own"}
NO_LAKE = "None of the dataset's lakes lies in it: all its water is measured, and nothing can be added to a series."
CUT = "cut it to the lake's surroundings, e.g. gdal_translate -projwin … -co COMPRESS=DEFLATE"


def date_words(scene: Scene) -> str:
    """How a date is offered: with what stands against it."""
    said = scene.date.isoformat() if scene.date else f"image {scene.scene_key}, no date"
    return said if scene.reason in {"", "ok"} else f"{said} ({REASONS.get(scene.reason, scene.reason)})"


def upload_words(subject: Subject) -> TagList | None:
    """What was understood of a file, and what its owner should know; None for a scene of the dataset."""
    upload, grid = subject.upload, subject.grid
    if upload is None:
        return None
    size = f"{grid.width:,} × {grid.height:,} px" + (f" of {grid.pixel_m:.3g} m" if grid.crs else "")
    notes = [*upload.notes, *([NO_LAKE] if grid.crs and not subject.lakes else [])]
    facts = f"{size}; {upload.says}; bands: {', '.join(subject.bands)}."
    return TagList(tags.p(facts, class_="m-quiet"), *(tags.p(note, class_="m-notice") for note in notes))


@module.ui
def segment_source_ui(upload_mb: int) -> Tag:
    """Where the image comes from, and what must be said of a file."""
    scene = tags.div(
        ui.output_ui("lake"),
        tags.div(
            ui.input_action_button("previous", "‹", class_="btn-sm m-step", aria_label="Previous lake with images"),
            ui.input_action_button("next", "›", class_="btn-sm m-step", aria_label="Next lake with images"),
            ui.input_select("date", tags.span("Date", class_="visually-hidden"), {}, width="100%"),
            class_="m-steps m-segment-date",
        ),
    )
    first = f"Reflectance, at most 2,048 × 2,048 pixels and {upload_mb} MB. It stays here until you leave, for you alone."
    file = tags.div(
        ui.input_file("file", "GeoTIFF", accept=[".tif", ".tiff"], width="100%"),
        tags.p(first, class_="m-quiet"),
        ui.input_text(
            "bands", "Bands, in the file's order", placeholder="as the file tells; else: blue, green, red, nir", update_on="blur"
        ),
        ui.input_select("numbers", "Numbers", {key: words for key, (words, _) in NUMBERS.items()}),
        ui.input_select("of", "Lake", {"": "–"}),
        ui.input_text("day", "Day", placeholder="as the file's name tells; else: 2021-10-03", update_on="blur"),
        data_upload_most=str(upload_mb * 2**20),
        data_upload_told=resolve_id("large"),
    )
    return tags.fieldset(
        tags.legend("Image"),
        ui.input_radio_buttons("origin", None, ORIGINS),
        # segment.js shows the one that is chosen: `ui.panel_conditional` would have the browser compile text, which its policy forbids.
        tags.div(scene, data_segment_origin="scene"),
        tags.div(file, data_segment_origin="file", hidden=""),
        ui.output_ui("said", aria_live="polite"),
        class_="m-segment-part",
    )


@module.server
def segment_source_server(input: Inputs, output: Outputs, session: Session, work: Segmentation, upload_mb: int) -> None:
    """Keep the image that is segmented true to what is chosen."""
    store, selection, preparing = work.store, work.selection, Preparing(work)
    handed = _taken(input, session, work, upload_mb)
    session.on_ended(preparing.stop)

    @reactive.effect
    def _prepare() -> None:
        req(selection.page() == "segment")
        try:
            chosen = _told(input, handed()) if text_of(input.origin()) == "file" else selection.scene()
        except InputError as error:
            preparing.fail(error)
            return
        if isinstance(chosen, Scene) and not there(chosen.path):
            selection.arrived()  # it may still be made: look again when more files are there
        preparing.begin(chosen)

    @render.ui
    def lake() -> Tag:
        focus = selection.focus()
        row = store.row_of(focus) if focus is not None else None
        if row is None:
            return tags.p("No lake in focus: choose one on Explore, or press › for one that has images.", class_="m-empty")
        return tags.p(tags.strong(store.labels[row]), "" if selection.scenes() else ": no images. Press › for a lake that has some.")

    @render.ui
    def said() -> TagList | None:
        subject = work.subject()
        return None if subject is None else upload_words(subject)

    _dates(input, selection)
    _lakes(store, work)


def _told(input: Inputs, given: tuple[Path, str, int] | None) -> Handed | None:
    """The file, with what its owner says of it. Raises InputError where a day is none."""
    numbers, lake = text_of(input.numbers()), text_of(input.of())
    bands, day = band_names(text_of(input.bands())), day_of(text_of(input.day()))
    key = key_of(int(lake)) if lake.isdecimal() and len(lake) < 10 else None
    return None if given is None else Handed(*given, bands, numbers if numbers in NUMBERS else "told", key, day)


def _taken(input: Inputs, session: Session, work: Segmentation, upload_mb: int) -> reactive.Value[tuple[Path, str, int] | None]:
    """The file that was uploaded last: where it lies, what it is called, and the number of the upload."""
    handed: reactive.Value[tuple[Path, str, int] | None] = reactive.Value(None, name="handed")

    @reactive.effect
    @reactive.event(input.file)
    def _take() -> None:
        try:
            path, name = uploaded(input.file(), session)
        except InputError as error:
            work.trouble.set(error)  # what is shown stays
            return
        before = handed()
        if before is not None and before[0] != path:
            before[0].unlink(missing_ok=True)  # one file a visit is kept
        ui.update_select("of", choices={"": "–"}, selected="")
        handed.set((path, name, 1 if before is None else before[2] + 1))

    @reactive.effect
    @reactive.event(input.large)
    def _refuse() -> None:
        match input.large():
            case {"name": str(name), "size": int(size) | float(size)}:
                what = f"{cut(plain(name), 120)} has {size / 1e6:,.0f} MB; up to {upload_mb} MB can be handed in"
                work.trouble.set(InputError(what, CUT))
            case _:
                pass

    return handed


def _dates(input: Inputs, selection: Selection) -> None:
    """The dates of the lake in focus, both ways; and the way to other lakes."""

    @reactive.effect
    def _offer() -> None:
        scene = selection.scene()
        choices = {str(each.scene_key): date_words(each) for each in selection.scenes()}
        offer("date", choices, None if scene is None else str(scene.scene_key))

    @reactive.effect
    @reactive.event(input.date)
    def _go() -> None:
        known = {str(scene.scene_key): scene for scene in selection.scenes()}
        scene = known.get(text_of(input.date()))
        if scene is not None and scene != selection.scene():
            selection.set_scene(scene.scene_key)

    @reactive.effect
    @reactive.event(input.previous)
    def _previous() -> None:
        selection.step(-1, images=True)

    @reactive.effect
    @reactive.event(input.next)
    def _next() -> None:
        selection.step(1, images=True)


def _lakes(store: Store, work: Segmentation) -> None:
    """Which of the lakes in a file is measured."""

    @reactive.effect
    def _offer() -> None:
        subject = work.subject()
        if subject is None or subject.upload is None:
            return
        named = {str(key): store.labels[row] for key in subject.lakes if (row := store.row_of(key)) is not None}
        selected = "" if subject.lake_key is None else str(subject.lake_key)
        ui.update_select("of", choices=named or {"": "none of this dataset"}, selected=selected)
