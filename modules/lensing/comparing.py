"""`Comparing`: what the views of the tab Compare share, worked out off the event loop; the last thing asked for wins."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from shiny import reactive, req

from data.errors import LensError
from data.lens.arrangement import Arranged, arranged
from data.lens.disagreement import Disagreement, disagreement
from data.lens.drift import Drift, drift
from data.lens.pairing import Paired, Side, paired
from data.lens.reading import Lens
from data.lens.similarity import MEASURES, Grid, compared
from data.lens.similarity_interval import Span, interval
from modules.lensing.looking import LensSelection
from modules.lensing.tiles import scene_words
from modules.watching.background import Background, Tell

TAB = "compare"
LISTED = 12
"""Scenes with the most different neighbourhoods, which are marked and listed."""
MOST = 5_000
"""Scenes that are placed and whose neighbours are compared; of more, evenly many."""
FAILED = "it did not work out; the server's log says why"
KEPT = 512
"""Intervals that a visit keeps."""
FEW_SCENES = {"cka": "cka_unbiased"}
"""What stands in for a measure on the few scenes that are followed through training."""
Made = TypeVar("Made")
Cell = tuple[str, str]


@dataclass(frozen=True)
class Sides:
    """What is compared: two networks and how."""

    first: Side
    second: Side
    measure: str

    @property
    def key(self) -> tuple[str, int | None, str, int | None, str]:
        """The same for the same work."""
        return self.first.lens.digest, self.first.epoch, self.second.lens.digest, self.second.epoch, self.measure


@dataclass(frozen=True)
class Compared:
    """All layers of two sides."""

    sides: Sides
    paired: Paired
    grid: Grid


@dataclass(frozen=True)
class Placed:
    """The scenes of two layers, `scene_key` (M,), at most MOST of them; `words` (M) are what each is called."""

    compared: Compared
    cell: Cell
    arranged: Arranged
    differ: Disagreement
    scene_key: NDArray[np.int64]
    words: tuple[str, ...]


class Comparing:
    """Nothing is worked out before the tab is opened.

    Args:
        looking: Runs, epochs, layers and measure.
    """

    def __init__(self, looking: LensSelection) -> None:
        self.looking = looking
        self.grid, self.placed, self.drift = Background[Compared](), Background[Placed](), Background[Drift]()
        self.pointed: reactive.Value[Cell | None] = reactive.Value(None, name="pointed")
        self.against: reactive.Value[str] = reactive.Value("last", name="against")
        self.spans: reactive.Value[dict[object, Span]] = reactive.Value({}, name="spans")
        self._span = Background[tuple[object, Span]]()
        self.sides, self.cell = reactive.calc(self._sides), reactive.calc(self._cell)
        self._keep()

    def compared(self) -> Compared:
        """All layers as last compared; before they are, and once they cannot be, views that ask wait."""
        found = self.grid.found()
        req(found is not None and not self.grid.trouble())
        return found

    def shown(self) -> Placed:
        """The scenes of two layers as last placed; until they are, and once they cannot be, views that ask wait."""
        found = self.placed.found()
        req(found is not None and not self.grid.trouble())
        return found

    def told(self) -> Cell:
        """The cell that is told of: the one under the pointer, as long as there is such a one, else the one chosen."""
        pointed = self.pointed()
        return pointed if pointed and self._has(pointed) else self.cell()

    def span(self, cell: Cell) -> Span | None:
        """The interval of a cell; None while it is worked out."""
        known = self.spans().get((*self.compared().sides.key, cell))
        return known or (Span(math.nan, math.nan, 0, FAILED) if self._span.trouble() else None)

    def choose(self, cell: Cell) -> None:
        """Look at another cell, if there is such a one."""
        if self._has(cell):
            self.looking.change(layer=cell[0], other_layer=cell[1])

    def point(self, cell: Cell | None) -> None:
        """Tell of a cell without choosing it; None: of the one chosen."""
        self.pointed.set(cell if cell and self._has(cell) else None)

    def _has(self, cell: Cell) -> bool:
        grid = self.compared().grid
        return cell[0] in grid.first and cell[1] in grid.second

    def _sides(self) -> Sides:
        asked, lens = self.looking.field, self.looking.lens()
        measure = asked("measure") if asked("measure") in MEASURES else next(iter(MEASURES))
        return Sides(_side(lens, asked("epoch")), _side(self.looking.other(), asked("other_epoch")), measure)

    def _cell(self) -> Cell:
        """What is named where there is such a layer, else the bottlenecks."""
        found, asked = self.compared(), self.looking.field
        named = ((found.grid.first, asked("layer"), found.sides.first), (found.grid.second, asked("other_layer"), found.sides.second))
        first, second = (name if name in names else side.lens.manifest.bottleneck for names, name, side in named)
        return first, second

    def _keep(self) -> None:
        on = reactive.calc(lambda: self.looking.on(TAB))
        _keep(self.grid, on, self.sides, lambda sides: sides.key, compare)
        _keep(self.placed, on, lambda: (self.compared(), self.cell()), lambda asked: (asked[0].sides.key[:4], asked[1]), place)
        _keep(
            self.drift, on, lambda: (self.looking.lens(), FEW_SCENES.get(measure := self.sides().measure, measure), self.against()),
            lambda asked: (asked[0].digest, *asked[1:]), follow,
        )  # fmt: skip
        self._keep_spans(on)

    def _keep_spans(self, on: Callable[[], bool]) -> None:
        @reactive.calc
        def lacking() -> tuple[Compared, Cell] | None:
            return None if self.span(self.told()) is not None else (self.compared(), self.told())

        @reactive.effect
        def _ask() -> None:
            asked = lacking() if on() else None
            if asked is not None:
                self._span.begin(lambda tell: ((*asked[0].sides.key, asked[1]), span_of(*asked, tell)))

        @reactive.effect
        def _take() -> None:
            made = self._span.found()
            if made is not None:
                with reactive.isolate():
                    kept = list(self.spans().items())[1 - KEPT :]
                self.spans.set(dict([*kept, made]))


def _side(lens: Lens, epoch: int | None) -> Side:
    """The last epoch is the finished network."""
    epochs = lens.manifest.epochs
    return Side(lens, epoch if epoch in epochs[:-1] else None)


def _keep(
    work: Background[Made],
    on: Callable[[], bool],
    asked: Callable[[], object],
    key: Callable[[object], object],
    do: Callable[[object, Tell], Made],
) -> None:
    """Begin work whenever the tab is on screen and something else is asked for than last."""
    last: list[object] = [None]

    @reactive.effect
    def _begin() -> None:
        if not on():
            return
        wanted = asked()
        if key(wanted) != last[0]:
            last[0] = key(wanted)
            work.begin(lambda tell: do(wanted, tell))


def compare(sides: Sides, tell: Tell) -> Compared:
    """All layers of two sides; slow, for a thread."""
    try:
        pair = paired(sides.first, sides.second)
    except LensError as error:
        raise without_folders(error, sides.first.lens, sides.second.lens) from error
    return Compared(sides, pair, compared(pair.first, pair.second, sides.measure, tell=tell))


def follow(asked: tuple[Lens, str, str], tell: Tell) -> Drift:
    """The layers of a run through its epochs; slow, for a thread."""
    try:
        return drift(*asked, tell)
    except LensError as error:
        raise without_folders(error, asked[0]) from error


def without_folders(error: LensError, *lenses: Lens) -> LensError:
    """The same with the names of runs instead of where they lie, which is no visitor's business."""
    what = error.what
    for lens in lenses:
        what = what.replace(f"{lens.folder}/", f"the file {lens.name}/").replace(str(lens.folder), f"the lens of {lens.name}")
    return LensError(what, error.remedy)


def place(asked: tuple[Compared, Cell], tell: Tell) -> Placed:
    """The scenes of two layers; slow, for a thread."""
    found, (first, second) = asked
    keys = found.paired.scene_key
    rows = np.linspace(0, len(keys) - 1, min(len(keys), MOST)).round().astype(np.int64)
    layers = found.paired.first[first][rows], found.paired.second[second][rows]
    tell(0, 2)
    laid = arranged(*layers)
    tell(1, 2)
    differ, lens = disagreement(*layers), found.sides.first.lens
    words = tuple(scene_words(lens, key) for key in keys[rows].tolist())
    return Placed(found, (first, second), laid, differ, keys[rows], words)


def span_of(found: Compared, cell: Cell, tell: Tell) -> Span:
    """The interval of a cell; slow, for a thread, which must end soon once nobody waits for it: a pointer passes over many cells."""
    return interval(found.paired.first[cell[0]], found.paired.second[cell[1]], found.sides.measure, found.paired.lakes, tell=tell)
