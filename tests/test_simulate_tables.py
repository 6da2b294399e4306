"""The simulated dataset as files: whole, valid, labelled, the same for the same seed; and what a trend finds in it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely

from data.cache import file_digest, read_table
from data.checks import dataset_faults
from data.simulate import SOURCE, Plan, write_simulated
from data.store import Store

GEOD = pyproj.Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("simulated") / "default"
    write_simulated(folder, Plan())
    return Store(folder)


def test_no_fault(simulated: Store) -> None:
    assert dataset_faults(simulated.path) == []


def test_it_says_that_it_is_simulated(simulated: Store) -> None:
    meta = simulated.meta
    assert meta.simulated
    assert "simulated" in meta.title
    assert meta.citation == "Simulated by Moraine; not observations"
    assert meta.licence == "CC0-1.0"
    assert simulated.lakes["lake_id"].str.startswith("SIM").all()
    assert simulated.sources == (SOURCE,) == ("simulated mapper",)
    assert simulated.extra_columns == ["country", "glacier_distance_m", "people_downstream"]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_simulated(tmp_path / name, Plan(lakes=60, seed=seed))
    digests = [{path.name: file_digest(path) for path in (tmp_path / name).iterdir()} for name in "abc"]
    assert digests[0] == digests[1]
    assert not set(digests[0].values()) & set(digests[2].values())


def test_every_clear_sighting_has_its_outline(simulated: Store) -> None:
    outlines = simulated.table("outlines").to_pandas(date_as_object=False)
    clear = simulated.area_rows[simulated.area_rows["reason"] == "ok"]
    both = clear.merge(outlines, on=["lake_key", "date", "source"], validate="1:1", suffixes=("", "_outline"))
    assert len(both) == len(clear) == len(outlines)
    assert (both["area_km2"] == both["area_km2_outline"]).all()
    np.testing.assert_allclose(both["area_sd_km2"], both["perimeter_km"] * simulated.meta.pixel_m / 1000 * 0.5, rtol=1e-12)
    shapes = shapely.from_wkb(outlines["geometry"].to_numpy())
    assert shapely.is_valid(shapes).all()
    for row in range(0, len(outlines), 97):
        area, perimeter = GEOD.geometry_area_perimeter(shapes[row])
        assert area / 1e6 == pytest.approx(outlines["area_km2"][row], rel=1e-5)
        assert perimeter / 1e3 == pytest.approx(outlines["perimeter_km"][row], rel=1e-4)


def test_the_lake_shows_its_newest_outline(simulated: Store) -> None:
    outlines = simulated.table("outlines").to_pandas()
    newest = outlines.sort_values(["lake_key", "date"]).groupby("lake_key")["geometry"].last()
    assert list(simulated.newest_outlines) == list(newest)
    shapes = shapely.from_wkb(list(simulated.newest_outlines))
    assert shapely.contains_xy(shapes, simulated.lakes["lon"], simulated.lakes["lat"]).all()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert (one == other).all(), "lakes touch"


def test_events_tell_what_happened(simulated: Store) -> None:
    truth = read_table(simulated.path / "truth.parquet").to_pandas(date_as_object=False)
    drained = truth[truth["kind"] == "draining"]
    events = simulated.event_rows
    told = events[events["kind"] == "drainage"]
    assert list(told["lake_key"]) == list(drained["lake_key"])
    assert (told["date"].to_numpy() == drained["drainage_date"].to_numpy()).all()
    missing = events[events["kind"] == "missing"]
    seen = set(zip(simulated.area_rows["lake_key"], simulated.area_rows["date"].dt.year, strict=True))
    for lake_key, year in zip(missing["lake_key"], missing["date"].dt.year, strict=True):
        assert (lake_key, year) not in seen
        mine = [y for k, y in seen if k == lake_key]
        assert min(mine) < year < max(mine)


def test_truth_has_one_row_a_lake(simulated: Store) -> None:
    truth = read_table(simulated.path / "truth.parquet")
    assert truth.column("lake_key").to_pylist() == list(simulated.lake_keys)
    assert str(pq.read_schema(simulated.path / "truth.parquet").field("drainage_date").type) == "date32[day]"


def test_the_volcano_is_rich_and_honest(simulated: Store) -> None:
    found = simulated.trends(simulated.settings())
    truth = read_table(simulated.path / "truth.parquet").to_pandas()
    frame = found.frame.assign(kind=truth["kind"], rate=truth["rate_pct_per_year"])
    significant = frame["q"] < 0.05
    assert 0.25 <= (significant & (frame["slope"] > 0)).sum() / found.family <= 0.35
    assert 0.04 <= (significant & (frame["slope"] < 0)).sum() / found.family <= 0.08
    # Honest: few discoveries among lakes that do not change (some have autocorrelated noise), none with the wrong sign.
    flat = frame["rate"] == 0
    assert (significant & flat).sum() <= 0.05 * significant.sum()
    moving = significant & ~flat & (frame["kind"] != "draining")
    assert (np.sign(frame["slope"]) == np.sign(frame["rate"]))[moving].all()
    constant = frame.loc[frame["kind"] == "constant", "status"]
    assert list(constant.unique()) == ["constant"]
    assert frame["n"].between(0, 10).all()


def test_rates_are_recovered_without_bias(simulated: Store) -> None:
    found = simulated.trends(simulated.settings()).frame
    truth = read_table(simulated.path / "truth.parquet").to_pandas()
    plain = truth["kind"].isin(["growing", "stable", "shrinking", "noisy", "gappy"]) & (truth["ar1"] == 0)
    off = (found["slope"] - np.log1p(truth["rate_pct_per_year"] / 100)) / found["se"]
    inside = (found["ci_low"] <= np.log1p(truth["rate_pct_per_year"] / 100)) & (
        np.log1p(truth["rate_pct_per_year"] / 100) <= found["ci_high"]
    )
    assert abs(off[plain].median()) < 0.15
    assert inside[plain & found["ci_low"].notna()].mean() > 0.93


def test_few_lakes_and_long_series_work(tmp_path: Path) -> None:
    write_simulated(tmp_path / "one", Plan(lakes=1, first_year=1990, last_year=2025))
    assert dataset_faults(tmp_path / "one") == []
    write_simulated(tmp_path / "short", Plan(lakes=30, first_year=2020, last_year=2024))
    rows = Store(tmp_path / "short").area_rows
    assert rows["date"].between(pd.Timestamp("2020-09-01"), pd.Timestamp("2024-11-30")).all()
