"""`python -m models sequence`, and the files that it writes, read without torch."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.errors import LensError
from data.sequence.cell import readouts, traces
from data.sequence.reading import FILES, SequenceRun, find_sequences, open_sequence
from models.__main__ import main
from models.sequence.curves import curves, running_count
from models.sequence.training import HELD_OUT, TRAIN, rate_share
from tests.conftest import ROOT
from tests.small_sequence import SMALL, small_sequence


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_sequence(tmp_path_factory.mktemp("sequence") / "small")


@pytest.fixture(scope="module")
def run(folder: Path) -> SequenceRun:
    return open_sequence(folder)


def test_what_is_written_is_what_was_trained(run: SequenceRun) -> None:
    """The network in the file counts, in numpy, what the table of training says that it counted."""
    run.check()
    held, told = run.curves(), run.told()
    assert np.array_equal(held.x, np.concatenate([curves(256, [0, TRAIN])[:24], curves(24, [0, HELD_OUT])]))
    assert np.array_equal(held.count, running_count(held.x))
    assert held.held_out.tolist() == [False] * 24 + [True] * 24
    for epoch in (1, 2):
        assert np.allclose(readouts(run.network(epoch), held.x)[:, -1], told[epoch - 1], atol=1e-4)
    assert not np.allclose(told[0], told[1], atol=1e-3), "it has learned something in between"
    assert run.manifest.command == "python -m models sequence --epochs 2 --curves 256 --held-out 24 --units 4"


def test_results_are_those_of_the_curves_held_out(run: SequenceRun) -> None:
    results, held = run.manifest.results, run.held_out()
    count = running_count(curves(24, [0, HELD_OUT]))[:, -1]
    assert held["count"].tolist() == count.tolist()
    off = [abs(round(float(told)) - int(value)) for told, value in zip(held["told"], count, strict=True)]
    assert results["exact"] == pytest.approx(sum(each == 0 for each in off) / 24)
    assert results["within_one"] == pytest.approx(sum(each <= 1 for each in off) / 24)
    values = count.tolist()
    assert results["majority"] == pytest.approx(max(values.count(value) for value in values) / 24)
    epochs = run.epochs()
    assert epochs["exact"].iloc[-1] == pytest.approx(results["exact"])
    assert results["cpu_seconds"] == pytest.approx(epochs["cpu_seconds"].sum(), abs=0.06)
    huber = [0.5 * each**2 if each <= 0.5 else 0.5 * (each - 0.25) for each in np.abs(held["told"] - held["count"])]
    assert epochs["held_out_loss"].iloc[-1] == pytest.approx(np.mean(huber), rel=1e-4)


def test_what_units_follow_is_the_correlation_over_all_steps(run: SequenceRun) -> None:
    x = curves(24, [0, HELD_OUT])
    rows = run.units().set_index(["epoch", "layer", "unit"])
    for epoch in (1, 2):
        for layer, found in enumerate(traces(run.network(epoch), x), 1):
            for unit in range(4):
                for column, values in (("r_level", x), ("r_count", running_count(x))):
                    wanted = np.corrcoef(found.h[:, :, unit].ravel(), values.ravel())[0, 1]
                    assert rows.loc[(epoch, layer, unit + 1), column] == pytest.approx(wanted, abs=1e-4)


def test_the_same_seed_gives_the_same_files_and_another_one_others(folder: Path, tmp_path: Path) -> None:
    again, other = open_sequence(small_sequence(tmp_path / "again")), open_sequence(small_sequence(tmp_path / "other", "--seed", "3"))
    first = open_sequence(folder).manifest.files
    timed = {"epochs.parquet"}
    assert {name for name in FILES if first[name] != again.manifest.files[name]} <= timed
    assert {name for name in FILES if first[name] == other.manifest.files[name]} == set()


@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_is_named_and_the_others_live(folder: Path, tmp_path: Path, file: str) -> None:
    copied = shutil.copytree(folder, tmp_path / "run")
    body = bytearray((copied / file).read_bytes())
    body[len(body) // 2] ^= 1
    (copied / file).write_bytes(bytes(body))
    hurt = open_sequence(copied)
    with pytest.raises(LensError, match=f"{file} is not what sequence.json names") as caught:
        hurt.check()
    assert "python -m models sequence" in caught.value.remedy
    assert hurt.fault(file).startswith(f"run/{file}")
    assert [other for other in FILES if hurt.fault(other)] == [file]
    (copied / file).unlink()
    assert "missing" in open_sequence(copied).fault(file)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("layers", 0), ("layers", True), ("units", 10**9), ("steps", "200"), ("band", [1, 0]), ("band", [0, None]), ("epochs", [2, 1]),
        ("epochs", []), ("results", {"exact": 1}), ("files", {"../x.npz": "0" * 64}), ("files", {"curves.npz": "0"}), ("seed", -1),
        ("title", 3), ("plan", [1]), ("format", 2), ("more", 1),
    ],
)  # fmt: skip
def test_a_manifest_that_cannot_be_is_refused_by_its_field(folder: Path, tmp_path: Path, field: str, value: object) -> None:
    raw = json.loads((folder / "sequence.json").read_text(encoding="utf-8"))
    (tmp_path / "sequence.json").write_text(json.dumps({**raw, field: value}), encoding="utf-8")
    with pytest.raises(LensError, match=field):
        open_sequence(tmp_path)


def test_files_of_another_run_do_not_fit(folder: Path, tmp_path: Path) -> None:
    """Digests are right, shapes are not: what was swapped is named."""
    other = small_sequence(tmp_path / "other", "--units", "3")
    raw = json.loads((folder / "sequence.json").read_text(encoding="utf-8"))
    theirs = json.loads((other / "sequence.json").read_text(encoding="utf-8"))
    mixed = shutil.copytree(folder, tmp_path / "mixed")
    shutil.copy(other / "weights.npz", mixed)
    raw["files"]["weights.npz"] = theirs["files"]["weights.npz"]
    (mixed / "sequence.json").write_text(json.dumps(raw), encoding="utf-8")
    assert "3 layers of 3 units, not 3 of 4" in open_sequence(mixed).fault("weights.npz")


def test_runs_are_found_and_what_cannot_be_opened_is_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "sequence.json").write_text("{", encoding="utf-8")
    runs, troubles = find_sequences([tmp_path / "nowhere", folder.parent, tmp_path, folder.parent])
    assert [run.name for run in runs] == ["small"]
    assert len(troubles) == 1
    assert "bad/sequence.json" in troubles[0].what


@pytest.mark.parametrize("option", [("--units", "1"), ("--epochs", "0"), ("--curves", "1"), ("--seed", "-1"), ("--held-out", "99999999")])
def test_options_that_cannot_be_are_named(tmp_path: Path, option: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sequence", "--into", str(tmp_path / "x"), *SMALL, *option]) == 2
    assert option[0] in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_run_opens_without_torch(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from data.sequence.reading import open_sequence; from data.sequence.cell import readouts; "
        f"run = open_sequence(Path({str(folder)!r})); readouts(run.network(2), run.curves().x); "
        "assert not {'torch', 'shiny'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_learning_rate_rises_stays_and_falls() -> None:
    shares = [rate_share(done) for done in np.linspace(0, 1, 101)]
    assert max(shares) == shares[10] == 1.0
    assert shares[0] < 0.01
    assert shares[30:] == sorted(shares[30:], reverse=True)
    assert shares[100] == pytest.approx(0.005)


def test_epochs_are_told_one_by_one(folder: Path) -> None:
    epochs = open_sequence(folder).epochs()
    assert isinstance(epochs, pd.DataFrame)
    assert epochs["epoch"].tolist() == [1, 2]
    assert (epochs["loss"] > 0).all()
    assert (epochs["cpu_seconds"] > 0).all()
