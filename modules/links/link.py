"""The URL: a `State` as a query string of bounded length, and back. Pure; no shiny.

What does not fit is named, never dropped silently; what cannot be read is named, and the rest restored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np

from data.errors import InputError, MoraineError
from data.records import Season, TrendSettings
from data.reviews.latest import DIGEST_CHARACTERS
from data.store import Store
from data.trends import resolve
from data.trends.quiet import WORTH
from data.watchlist.wish import opening
from modules.choices import (
    AXES,
    PAGES,
    Brush,
    Display,
    Filters,
    Hindcasting,
    Look,
    Picked,
    Points,
    Region,
    Segmenting,
    State,
)  # fmt: skip
from modules.judging.inspection import Inspection
from modules.lensing.state import Lensing
from modules.links.filters import Pairs, filter_pairs, filters_from
from modules.links.hindcast import hindcast_from, hindcast_pairs
from modules.links.inspection import inspection_from, inspection_pairs
from modules.links.lens import lens_from, lens_pairs
from modules.links.look import look_from, look_pairs
from modules.links.packing import packed_keys, packed_polygon, unpacked_keys, unpacked_polygon
from modules.links.page import page_pairs, segmenting_from
from modules.links.watch import watch_from, watch_pairs

LIMIT = 2_000
DIGEST_SHOWN = 10


@dataclass(frozen=True)
class Link:
    """A query string (without `?`), and what was left out of it because it did not fit."""

    query: str
    left_out: tuple[str, ...] = ()


def link(state: State, store: Store, base: int = 0) -> Link:
    """The link of a state: with `base` characters before the `?`, at most LIMIT in all."""
    pieces = [
        ("the dataset", [("data", store.meta.name), ("at", store.digest[:DIGEST_SHOWN])]),
        ("the focus lake", [("lake", str(state.focus))] if state.focus is not None else []),
        ("the page", list(page_pairs(state))),
        ("the image", list(_image_pairs(state))),
        ("the test settings", list(_settings_pairs(state.settings, store.settings()))),
        ("what is left out as reviewed bad", [("bad", state.left_out)] if state.left_out else []),
        ("the display", list(_display_pairs(state.display))),
        ("the filters", list(filter_pairs(state.filters))),
        ("the choices of the Predictions page", list(inspection_pairs(state.inspection))),
        ("the weights of the watch-list", list(watch_pairs(state.watching))),
        ("the hindcast", list(hindcast_pairs(state.hindcasting))),
        ("the choices of the Lens page", list(lens_pairs(state.lensing))),
        ("the brush", list(_brush_pairs(state.brush, state)) if state.brush else []),
        ("the brushed observations", list(_point_pairs(state.points, state)) if state.points else []),
    ]
    kept: Pairs = []
    left_out: list[str] = []
    for name, pairs in pieces:
        if base + 1 + len(urlencode(kept + pairs)) <= LIMIT:
            kept += pairs
        else:
            left_out.append(name)
    return Link(urlencode(kept), tuple(left_out))


def _settings_pairs(settings: TrendSettings, default: TrendSettings) -> Iterator[tuple[str, str]]:
    if settings.method != default.method:
        yield "method", settings.method
    if settings.response != default.response:
        yield "response", settings.response
    if settings.season != default.season:
        yield "season", settings.season.token if settings.season else "none"
    if settings.source != default.source:
        yield "source", settings.source
    if settings.dates != default.dates:
        yield "dates", settings.dates
    if settings.correction != default.correction:
        yield "correction", settings.correction
    if settings.threshold is not None:
        yield "above", f"{settings.threshold:g}"


def _display_pairs(display: Display) -> Iterator[tuple[str, str]]:
    for field in fields(Display):
        value = getattr(display, field.name)
        if value != field.default:
            yield field.name, f"{value:g}" if isinstance(value, float) else str(int(value) if isinstance(value, bool) else value)


def _brush_pairs(brush: Brush, state: State) -> Iterator[tuple[str, str]]:
    if isinstance(brush, Picked):
        yield "pick", packed_keys(brush.lake_keys)
        return
    yield "poly", packed_polygon(brush.polygon)
    yield "axes", ".".join(brush.axes)
    if brush.settings != state.settings:
        yield "then", brush.settings.token
    if brush.filters != state.filters:
        yield "within", urlencode(list(filter_pairs(brush.filters)))


def _image_pairs(state: State) -> Iterator[tuple[str, str]]:
    if state.scene is not None:
        yield "scene", str(state.scene)
    if state.before is not None:
        yield "before", str(state.before)
    if state.trial is not None:
        yield "tried", f"{state.trial:g}"
    yield from look_pairs(state.look)


def _point_pairs(points: Points, state: State) -> Iterator[tuple[str, str]]:
    yield "points", packed_polygon(points.polygon)
    yield "first", str(points.lake_keys[0])
    yield "of", packed_keys(points.lake_keys)
    if points.log:
        yield "on", "log"
    if points.settings != state.settings:
        yield "seen", points.settings.token


def state_from(query: str, store: Store) -> tuple[State, list[str]]:
    """Read a query string.

    Returns:
        The state, and notices: one sentence each for what could not be restored, or a link made on other data.
    """
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    one = dict(pairs)
    notices: list[str] = []

    def attempt(what: str, read: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return read()
        except (MoraineError, ValueError) as error:
            why = error.what if isinstance(error, MoraineError) else "a number in it is missing or cannot be read"
            notices.append(f"The link's {what} could not be restored: {why}.")
            return otherwise

    made_on = one.get("at")
    if made_on and not store.digest.startswith(made_on):
        notices.append("This link was made on other data (the dataset has changed since): what you see may differ from what was shared.")
    settings = attempt("test settings", lambda: _settings(one, store), store.settings())
    filters = attempt("filters", lambda: filters_from(pairs), Filters())
    display = attempt("display", lambda: _display(one, settings, store), Display())
    focus = attempt("focus lake", lambda: _focus(one, store), None)
    brush = attempt("brush", lambda: _brush(one, settings, filters, store), None)
    scene = attempt("image", lambda: _scene(one, "scene", focus, store), None)
    before = attempt("image before", lambda: _scene(one, "before", focus, store), None)
    points = attempt("brushed observations", lambda: _points(one, settings, store), None)
    look = attempt("look of images", lambda: look_from(pairs, store), Look())
    trial = attempt("threshold of the lake in focus", lambda: _trial(one, settings, store), None)
    page = attempt("page", lambda: _choice(one, "page", PAGES), PAGES[0])
    inspection = attempt("choices of the Predictions page", lambda: inspection_from(pairs), Inspection())
    segmenting = attempt("segmentation", lambda: segmenting_from(one), Segmenting())
    hindcasting = attempt("hindcast", lambda: hindcast_from(one), Hindcasting())
    lensing = attempt("choices of the Lens page", lambda: lens_from(one), Lensing())
    watching = attempt("weights of the watch-list", lambda: watch_from(pairs), opening())
    state = State(settings, focus, brush, filters, display, scene, before, points, look, trial, page, inspection, segmenting, watching,
                  one.get("bad", "")[:DIGEST_CHARACTERS], hindcasting, lensing)  # fmt: skip
    return state, notices


def checked(settings: TrendSettings, store: Store) -> TrendSettings:
    """The same settings, once method, source and threshold are known to exist.

    Raises:
        InputError, TrendError: They do not, or the source has no such threshold.
    """
    resolve(settings)
    store.left_out.named(settings.without)
    if store.sources and settings.source not in store.sources:
        raise InputError(f"source {settings.source!r} is not in this dataset", f"choose one of {', '.join(store.sources)}")
    return store.at_threshold(settings, settings.threshold)


def _settings(one: dict[str, str], store: Store) -> TrendSettings:
    default = store.settings()
    return checked(
        TrendSettings(
            one.get("method", default.method),
            one.get("response", default.response),
            Season.parse(one["season"]) if "season" in one else default.season,
            one.get("source", default.source),
            float(one["above"]) if "above" in one else None,
            one.get("dates", default.dates),
            correction=one.get("correction", default.correction),
        ),
        store,
    )


def _trial(one: dict[str, str], settings: TrendSettings, store: Store) -> float | None:
    if "tried" not in one:
        return None
    threshold = store.threshold(settings.source, store.at_threshold(settings, float(one["tried"])).threshold)
    return None if threshold == store.threshold(settings.source, settings.threshold) else threshold


def _display(one: dict[str, str], settings: TrendSettings, store: Store) -> Display:
    display = Display(
        x=_choice(one, "x", ("slope", "t")), use=_choice(one, "use", ("q", "p")), colour=_choice(one, "colour", ("class", "n")),
        alpha=float(one.get("alpha", 0.05)), effect=float(one.get("effect", 0)),
        labels=int(one.get("labels", 5)), log_area=one.get("log_area") == "1",
        compare=one.get("compare", ""), zone=one.get("zone", "1") == "1", worth=float(one.get("worth", WORTH)),
    )  # fmt: skip
    if not 0 < display.alpha < 1 or not 0 <= display.effect < 1e6 or not 0 <= display.labels <= 50 or not 0 < display.worth < 1e6:
        raise InputError("a cut-off is out of range", "alpha lies between 0 and 1, effect from 0, labels from 0 to 50, worth above 0")
    if display.compare and (display.compare not in store.sources or display.compare == settings.source):
        raise InputError(f"{settings.source!r} cannot be compared with {display.compare!r}", "choose another source of this dataset")
    return display


def _choice(one: dict[str, str], name: str, known: tuple[str, ...]) -> str:
    value = one.get(name, known[0])
    if value not in known:
        raise InputError(f"{name} = {value!r} is unknown", f"use one of {', '.join(known)}")
    return value


def _focus(one: dict[str, str], store: Store) -> int | None:
    if "lake" not in one:
        return None
    if store.row_of(int(one["lake"])) is None:
        raise InputError(f"there is no lake with key {one['lake']} here", "pick another lake")
    return int(one["lake"])


def _brush(one: dict[str, str], settings: TrendSettings, filters: Filters, store: Store) -> Brush | None:
    if "pick" in one:
        return Picked(tuple(_held(unpacked_keys(one["pick"]), store)))
    if "poly" not in one:
        return None
    axes = tuple(one.get("axes", "").split("."))
    if axes not in AXES:
        raise InputError(f"the axes {one.get('axes')!r} are unknown", "draw the brush again")
    region = Region((axes[0], axes[1]), unpacked_polygon(one["poly"]), settings, filters)
    if "then" in one:
        region = replace(region, settings=checked(TrendSettings.from_token(one["then"]), store))
    if "within" in one:
        region = replace(region, filters=filters_from(parse_qsl(one["within"], keep_blank_values=True)))
    return region


def _scene(one: dict[str, str], name: str, focus: int | None, store: Store) -> int | None:
    if name not in one:
        return None
    scene = store.scenes.scene(int(one[name]))
    if scene is None or scene.lake_key is None or scene.lake_key != focus:
        raise InputError(f"the lake in focus has no image {one[name]}", "pick another image")
    return scene.scene_key


def _held(keys: tuple[int, ...], store: Store) -> list[int]:
    """Those of these keys that the dataset has."""
    return np.array(keys, dtype=np.int64)[np.isin(keys, store.lake_keys)].tolist()


def _points(one: dict[str, str], settings: TrendSettings, store: Store) -> Points | None:
    if "points" not in one:
        return None
    keys = _held(unpacked_keys(one.get("of", "")), store)
    first = int(one.get("first", keys[0] if keys else -1))
    keys = sorted(keys, key=lambda key: key != first)
    if not keys:
        raise InputError("their lakes are not in this dataset", "brush them again")
    then = checked(TrendSettings.from_token(one["seen"]), store) if "seen" in one else settings
    return Points(unpacked_polygon(one["points"]), tuple(keys), then, one.get("on") == "log")
