"""Which lakes have images, what is planned for each image, and that lakes without any stay as they were."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.checks import dataset_faults
from data.schema import REASONS
from data.simulate import SOURCE, Plan, write_simulated
from data.simulate.chips import BANDS
from data.simulate.choice import chosen, evidence
from data.simulate.places import AROUND, TILE
from data.simulate.scene_tables import SPLITS
from data.simulate.sensors import SENSORS
from data.simulate.shapes import perimeter_km
from data.simulate.world import outlines_of
from data.store import Store
from tests.basin import FULL, frame, full


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world") / "full"
    write_simulated(folder, FULL)
    return folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world") / "bare"
    write_simulated(folder, Plan())
    return folder


def test_no_fault(tables: Path) -> None:
    assert dataset_faults(tables) == []


def test_lakes_without_scenes_are_those_of_the_inventory_without_scenes(tables: Path, bare: Path) -> None:
    pictured = set(frame(tables, "scenes")["lake_key"])
    assert len(pictured) == 120
    for name in ("lakes", "areas", "truth"):
        with_scenes, without = frame(tables, name), frame(bare, name)
        if name == "areas":
            with_scenes = with_scenes[with_scenes["source"] == SOURCE]
        pair = [part[~part["lake_key"].isin(pictured)].reset_index(drop=True) for part in (with_scenes, without)]
        pd.testing.assert_frame_equal(*pair)
    before, after = (frame(folder, "areas").query("source == @SOURCE and reason == 'ok'") for folder in (bare, tables))
    # What trends use is the same for lakes with scenes, too: only their outlines, hence their errors, and what is not `ok` differ.
    pd.testing.assert_frame_equal(*(part[["lake_key", "date", "area_km2"]].reset_index(drop=True) for part in (before, after)))


def test_two_sources_and_the_mapper_opens(tables: Path) -> None:
    store = Store(tables)
    assert store.sources == (SOURCE, "label")
    assert store.meta.sensors == {name: list(BANDS) for name in SENSORS}
    assert store.scenes.sources == ("label", SOURCE)
    label = store.area_rows[store.area_rows["source"] == "label"]
    assert len(label) == 1200
    assert label["scene_key"].notna().all()
    assert set(label["reason"]) == {"ok", "empty"}
    assert (store.trends(store.settings()).frame["q"] < 0.05).sum() > 200


def test_every_lake_with_scenes_has_one_an_autumn(tables: Path) -> None:
    scenes = frame(tables, "scenes")
    assert (scenes.groupby("lake_key").size() == 10).all()
    assert (scenes.groupby("lake_key")["date"].apply(lambda days: sorted(days.dt.year)).map(tuple) == tuple(range(2016, 2026))).all()
    assert scenes["path"].is_unique
    areas = frame(tables, "areas").query("source == @SOURCE")
    told = areas.merge(scenes, on=["lake_key", "date"], suffixes=("", "_scene"))
    assert (told["scene_key"] == told["scene_key_scene"]).all()
    assert (told["sensor"] == told["sensor_scene"]).all()
    assert (told["valid_share"] == told["valid_share_scene"]).all()
    assert ((told["reason"] == told["reason_scene"]) | (told["reason"] == "empty")).all()
    assert areas[~areas["lake_key"].isin(scenes["lake_key"])]["scene_key"].isna().all()


def test_the_clicked_first_and_all_kinds_have_scenes_in_order_of_significance() -> None:
    world, _ = full()
    p, _ = evidence(world.truth, world.seen)
    assert (np.diff(p[world.rows]) >= 0).all()
    found = set(world.rows.tolist())
    assert set(np.argsort(p)[:15].tolist()) <= found
    kinds = world.truth.frame.loc[world.rows, "kind"].value_counts()
    assert kinds.reindex(world.truth.frame["kind"].unique()).min() >= 4
    assert (world.truth.frame.loc[world.rows, "one_sided"]).sum() >= 20
    fewer = chosen(Plan(scenes=50), world.truth, world.seen, world.region.size_km2)
    assert set(fewer.tolist()) < found


def test_p_values_are_those_of_the_plain_trend(bare: Path) -> None:
    world, _ = full()
    p, slope = evidence(world.truth, world.seen)
    store = Store(bare)
    fitted = store.trends(replace(store.settings(), method="ols")).frame
    used = fitted["p_ols"].notna().to_numpy() & (fitted["n"] >= 4).to_numpy()
    assert used.sum() > 700
    np.testing.assert_allclose(slope[used], fitted["slope"][used], rtol=1e-3, atol=1e-4)
    assert np.corrcoef(np.log(p[used]), np.log(fitted["p_ols"][used]))[0, 1] > 0.999


def test_sensors_change_in_mid_series_together_and_say_so(tables: Path) -> None:
    scenes, events = frame(tables, "scenes"), frame(tables, "events").query("kind == 'sensor'")
    sentinel, landsat8, landsat7 = SENSORS
    main = scenes[scenes["sensor"] != landsat7]
    order = main.sort_values("date").groupby("lake_key")["sensor"].apply(lambda some: [*dict.fromkeys(some)])
    assert set(map(tuple, order)) <= {(landsat8, sentinel), (sentinel,)}
    assert len(events) == (order.map(len) == 2).sum() > 80
    first = main[main["sensor"] == sentinel].groupby("lake_key")["date"].min()
    assert (events.set_index("lake_key")["date"] == first.reindex(events["lake_key"])).all()
    truth = frame(tables, "truth_scenes").set_index("scene_key")
    partial = truth["reason"] == "partial"
    assert (scenes.set_index("scene_key")["sensor"][partial] == landsat7).all()
    assert partial.sum() >= 5


def test_plans_of_images_agree_with_themselves(tables: Path) -> None:
    told = frame(tables, "truth_scenes")
    assert set(told["reason"]) == set(REASONS) - {"outlier"}
    assert (told["hidden_share"][told["reason"] == "ok"] <= 0.2).all()
    assert (told["hidden_share"][~told["reason"].isin(["ok", "empty"])] > 0.2).all()
    assert (told["true_km2"][told["reason"] == "empty"] == 0).all()
    assert (told["mapper_km2"][told["reason"] == "empty"].fillna(0) == 0).all()
    cut = ~told["reason"].isin(["ok", "empty"]) & told["mapper_km2"].notna()
    np.testing.assert_allclose(told["mapper_km2"][cut], (told["true_km2"] * (1 - told["hidden_share"]))[cut], rtol=1e-12)
    assert told[["shift_x_px", "shift_y_px"]].abs().to_numpy().max() <= 0.5
    assert told["haze"].between(0, 1).all()
    odd = told[told["planted"] != "none"]
    truth = frame(tables, "truth").set_index("lake_key")
    assert (odd["date"].dt.year == truth["outlier_year"].reindex(odd["lake_key"]).to_numpy()).all()
    assert len(odd) >= 6


def test_splits_part_whole_sub_basins(tables: Path) -> None:
    scenes, lakes = frame(tables, "scenes"), frame(tables, "lakes").set_index("lake_key")
    of = scenes.groupby(lakes["sub_basin"].reindex(scenes["lake_key"]).to_numpy())["split"].agg(["nunique", "first"])
    assert (of["nunique"] == 1).all()
    assert set(of["first"]) == {name for name, _ in SPLITS}


def test_a_chip_holds_all_its_lake_ever_covers_and_its_neighbours() -> None:
    world, places = full()
    neighbours = 0
    for row in world.rows[:40].tolist():
        job = places.job(row)
        grid = job.place.grid
        assert grid.width == grid.height >= 256
        assert grid.width % TILE == 0
        assert grid.pixel_m == pytest.approx(10, rel=1e-3)
        for sight in job.sights:
            left, top, right, low = sight.water[0].bounds if not sight.water[0].is_empty else (99, 99, 99, 99)
            assert min(left, top, grid.width - right, grid.height - low) >= AROUND - 1
            assert sight.water[0].area * grid.pixel_km2 == pytest.approx(world.truth.area[row, job.sights.index(sight)], rel=1e-3)
            assert not any(other.intersects(sight.water[0]) for other in sight.water[1:])
        neighbours += len(job.sights[0].water) > 1
    assert neighbours >= 5


def test_what_is_drawn_stays_where_the_lake_is() -> None:
    """A plain mapping error leaves the outline within a few metres of the truth; falsified ones lie where their cause is."""
    world, _ = full()
    rows = world.rows[:60]
    true, drawn = outlines_of(world, rows)
    plain = (world.shots.planted[rows] == "none") & np.isfinite(drawn).all(axis=(2, 3))
    away = np.hypot(*np.moveaxis(drawn - true, -1, 0)).max(axis=-1)
    size = perimeter_km(true) * 1000
    assert (away[plain] <= 0.12 * size[plain] + 15).all()
    assert plain.sum() > 500


def test_truth_tells_where_one_sided_lakes_grow(tables: Path) -> None:
    truth = frame(tables, "truth")
    assert truth["growth_azimuth"].notna().equals(truth["one_sided"])
    assert truth["growth_azimuth"].dropna().between(0, 360).all()
