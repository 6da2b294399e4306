"""Splits: a region is never in two of them."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from data.splits import SPLITS, honest_splits


def parted(regions: dict[int, str], found: dict[int, str]) -> dict[str, set[str]]:
    held: dict[str, set[str]] = defaultdict(set)
    for key, region in regions.items():
        held[region].add(found[key])
    return held


@given(st.dictionaries(st.integers(0, 500), st.sampled_from(["", *"abcdefghij"]), min_size=1), st.integers(0, 9))
def test_regions_are_dealt_out_whole(regions: dict[int, str], seed: int) -> None:
    found, own = honest_splits(regions, {}, seed)
    assert not own
    assert found.keys() == regions.keys()
    assert all(len(splits) == 1 for splits in parted(regions, found).values())
    assert set(found.values()) <= set(SPLITS)
    assert found == honest_splits(dict(reversed(regions.items())), {}, seed)[0], "whatever the order"
    assert all(found[key] == "train" for key, region in regions.items() if not region)


def test_many_regions_fill_the_shares() -> None:
    regions = {key: f"r{key % 40}" for key in range(4000)}
    found, _ = honest_splits(regions, {})
    counts = [sum(split == name for split in found.values()) / 4000 for name in SPLITS]
    assert abs(counts[0] - 0.7) < 0.05
    assert min(counts) > 0.1


def test_the_datasets_own_stand_where_they_part_regions_and_only_there() -> None:
    regions = {0: "a", 1: "a", 2: "b", 3: "c"}
    given = {0: "train", 1: "train", 2: "validation", 3: "test"}
    assert honest_splits(regions, given) == (given, True)
    mixed = given | {1: "validation"}
    found, own = honest_splits(regions, mixed)
    assert not own, "chips of one region on both sides are no honest split"
    assert found[0] == found[1]
    assert not honest_splits(regions, given | {3: ""})[1]
    assert not honest_splits(dict.fromkeys(regions, ""), given)[1]
