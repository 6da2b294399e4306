"""`python -m data stac` end to end against an API and COGs on loopback, at a small scale; in full by `make soak ONLY=stac`."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from data.__main__ import main
from data.cache import read_table
from data.checks import dataset_faults
from data.meta import read_meta, write_meta
from data.stac.journal import FILE
from data.stac.report import FILE as REPORT
from data.store import Store
from tests.datasets import small_dataset
from tests.stac_server import COLLECTION, StacServer, World, dataset, serving, write_files, wrong_pixels

WORLD = World(2, (2020, 2021), size=768, block=128)
Said = tuple[int, list[str], str]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(WORLD, tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def server(files: Path) -> Generator[StacServer, None, None]:
    with serving(WORLD, files) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return dataset(WORLD, tmp_path / "lakes")


def ran(capsys: pytest.CaptureFixture[str], server: StacServer | str, folder: Path, *more: str) -> Said:
    """Exit code, lines on stdout, stderr."""
    url = server if isinstance(server, str) else server.url
    collection = [] if "--collection" in more else ["--collection", COLLECTION]
    years = [] if "--years" in more else ["--years", "2020:2021"]
    capsys.readouterr()
    code = main(["stac", str(folder), "--catalog", url, *collection, *years, *more])
    said = capsys.readouterr()
    return code, said.out.splitlines(), said.err


def report(folder: Path) -> list[dict[str, str]]:
    with (folder / REPORT).open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_lake_gets_the_right_scene_of_every_season(
    capsys: pytest.CaptureFixture[str], server: StacServer, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        code, lines, err = ran(capsys, server, folder)
    assert (code, err) == (0, "")
    assert lines[0].startswith(
        f"2 lakes × 2 seasons of {COLLECTION} at {server.url}: 4 to do, 0 done by earlier runs; at most 4 scenes, about"
    )
    assert f"{COLLECTION}: 4 lakes × seasons: 4 with new scenes" in lines[1]
    rows = Store(folder).table("scenes").to_pylist()
    assert {(row["lake_key"], row["date"]) for row in rows} == {(lake, WORLD.right_day(year)) for lake in (0, 1) for year in (2020, 2021)}
    for row in rows:
        assert not (wrong := wrong_pixels(WORLD, row["lake_key"], row["date"].year, folder / row["path"])), wrong
    assert not dataset_faults(folder)
    assert [line["status"] for line in report(folder)] == ["fetched"] * 4
    everything = "".join(path.read_text(errors="replace") for path in folder.iterdir() if path.is_file()) + "\n".join(lines) + caplog.text
    assert "secret" not in everything, "the files' addresses are signed with it"


def test_another_run_fetches_only_what_is_missing(capsys: pytest.CaptureFixture[str], server: StacServer, folder: Path) -> None:
    assert ran(capsys, server, folder, "--years", "2020")[0] == 0
    mark = len(server.log)
    code, lines, _ = ran(capsys, server, folder)
    assert code == 0
    assert "2 to do, 2 done by earlier runs" in lines[0]
    asked = {each.path for each in server.files_asked(mark)}
    assert asked
    assert not any("/2020/" in path for path in asked)
    assert [line["status"] for line in report(folder)] == ["had", "fetched", "had", "fetched"]
    mark = len(server.log)
    assert "0 to do, 4 done by earlier runs" in ran(capsys, server, folder)[1][0]
    assert not server.files_asked(mark)
    assert "4 to do" in ran(capsys, server, folder, "--again")[1][0]
    assert not server.files_asked(mark), "what was judged and what is there is known"
    assert Store(folder).table("scenes").num_rows == 4


def test_a_server_that_is_gone_fails_what_is_left_and_another_run_does_it(
    capsys: pytest.CaptureFixture[str], server: StacServer, folder: Path, files: Path
) -> None:
    hidden = files / "1"
    away = files / "away"
    hidden.rename(away)
    try:
        code, lines, err = ran(capsys, server, folder)
    finally:
        away.rename(hidden)
    assert code == 2
    assert err.startswith("error: 2 lakes × seasons failed\n  Remedy: run the same command again: it does only these")
    assert any("failed: L1 2020" in line and "404" in line for line in lines)
    assert [line["status"] for line in report(folder)] == ["fetched", "fetched", "failed", "failed"]
    assert Store(folder).table("scenes").num_rows == 2
    code, lines, _ = ran(capsys, server, folder)
    assert (code, "2 to do, 2 done" in lines[0]) == (0, True)
    assert Store(folder).table("scenes").num_rows == 4


def test_a_dry_run_searches_and_leaves_no_trace(capsys: pytest.CaptureFixture[str], server: StacServer, folder: Path) -> None:
    before, mark = sorted(folder.rglob("*")), len(server.log)
    code, lines, _ = ran(capsys, server, folder, "--dry-run")
    assert code == 0
    assert lines[1] == "  L0 2020: 5 scenes to choose from, 2020-10-16 nearest to the middle of the season"
    assert lines[-1] == "Nothing was fetched (--dry-run)."
    assert sorted(folder.rglob("*")) == before
    assert not server.files_asked(mark)


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (("--lakes", "L1"), ({1}, 2020)),
        (("--basin", "west"), ({0}, 2020)),
        (("--since", "2021"), ({0, 1}, 2021)),
        (("--lakes", "L0,L1", "--basin", "east", "--since", "2021-10-01"), ({1}, 2021)),
    ],
)
def test_lakes_basin_and_since_choose(
    capsys: pytest.CaptureFixture[str], server: StacServer, folder: Path, options: tuple[str, ...], chosen: tuple[set[int], int]
) -> None:
    lakes, first = chosen
    code, _, _ = ran(capsys, server, folder, *options)
    assert code == 0
    rows = read_table(folder / "scenes.parquet").to_pylist()
    assert {(row["lake_key"], row["date"]) for row in rows} == {
        (lake, WORLD.right_day(year)) for lake in lakes for year in range(first, 2022)
    }


def test_a_season_of_other_months_has_other_scenes(capsys: pytest.CaptureFixture[str], server: StacServer, folder: Path) -> None:
    code, _, _ = ran(capsys, server, folder, "--season", "7-8", "--years", "2020", "--lakes", "L0")
    assert code == 0
    [row] = read_table(folder / "scenes.parquet").to_pylist()
    assert row["item"] == "S2A_00_20200817_august"


def test_limits_are_kept_and_the_report_says_why_not(capsys: pytest.CaptureFixture[str], server: StacServer, folder: Path) -> None:
    options = ("--season", "10-10", "--years", "2020", "--lakes", "L0", "--since", "2020-10-10", "--per-season", "9", "--snow", "100")
    assert ran(capsys, server, folder, *options)[0] == 0
    items = {row["item"].rpartition("_")[2] for row in read_table(folder / "scenes.parquet").to_pylist()}
    assert items == {"snowy", "right"}
    assert ran(capsys, server, folder, "--season", "10-10", "--years", "2020", "--lakes", "L1", "--since", "2020-10-21")[0] == 0
    [line] = report(folder)
    assert (line["status"], line["why_not"]) == ("none", "the catalogue has no scene of this season that shows the lake")


def test_several_collections_are_done_one_after_the_other(capsys: pytest.CaptureFixture[str], server: StacServer, folder: Path) -> None:
    code, _, err = ran(capsys, server, folder, "--collection", COLLECTION, "--collection", "landsat-c2-l2")
    assert code == 2
    assert f"has no collection 'landsat-c2-l2'\n  Remedy: name another with --collection: {COLLECTION}" in err
    assert not (folder / FILE).exists(), "all are looked up before any is fetched"
    code, lines, _ = ran(capsys, server, folder, "--collection", COLLECTION, "--collection", COLLECTION, "--years", "2020")
    assert (code, sum("2 seasons" in line or "1 seasons" in line for line in lines)) == (0, 1), "twice the same counts once"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--years", "2021:2020"), "no range of years"),
        (("--season", "13-14"), "not a range of months"),
        (("--per-season", "0"), "--per-season 0 makes no sense"),
        (("--workers", "99"), "--workers 99 makes no sense"),
        (("--cloud", "101"), "--cloud 101 makes no sense"),
        (("--cloud", "nan"), "--cloud nan makes no sense"),
        (("--buffer", "-1"), "--buffer -1 makes no sense"),
        (("--lakes", "L77"), "L77"),
        (("--basin", "nowhere"), "nowhere"),
        (("--since", "2022"), "no lake or no season is left"),
        (("--catalog", "mars"), "neither a known name"),
    ],
)
def test_options_that_cannot_be_used_are_named_before_anything_is_asked(
    capsys: pytest.CaptureFixture[str], server: StacServer, folder: Path, options: tuple[str, ...], said: str
) -> None:
    mark = len(server.log)
    code, _, err = ran(capsys, server, folder, *options)
    assert code == 2
    assert said in err
    assert "Remedy:" in err
    assert len(server.log) == mark
    assert not (folder / "scenes.parquet").exists()


def test_an_own_catalogue_needs_a_collection(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert main(["stac", str(folder), "--catalog", "https://api.test", "--years", "2020"]) == 2
    assert "no collection is named" in capsys.readouterr().err


def test_simulated_lakes_are_refused(capsys: pytest.CaptureFixture[str], server: StacServer, tmp_path: Path) -> None:
    folder = small_dataset(tmp_path / "simulated")
    mark = len(server.log)
    code, _, err = ran(capsys, server, folder)
    assert code == 2
    assert "is simulated: no satellite has seen its lakes" in err
    assert len(server.log) == mark


def test_the_season_of_the_dataset_is_taken_unless_another_is_asked_for(
    capsys: pytest.CaptureFixture[str], server: StacServer, folder: Path
) -> None:
    write_meta(folder, replace(read_meta(folder), season=None))
    assert ran(capsys, server, folder, "--years", "2020", "--lakes", "L0")[0] == 0
    [line] = report(folder)
    assert (line["first_day"], line["last_day"]) == ("2020-01-01", "2020-12-31")


def test_a_port_where_nobody_listens_is_named(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    code, _, err = ran(capsys, "http://user:hush@127.0.0.1:9/?key=hush", folder, "--retries", "0")
    assert code == 2
    assert err.startswith("error: http://127.0.0.1:9/: the connection fails\n  Remedy: run the same command again later")
    assert "hush" not in err


def test_the_journal_is_lines_of_json(capsys: pytest.CaptureFixture[str], server: StacServer, folder: Path) -> None:
    assert ran(capsys, server, folder, "--years", "2020", "--lakes", "L0")[0] == 0
    kinds = [json.loads(line)["kind"] for line in (folder / FILE).read_text().splitlines()]
    assert kinds[-1] == "done"
    assert set(kinds[:-1]) == {"judged"}
