"""`World`: everything that a plan comes to, before a table is written or a pixel painted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.simulate.choice import chosen
from data.simulate.plan import Plan
from data.simulate.region import Region, make_region
from data.simulate.shapes import Shapes, fitted_m, make_shapes, outlines_m, perimeter_km, swelled
from data.simulate.shots import Shots, as_pictured, make_shots
from data.simulate.sky import sun
from data.simulate.truth import Sightings, Truth, make_sightings, make_truth, planted


@dataclass(frozen=True)
class World:
    """The invented lakes.

    Args:
        plan: What was asked for.
        region, shapes, truth: Of all L lakes.
        seen: What the mapper has.
        shots: What images of every lake would show.
        rows: (M,) the lakes that have scenes, in the order in which their scenes are made.
        turbidity: (L,) 0 to 1.
    """

    plan: Plan
    region: Region
    shapes: Shapes
    truth: Truth
    seen: Sightings
    shots: Shots
    rows: NDArray[np.intp]
    turbidity: NDArray[np.float64]


def make_world(plan: Plan) -> World:
    """The same plan makes the same world; one with scenes differs from one without in nothing but the lakes that have them."""
    region = make_region(plan)
    distance = region.frame["glacier_distance_m"].to_numpy(dtype=float)
    frame = planted(plan, distance)
    shapes = make_shapes(plan.random("shapes"), region.up_valley, frame["one_sided"].to_numpy())
    perimeter = perimeter_km(outlines_m(shapes, region.size_km2[:, None]))[:, 0]
    group = pd.factorize(region.frame["sub_basin"])[0].astype(np.intp)
    truth = make_truth(plan, frame, region.size_km2, perimeter, group)
    seen = make_sightings(plan, truth)
    shots, rows = make_shots(plan, truth, seen, group), chosen(plan, truth, seen, region.size_km2)
    murk = np.clip(0.85 * np.exp(-distance / 700) + plan.random("turbidity").normal(0.03, 0.1, plan.lakes), 0, 1)
    return World(plan, region, shapes, truth, as_pictured(truth, seen, shots, rows), shots, rows, np.round(murk, 3))


def outlines_of(world: World, rows: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """True and drawn outlines (K, T, V, 2) of some lakes, metres about their centres, of exactly their areas; NaN where there is none.

    Both are of one family, so that a mapping error leaves the outline where the lake is. Only falsified ones are not: one that took
    shadow for water reaches toward the sun, where a summit darkens the shore; one that missed ice stays within it.
    """
    shots, wet = world.shots, world.truth.area[rows] > 0
    true_km2 = np.where(wet, world.truth.area[rows], np.nan)
    plain = wet & (shots.planted[rows] == "none")
    drawn_km2 = np.where(wet, shots.drawn_km2[rows], np.nan)
    shapes = _shapes(world, rows)
    true_m, drawn_m = np.split(outlines_m(shapes, np.concatenate([true_km2, np.where(plain, drawn_km2, np.nan)], axis=1)), 2, axis=1)
    lake, step = np.nonzero(wet & ~plain)
    if len(lake):
        lies = true_m[lake, step]
        drawn_m[lake, step] = swelled(lies, _weights(world, rows[lake], step, lies), drawn_km2[lake, step] * 1e6)
    return _fitted(world, rows, true_m, true_km2), _fitted(world, rows, drawn_m, drawn_km2)


def _shapes(world: World, rows: NDArray[np.intp]) -> Shapes:
    """Of some lakes. Those that grow to one side are not bent, so that the azimuth of their growth is known without any doubt."""
    shapes = Shapes(**{name: values[rows] for name, values in vars(world.shapes).items()})
    return replace(shapes, bend=np.where(world.truth.frame["one_sided"].to_numpy()[rows], 0.0, shapes.bend))


def _weights(world: World, lake: NDArray[np.intp], step: NDArray[np.intp], outline_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, V) where a falsified outline moves."""
    latitude = world.region.frame["lat"].to_numpy()[lake]
    azimuth = [sun(day.item(), float(lat))[1] for day, lat in zip(world.truth.date[lake, step], latitude, strict=True)]
    angle = np.arctan2(outline_m[..., 1], outline_m[..., 0])
    toward = np.clip(np.cos(angle - np.radians(90 - np.array(azimuth))[:, None]), 0, None)
    return np.where((world.shots.planted[lake, step] == "ice_missed")[:, None], 1.0, toward)


def _fitted(world: World, rows: NDArray[np.intp], outline_m: NDArray[np.float64], area_km2: NDArray[np.float64]) -> NDArray[np.float64]:
    count, years, vertices, _ = outline_m.shape
    lon, lat = (np.repeat(world.region.frame[name].to_numpy()[rows], years) for name in ("lon", "lat"))
    flat = fitted_m(outline_m.reshape(-1, vertices, 2), lon, lat, area_km2.reshape(-1))
    return flat.reshape(count, years, vertices, 2)
