"""`python -m data examples fetch` of labelled chips, from a server on loopback: the dataset, the bytes it costs, and runs cut short."""

from __future__ import annotations

import io
import shutil
import signal
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.__main__ import main
from data.archives.reader import TAIL
from data.checks import dataset_faults
from data.rasters.reading import read_bytes
from data.store import Store
from tests.chip_archives import TOP, ZIP, bench_files, bench_server, fetch, glid_files, packed, started, tree, unpack
from tests.conftest import ROOT
from tests.range_server import RangeServer
from tests.waiting import until

SHARE = ["--regions", "SA,saw", "--fraction", "0.3"]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RangeServer]:
    with bench_server(tmp_path, monkeypatch) as made:
        yield made


def sizes(archive: bytes) -> tuple[dict[str, int], int]:
    """Bytes that each member takes in the archive, its header among them, and those of the directory; by `zipfile` alone."""
    with zipfile.ZipFile(io.BytesIO(archive)) as held:
        taken = {info.filename: info.compress_size + 30 + len(info.filename.encode()) for info in held.infolist()}
        return taken, len(archive) - held.start_dir


def test_a_share_becomes_the_dataset_that_its_folder_would(server: RangeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch(tmp_path / "a/bench", *SHARE) == 0
    said = capsys.readouterr().out
    assert "bench: Glacial-Lake-Bench" in said
    assert "Licence: CC-BY-4.0" in said
    assert ["SAW", "10", "10", "10", "5"] in [line.split() for line in said.splitlines()]
    assert "22 of 105 chips (regions SA, SAW; all splits; a share of 0.3, seed 0)" in said
    store = Store(tmp_path / "a/bench")
    rows = store.scenes.rows
    assert dataset_faults(store.path) == []
    counts = rows.groupby(["basin", "split"]).size().to_dict()
    assert counts == {
        (region, split): 2 if split == "challenge" else 3
        for region in ("SA", "SAW")
        for split in ("train", "validation", "test", "challenge")
    }
    meant = {str(origin) for origin in rows["origin"]}
    masks = {origin.replace("img_dir", "ann_dir").replace("/image/", "/mask/") for origin in meant}
    root = unpack({name: body for name, body in bench_files().items() if name in meant | masks}, tmp_path / "by hand")
    assert main(["scenes", "--layout", "glacial-lake-bench", "--root", str(root), "--into", str(tmp_path / "b/bench")]) == 0
    by_hand = Store(tmp_path / "b/bench").scenes.rows
    compared = [column for column in rows.columns if column != "scene_record"]  # that one digests times of files
    assert rows[compared].equals(by_hand[compared])
    ours, theirs = tree(tmp_path / "a/bench"), tree(tmp_path / "b/bench")
    assert ours.keys() == theirs.keys()
    assert {name for name in ours if ours[name] != theirs[name]} <= {"scenes.parquet"}


def test_bytes_are_those_wanted_and_the_directory(server: RangeServer, tmp_path: Path) -> None:
    assert fetch(tmp_path / "d", *SHARE) == 0
    taken, directory = sizes(server.files[ZIP])
    names = [path.relative_to(tmp_path / "state/examples/bench").as_posix() for path in (tmp_path / "state").rglob("*.tif")]
    assert len(names) == 44
    wanted = sum(taken[name] for name in names)
    assert wanted + directory <= server.sent <= 1.05 * wanted + directory + TAIL + 1
    assert server.sent < 0.35 * len(server.files[ZIP])
    assert server.connections <= 2, "the record and the archive, one after the other"
    assert {asked.agent for asked in server.log} == {"moraine (python -m data examples)"}
    assert len(server.log) < len(names), "neighbours came together"


def test_again_and_more(server: RangeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch(tmp_path / "d", *SHARE) == 0
    before, sent = tree(tmp_path / "d"), server.sent
    keys = dict(Store(tmp_path / "d").scenes.rows[["origin", "scene_key"]].itertuples(index=False))
    assert fetch(tmp_path / "d", *SHARE) == 0
    said = capsys.readouterr().out
    assert "44 files, all there already" in said
    assert "nothing new, nothing changed" in said
    assert tree(tmp_path / "d") == before
    directory = sizes(server.files[ZIP])[1]
    assert server.sent - sent <= directory + TAIL + 1
    assert fetch(tmp_path / "d", "--regions", "SA,SAW", "--fraction", "0.6") == 0
    grown = dict(Store(tmp_path / "d").scenes.rows[["origin", "scene_key"]].itertuples(index=False))
    assert len(grown) == 42
    assert keys.items() <= grown.items(), "a greater share keeps what a smaller one had, under its keys"
    assert dataset_faults(tmp_path / "d") == []
    # Another dataset of another choice has its own chips only, though the files of both are kept in one place.
    assert fetch(tmp_path / "e", "--regions", "ACS", "--split", "val,challenge") == 0
    rows = Store(tmp_path / "e").scenes.rows
    assert rows.groupby(["basin", "split"]).size().to_dict() == {("ACS", "challenge"): 5, ("ACS", "validation"): 10}


def test_the_hard_cases_alone_are_still_called_so(server: RangeServer, tmp_path: Path) -> None:
    """Their folders say nothing; that others of the archive are splits does, though nothing of these is fetched."""
    assert fetch(tmp_path / "d", "--split", "challenge", "--regions", "SA") == 0
    assert list(Store(tmp_path / "d").scenes.rows["split"]) == ["challenge"] * 5


def test_a_dry_run_fetches_and_writes_nothing(server: RangeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examples", "fetch", "bench", "--dry-run", "--split", "train"]) == 0
    said = capsys.readouterr().out
    assert "30 of 105 chips (all regions; splits train)" in said
    assert "60 files to fetch: 0.7 MB in 2 requests" in said
    assert "Nothing was fetched" in said
    assert not (tmp_path / "state").exists()
    assert server.sent <= sizes(server.files[ZIP])[1] + TAIL + 1


def killed(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL, "it was at work still"
    assert process.stdout is not None
    process.stdout.close()


def test_killed_anywhere_the_dataset_is_the_same(server: RangeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it reads the directory, as it fetches, as it takes in; each run goes on where the last was killed."""
    assert fetch(tmp_path / "sound/bench", *SHARE) == 0
    requests = len(server.log)
    into = tmp_path / "killed/bench"
    before = len(server.log)
    for moment in (2, 6):
        server.hold_at = len(server.log) + moment
        process = started(tmp_path / "registry.toml", into, SHARE)
        assert server.held.wait(60)
        killed(process)
        server.hold_at = None
        server.go.set()
        server.held.clear()
        server.go.clear()
    process = started(tmp_path / "registry.toml", into, SHARE)
    until(lambda: len(list(into.glob("masks/label/**/*.tif"))) > 3)
    killed(process)
    half = into.parent / "state/examples/bench" / TOP / "img_dir/train/.SA_1.tif.abc.partial"
    half.write_bytes(b"half")
    assert not (into / "scenes.parquet").exists(), "it was killed before the tables were written"
    monkeypatch.setenv("MORAINE_STATE_DIR", str(into.parent / "state"))
    assert fetch(into, *SHARE) == 0
    assert tree(into) == tree(tmp_path / "sound/bench")
    assert not half.exists()
    assert len(server.log) - before <= requests + 4 * 4, "no member was fetched twice, but for the one in flight"


def test_a_first_step_that_was_killed_is_gone_over(server: RangeServer, tmp_path: Path) -> None:
    (tmp_path / "d/.staged-abc").mkdir(parents=True)
    (tmp_path / "d/.staged-abc/dataset.toml").write_text("half")
    assert fetch(tmp_path / "d", *SHARE) == 0
    assert dataset_faults(tmp_path / "d") == []
    assert not list((tmp_path / "d").glob(".staged*"))


def test_an_archive_of_ones_own(server: RangeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / ZIP).write_bytes(server.files[ZIP])
    assert fetch(tmp_path / "x/d", *SHARE) == 0
    sent = server.sent
    for number, place in enumerate((tmp_path / "own", tmp_path / "own" / ZIP)):
        shutil.rmtree(tmp_path / "state")
        assert fetch(tmp_path / f"{number}/d", *SHARE, "--from", str(place)) == 0
        assert tree(tmp_path / f"{number}/d") == tree(tmp_path / "x/d")
    assert server.sent == sent
    unpacked = unpack(bench_files(), tmp_path / "unpacked")
    for wrong, words in (
        (unpacked, "--layout glacial-lake-bench --root"),
        (tmp_path / "no", "check the spelling"),
        (ROOT / "README.md", "zip archive"),
    ):
        capsys.readouterr()
        assert fetch(tmp_path / "y", *SHARE, "--from", str(wrong)) == 2
        assert words in capsys.readouterr().err


def test_two_archives_are_like_one_folder(server: RangeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    images, masks = glid_files()
    server.files = {"images.zip": packed(images), "masks.zip": packed(masks)}
    assert fetch(tmp_path / "d", "--fraction", "0.5", name="glid") == 0
    store = Store(tmp_path / "d")
    assert store.meta.title == "GLID"
    assert len(store.scenes) == 3
    for scene in store.scenes:
        assert scene.bands == ("red", "green", "blue")
        truth = np.asarray(Image.open(io.BytesIO(masks[f"masks/{scene.path.stem}.png"])))
        np.testing.assert_array_equal(read_bytes(scene.masks["label"])[0], (truth > 0) * 200)
    assert fetch(tmp_path / "d", "--regions", "SA", name="glid") == 2
    assert "its names tell no regions" in capsys.readouterr().err
    server.files["more.zip"] = packed({"images/1.png": b"other"})
    assert fetch(tmp_path / "d", name="glid") == 2
    assert "both hold images/1.png" in capsys.readouterr().err


def test_options_that_make_no_sense(server: RangeServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").touch()
    assert (
        main(
            [
                "scenes",
                "--layout",
                "pairs",
                "--root",
                str(unpack(glid_files()[0] | glid_files()[1], tmp_path / "in")),
                "--into",
                str(tmp_path / "p"),
            ]
        )
        == 0
    )
    wrong: list[tuple[list[str], str]] = [
        (["bench"], "no dataset is named"),
        (["bench", "--into", str(tmp_path / "mine")], "is no dataset of Glacial-Lake-Bench"),
        (["bench", "--into", str(tmp_path / "p")], "is no dataset of Glacial-Lake-Bench"),
        (["bench", "--into", str(tmp_path / "d"), "--regions", "HMA"], "there is no region HMA"),
        (["bench", "--into", str(tmp_path / "d"), "--split", "dev"], "use train, validation, test, challenge"),
        (["bench", "--into", str(tmp_path / "d"), "--fraction", "10"], "--fraction 10 makes no sense"),
    ]
    for words, told in wrong:
        assert main(["examples", "fetch", *words]) == 2
        assert told in capsys.readouterr().err
    assert not (tmp_path / "d").exists()
