"""What is decided for all files together: the inventory's name, the season, the pixel."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pytest

from data.importing.gathering import Gathered, gathered
from data.importing.options import ImportOptions
from data.readers import Layer
from data.records import DatasetMeta, Season


def layer(stem: str, facts: dict[str, str] | None = None, **columns: Sequence[object]) -> Layer:
    frame = pd.DataFrame({"lake_id": ["A", "B"], "area": [1.0, 2.0], **columns})
    return Layer(f"{stem}.csv", stem, frame, facts=facts or {})


def gather(*layers: Layer, options: ImportOptions = ImportOptions(), about: DatasetMeta | None = None) -> Gathered:  # noqa: B008
    return gathered(layers, options, about, "folder")


@pytest.mark.parametrize(
    ("stems", "source"),
    [
        (["HKH_2000", "HKH_2010"], "HKH"), (["HKH_2020"], "HKH"), (["glacial_lakes_1985", "glacial_lakes_1986"], "glacial_lakes"),
        (["lakes_west_2000", "lakes_east_2000"], "lakes"), (["alps_2000", "norway_2000"], "folder"), (["2000", "2010"], "folder"),
    ],
)  # fmt: skip
def test_the_source_is_what_the_file_names_share(stems: list[str], source: str) -> None:
    found = gather(*(layer(stem) for stem in stems))
    assert set(found.rows["source"]) == {source}


def test_two_sensors_that_saw_one_year_are_two_inventories() -> None:
    found = gather(*(layer(f"GLO_{sensor}_{year}") for sensor in ("S1", "S2") for year in (2017, 2018)))
    assert found.rows["source"].value_counts().to_dict() == {"GLO_S1": 4, "GLO_S2": 4}
    one = gather(layer("lakes_L5_2000"), layer("lakes_L8_2020"))
    assert set(one.rows["source"]) == {"lakes_L"}, "a sensor that follows another carries on its series"


def test_the_format_may_know_the_source_and_an_option_wins() -> None:
    assert set(gather(layer("x_2000", {"source": "GLO"})).rows["source"]) == {"GLO"}
    assert set(gather(layer("x_2000", {"source": "GLO"}), options=ImportOptions(source="mine")).rows["source"]) == {"mine"}


@pytest.mark.parametrize(
    ("dates", "season"),
    [
        (["2000-09-01", "2000-11-30"], Season(9, 11)), (["2000-09-01", "2000-12-01"], None), (["2000", "2001"], None),
        (["2000-10-01", "2001"], Season(9, 11)),
    ],
)  # fmt: skip
def test_a_new_dataset_has_a_season_only_if_its_days_lie_in_it(dates: list[str], season: Season | None) -> None:
    assert gather(layer("x", date=dates)).season == season


def test_the_season_of_a_dataset_stays_unless_another_is_given() -> None:
    held = DatasetMeta("d", "D", season=Season(5, 7))
    found = layer("x", date=["2000-10-01", "2001-10-01"])
    assert gather(found, about=held).season == Season(5, 7)
    assert gather(found, about=held, options=ImportOptions(season_given=True)).season is None


LANDSAT, SENTINEL = "LC08_L1TP_144039_20201009", "S2A_45RVL_20191106_0_L2A"


def test_the_pixel_is_told_by_scene_ids_only_if_they_agree() -> None:
    assert gather(layer("x_2000", Image_ID=[LANDSAT, None])).pixel_m == 30
    assert gather(layer("x_2000", Image_ID=[LANDSAT, SENTINEL])).pixel_m is None
    assert gather(layer("x_2000")).pixel_m is None
    assert gather(layer("x_2000", Image_ID=[LANDSAT, None]), options=ImportOptions(pixel_m=15)).pixel_m == 15
    assert gather(layer("x_2000", Image_ID=[LANDSAT, None]), about=DatasetMeta("d", "D", pixel_m=10)).pixel_m == 10


def test_own_columns_that_differ_in_case_alone_are_told_apart() -> None:
    found = gather(layer("x_2000", note=["a", "b"], Note=["c", "d"], geometry=["e", "f"]))
    assert list(found.extra.columns) == ["note", "Note_2", "geometry_input"]


def test_notes_of_many_files_are_said_once() -> None:
    found = gather(*(layer(f"x_{year}") for year in range(2000, 2005)))
    assert found.notes == ["x_2000.csv and 4 more: column area is read as km2 (assumed)"]
