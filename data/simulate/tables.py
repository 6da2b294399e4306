"""The simulated inventory as the tables of a dataset."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from data import schema
from data.cache import write_folder, write_table
from data.geo_tables import geo_table
from data.meta import write_meta
from data.records import DatasetMeta, Season
from data.simulate.chips import BANDS
from data.simulate.made_by import write_made_by
from data.simulate.plan import Plan
from data.simulate.region import Region
from data.simulate.scene_tables import TRUTH_SCENES, label_areas, masks_table, scene_frame, scenes_table, sensor_events, truth_scenes
from data.simulate.sensors import SENSORS
from data.simulate.shapes import fitted_m, outlines_m, perimeter_km, to_degrees
from data.simulate.truth import FACTOR, PIXEL_M, Sightings, Truth
from data.simulate.world import World, make_world, outlines_of

SOURCE = "simulated mapper"
SENSOR = "Sentinel-2 (simulated)"
TRUTH = {"lake_key": pa.int32(), "kind": pa.string(), "drainage_date": pa.date32(), "outlier_year": pa.int32()}


def write_simulated(folder: Path, plan: Plan) -> None:
    """Make the dataset but for its images, which `data.simulate.making` adds; the folder appears only once its tables are whole.

    Raises:
        InputError: The folder exists and is not empty.
    """
    tables, meta = simulated_tables(plan), _meta(plan)

    def fill(temporary: Path) -> None:
        for name, table in tables.items():
            write_table(temporary / f"{name}.parquet", table)
        write_meta(temporary, meta)
        write_made_by(temporary, plan)

    write_folder(folder, fill)


def simulated_tables(plan: Plan) -> dict[str, pa.Table]:
    """The dataset's tables; `truth`, what was planted, one row a lake; and, where there are scenes, `truth_scenes`, one row a scene."""
    world = make_world(plan)
    outlines = _outlines(world)
    areas, events = _areas(world.truth, world.seen, outlines), _events(world.truth, world.seen)
    tables = {
        "lakes": _lakes(world.region, outlines),
        "outlines": geo_table(_typed(outlines, "outlines")),
        "truth": _arrow(_truth(world), TRUTH),
    }
    if plan.scenes:
        frame = scene_frame(world)
        keys = ["lake_key", "date"]
        areas = areas.drop(columns="sensor").merge(frame[[*keys, "sensor", "scene_key"]], on=keys, how="left", validate="1:1")
        areas = pd.concat([areas.fillna({"sensor": SENSOR}).astype({"scene_key": "Int32"}), label_areas(frame)], ignore_index=True)
        events = pd.concat([events, pd.DataFrame(sensor_events(frame)).assign(source=SOURCE)])
        events = events.sort_values(["lake_key", "date", "kind"], ignore_index=True)
        tables["scenes"] = _typed(scenes_table(frame), "scenes")
        tables["masks"] = _typed(masks_table(frame, SOURCE), "masks")
        tables["truth_scenes"] = _arrow(truth_scenes(world, frame), TRUTH_SCENES)
    return tables | {"areas": _typed(areas, "areas"), "events": _typed(events, "events")}


def _truth(world: World) -> pd.DataFrame:
    """What was planted, one row a lake."""
    azimuth = np.round((90 - np.degrees(world.shapes.turn)) % 360, 2)
    frame = world.truth.frame.assign(growth_azimuth=np.where(world.truth.frame["one_sided"], azimuth, np.nan))
    return frame.rename_axis("lake_key").reset_index()


def _typed(frame: pd.DataFrame, name: str) -> pa.Table:
    """The frame with the columns and types of the schema's table of that name; its other columns follow."""
    known = {column: spec.type for column, spec in schema.TABLES[name].columns.items()}
    return _arrow(frame.assign(**dict.fromkeys(known.keys() - set(frame.columns))), known)


def _arrow(frame: pd.DataFrame, known: dict[str, pa.DataType]) -> pa.Table:
    """Columns of known type first, the others in order; text as `string`, whatever pandas holds it in."""
    extra = {column: pa.string() if frame[column].dtype == "str" else None for column in frame.columns if column not in known}
    types: dict[str, pa.DataType | None] = {**known, **extra}
    return pa.table({column: pa.Array.from_pandas(frame[column], type=kind) for column, kind in types.items()})


def _outlines(world: World) -> pd.DataFrame:
    """One outline per sighting with water of which nothing was cut, in order of lake and date."""
    seen, frame = world.seen, world.region.frame
    clear = seen.seen & (seen.reason == "ok")
    lake, step = np.nonzero(clear)
    area = seen.area[lake, step]
    lon, lat = frame["lon"].to_numpy()[lake], frame["lat"].to_numpy()[lake]
    metres = fitted_m(_drawn(world, np.where(clear, seen.area, np.nan))[lake, step], lon, lat, area)
    shape = shapely.polygons(to_degrees(metres, lon, lat))
    return pd.DataFrame({
        "outline_key": np.arange(len(lake)), "lake_key": lake, "date": world.truth.date[lake, step], "source": SOURCE,
        "geometry": shapely.to_wkb(shape), "area_km2": area, "perimeter_km": perimeter_km(metres),
    })  # fmt: skip


def _drawn(world: World, area_km2: NDArray[np.float64]) -> NDArray[np.float64]:
    """(L, T, V, 2) the mapper's outlines, m; those of lakes with scenes agree with what the scenes show."""
    metres = outlines_m(world.shapes, area_km2)
    if len(world.rows):
        metres[world.rows] = outlines_of(world, world.rows)[1]
    return metres


def _lakes(region: Region, outlines: pd.DataFrame) -> pa.Table:
    newest = outlines.drop_duplicates("lake_key", keep="last")
    frame = region.frame.assign(lake_key=np.arange(len(region.frame)), geometry=newest["geometry"].to_numpy())
    return geo_table(_typed(frame, "lakes"))


def _areas(truth: Truth, seen: Sightings, outlines: pd.DataFrame) -> pd.DataFrame:
    """One row a sighting. area_sd is perimeter × pixel × factor; what was cut by cloud takes the lake's mean perimeter, nothing has 0."""
    lake, step = np.nonzero(seen.seen)
    reason = seen.reason[lake, step]
    length = np.full(seen.seen.shape, np.nan)
    length[seen.seen & (seen.reason == "ok")] = outlines["perimeter_km"].to_numpy()
    length = np.where(np.isnan(length), np.nanmean(length, axis=1, keepdims=True), length)
    length = np.where(seen.reason == "empty", 0.0, length)
    return pd.DataFrame({
        "lake_key": lake, "date": truth.date[lake, step], "source": SOURCE, "area_km2": seen.area[lake, step],
        "area_sd_km2": length[lake, step] * PIXEL_M / 1000 * FACTOR, "valid_share": seen.valid_share[lake, step], "reason": reason,
        "sensor": SENSOR, "date_nominal": False,
    })  # fmt: skip


def _events(truth: Truth, seen: Sightings) -> pd.DataFrame:
    """Drainages, the floods that some of them made, and autumns without a row between autumns with one."""
    frame = truth.frame
    drained = np.flatnonzero(frame["kind"] == "draining")
    when = frame["drainage_date"].to_numpy()[drained]
    left = frame["left_share"].to_numpy()[drained]
    drop = [f"simulated: {1 - share:.0%} of the area went within days" for share in left]
    flooded = left < 0.35
    before = np.maximum.accumulate(seen.seen, axis=1)
    later = np.maximum.accumulate(seen.seen[:, ::-1], axis=1)[:, ::-1]
    lake, step = np.nonzero(~seen.seen & before & later)
    parts = [
        (drained, when, "drainage", drop),
        (drained[flooded], when[flooded], "flood", "simulated: a flood reported downstream"),
        (lake, truth.date[lake, step], "missing", "no area although years before and after have one"),
    ]
    frames = [pd.DataFrame({"lake_key": a, "date": b, "kind": c, "evidence": d}).astype({"date": "datetime64[s]"}) for a, b, c, d in parts]
    made = pd.concat(frames)
    return made.assign(source=SOURCE).sort_values(["lake_key", "date", "kind"], ignore_index=True)


def _meta(plan: Plan) -> DatasetMeta:
    return DatasetMeta(
        name=f"simulated-{plan.lakes}-{plan.first_year}-{plan.last_year}-{plan.seed}" + (f"-{plan.scenes}" if plan.scenes else ""),
        title=f"Maroveth and Ostrind (simulated), {plan.lakes:,} lakes, {plan.first_year}–{plan.last_year}",
        simulated=True,
        licence="CC0-1.0",
        citation="Simulated by Moraine; not observations",
        description=(
            "An invented mountain range in the open North Pacific. Its lakes grow, shrink, drain or stay as planted; "
            f"truth.parquet tells which. Simulated with seed {plan.seed}: nothing here was observed."
        ),
        season=Season(9, 11),
        pixel_m=PIXEL_M,
        area_sd_factor=FACTOR,
        default_source=SOURCE,
        sensors={name: list(BANDS) for name in SENSORS} if plan.scenes else {SENSOR: []},
    )
