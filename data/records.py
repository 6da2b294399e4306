"""The typed records that travel between Moraine's parts. Units stand in the docstrings."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data.errors import InputError
from data.packing.pack import Pack

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

RESPONSES = ("log", "area")
DATES = ("nominal", "image")
CORRECTIONS = ("bh", "by", "bky", "permutation")


@dataclass(frozen=True)
class Season:
    """A window of whole months, both included; it may run over New Year (11-2).

    Args:
        first: First month, 1 to 12.
        last: Last month, 1 to 12.
    """

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Season | None:
        """Read `9-11`; `none`, `all` or an empty text mean no season.

        Raises:
            InputError: The text is not `FIRST-LAST` with months 1 to 12.
        """
        if text.strip().lower() in {"", "none", "all", "1-12"}:
            return None
        found = re.fullmatch(r"\s*(\d{1,2})\s*-\s*(\d{1,2})\s*", text)
        months = [int(g) for g in found.groups()] if found else []
        if not months or not all(1 <= m <= 12 for m in months):
            raise InputError(f"season {text!r} is not a range of months", "write it as FIRST-LAST, e.g. 9-11")
        return cls(*months)

    @property
    def token(self) -> str:
        return f"{self.first}-{self.last}"

    def contains(self, months: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Which of these months (1 to 12) lie in the season."""
        span = (self.last - self.first) % 12
        return (months - self.first) % 12 <= span


@dataclass(frozen=True)
class DatasetMeta:
    """What `dataset.toml` says: who made the data, under which licence, simulated or not.

    `season` is the window trends use unless another is asked for (None: every date).
    `sensors` names the bands of each sensor's scenes, in their order in the files; `thresholds` gives, for a source whose areas are
    known at several thresholds, the one that series and trends use (0.5 where it names none).
    `pixel_m` and `area_sd_factor` give the mapping error: area_sd = perimeter × pixel × factor.
    `pack` says what came along where this is a pack of a larger dataset.
    """

    name: str
    title: str
    simulated: bool = False
    licence: str = "not stated"
    citation: str = "not stated"
    description: str = ""
    season: Season | None = None
    pixel_m: float | None = None
    area_sd_factor: float = 0.5
    default_source: str | None = None
    sensors: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    thresholds: dict[str, float] = field(default_factory=dict[str, float])
    pack: Pack | None = None

    @property
    def bands(self) -> list[str]:
        """Names of the bands of its sensors, in lower case, each once."""
        return list(dict.fromkeys(band.lower() for bands in self.sensors.values() for band in bands))


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a table: where, what was found, what to do."""

    table: str
    row: int | None
    column: str | None
    found: str
    remedy: str

    def __str__(self) -> str:
        where = self.table + ("" if self.row is None else f" row {self.row}") + (f", {self.column}" if self.column else "")
        return f"{where}: {self.found}; {self.remedy}"


@dataclass(frozen=True)
class Scene:
    """One image of the dataset, and the masks that sources made of it. Its files may still be missing: look before you read.

    Args:
        scene_key: Names it.
        lake_key: The lake it was cut out for, None for one that shows none in particular.
        date: The day it was taken, None where unknown.
        sensor: A key of `DatasetMeta.sensors`; empty where unknown.
        bands: (B,) names in lower case, in the order of the file; empty where the dataset does not tell.
        path: The GeoTIFF, absolute.
        pixel_m: Side of a pixel, m; NaN where unknown.
        valid_share: Share of the lake that can be seen, NaN where unknown.
        reason: `ok`, or why it is not usable; empty where nobody has said.
        split: train, validation, test, or empty.
        dem: An elevation model that covers it, in any grid; None where there is none.
        masks: Source → mask raster, absolute; `label` (the truth or a reference) among them.
        left_out: Whether its files stayed behind when the dataset was packed.
    """

    scene_key: int
    lake_key: int | None
    date: date | None
    sensor: str
    bands: tuple[str, ...]
    path: Path
    pixel_m: float
    valid_share: float
    reason: str
    split: str
    dem: Path | None
    masks: dict[str, Path]
    left_out: bool = False


@dataclass(frozen=True)
class LabelledScene:
    """A scene and its label, as training takes them.

    Args:
        scene_key: Names it.
        reflectance: (B, H, W) float16, bands in the order that was asked for; NaN where there is no data.
        water: (H, W) uint8: 1 water, 0 land, 255 where the label does not know.
        own: (H, W) uint8: likewise, of the scene's lake alone; the same as `water` where the scene shows none in particular.
        outlines: Each (H, W) bool: where the lake was, as the inventory drew it, oldest first; the label itself where there is no lake.
        region: Sub-basin or region: the unit of an honest split.
        reason: `ok`, or why the scene is not usable; empty where nobody has said.
        split: train, validation, test, or empty.
        pixel_m: Side of a pixel, m; NaN where unknown.
    """

    scene_key: int
    reflectance: NDArray[np.float16]
    water: NDArray[np.uint8]
    own: NDArray[np.uint8]
    outlines: tuple[NDArray[np.bool_], ...]
    region: str
    reason: str
    split: str
    pixel_m: float


@dataclass(frozen=True)
class TrendSettings:
    """What a trend table was fitted with; its `token` names it in caches, URLs and exports.

    Args:
        method: A name in `data.trends.METHODS`, or `auto`.
        response: `log` (log area, slopes as %/yr) or `area` (km², slopes in km²/yr).
        season: Months used, None for all.
        source: The inventory or segmenter whose areas are fitted.
        threshold: Of a source with probabilities: water is where they are above this. None: the dataset's own for the source.
        dates: When an observation was made: `nominal`, the date that the dataset uses, or `image`, the day of its image where known.
        without: Names the observations that are left out because a review calls them bad (`data.leaving_out`); empty: none are.
        correction: How q follows from the p values of the family, a name in `data.trends.corrections.CORRECTIONS`.
    """

    method: str = "auto"
    response: str = "log"
    season: Season | None = None
    source: str = ""
    threshold: float | None = None
    dates: str = "nominal"
    without: str = ""
    correction: str = "bh"

    def __post_init__(self) -> None:
        if self.response not in RESPONSES:
            raise InputError(f"response {self.response!r} is unknown", f"use one of {', '.join(RESPONSES)}")
        if self.dates not in DATES:
            raise InputError(f"dates {self.dates!r} are unknown", f"use one of {', '.join(DATES)}")
        if self.correction not in CORRECTIONS:
            raise InputError(f"correction {self.correction!r} is unknown", f"use one of {', '.join(CORRECTIONS)}")
        if self.threshold is not None and not 0 <= self.threshold < 1:
            raise InputError(f"threshold {self.threshold:g} is no probability to be exceeded", "give one from 0 to 0.95")

    @property
    def token(self) -> str:
        season = self.season.token if self.season else "all"
        # Behind the season, which has no @: a source may have anything in its name.
        above = "" if self.threshold is None else f"@{self.threshold:g}"
        dated = "" if self.dates == DATES[0] else f":{self.dates}"
        without = f"!{self.without}" if self.without else ""
        corrected = "" if self.correction == CORRECTIONS[0] else f"+{self.correction}"
        return f"{self.method}{corrected}~{self.response}~{season}{dated}{above}{without}~{self.source}"

    def above(self, source: str) -> float | None:
        """The threshold that these settings want of a source: None, which is the dataset's own, for every other than theirs."""
        return self.threshold if source == self.source else None

    @classmethod
    def from_token(cls, token: str) -> TrendSettings:
        """Invert `token`. Raises InputError where it is not one."""
        parts = token.split("~", 3)
        rest, _, without = parts[2].partition("!") if len(parts) == 4 else ("", "", "")
        when, _, above = rest.partition("@")
        season, _, dates = when.partition(":")
        try:
            threshold = float(above) if above else None
        except ValueError:
            threshold = math.nan
        if len(parts) != 4 or threshold != threshold:  # noqa: PLR0124  NaN
            form = "METHOD[+CORRECTION]~RESPONSE~SEASON[:DATES][@THRESHOLD][!WITHOUT]~SOURCE"
            raise InputError(f"{token!r} is not a trend setting", f"write {form}")
        method, _, correction = parts[0].partition("+")
        return cls(method, parts[1], Season.parse(season), parts[3], threshold, dates or DATES[0], without, correction or CORRECTIONS[0])


@dataclass(frozen=True)
class SeriesBatch:
    """Gapped area series of many lakes as rectangles; NaN marks what is missing.

    A column belongs to one nominal year; a year that some lake saw k times has k columns. Within a lake the observations are
    in order of nominal year, then of date.

    Args:
        lake_key: (L,) ints.
        nominal_year: (T,) whole years as floats, ascending: by these neighbours in time are told.
        year: (L, T) decimal years.
        area: (L, T) km², > 0; NaN where `year` is NaN.
        area_sd: (L, T) km², NaN where unknown; None where no lake has any.
    """

    lake_key: NDArray[np.int32]
    nominal_year: NDArray[np.float64]
    year: NDArray[np.float64]
    area: NDArray[np.float64]
    area_sd: NDArray[np.float64] | None = None

    def of(self, lakes: slice | NDArray[np.bool_] | NDArray[np.intp]) -> SeriesBatch:
        """The series of some of the lakes, by their rows; one may be named more than once."""
        sd = None if self.area_sd is None else self.area_sd[lakes]
        return SeriesBatch(self.lake_key[lakes], self.nominal_year, self.year[lakes], self.area[lakes], sd)


@dataclass(frozen=True)
class TrendTable:
    """One row a lake of the dataset, in lake_key order, and what the fit left out.

    Args:
        frame: Columns of `data.trends.COLUMNS`; rows with status `insufficient` have NaN statistics.
        settings: What was asked for.
        method: The method that `auto` came to.
        family: Lakes that took part in the multiplicity correction.
        counts: Lakes by status.
        observations: Observations used.
        left_out: Observations left out, each counted once: by its reason code, `empty`, `valid_share`, or `season`.
        shared: What the method estimated over all lakes together (`data.trends.fit.Fit.shared`).
    """

    frame: pd.DataFrame
    settings: TrendSettings
    method: str
    family: int
    counts: dict[str, int]
    observations: int
    left_out: dict[str, int]
    shared: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    __hash__ = object.__hash__  # what is worked out of a table goes by the table itself (modules/once.py)
