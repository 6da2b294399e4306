"""Examples: the registry, files by their SHA-256 from a folder or over HTTP, and the import that follows."""

import functools
import hashlib
import http.server
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from data import examples
from data.__main__ import main
from data.checks import dataset_faults
from data.errors import InputError
from data.store import Store

YEARS = (2000, 2010)


def outlines(year: int) -> str:
    """Two square lakes that grow by the year, as GeoJSON."""
    side = 0.002 + (year - 2000) * 0.0001
    features = [
        {
            "type": "Feature",
            "properties": {"GL_ID": f"GL08{place}000E27000N", "Country": "Nepal"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[80 + place, 27], [80 + place + side, 27], [80 + place + side, 27 + side], [80 + place, 27 + side], [80 + place, 27]]
                ],
            },
        }
        for place in (6, 7)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for year in YEARS:
        (folder / f"lakes_{year}.geojson").write_text(outlines(year))
    (folder / "notes.txt").write_text("accompanies them")
    return folder


@pytest.fixture
def server(files: Path) -> Iterator[str]:
    """The folder over HTTP on this machine."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(files)))
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}/"
    served.shutdown()
    served.server_close()
    thread.join()


@pytest.fixture
def registry(tmp_path: Path, files: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry of one example, `small`, kept on that server."""
    lines = [f'"{path.name}" = "{hashlib.sha256(path.read_bytes()).hexdigest()}"' for path in sorted(files.iterdir())]
    about = ["[small]", 'title = "Small lakes"', 'licence = "CC0"', 'citation = "Me (2026)"', f'base = "{server}"']
    how = ['arguments = ["--pixel", "30"]', 'read = ".geojson"', "[small.files]"]
    path = tmp_path / "registry.toml"
    path.write_text("\n".join([*about, *how, *lines]))
    monkeypatch.setattr(examples, "REGISTRY", path)
    monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path / "state"))
    return path


def whole(name: str) -> examples.Example:
    found = examples.example(name)
    assert isinstance(found, examples.Example)
    return found


def test_the_real_registry_is_whole() -> None:
    known = examples.examples()
    assert set(known) == {"hkh-lakedb", "jokulsarlon", "glacial-lake-bench", "glid"}
    for example in known.values():
        assert example.title
        assert example.licence
        assert example.citation
        if isinstance(example, examples.ArchiveExample):
            assert re.fullmatch(r"https://zenodo\.org/api/records/\d+", example.record)
            assert example.record.rpartition("/")[2] in example.citation
            assert example.pace >= 3600 / 2000, "what Zenodo grants a guest an hour"
            continue
        assert re.fullmatch(r"https://raw\.githubusercontent\.com/[^/]+/[^/]+/[0-9a-f]{40}/.*/", example.base)
        assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in example.files.values())
        assert any(name.endswith(example.read) for name in example.files)
    assert whole("hkh-lakedb").arguments == ["--pixel", "30"]
    assert len(whole("jokulsarlon").files) == 39
    assert whole("jokulsarlon").arguments == ["--sensor", "Landsat", "--sensor", "2016=Sentinel-1/2"]


def test_the_list_names_licence_and_citation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examples"]) == 0
    shown = capsys.readouterr().out
    for example in examples.examples().values():
        assert {f"{example.name}: {example.title}", f"  Licence: {example.licence}", f"  Cite: {example.citation}"} <= set(
            shown.splitlines()
        )


@pytest.mark.parametrize("way", ["folder", "network"])
@pytest.mark.usefixtures("registry")
def test_fetched_and_imported(way: str, files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    local = ["--from", str(files)] if way == "folder" else []
    assert main(["examples", "fetch", "small", "--into", str(tmp_path / "d"), *local]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "small: Small lakes"
    assert shown[2:4] == ["  Licence: CC0", "  Cite: Me (2026)"]
    store = Store(tmp_path / "d")
    assert (store.meta.title, store.meta.licence, store.meta.citation, store.meta.simulated) == ("Small lakes", "CC0", "Me (2026)", False)
    assert store.meta.pixel_m == 30
    assert len(store.lake_keys) == 2
    assert len(store.area_rows) == 4
    assert "Country" in store.extra_columns
    assert dataset_faults(store.path) == []
    assert (tmp_path / "state" / "examples").exists() == (way == "network")


@pytest.mark.usefixtures("registry")
def test_what_was_fetched_is_kept(files: Path, tmp_path: Path) -> None:
    assert main(["examples", "fetch", "small", "--into", str(tmp_path / "d")]) == 0
    for path in files.iterdir():
        path.unlink()
    assert main(["examples", "fetch", "small", "--into", str(tmp_path / "again")]) == 0
    assert Store(tmp_path / "again").digest == Store(tmp_path / "d").digest


@pytest.mark.parametrize("way", ["folder", "network"])
@pytest.mark.parametrize("harm", ["changed", "gone"])
@pytest.mark.usefixtures("registry")
def test_a_file_that_is_not_the_one_meant(way: str, harm: str, files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    victim = files / "lakes_2010.geojson"
    victim.unlink() if harm == "gone" else victim.write_text(outlines(2011))
    local = ["--from", str(files)] if way == "folder" else []
    assert main(["examples", "fetch", "small", "--into", str(tmp_path / "d"), *local]) == 2
    error = capsys.readouterr().err
    assert "lakes_2010.geojson" in error
    assert "Remedy: " in error
    assert not (tmp_path / "d").exists()


@pytest.mark.usefixtures("registry")
def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path / "blocked"))
    assert main(["examples", "fetch", "small", "--into", str(tmp_path / "d")]) == 2
    assert "set MORAINE_STATE_DIR" in capsys.readouterr().err


@pytest.mark.usefixtures("registry")
def test_other_data_is_not_added_to(files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "mine").write_text("mine")
    assert main(["examples", "fetch", "small", "--into", str(tmp_path / "d"), "--from", str(files)]) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.usefixtures("registry")
def test_options_of_chips_mean_nothing_to_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option in (
        ["--regions", "SA"],
        ["--split", "test"],
        ["--fraction", "1"],
        ["--seed", "0"],
        ["--copy"],
        ["--dry-run"],
        ["--report", "f"],
    ):
        assert main(["examples", "fetch", "small", "--into", str(tmp_path / "d"), *option]) == 2
        assert f"{option[0]} means nothing to small" in capsys.readouterr().err
    assert main(["examples", "fetch", "small"]) == 2
    assert "no dataset is named" in capsys.readouterr().err


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(InputError, match="use one of hkh-lakedb, jokulsarlon, glacial-lake-bench, glid"):
        examples.example("everest")


def test_the_hindu_kush_himalaya(real_data: Path, tmp_path: Path) -> None:
    assert main(["examples", "fetch", "hkh-lakedb", "--into", str(tmp_path / "d"), "--from", str(real_data / "hkh-lakedb")]) == 0
    store = Store(tmp_path / "d")
    assert store.meta.pixel_m == 30
    assert "essd-15-3941-2023" in store.meta.citation
    assert store.area_rows["date"].dt.year.nunique() == 3
    assert dataset_faults(store.path) == []


def test_joekulsarlon_is_what_is_registered(real_data: Path) -> None:
    """Its import is tested with the importer."""
    wanted = whole("jokulsarlon")
    found = examples.local_files(wanted, real_data / "jokulsarlon-vdc" / "outlines", lambda items, total, what: iter(items))
    assert len(found) == 39


@pytest.mark.usefixtures("registry")
def test_floods_come_with_the_lakes_where_a_file_is_named(files: Path, tmp_path: Path) -> None:
    record = tmp_path / "floods.csv"
    record.write_text("GF_ID,Year_exact,Month,Day,GL_ID,Lat_lake,Lon_lake\n1,2012,7,3,GL086000E27000N,27.001,86.001\n")
    fetch = ["examples", "fetch", "small", "--from", str(files), "--into"]
    assert main([*fetch, str(tmp_path / "no"), "--floods", str(tmp_path / "none.csv")]) == 2
    assert not (tmp_path / "no").exists(), "said before anything is fetched"
    assert main([*fetch, str(tmp_path / "d"), "--floods", str(record)]) == 0
    assert Store(tmp_path / "d").floods.rows["words"].tolist() == ["2012-07-03"]
