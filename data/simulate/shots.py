"""The images that are planned: when, by which sensor, what hides the lake, what the mapper made of it. One row a scene."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.simulate.plan import Plan
from data.simulate.sensors import SENSORS
from data.simulate.truth import Sightings, Truth

KEYS_A_LAKE = 64
"""scene_key = lake_key × this + number of the autumn, so that it does not depend on which other lakes have scenes."""
REASONS = {"cloud": 0.28, "shadow": 0.24, "snow_or_ice": 0.24, "partial": 0.24}
"""What hides a lake that the mapper did not see whole, and in which shares."""
CLEAR = 0.06
"""Where less than this share of a lake was not seen, its image shows all of it: most images are clear."""
SENTINEL, LANDSAT8, LANDSAT7 = SENSORS


@dataclass(frozen=True)
class Shots:
    """What images of every lake would show; all (L, T).

    Args:
        sensor: Names.
        reason: `ok`, `cloud`, `shadow`, `snow_or_ice`, `partial` or `empty`.
        hidden: Share of the lake that cannot be seen.
        planted: `none`, `shadow_as_water` or `ice_missed`.
        frozen: Share that carries ice which misleads nobody.
        drawn_km2: What the mapper would draw if nothing were hidden; 0 where there is no lake.
        mapped: Whether the mapper has a row, and a mask.
        haze, shift_x, shift_y: As `data.simulate.chips.Sight`.
    """

    sensor: NDArray[np.str_]
    reason: NDArray[np.str_]
    hidden: NDArray[np.float64]
    planted: NDArray[np.str_]
    frozen: NDArray[np.floating]
    drawn_km2: NDArray[np.float64]
    mapped: NDArray[np.bool_]
    haze: NDArray[np.float64]
    shift_x: NDArray[np.float64]
    shift_y: NDArray[np.float64]


def make_shots(plan: Plan, truth: Truth, seen: Sightings, group: NDArray[np.intp]) -> Shots:
    """Images that agree with what was seen: years without a row are under cloud, falsified years have their cause in the picture.

    Args:
        plan: What to simulate.
        truth: True areas and days.
        seen: What the inventory has.
        group: (L,) number of each lake's sub-basin: its lakes share sensors.
    """
    rng, size = plan.random("shots"), truth.area.shape
    drawn = rng.choice(list(REASONS), size, p=list(REASONS.values()))
    reason = np.where(seen.reason == "cloud", drawn, seen.reason)
    reason = np.where(seen.seen, reason, "cloud")
    lost = np.round(1 - 0.06 * rng.uniform(size=size), 3)
    hidden = np.where(seen.seen, np.round(1 - seen.valid_share, 3), lost)
    ok = seen.seen & (seen.reason == "ok")
    hidden = np.where((reason == "empty") | (ok & (hidden < CLEAR)), 0.0, hidden)
    odd = ok & (truth.frame["outlier_year"].to_numpy()[:, None] == np.arange(plan.first_year, plan.last_year + 1))
    late = (truth.date - truth.date.astype("datetime64[Y]")).astype(np.int64) > 304  # from November on
    frozen = np.round(np.where(late & ok & ~odd & (rng.uniform(size=size) < 0.3), rng.uniform(0.03, 0.2, size), 0.0), 3)
    clouded = (hidden > 0.02) & np.isin(reason, ["ok", "cloud"])
    shift = np.clip(rng.normal(0, 0.18, (2, *size)), -0.5, 0.5)
    return Shots(
        _sensors(plan, rng, group, reason), reason, hidden,
        np.where(odd, np.where(seen.area > truth.area, "shadow_as_water", "ice_missed"), "none"), frozen,
        np.where(ok, seen.area, truth.area), seen.seen,
        np.where(clouded, rng.beta(2, 4, size), rng.beta(1.2, 5, size)), *shift,
    )  # fmt: skip


def _sensors(plan: Plan, rng: np.random.Generator, group: NDArray[np.intp], reason: NDArray[np.str_]) -> NDArray[np.str_]:
    """Landsat in the first autumns, then Sentinel-2. Landsat 7 stands in now and then; only it leaves gaps, and so `partial` lakes."""
    groups = int(group.max()) + 1
    change = np.maximum(1, round(0.2 * plan.years) + rng.integers(0, 2, groups))[group]
    early = np.arange(plan.years) < change[:, None]
    stand_in = (rng.uniform(size=(groups, plan.years)) < 0.2)[group] & np.isin(reason, ["ok", "empty"])
    sensor = np.where(early, np.where(stand_in, LANDSAT7, LANDSAT8), SENTINEL)
    return np.where(reason == "partial", LANDSAT7, sensor)


def as_pictured(truth: Truth, seen: Sightings, shots: Shots, rows: NDArray[np.intp]) -> Sightings:
    """The sightings with those of lakes that have scenes told by their scenes: reason, share seen, and the area of what can be seen."""
    area, reason, share = seen.area.copy(), seen.reason.astype(object), seen.valid_share.copy()
    reason[rows], share[rows] = shots.reason[rows], np.round(1 - shots.hidden[rows], 3)
    cut = ~np.isin(shots.reason[rows], ["ok", "empty"])
    area[rows] = np.where(cut, truth.area[rows] * (1 - shots.hidden[rows]), area[rows])
    return replace(seen, area=area, reason=reason.astype(str), valid_share=share)


def shot_frame(plan: Plan, truth: Truth, shots: Shots, rows: NDArray[np.intp]) -> pd.DataFrame:
    """One row a scene, in order of scene_key; the fields of Shots, and lake_key, step (number of the autumn), date and true_km2."""
    lake = np.repeat(np.sort(rows), plan.years)
    step = np.tile(np.arange(plan.years), len(rows))
    told = {name: values[lake, step] for name, values in vars(shots).items()}
    return pd.DataFrame({
        "scene_key": lake * KEYS_A_LAKE + step, "lake_key": lake, "step": step, "date": truth.date[lake, step],
        "true_km2": truth.area[lake, step], **told,
    })  # fmt: skip
