"""What a person chose, as frozen records: filters, display, brush. Pure; each round-trips through the URL in `modules.links`."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from data.records import TrendSettings
from data.reviews.record import OF_LAKE
from data.trends.quiet import WORTH
from data.watchlist.wish import Wish, opening
from modules.judging.inspection import Inspection
from modules.lensing.state import Lensing
from modules.links.packing import Point

Range = tuple[float, float]
PAGES = ("explore", "watchlist", "predictions", "segment", "lens", "about")
"""Names of the pages, as links have them; the first opens."""

BAD_MASKS, NOT_REVIEWED = "with bad masks", "not reviewed"
REVIEWED = (*OF_LAKE, BAD_MASKS, NOT_REVIEWED)
"""What lakes can be filtered by that reviews say, or do not."""

Cut = tuple[str, float, float, float]
"""What a class is held against: `p` or `q`, alpha, the least absolute slope, and the change worth seeing (see `Display`)."""

AXES = {("slope", "q"), ("slope", "p"), ("t", "q"), ("t", "p"), ("lon", "lat")}
"""The pairs of axes that a region may be drawn on."""

LOOKS = ("true", "false", "ndwi", "mndwi", "relief")
"""Ways to draw an image, beside any three bands."""

OUTLINES = ("newest", "nested", "none")
"""Which of the inventory's outlines lie over an image."""


@dataclass(frozen=True)
class Filters:
    """Which lakes are shown. Filters never change a statistic.

    Args:
        basins, sub_basins, dam_types: Names; empty means every one.
        area: km², of the newest area of the source under test.
        elevation: m.
        observations: Number of observations that the trend rests on.
        extras: Column → texts to keep, or a range, for columns the input brought along.
        lake_keys: A pasted list; empty means every lake.
        trends: Of `data.trends.quiet.KIND_WORDS`; empty means every class.
        slope: In the unit of the slope as fitted (%/yr or km²/yr).
        cut: What `trends` is held against; None: what is on screen. A region keeps that of the moment it was drawn.
        images: Only lakes that have scenes.
        triage: Of `data.triage.KINDS`; empty means every kind.
        floods: Only lakes with a recorded outburst flood.
        flags: Of `data.flags.FLAGS`: only lakes that have one of them; empty means every lake.
        without_flags: Likewise: only lakes that have none of them.
        reviews: What is said of lakes, of REVIEWED, as it is said now; empty means whatever is said.
    """

    basins: tuple[str, ...] = ()
    sub_basins: tuple[str, ...] = ()
    dam_types: tuple[str, ...] = ()
    area: Range | None = None
    elevation: Range | None = None
    observations: Range | None = None
    extras: tuple[tuple[str, tuple[str, ...] | Range], ...] = ()
    lake_keys: tuple[int, ...] = ()
    trends: tuple[str, ...] = ()
    slope: Range | None = None
    cut: Cut | None = None
    images: bool = False
    triage: tuple[str, ...] = ()
    floods: bool = False
    flags: tuple[str, ...] = ()
    without_flags: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()

    @property
    def by_flags(self) -> bool:
        """Whether flags have to be known to tell which lakes pass."""
        return bool(self.flags or self.without_flags)


@dataclass(frozen=True)
class Display:
    """How trends are drawn and classed; nothing here refits.

    Args:
        x: `slope` (%/yr or km²/yr, as fitted) or `t`.
        use: `q` or `p`: the y axis, and what alpha is held against.
        alpha: Significance cut-off, in (0, 1).
        effect: Least absolute slope that counts as change, in the unit of the slope.
        colour: `class` or `n` (the number of observations).
        labels: Lakes labelled in the volcano, the most significant first.
        log_area: A log axis in the area series.
        zone: The zone of detectable change in the volcano.
        worth: A change worth seeing, %/yr of a lake's area: what tells stable from unobservable lakes.
        compare: Another source, to whose trends lines lead in the volcano; empty for none.
    """

    x: str = "slope"
    use: str = "q"
    alpha: float = 0.05
    effect: float = 0.0
    colour: str = "class"
    labels: int = 5
    log_area: bool = False
    zone: bool = True
    worth: float = WORTH
    compare: str = ""


@dataclass(frozen=True)
class Region:
    """A box or lasso, by its rounded polygon, its axes, and what was on screen when it was drawn.

    With the settings and filters of that moment it names the same lakes whatever is refitted or filtered later.

    Args:
        axes: (`lon`, `lat`), or (`slope` | `t`, `p` | `q`) with y as -log10.
    """

    axes: tuple[str, str]
    polygon: tuple[Point, ...]
    settings: TrendSettings
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True)
class Picked:
    """Lakes named one by one: a list, or rows of the table."""

    lake_keys: tuple[int, ...]


Brush = Region | Picked


@dataclass(frozen=True)
class Points:
    """Observations brushed in the area series: those of these lakes whose (decimal year, km²) lies in a polygon.

    Like a region it carries what was on screen when it was drawn, and so names the same observations afterwards.

    Args:
        polygon: Corners (year, km²); with `log` (year, log10 km²), so that a straight edge is straight as it was drawn.
        lake_keys: The lakes whose series stood there: the focus lake first, then the brushed ones.
        settings: Of that moment: source and season decide which observations there were.
        log: Whether it was drawn on a log axis.
    """

    polygon: tuple[Point, ...]
    lake_keys: tuple[int, ...]
    settings: TrendSettings
    log: bool = False


@dataclass(frozen=True)
class Look:
    """How images are drawn.

    Args:
        bands: `true`, `false` (NIR, red, green), `ndwi`, `mndwi`, `relief`, or three band names with dots between (red, green, blue).
        layers: Up to two sources whose masks lie over the image; None: the source under test, where it has masks.
        fill: Masks filled as well as outlined.
        opacity: Of the fill, 0 to 1.
        outlines: `none`, `newest` (the inventory's), or `nested` (every date, coloured by year).
        relief: Hillshade under the image, where there is an elevation model.
    """

    bands: str = "true"
    layers: tuple[str, ...] | None = None
    fill: bool = True
    opacity: float = 0.35
    outlines: str = "newest"
    relief: bool = False

    def shown(self, source: str, sources: Sequence[str]) -> tuple[str, ...]:
        """Sources whose masks lie over images: those chosen, or the one under test where the dataset has masks of it.

        Args:
            source: Under test.
            sources: That the dataset has masks of.
        """
        if self.layers is not None:
            return tuple(layer for layer in self.layers if layer in sources)
        return (source,) if source in sources else tuple(sources[:1])


@dataclass(frozen=True)
class Segmenting:
    """What the page Segment does with an image.

    Args:
        model: A segmenter, or STORED and a source whose masks the dataset has; empty: the page chooses.
        threshold: A twentieth; water is where the probability is above it.
    """

    model: str = ""
    threshold: float = 0.5


STORED = "stored:"
"""Before the name of a source, in `Segmenting.model`."""


@dataclass(frozen=True)
class Hindcasting:
    """What is asked of the hindcast.

    Args:
        score: A key of `modules.hindcasting.asked.CHOICES`.
        year: At whose end it stands; None: the page chooses.
        gap, by_id: See `data.hindcast.run.Rules`.
    """

    score: str = "evidence"
    year: int | None = None
    gap: bool = False
    by_id: bool = False


def is_look(bands: str, known: Container[str]) -> bool:
    """Whether images can be asked for in this look: one of LOOKS, or three known bands with dots between."""
    parts = bands.split(".")
    return bands in LOOKS or (len(parts) == 3 and all(part in known for part in parts))


@dataclass(frozen=True)
class State:
    """All that a link restores, for one dataset.

    `scene` is the scene in focus (None: the newest clear one of the focus lake), `before` the one it is held against (None: the oldest
    clear one); both are scenes of the focus lake. `trial` is the threshold tried on the focus lake (None: that of every lake).
    `page` is one of PAGES. `watching` is how lakes are ranked on the page Watch-list.
    `left_out` names what is left out because reviews call it bad: a digest, or `none` for no observation; empty: nothing is to be.
    """

    settings: TrendSettings
    focus: int | None = None
    brush: Brush | None = None
    filters: Filters = field(default_factory=Filters)
    display: Display = field(default_factory=Display)
    scene: int | None = None
    before: int | None = None
    points: Points | None = None
    look: Look = field(default_factory=Look)
    trial: float | None = None
    page: str = "explore"
    inspection: Inspection = field(default_factory=Inspection)
    segmenting: Segmenting = field(default_factory=Segmenting)
    watching: Wish = field(default_factory=opening)
    left_out: str = ""
    hindcasting: Hindcasting = field(default_factory=Hindcasting)
    lensing: Lensing = field(default_factory=Lensing)
