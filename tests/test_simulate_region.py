"""The invented region: apart, in clusters, with codes and ids of the usual form."""

import re

import numpy as np
import pytest

from data.simulate import Plan
from data.simulate.region import DAM_TYPES, FAR_FROM_ICE, NEAR_ICE, Region, make_region
from data.simulate.words import BASINS


@pytest.fixture(scope="module")
def region() -> Region:
    return make_region(Plan(lakes=3000))


def test_it_lies_in_the_open_pacific() -> None:
    frame = make_region(Plan(lakes=6000)).frame
    assert frame["lon"].between(155, 178).all()
    assert frame["lat"].between(35, 45).all()


def test_ids_say_where_and_differ(region: Region) -> None:
    assert region.frame["lake_id"].is_unique
    for row in region.frame.iloc[:50].itertuples():
        found = re.fullmatch(r"SIM(\d{6})E(\d{5})N", row.lake_id)
        assert found
        assert abs(int(found[1]) / 1000 - row.lon) <= 0.00051
        assert abs(int(found[2]) / 1000 - row.lat) <= 0.00051


def test_sub_basins_belong_to_their_basins(region: Region) -> None:
    pairs = set(zip(region.frame["basin"], region.frame["sub_basin"], region.frame["country"], strict=True))
    assert pairs == {(basin, sub, country) for basin, country, _, subs in BASINS for sub in subs}


def test_lakes_cluster_by_sub_basin(region: Region) -> None:
    frame = region.frame
    within = frame.groupby("sub_basin")["lon"].std().mean()
    assert within < 0.35 * frame["lon"].std()


def test_high_lakes_are_near_ice(region: Region) -> None:
    frame = region.frame
    assert frame["elevation_m"].between(2600, 6100).all()
    near = frame["glacier_distance_m"] < 500
    assert frame.loc[near, "elevation_m"].mean() > frame.loc[~near, "elevation_m"].mean() + 200
    assert (frame.loc[frame["dam_type"] == "I(s)", "glacier_distance_m"] == 0).all()
    assert set(frame["dam_type"]) == set(DAM_TYPES)


def test_chances_are_chances() -> None:
    assert NEAR_ICE.sum() == pytest.approx(1)
    assert FAR_FROM_ICE.sum() == pytest.approx(1)


def test_sizes_are_log_normal_like(region: Region) -> None:
    log = np.log(region.size_km2)
    assert np.exp(np.median(log)) == pytest.approx(0.045, rel=0.1)
    assert region.size_km2.min() >= 0.003
    assert region.size_km2.max() <= 5


def test_the_largest_have_names(region: Region) -> None:
    named = region.frame["name"].notna().to_numpy()
    assert region.size_km2[named].min() >= region.size_km2[~named].max()


def test_one_lake_is_enough() -> None:
    assert len(make_region(Plan(lakes=1)).frame) == 1
