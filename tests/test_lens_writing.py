"""A lens, and a run of the sequence lab, is replaced as one: whoever kills the writer, and whatever is wrong, leaves one that is whole."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from data.commit import COMMITTED, STAGED
from data.errors import LensError
from data.lens.finding import find_lenses
from data.lens.manifest import FILE
from data.lens.reading import open_lens
from data.lens.writing import write_lens, write_together
from data.sequence.manifest import FILE as RUN
from data.sequence.reading import open_sequence
from tests.harness import ROOT
from tests.lens_cases import contents, manifest

SHIPPED = ROOT / "models/runs/sequence"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_lens(tmp_path / "unet-7" / "lens", contents(12), manifest())
    return tmp_path / "unet-7" / "lens"


def test_what_does_not_fit_together_leaves_the_lens_that_was_there(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    wrong = {**contents(14, seed=1), "features.npz": contents(13)["features.npz"]}
    with pytest.raises(LensError, match=r"features\.npz cannot be used") as raised:
        write_lens(folder, wrong, manifest())
    assert str(folder / "features.npz") in raised.value.what, "where it would lie, not where it lay meanwhile"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    with pytest.raises(LensError):
        write_lens(folder.parent.parent / "other" / "lens", wrong, manifest())
    assert not (folder.parent.parent / "other" / "lens").exists()


@pytest.mark.parametrize("moved", [0, 1, 5, 12])
def test_a_writer_killed_between_two_moves_has_written_it_all(folder: Path, tmp_path: Path, moved: int) -> None:
    """What a kill leaves behind is made here: the new files stand together already, so many of them in their places."""
    write_lens(tmp_path / "new" / "lens", contents(14, seed=1), manifest())
    new = sorted((tmp_path / "new" / "lens").iterdir())
    (folder / COMMITTED).mkdir()
    for place, path in enumerate(new):
        os.replace(path, (folder if place < moved else folder / COMMITTED) / path.name)
    shutil.rmtree(tmp_path / "new")
    (lens,), troubles = find_lenses([tmp_path])
    lens.check()
    assert len(lens.scenes) == 14
    assert not troubles
    write_lens(folder, contents(10), manifest())
    assert len(open_lens(folder).scenes) == 10
    assert not [path for path in folder.iterdir() if path.name.startswith((STAGED, COMMITTED))]


def test_files_that_the_new_lens_has_not_go(folder: Path) -> None:
    few = {name: body for name, body in contents(12).items() if name in {"scenes.parquet", "features.npz"}}
    write_lens(folder, few, replace(manifest(), files={}))
    assert {path.name for path in folder.iterdir()} == {*few, FILE}
    open_lens(folder).check()


def test_a_run_of_the_sequence_lab_stays_where_another_does_not_fit(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "run"))
    bodies = {path.name: path.read_bytes() for path in folder.iterdir()}
    hurt = bodies | {"weights.npz": bodies["weights.npz"][:-1]}
    with pytest.raises(LensError, match=r"weights\.npz is not what sequence\.json names"):
        write_together(folder, hurt, lambda place: open_sequence(place).check())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == bodies
    assert RUN in bodies
