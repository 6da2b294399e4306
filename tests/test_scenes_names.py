"""Names of files, sensors and bands: whatever is spelled in a known way is read back, nothing else is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.masks.finding import spelled
from data.scenes.finding import in_folder
from data.scenes.jobs import plain
from data.scenes.sensors import REFLECTANCE, SENTINEL_2, band_name, known_sensor
from data.scenes.wish import Outcome, options

IDS = st.builds("GL{:06d}E{:05d}N".format, st.integers(0, 180_000), st.integers(0, 90_000)) | st.sampled_from(["Imja Tsho", "a_b-c", "12"])
DAYS = st.dates(date(1972, 7, 23), date(2099, 12, 31))


@given(IDS, DAYS, st.sampled_from(["tif", "TIF", "tiff"]), st.sampled_from(["_{}", "-{}"]), st.booleans())
def test_ids_and_days_are_read_back(ident: str, day: date, suffix: str, between: str, compact: bool) -> None:
    written = f"{day:%Y%m%d}" if compact else day.isoformat()
    assert spelled(Path(f"{ident}{between.format(written)}.{suffix}")) == (f"{ident}{between.format(written)}", ident, day, "")


@given(IDS, DAYS, st.sampled_from(["prob", "pred", "label", "mask", "PROB"]))
def test_a_prediction_or_a_label_is_never_a_scene(ident: str, day: date, end: str) -> None:
    assert spelled(Path(f"{ident}_{day}_{end}.tif"))[3] == end.lower()


def test_a_folder_is_searched_below_and_what_is_hidden_is_not(tmp_path: Path) -> None:
    names = (
        "GL1_2020-01-02.tif",
        "deep/er/GL2-20200102.TIF",
        ".cache/GL3_2020-01-02.tif",
        "__MACOSX/GL4_2020-01-02.tif",
        "GL1_2020-01-02_prob.tif",
        "notes.txt",
    )
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    outcome = Outcome()
    found = in_folder(tmp_path, outcome)
    assert [(each.name, each.lake_id, each.day) for each in found] == [
        ("GL1_2020-01-02.tif", "GL1", date(2020, 1, 2)),
        ("deep/er/GL2-20200102.TIF", "GL2", date(2020, 1, 2)),
    ]
    assert outcome.left == ["GL1_2020-01-02_prob.tif"]
    (one,) = in_folder(tmp_path / "GL1_2020-01-02.tif", Outcome())
    assert one.name == "GL1_2020-01-02.tif"
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no scene"):
        in_folder(tmp_path / "empty", Outcome())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sentinel-2", "Sentinel-2 L2A"),
        ("Sentinel 2", "Sentinel-2 L2A"),
        ("S2A", "Sentinel-2 L2A"),
        ("s2", "Sentinel-2 L2A"),
        ("S2B_MSIL2A_20201005T045829_N0400_R119_T45RVL_x", "Sentinel-2 L2A"),
        ("Landsat 8", "Landsat 8 C2 L2"),
        ("landsat-5", "Landsat 5 C2 L2"),
        ("LC09_L2SP_140041_20221005_20221006_02_T1", "Landsat 9 C2 L2"),
        ("LE07", "Landsat 7 C2 L2"),
        ("l4", "Landsat 4 C2 L2"),
        ("LC08_L1TP_140041_20201005_20201006_02_T1", None),
        ("S2B_MSIL1C_20201005T045829_N0400_R119_T45RVL_x", None),
        ("landsat-6", None),
        ("landsat", None),
        ("Planet", None),
        ("", None),
        ("GL086925E27898N", None),
        ("model5", None),
        ("gs2x", None),
    ],
)
def test_sensors_are_known_by_their_names_only(text: str, name: str | None) -> None:
    found = known_sensor(text)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("sensor", "numbers"),
    [
        (
            "sentinel-2",
            {"B02": "blue", "B2": "blue", "b03": "green", "4": "red", "B08": "nir", "B8A": "nir08", "Band 11": "swir1", "B12": "swir2"},
        ),
        ("landsat-8", {"SR_B2": "blue", "SR_B3": "green", "B4": "red", "5": "nir", "SR_B6": "swir1", "SR_B7": "swir2", "SR_B1": "coastal"}),
        ("landsat-5", {"SR_B1": "blue", "SR_B2": "green", "B3": "red", "SR_B4": "nir", "SR_B5": "swir1", "SR_B7": "swir2"}),
    ],
)
def test_bands_are_known_by_the_numbers_of_their_sensor(sensor: str, numbers: dict[str, str]) -> None:
    assert {said: band_name(said, known_sensor(sensor)) for said in numbers} == numbers
    assert not {band_name(said, None) for said in numbers} & REFLECTANCE, "without a sensor a number is no name"


@given(st.sampled_from(sorted(REFLECTANCE)), st.booleans())
def test_a_name_is_its_own_name(name: str, upper: bool) -> None:
    assert band_name(name.upper() if upper else name, SENTINEL_2) == name


def test_orders_hold_each_band_once() -> None:
    for text in ("sentinel-2", "landsat-5", "landsat-7", "landsat-8", "landsat-9"):
        sensor = known_sensor(text)
        assert sensor is not None
        for order in sensor.orders:
            assert len(set(order)) == len(order)
            assert set(order) <= REFLECTANCE
            assert sensor.order(len(order)) is not None
    twelve = SENTINEL_2.order(12)
    assert twelve is not None
    assert [twelve[place] for place in (0, 1, 2, 3, 7, 8, 10, 11)] == ["coastal", "blue", "green", "red", "nir", "nir08", "swir1", "swir2"]


@given(st.text(max_size=40))
def test_a_part_of_a_path_is_one_part(text: str) -> None:
    part = plain(text)
    assert part
    assert part not in {".", ".."}
    assert not set(part) & set('/\\:*?"<>|\n\0')
    assert not part.startswith(".")


def test_what_the_user_says_is_read() -> None:
    said = options(bands="Blue, green", sensor=" S2 ", baseline="05.09", scale=None, offset=-0.1, dems=[])
    assert (said.bands, said.sensor, said.baseline, said.offset) == (("blue", "green"), "S2", 5.09, -0.1)
    assert options(bands=None, sensor=None, baseline="harmonized", scale=None, offset=None, dems=[]).baseline == 0
