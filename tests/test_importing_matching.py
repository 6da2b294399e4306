"""Lakes are found again: by id, by overlap; against a plain loop, and against ids that are hidden."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.importing.matching import Matches, decided_by_id, matches
from data.importing.overlaps import overlaps
from tests.inventories import lake

Row = tuple[int, str | None, shapely.Geometry]


def matched(rows: list[Row], known: dict[int, int] | None = None) -> Matches:
    """Match rows of (year, id, footprint in metres)."""
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [shape for _, _, shape in rows]
    middle = shapely.centroid(shapes)
    frame = pd.DataFrame({
        "lake_id": pd.Series([name for _, name, _ in rows], dtype=object), "epoch": [date(year, 10, 15) for year, _, _ in rows],
        "source": "s",
        "record": [str(n) for n in range(len(rows))], "lon": shapely.get_x(middle) / 111_320, "lat": shapely.get_y(middle) / 110_574,
        "lake_key": [(known or {}).get(n, -1) for n in range(len(rows))],
    })  # fmt: skip
    alike = decided_by_id(frame)
    found = matches(frame, overlaps(shapes, alike))
    assert found.lake_key.tolist() == matches(frame, overlaps(shapes)).lake_key.tolist(), "what ids decide needs no overlaps"
    return found


def keys(rows: list[Row]) -> list[int]:
    return matched(rows).lake_key.tolist()


def test_unique_ids_decide_whatever_the_outlines() -> None:
    rows = [(2000, "A", lake(0, 0, 1)), (2000, "B", lake(1.2, 0, 1)), (2010, "B", lake(0.6, 0, 1.1)), (2010, "A", lake(-0.5, 0, 1))]
    assert keys(rows) == [0, 1, 1, 0]


def test_a_repeated_id_is_told_apart_by_overlap() -> None:
    rows = [(2000, "A", lake(0, 0, 1)), (2000, "A", lake(3, 0, 1)), (2010, "A", lake(3, 0, 1.1)), (2010, "A", lake(0, 0, 1.2))]
    assert keys(rows) == [0, 1, 1, 0]


def test_a_repeated_id_without_overlap_is_a_new_lake() -> None:
    rows = [(2000, "A", lake(0, 0, 1)), (2010, "A", lake(0, 0, 1)), (2010, "A", lake(1.1, 0, 1))]
    assert keys(rows) == [0, 0, 1]


def test_an_id_copied_to_a_distant_lake_does_not_decide() -> None:
    found = matched([(2000, "A", lake(0, 0, 0.5)), (2010, "A", lake(90, 0, 0.5)), (2020, "A", lake(90, 0, 0.6))])
    assert found.lake_key.tolist() == [0, 1, 1]
    assert found.far == [1]


def test_a_renamed_lake_is_kept_only_if_it_covers() -> None:
    rows = [(2000, "A", lake(0, 0, 1)), (2000, "B", lake(5, 0, 1)), (2010, "A2", lake(0.1, 0, 1.2)), (2010, "B2", lake(5.7, 0, 1))]
    found = matched(rows)
    assert found.lake_key.tolist() == [0, 1, 0, 2]
    assert found.how.tolist() == ["new", "new", "renamed", "new"]


def test_no_ids_the_larger_overlap_wins_once() -> None:
    rows = [(2000, None, lake(0, 0, 2)), (2010, None, lake(-0.5, 0, 1)), (2010, None, lake(0.75, 0, 0.4)), (2020, None, lake(0, 0, 2))]
    assert keys(rows) == [0, 0, 1, 0]


def test_a_broken_year_does_not_break_the_lake() -> None:
    whole, piece, rest = lake(0, 0, 4), lake(-1.4, -1.4, 1), lake(1.2, 1.2, 0.9)
    rows = [(year, None, whole) for year in range(2000, 2004)]
    rows += [(2004, None, rest), (2004, None, piece), (2005, None, whole)]
    assert keys(rows) == [0, 0, 0, 0, 1, 0, 0]


def test_input_order_of_the_epochs_does_not_matter() -> None:
    rows = [(2020, None, lake(0, 0, 1.2)), (2000, None, lake(0, 0, 1)), (2010, None, lake(0, 0, 1.1)), (2010, None, lake(5, 0, 1))]
    assert keys(rows) == [0, 0, 0, 1]


def test_known_lakes_keep_their_keys() -> None:
    rows = [
        (2000, "A", lake(0, 0, 1)),
        (2000, None, lake(5, 0, 1)),
        (2010, "A", lake(0, 0, 1)),
        (2010, None, lake(5, 0, 1)),
        (2010, None, lake(9, 0, 1)),
    ]
    assert matched(rows, {0: 7, 1: 3}).lake_key.tolist() == [7, 3, 7, 3, 8]


def plain_matches(old: list[shapely.Geometry], new: list[shapely.Geometry]) -> list[int]:
    """Greedy matching of two epochs by shared area, as a loop over all pairs."""
    pairs = []
    for j, b in enumerate(new):
        for i, a in enumerate(old):
            shared = a.intersection(b).area
            if shared > 0 and shared / min(a.area, b.area) >= 0.2:
                pairs.append((-shared, j, i))
    result, used = [-1] * len(new), set()
    for _, j, i in sorted(pairs):
        if result[j] < 0 and i not in used:
            result[j] = i
            used.add(i)
    fresh = iter(range(len(old), len(old) + len(new)))
    return [next(fresh) if i < 0 else i for i in result]


boxes = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(3, 25)), min_size=1, max_size=8)


@settings(max_examples=80, deadline=None)
@given(boxes, boxes)
def test_two_epochs_against_a_plain_loop(first: list[tuple[int, int, int]], second: list[tuple[int, int, int]]) -> None:
    old, new = ([lake(x / 10, y / 10, size / 10) for x, y, size in boxes] for boxes in (first, second))
    found = keys([(2000, None, shape) for shape in old] + [(2010, None, shape) for shape in new])
    assert found[: len(old)] == list(range(len(old)))
    assert found[len(old) :] == plain_matches(old, new)


@settings(max_examples=40, deadline=None)
@given(st.lists(boxes, min_size=2, max_size=4))
def test_a_lake_has_one_outline_an_epoch(epochs: list[list[tuple[int, int, int]]]) -> None:
    rows: list[Row] = [(2000 + n, None, lake(x / 10, y / 10, size / 10)) for n, boxes in enumerate(epochs) for x, y, size in boxes]
    found = keys(rows)
    assert min(found) == 0
    assert len({(year, key) for (year, _, _), key in zip(rows, found, strict=True)}) == len(rows)


@pytest.mark.real
def test_real_ids_are_found_again_without_looking_at_them(real_data: Path) -> None:
    """The unique ids of the Hindu Kush Himalaya inventories as an oracle for matching by overlap alone."""
    frames = [gpd.read_file(real_data / "hkh-lakedb" / f"HKH_{year}.shp") for year in (2000, 2010)]
    unique = [frame[~frame["GLIMS_ID"].duplicated(keep=False)] for frame in frames]
    rows = [(year, None, shape) for year, frame in zip((2000, 2010), unique, strict=True) for shape in frame.geometry]
    found = keys(rows)
    held = dict(zip(unique[0]["GLIMS_ID"], found, strict=False))
    both = [(held[name], key) for name, key in zip(unique[1]["GLIMS_ID"], found[len(unique[0]) :], strict=True) if name in held]
    assert len(both) == 1406
    assert sum(old == new for old, new in both) / len(both) > 0.993
