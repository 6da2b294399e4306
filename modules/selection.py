"""`Selection`: what this session looks at. The one object that views share; only `.set()` it from a callback."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from shiny import reactive, req

from data.at_once import at_once
from data.records import Scene, TrendSettings, TrendTable
from data.store import Store
from data.trends.classes import classes
from data.trends.quiet import kinds
from data.watchlist.wish import Wish
from modules.beside import keep_flagged, keep_triaged
from modules.choices import PAGES, Brush, Display, Filters, Hindcasting, Look, Picked, Points, Region, Segmenting, State
from modules.controls import change
from modules.fitting import keep_compared, keep_fitted
from modules.judging.inspection import Inspection
from modules.lensing.state import Lensing
from modules.measures import brushed_mask, lake_rows, lit_order, rank, shown_mask, state_bits
from modules.observations import around, brushed_observations, drawn_observations, opening, series_lakes
from modules.reaching import keep_reached
from modules.reviewing.desk import Desk
from modules.reviewing.marks import SessionReviews, keep_left_out
from modules.session_series import SessionSeries
from modules.trial import Trial


class Selection:
    """Reactive values that a person sets, and the calcs that follow from them; every array is in the row order of `Store.lakes`.

    `table` is the trend table on screen: while another is being fitted it stays, and `fitting` says for which settings.

    Args:
        store: The dataset of this session.
        state: What the URL restores.
        notices: Sentences to show the person.
        desk: What this session may do with reviews; None: nothing.
    """

    def __init__(self, store: Store, state: State, notices: list[str], desk: Desk | None = None) -> None:
        self.store = store
        # Named, because Shiny otherwise reads the whole call stack's sources to guess a name: 10 ms a value, for every visit.
        self.focus: reactive.Value[int | None] = reactive.Value(state.focus, name="focus")
        self.brush: reactive.Value[Brush | None] = reactive.Value(state.brush, name="brush")
        self.filters: reactive.Value[Filters] = reactive.Value(state.filters, name="filters")
        self.settings: reactive.Value[TrendSettings] = reactive.Value(state.settings, name="settings")
        self.display: reactive.Value[Display] = reactive.Value(state.display, name="display")
        self.scene_key: reactive.Value[int | None] = reactive.Value(state.scene, name="scene_key")
        self.before_key: reactive.Value[int | None] = reactive.Value(state.before, name="before_key")
        self.points: reactive.Value[Points | None] = reactive.Value(state.points, name="points")
        self.look: reactive.Value[Look] = reactive.Value(state.look, name="look")
        self.page: reactive.Value[str] = reactive.Value(state.page, name="page")
        self.inspection: reactive.Value[Inspection] = reactive.Value(state.inspection, name="inspection")
        self.segmenting: reactive.Value[Segmenting] = reactive.Value(state.segmenting, name="segmenting")
        self.watching: reactive.Value[Wish] = reactive.Value(state.watching, name="watching")
        self.hindcasting: reactive.Value[Hindcasting] = reactive.Value(state.hindcasting, name="hindcasting")
        self.lensing: reactive.Value[Lensing] = reactive.Value(state.lensing, name="lensing")
        # How many files of the focus lake's images and masks are there: views that read files look again when more have come.
        self.arrived: reactive.Value[int] = reactive.Value(0, name="arrived")
        # Whether the storage that the dataset lies on does not answer (modules.reaching).
        self.lost: reactive.Value[bool] = reactive.Value(False, name="lost")
        self.notices: reactive.Value[tuple[str, ...]] = reactive.Value(tuple(notices), name="notices")
        self.table: reactive.Value[TrendTable | None] = reactive.Value(None, name="table")
        # The trends that the volcano is compared with, None for none or while they are being fitted.
        self.compared: reactive.Value[TrendTable | None] = reactive.Value(None, name="compared")
        # What triage says of the lakes of `table`, None while it is being worked out.
        self.triage: reactive.Value[pd.DataFrame | None] = reactive.Value(None, name="triage")
        # What there is to know of series beside the table on screen; None while it is being worked out.
        self.flags: reactive.Value[pd.DataFrame | None] = reactive.Value(None, name="flags")
        self.fitting: reactive.Value[TrendSettings | None] = reactive.Value(None, name="fitting")
        self.fitted_share: reactive.Value[float | None] = reactive.Value(None, name="fitted_share")  # of `fitting`, where it is known
        self.shown = reactive.calc(self._shown)
        self.brushed = reactive.calc(self._brushed)
        self.classes = reactive.calc(self._classes)
        self.kinds = reactive.calc(self._kinds)
        self.bits = reactive.calc(self._bits)
        self.ranks = reactive.calc(self._ranks)
        self.order = reactive.calc(self._order)
        self.rows = reactive.calc(self._rows)
        self.scenes = reactive.calc(self._scenes)
        self.scene = reactive.calc(self._scene)
        self.before = reactive.calc(self._before)
        self.layers = reactive.calc(self._layers)
        self.observations = reactive.calc(self._observations)
        self.trial = Trial(self, state.trial)
        self.session = SessionSeries(store, self.focus, lambda: self.trial.table() or self.fitted(), self.display)
        self.reviews = SessionReviews(store, desk or Desk(), state.left_out)
        for keep in (keep_left_out, keep_fitted, keep_compared, keep_triaged, keep_flagged, keep_reached):
            keep(self)

    def fitted(self) -> TrendTable:
        """The trend table on screen; before the first one there is, views that ask for it wait."""
        table = self.table()
        req(table is not None)
        assert table is not None
        return table

    def state(self) -> State:
        """All that a link holds, as it is now."""
        return State(
            self.settings(), self.focus(), self.brush(), self.filters(), self.display(),
            self.scene_key(), self.before_key(), self.points(), self.look(), self.trial.threshold(), self.page(), self.inspection(),
            self.segmenting(), self.watching(), self.reviews.link(), self.hindcasting(), self.lensing(),
        )  # fmt: skip

    def change_source(self, source: str) -> None:
        """Test another source, at the threshold that the dataset chose for it. The one compared with changes places with the old one."""
        with reactive.isolate():
            settings, compared = self.settings(), self.display().compare
        if compared == source:
            self.change_display(compare=settings.source)
        self.trial.set(None)
        self.settings.set(replace(settings, source=source, threshold=None))

    def compare_with(self, source: str) -> None:
        """Lead lines from every lake to its place by another source; an empty text ends that, the source under test is ignored."""
        with reactive.isolate():
            if source != self.settings().source:
                self.change_display(compare=source)

    def set_focus(self, lake_key: int | None) -> None:
        """Focus a lake; a key that this dataset does not have is ignored, since it comes from the browser."""
        if lake_key is None or self.store.row_of(lake_key) is not None:
            self._focus(lake_key)

    def _focus(self, lake_key: int | None) -> None:
        with reactive.isolate():
            if lake_key != self.focus():
                self.scene_key.set(None)
                self.before_key.set(None)
        self.focus.set(lake_key)

    def set_scene(self, scene_key: int | None, *, before: bool = False) -> None:
        """Put a scene in focus, and its lake with it; or, with `before`, hold the focus lake's own scene against the one in focus.

        None means the newest (oldest) clear scene. Keys that this dataset does not have, or for `before` of another lake, are ignored.
        """
        scene = self.store.scenes.scene(scene_key) if scene_key is not None else None
        if scene_key is not None and (scene is None or scene.lake_key is None):
            return
        with reactive.isolate():
            focus = self.focus()
        if before:
            if scene is None or scene.lake_key == focus:
                self.before_key.set(scene_key)
            return
        if scene is not None and scene.lake_key != focus:
            self.before_key.set(None)
            self.focus.set(scene.lake_key)
        self.scene_key.set(scene_key)

    def brush_points(self, polygon: tuple[tuple[float, float], ...], *, log: bool = False) -> None:
        """Brush the observations in a polygon (see `Points`) of the area series: of the focus lake and of every brushed one."""
        with reactive.isolate():
            table, keys = self.table(), self.series_keys()
            if table is not None and keys:
                self.points.set(Points(polygon, keys, self.trial.on(table), log))

    def brush_dates(self, *, brushed: bool = False) -> None:
        """Brush every observation of the focus lake; with `brushed`, of every brushed lake as well."""
        with reactive.isolate():
            table, keys = self.table(), self.series_keys()
            keys = keys if brushed else tuple(key for key in keys if key == self.focus())
            if table is None:
                return
            settings = self.trial.on(table)
            rows = drawn_observations(self.store, keys, settings)
            if len(rows):
                self.points.set(Points(around(rows), keys, settings))

    def series_keys(self) -> tuple[int, ...]:
        """The lakes whose series are drawn: the focus lake first, then those brushed and shown; of very many the most significant."""
        drawn = self.brush() is not None and self.table() is not None
        return series_lakes(self.store, self.focus(), self.brushed() & self.shown() if drawn else None, self.ranks)

    def change_look(self, **changes: object) -> None:
        """Set fields of the look of images, leaving the rest."""
        change(self.look, **changes)

    def show_page(self, name: str) -> None:
        """Turn to a page; an unknown name is ignored."""
        if name in PAGES:
            self.page.set(name)

    def change_inspection(self, **changes: object) -> None:
        """Set fields of what the Predictions page shows, leaving the rest."""
        change(self.inspection, **changes)

    def change_segmenting(self, **changes: object) -> None:
        """Set fields of what the page Segment does, leaving the rest."""
        change(self.segmenting, **changes)

    def brush_region(self, axes: tuple[str, str], polygon: tuple[tuple[float, float], ...]) -> None:
        """Brush what lies in a polygon, under the settings and filters on screen."""
        with reactive.isolate():
            table = self.table()
            filters, display = self.filters(), self.display()
            if filters.trends:
                filters = replace(filters, cut=(display.use, display.alpha, display.effect, display.worth))
            if table is not None:
                self.brush.set(Region(axes, polygon, table.settings, filters))

    def brush_lakes(self, lake_keys: tuple[int, ...]) -> None:
        """Brush lakes one by one; none clears the brush."""
        self.brush.set(Picked(tuple(sorted(set(lake_keys)))) if lake_keys else None)

    def clear(self) -> None:
        """Forget focus, brush and brushed observations."""
        self._focus(None)
        self.brush.set(None)
        self.points.set(None)

    def change_display(self, **changes: object) -> None:
        """Set fields of the display, leaving the rest."""
        change(self.display, **changes)

    def change_filters(self, **changes: object) -> None:
        """Set fields of the filters, leaving the rest."""
        change(self.filters, **changes)

    def step(self, by: int, *, images: bool = False) -> None:
        """Focus the next (or previous) lit lake in order of significance, round the end; with `images` one that has scenes."""
        with reactive.isolate():
            focus = self.focus()
            row = self.store.row_of(focus) if focus is not None else None
            order = self.order()
            if images:
                order = self._imaged(order, row)
            if not len(order):
                return
            found = np.flatnonzero(order == row) if row is not None else []
            at = (int(found[0]) + by) % len(order) if len(found) else (0 if by > 0 else len(order) - 1)
            self._focus(int(self.store.lake_keys[order[at]]))

    def _imaged(self, order: np.ndarray, row: int | None) -> np.ndarray:
        """Those of `order` that have scenes, and the row to go on from; where none is lit, every lake that has some."""
        imaged = np.isin(self.store.lake_keys, self.store.scenes.lakes)
        if not (imaged[order] & (order != row)).any():
            order = np.argsort(self.ranks(), kind="stable")
        return order[imaged[order] | (order == row)]

    def _rows(self) -> pd.DataFrame:
        return lake_rows(self.store, self.fitted())

    def _shown(self) -> np.ndarray:
        filters = self.filters()
        if filters.triage:
            self.triage()  # once it is there, it filters
        if filters.by_flags:
            self._wait_for_flags()
        return self.reviews.among(shown_mask(self.store, self.fitted(), filters, self.kinds() if filters.trends else None), filters)

    def _wait_for_flags(self) -> None:
        known = self.flags() is not None
        req(known or not at_once(len(self.store.lake_keys)))

    def _brushed(self) -> np.ndarray:
        self.fitted()
        brush = self.brush()
        if isinstance(brush, Region) and brush.filters.triage:
            self.triage()
        if isinstance(brush, Region) and brush.filters.by_flags:
            self._wait_for_flags()
        return self.reviews.among(brushed_mask(self.store, brush), brush.filters if isinstance(brush, Region) else None)

    def _classes(self) -> np.ndarray:
        display = self.display()
        return classes(self.fitted(), use=display.use, alpha=display.alpha, effect=display.effect)

    def _kinds(self) -> np.ndarray:
        return kinds(self.fitted(), self.classes(), self.display().worth)

    def _bits(self) -> np.ndarray:
        return state_bits(self.classes(), self.shown(), self.brushed() if self.brush() is not None else None, self.store.floods.burst)

    def _ranks(self) -> np.ndarray:
        return rank(self.fitted())

    def _order(self) -> np.ndarray:
        return lit_order(self.fitted(), self.bits(), self.ranks())

    def _scenes(self) -> list[Scene]:
        return self.store.scenes.of_lake(self.focus())

    def _scene(self) -> Scene | None:
        return opening(self.scenes(), self.scene_key(), last=True)

    def _before(self) -> Scene | None:
        return opening(self.scenes(), self.before_key(), last=False)

    def _layers(self) -> tuple[str, ...]:
        """Sources whose masks lie over images; see `Look.shown`."""
        return self.look().shown(self.settings().source, self.store.scenes.sources)

    def _observations(self) -> pd.DataFrame:
        return brushed_observations(self.store, self.points())
