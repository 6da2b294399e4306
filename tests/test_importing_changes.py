"""Merges, splits, gaps and outliers: what is one, and what is not."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.importing.changes import Event, events
from data.importing.overlaps import overlaps
from tests.inventories import lake


def happened(rows: list[tuple[int, int, shapely.Geometry | float]], sd: float = np.nan, source: str | list[str] = "s") -> list[Event]:
    """Events of rows of (lake_key, year, outline in metres or area in km²)."""
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [shape if isinstance(shape, shapely.Geometry) else None for _, _, shape in rows]
    areas = [shape.area / 1e6 if isinstance(shape, shapely.Geometry) else shape for _, _, shape in rows]
    frame = pd.DataFrame({
        "lake_key": [key for key, _, _ in rows], "epoch": [date(year, 10, 15) for _, year, _ in rows], "source": source, "lake_id": None,
        "area_km2": areas, "area_sd_km2": sd,
    })  # fmt: skip
    return events(frame, overlaps(shapes))


def told(found: list[Event]) -> set[tuple[int, int, str]]:
    return {(event.lake_key, event.date.year, event.kind) for event in found}


WHOLE, ARM = lake(0, 0, 4), lake(1.4, 0, 1)


def test_merge_and_split_name_both_lakes_once() -> None:
    rest = WHOLE.difference(ARM)
    rows = [(0, 2000, rest), (1, 2000, ARM), (0, 2001, WHOLE), (0, 2002, WHOLE), (0, 2003, rest), (1, 2003, ARM)]
    found = happened(rows)
    assert told(found) == {(0, 2001, "merge"), (1, 2001, "merge"), (0, 2003, "split"), (1, 2003, "split")}
    merge = next(event for event in found if event.kind == "merge")
    assert merge.evidence == "lake 1, 1.000 km² on 2000-10-15, lies to 100% inside lake 0, 16.000 km² on 2001-10-15"


def test_neighbours_that_stay_are_no_event() -> None:
    rows = [(key, year, lake(3 * key, 0, 1 + 0.05 * (year - 2000))) for key in (0, 1) for year in range(2000, 2004)]
    assert happened(rows) == []


def test_sources_do_not_mix() -> None:
    rows = [(0, 2000, WHOLE.difference(ARM)), (1, 2000, ARM), (0, 2001, WHOLE)]
    assert happened(rows, source=["s", "t", "s"]) == []


def test_a_gap_is_missing_unless_another_lake_covers_it() -> None:
    other = [(9, year, lake(20, 0, 1)) for year in range(2000, 2006)]
    assert told(happened([(0, 2000, WHOLE), (0, 2003, WHOLE), *other])) == {(0, 2001, "missing"), (0, 2002, "missing")}
    assert told(happened([(0, 2000, WHOLE), *other])) == set()
    covered = [(1, 2000, ARM), (0, 2001, WHOLE), (1, 2002, ARM)]
    assert "missing" not in {event.kind for event in happened(covered) if event.lake_key == 1}


def test_years_in_which_the_inventory_has_nothing_are_no_gaps() -> None:
    assert happened([(0, 2000, WHOLE), (0, 2005, WHOLE)]) == []


def test_one_year_out_of_line_is_an_outlier() -> None:
    areas = [10.0, 10.4, 10.9, 3.0, 12.0, 12.3, 12.9]
    assert told(happened([(0, 2000 + n, area) for n, area in enumerate(areas)])) == {(0, 2003, "outlier")}


@pytest.mark.parametrize(
    "areas",
    [
        [10, 10.5, 11, 4, 4.1, 4.2, 4.3], [3, 10, 10.4, 10.8, 11.2], [10, 10.4, 10.8, 11.2, 3], [10, 3, 10, 10],
        [1, 1.1, 1.2, 1.05, 1.1, 1.2],
        [1, 1, 1, 1, 1, 1], [1, 2, 4, 8, 16, 32],
    ],
    ids=["drained for good", "first", "last", "too few", "noise", "constant", "steady growth"],
)  # fmt: skip
def test_what_is_no_outlier(areas: list[float]) -> None:
    assert happened([(0, 2000 + n, area) for n, area in enumerate(areas)]) == []


def test_a_jump_within_the_mapping_error_is_no_outlier() -> None:
    rows = [(0, 2000 + n, area) for n, area in enumerate([0.010, 0.0101, 0.0102, 0.014, 0.0102, 0.0101])]
    assert told(happened(rows, sd=0.0005)) == {(0, 2003, "outlier")}
    assert happened(rows, sd=0.003) == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.5, 2), min_size=7, max_size=15), st.floats(0.1, 100))
def test_outliers_do_not_depend_on_the_unit(areas: list[float], unit: float) -> None:
    first, second = (told(happened([(0, 2000 + n, area * scale) for n, area in enumerate(areas)])) for scale in (1.0, unit))
    margin = {year for _, year, _ in first ^ second}
    assert len(margin) <= 1, "rounding may move a value that lies on the limit, not more"
