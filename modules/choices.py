"""What a person chose, as frozen records: filters, display, brush. Pure; each round-trips through the URL in `link.py`."""

from __future__ import annotations

from dataclasses import dataclass, field

from data.records import TrendSettings
from modules.packing import Point

Range = tuple[float, float]

AXES = {("slope", "q"), ("slope", "p"), ("t", "q"), ("t", "p"), ("lon", "lat")}
"""The pairs of axes that a region may be drawn on."""


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
    """

    basins: tuple[str, ...] = ()
    sub_basins: tuple[str, ...] = ()
    dam_types: tuple[str, ...] = ()
    area: Range | None = None
    elevation: Range | None = None
    observations: Range | None = None
    extras: tuple[tuple[str, tuple[str, ...] | Range], ...] = ()
    lake_keys: tuple[int, ...] = ()


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
    """

    x: str = "slope"
    use: str = "q"
    alpha: float = 0.05
    effect: float = 0.0
    colour: str = "class"
    labels: int = 5
    log_area: bool = False


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
class State:
    """All that a link restores, for one dataset."""

    settings: TrendSettings
    focus: int | None = None
    brush: Brush | None = None
    filters: Filters = field(default_factory=Filters)
    display: Display = field(default_factory=Display)
