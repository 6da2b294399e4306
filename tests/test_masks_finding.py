"""Which files are masks, by their names."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from data.errors import InputError
from data.masks.finding import PREDICTIONS, REFERENCES, Found, found, spelled


def made(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def listed(held: Found) -> dict[str, str]:
    return {each.name: each.kind for each in held.given}


@pytest.mark.parametrize(
    ("name", "stem", "lake_id", "day", "kind"),
    [
        ("GL087138E27812N_2020-10-15_prob.tif", "GL087138E27812N_2020-10-15", "GL087138E27812N", date(2020, 10, 15), "prob"),
        ("GL087138E27812N-20201015_pred.TIF", "GL087138E27812N-20201015", "GL087138E27812N", date(2020, 10, 15), "pred"),
        ("GL087138E27812N_2020-10-15.tif", "GL087138E27812N_2020-10-15", "GL087138E27812N", date(2020, 10, 15), ""),
        ("Lower_Barun_2020-10-15-MASK.tiff", "Lower_Barun_2020-10-15", "Lower_Barun", date(2020, 10, 15), "mask"),
        ("SA_00012_label.tif", "SA_00012", "SA_00012", None, "label"),
        ("lake_2020-13-45_prob.tif", "lake_2020-13-45", "lake_2020-13-45", None, "prob"),
        ("prob.tif", "prob", "prob", None, ""),
    ],
)
def test_names_say_lake_day_and_kind(name: str, stem: str, lake_id: str, day: date | None, kind: str) -> None:
    assert spelled(Path(name)) == (stem, lake_id, day, kind)


def test_a_prob_file_comes_before_its_pred_file(tmp_path: Path) -> None:
    folder = made(
        tmp_path,
        "A_2020-01-01_prob.tif",
        "A_2020-01-01_pred.tif",
        "B_2020-01-01_pred.tif",
        "A_2020-01-01.tif",
        "deep/A_2020-01-01_pred.tif",
    )
    held = found(folder, PREDICTIONS)
    assert listed(held) == {"A_2020-01-01_prob.tif": "prob", "B_2020-01-01_pred.tif": "pred", "deep/A_2020-01-01_pred.tif": "pred"}
    assert [each.second.name if each.second else None for each in held.given] == ["A_2020-01-01_pred.tif", None, None]
    assert held.left == ["A_2020-01-01.tif"]


def test_references_leave_predictions_alone(tmp_path: Path) -> None:
    folder = made(
        tmp_path, "A_2020-01-01.tif", "A_2020-01-01_prob.tif", "B_2020-01-01_label.tif", "B_2020-01-01.tif", "C_2020-01-01_mask.tif"
    )
    held = found(folder, REFERENCES)
    assert listed(held) == {"A_2020-01-01.tif": "", "B_2020-01-01_label.tif": "label", "C_2020-01-01_mask.tif": "mask"}
    assert held.left == ["A_2020-01-01_prob.tif", "B_2020-01-01.tif"]


def test_two_files_of_one_name_are_not_confused(tmp_path: Path) -> None:
    held = found(made(tmp_path, "A_2020-01-01_prob.tif", "A_2020-01-01_prob.tiff"), PREDICTIONS)
    assert listed(held) == {"A_2020-01-01_prob.tif": "prob"}
    assert held.left == ["A_2020-01-01_prob.tiff"]


def test_hidden_folders_are_not_looked_into(tmp_path: Path) -> None:
    held = found(
        made(tmp_path, "A_2020-01-01_prob.tif", ".x/B_2020-01-01_prob.tif", "__MACOSX/C_2020-01-01_prob.tif", "shores.gpkg"), PREDICTIONS
    )
    assert listed(held) == {"A_2020-01-01_prob.tif": "prob"}
    assert held.vectors == {"shores.gpkg": tmp_path / "shores.gpkg"}


def test_a_single_file_is_a_folder_of_one(tmp_path: Path) -> None:
    made(tmp_path, "A_2020-01-01_prob.tif", "B_2020-01-01_prob.tif")
    assert listed(found(tmp_path / "A_2020-01-01_prob.tif", PREDICTIONS)) == {"A_2020-01-01_prob.tif": "prob"}


def test_a_folder_without_masks_says_how_they_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no mask \(1 other rasters\)") as error:
        found(made(tmp_path, "A_2020-01-01.tif", "notes.txt"), PREDICTIONS)
    assert "<GL_ID>_<date>_prob.tif, <GL_ID>_<date>_pred.tif" in error.value.remedy
    with pytest.raises(InputError, match="does not exist"):
        found(tmp_path / "nowhere", PREDICTIONS)
