"""A visitor's own table: what is guessed, what is refused and in which words, and that the dataset is the one that an import makes."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.checks import dataset_faults
from data.confined.tasks.own_table import run
from data.errors import InputError
from data.own_table.answers import GIVEN, NAMES, PLACE, WIDE, Answers
from data.own_table.files import LONGEST, safe_name, take
from data.own_table.reading import MOST_ROWS, MOST_UNPACKED
from tests.inventories import frame, lagoon, lake, table_of
from tests.inventories import imported as imported_by_command
from tests.own_tables import LONG, guessed, handed_in, looked, made, stairs, text_file, zipped

COLUMNS = ["lake_key", "date", "source", "area_km2", "area_sd_km2", "reason", "sensor", "date_nominal"]


def says(question: dict[str, object], key: str) -> str:
    choices = question["choices"]
    assert isinstance(choices, list)
    return next(choice["says"] for choice in choices if choice["key"] == key)


def test_the_answers_are_guessed_and_the_dataset_is_the_one_that_a_command_makes(tmp_path: Path) -> None:
    told, into, names = looked(tmp_path, zipped(tmp_path))
    assert guessed(told) == Answers(NAMES, "column:GLIMS_ID", pixel_m=30.0)
    assert says(told["date"], NAMES) == "2000, 2010, 2020"
    assert "Landsat" in told["pixel"]["why"]
    said, folder = made(into, names, guessed(told))
    assert dataset_faults(folder) == []
    by_command = tmp_path / "by-command"
    imported_by_command(sorted((tmp_path / "shapes").glob("*.shp")), by_command)
    own, other = (pd.DataFrame(table_of(each, "areas"), columns=COLUMNS) for each in (folder, by_command))
    pd.testing.assert_frame_equal(own, other)
    assert said["lakes"] == len(set(own["lake_key"]))
    assert said["refused"] == 1, "the outline that is written twice"


def test_a_long_table_with_words_of_its_own(tmp_path: Path) -> None:
    told, into, names = looked(tmp_path, text_file(tmp_path, LONG))
    assert guessed(told) == Answers("column:Date", "column:Lake")
    assert says(told["date"], "column:Date") == "4 dates, 1990-10-02 to 2020-10-15; 1 row cannot be read, e.g. row 9: “199O”"
    assert says(told["id"], "column:Lake") == "3 lakes"
    assert told["pixel"] is None, "without outlines a pixel would change nothing"
    assert [head["role"] for head in told["head"] if head["name"] == "Area (ha)"] == ["area"]
    said, folder = made(into, names, guessed(told))
    assert said == {"lakes": 2, "observations": 7, "refused": 2}
    areas = table_of(folder, "areas")
    assert sorted(areas["area_km2"].round(4)) == [0.621, 0.701, 0.76, 0.78, 0.94, 0.985, 1.3]
    report = json.loads((folder / "import-report.json").read_text())
    assert [(row["row"], row["column"]) for row in report["refused"]] == [(7, "Area (ha)"), (9, "Date")]


def test_a_table_in_another_language(tmp_path: Path) -> None:
    text = "See;Jahr;Höhe;Fläche_km2\nA;2000;1900;1,2\nA;2010;1900;1,5\nB;2000;2050;0,2\nB;2010;2050;0,1\n"
    told, into, names = looked(tmp_path, text_file(tmp_path, text))
    assert guessed(told) == Answers("column:Jahr", "column:See")
    said, folder = made(into, names, guessed(told))
    assert said == {"lakes": 2, "observations": 4, "refused": 0}
    assert sorted(table_of(folder, "areas")["area_km2"]) == [0.1, 0.2, 1.2, 1.5]


def test_lakes_without_ids_are_told_by_place(tmp_path: Path) -> None:
    told, into, names = looked(tmp_path, *lagoon(tmp_path / "given"))
    assert told["id"]["guess"] == PLACE
    _, folder = made(into, names, guessed(told))
    kinds = set(table_of(folder, "events")["kind"])
    assert {"merge", "split"} <= kinds, "which only overlaps can tell"


def test_ids_that_are_not_wanted_are_not_used(tmp_path: Path) -> None:
    rows = [{"lake_id": f"{year}-{n}", "year": year, "geometry": lake(5 * n, 0, 1)} for year in (2000, 2010) for n in range(3)]
    path = tmp_path / "renumbered.gpkg"
    frame(rows, "EPSG:32645").to_file(path, driver="GPKG")
    told, into, names = looked(tmp_path, path)
    assert told["id"]["choices"][0]["doubt"], "it numbers the rows"
    said, folder = made(into, names, Answers("column:year", PLACE))
    assert said["lakes"] == 3
    assert set(table_of(folder, "lakes")["lake_id_as_given"].str[:4]) == {"2010"}


def test_layers_of_a_geopackage_are_its_dates(tmp_path: Path) -> None:
    path = tmp_path / "both.gpkg"
    for year in (2000, 2010):
        frame([{"id_of": f"L{n}", "geometry": lake(5 * n, 0, 1 + (year - 2000) / 50)} for n in range(4)], "EPSG:32645").to_file(
            path, layer=f"lakes_{year}", driver="GPKG"
        )
    told, into, names = looked(tmp_path, path)
    assert guessed(told) == Answers(NAMES, "column:id_of" if told["id"]["guess"] != PLACE else PLACE, pixel_m=told["pixel"]["guess"])
    said, _ = made(into, names, guessed(told))
    assert said == {"lakes": 4, "observations": 8, "refused": 0}


@pytest.mark.parametrize("pixel", [3.0, 10.0, 30.0])
def test_the_pixel_is_seen_in_the_steps_of_outlines(tmp_path: Path, pixel: float) -> None:
    path = tmp_path / "stairs_2020.gpkg"
    stairs(pixel).to_file(path, driver="GPKG")
    told, _, _ = looked(tmp_path, path)
    assert told["pixel"] == {"guess": pixel, "why": f"The outlines have steps of {pixel:g} m."}


def test_smooth_outlines_tell_no_pixel(tmp_path: Path) -> None:
    path = tmp_path / "smooth_2020.gpkg"
    rows = [{"lake_id": f"L{n}", "geometry": lake(5 * n, 0, 1).centroid.buffer(317.0 + 13 * n)} for n in range(9)]
    frame(rows, "EPSG:32645").to_file(path, driver="GPKG")
    told, _, _ = looked(tmp_path, path)
    assert told["pixel"]["why"].startswith("Nothing in the file tells")


SLASHES = "id,when,area\n{rows}"


@pytest.mark.parametrize(
    ("rows", "keys", "days"),
    [
        ("1,5/9/2020,1\n1,25/9/2021,2\n", ["dmy:when"], "2020-09-05, 2021-09-25"),
        ("1,9/5/2020,1\n1,9/25/2021,2\n", ["mdy:when"], "2020-09-05, 2021-09-25"),
        ("1,5/9/2020,1\n1,6/9/2021,2\n", ["dmy:when", "mdy:when"], "2020-09-05, 2021-09-06"),
    ],
)
def test_dates_with_slashes_are_read_as_the_visitor_says(tmp_path: Path, rows: str, keys: list[str], days: str) -> None:
    told, into, names = looked(tmp_path, text_file(tmp_path, SLASHES.format(rows=rows)))
    offered = [choice for choice in told["date"]["choices"] if choice["key"] != GIVEN]
    assert [choice["key"] for choice in offered] == keys
    assert offered[0]["says"] == days
    assert all(choice["doubt"] == (len(keys) > 1) for choice in offered), "a second look where it can be read in two ways"
    _, folder = made(into, names, Answers(keys[-1], "column:id"))
    expected = days.split(", ") if len(keys) == 1 else ["2020-05-09", "2021-06-09"]
    assert [str(day) for day in table_of(folder, "areas")["date"]] == expected


WIDE_TABLE = """Lake,Basin,Area_1990 (ha),Area_2000 (ha),Area_2010 (ha),Area_2020 (ha)
Imja,Koshi,62.1,78,98.5,130
Thulagi,Gandaki,70.1,,80.2,94
Lumding,Koshi,x,77,,
"""


def test_a_table_with_one_column_a_date(tmp_path: Path) -> None:
    told, into, names = looked(tmp_path, text_file(tmp_path, WIDE_TABLE))
    assert guessed(told) == Answers(WIDE, "column:Lake")
    assert says(told["date"], WIDE) == "4 dates, 1990 to 2020"
    roles = {head["name"]: head["role"] for head in told["head"]}
    assert [roles[f"Area_{year} (ha)"] for year in (1990, 2000, 2010, 2020)] == [f"area {year}" for year in (1990, 2000, 2010, 2020)]
    said, folder = made(into, names, guessed(told))
    assert said == {"lakes": 3, "observations": 8, "refused": 1}, "an empty cell is no observation, and no fault"
    areas = table_of(folder, "areas")
    held = {(str(day)[:4], round(area, 4)) for day, area in zip(areas["date"], areas["area_km2"], strict=True)}
    assert held == {("1990", 0.621), ("2000", 0.78), ("2010", 0.985), ("2020", 1.3), ("1990", 0.701), ("2010", 0.802), ("2020", 0.94),
                    ("2000", 0.77)}  # fmt: skip
    (refused,) = json.loads((folder / "import-report.json").read_text())["refused"]
    assert (refused["row"], refused["file"]) == (3, "lakes.csv")
    assert list(table_of(folder, "lakes")["basin"]) == ["Koshi", "Gandaki", "Koshi"]


def test_rows_keep_their_numbers_where_cells_are_empty(tmp_path: Path) -> None:
    text = "lake_id,1990,2000,2010\na,,1,2\nb,3,,-4\nc,5,6,7\n"
    told, into, names = looked(tmp_path, text_file(tmp_path, text))
    assert told["date"]["guess"] == WIDE
    _, folder = made(into, names, guessed(told))
    (refused,) = json.loads((folder / "import-report.json").read_text())["refused"]
    assert refused["row"] == 2
    assert "negative" in refused["reason"]


REFUSED = {
    "lakes.xlsx": (b"PK", "Excel workbook", "save its sheet as CSV"),
    "lakes.kml": (b"<kml/>", "is KML", "GeoJSON or GeoPackage"),
    "scene.tif": (b"II*\0", "is an image", "page Segment"),
    "lakes.dbf": (b"x", "a part of a shapefile", "together, or zipped"),
    "lakes.exe": (b"MZ", "not known here", "CSV, a zipped shapefile"),
    "lakes.csv": (b"", "is empty", "export it again"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_taken_is_told_what_to_do(tmp_path: Path, name: str) -> None:
    body, what, remedy = REFUSED[name]
    (tmp_path / name).write_bytes(body)
    with pytest.raises(InputError, match=what) as refused:
        handed_in(tmp_path, tmp_path / name)
    assert remedy in refused.value.remedy


def test_files_that_are_too_large_or_too_many(tmp_path: Path) -> None:
    path = text_file(tmp_path, "a,b\n" * 300_000)
    with pytest.raises(InputError, match=r"1.2 MB, more than is taken here \(1 MB\)"):
        take([(path, path.name)], tmp_path / "visit", 1)
    with pytest.raises(InputError, match="two of the files are called"):
        take([(path, "a.csv"), (path, "dir/A.csv".lower())], tmp_path / "visit", 20)
    with pytest.raises(InputError, match="41 files"):
        take([(path, f"{n}.csv") for n in range(41)], tmp_path / "visit", 20)


def opened(into: Path, names: list[str]) -> None:
    """As a visitor does who believes every guess."""
    made(into, names, guessed(run({"files": names}, into)))


BAD = {
    "no_area.csv": ("name,lon,lat\na,86,27\n", "neither outlines nor a column of areas"),
    "no_lake.csv": ("year,area\n2000,1\n2010,2\n", "no column tells which lake"),
    "no_date.csv": ("lake_id,area\na,1\n", "not typed"),
    "slashes.csv": ("lake_id,when,area\na,n/a,1\n", "not typed"),
    "not_json.geojson": ("{", "is not JSON"),
    "no_features.geojson": ("{}", "no list of features"),
    "not.zip": ("junk", "not a readable zip"),
    "not.gpkg": ("junk", "is not a GeoPackage"),
    "ragged.csv": ("a,b\n1,2\n1,2,3\n", "line 3"),
}


@pytest.mark.parametrize("name", BAD)
def test_no_error_names_a_folder_or_an_option_of_a_command(tmp_path: Path, name: str) -> None:
    text, what = BAD[name]
    into, names = handed_in(tmp_path, text_file(tmp_path, text, name))
    with pytest.raises(InputError, match=what) as refused:
        opened(into, names)
    words = f"{refused.value.what} {refused.value.remedy}"
    assert str(tmp_path) not in words
    assert not re.search(r"(?:^|\s|\()--[a-z]", words)


def test_a_zip_that_would_fill_the_disk_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.shp", "w") as member:
        for _ in range(MOST_UNPACKED // 2**20 + 1):
            member.write(bytes(2**20))
    with pytest.raises(InputError, match="unpacks to 211 MB"):
        looked(tmp_path, tmp_path / "bomb.zip")


def test_a_table_that_is_too_long_says_what_else_there_is(tmp_path: Path) -> None:
    rows = "\n".join(f"L{n},2020,1" for n in range(MOST_ROWS + 1))
    with pytest.raises(InputError, match="30,001 rows") as refused:
        looked(tmp_path, text_file(tmp_path, f"lake_id,year,area\n{rows}\n"))
    assert "python -m data import" in refused.value.remedy


def test_a_table_with_more_columns_than_can_be_shown(tmp_path: Path) -> None:
    text = ",".join(f"c{n}" for n in range(201)) + "\n" + ",".join("1" * 201) + "\n"
    with pytest.raises(InputError, match=r"201 columns, more than a visit can take \(200\)"):
        looked(tmp_path, text_file(tmp_path, text))


def test_answers_are_checked(tmp_path: Path) -> None:
    into, names = handed_in(tmp_path, text_file(tmp_path, LONG))
    for answers, what in (
        (Answers("column:Nothing", "column:Lake"), "no column “Nothing”"),
        (Answers(GIVEN, "column:Lake", given="soon"), "“soon” is neither"),
        (Answers(GIVEN, "column:Lake"), "not typed"),
        (Answers("", "column:Lake"), "not said where the date"),
        (Answers("column:Date", ""), "not said what tells"),
        (Answers("column:Date", "column:Lake", pixel_m=-1), "makes no sense"),
        (Answers(NAMES, "column:Lake"), "not every file has a date"),
    ):
        with pytest.raises(InputError, match=what):
            made(into, names, answers)
    said, _ = made(into, names, Answers(GIVEN, "column:Lake", given="2020"))
    assert said["observations"] == 3, "one date: further rows of a lake repeat it"


@given(name=st.text(max_size=200))
def test_a_name_is_only_a_name(name: str) -> None:
    safe = safe_name(name)
    assert safe not in {"", ".", ".."}
    assert "/" not in safe
    assert "\\" not in safe
    assert safe.isprintable()
    assert len(safe) <= LONGEST + 11
    assert safe_name(safe) == safe
