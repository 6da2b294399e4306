"""An archive on a server that is busy, breaks off, lies, or sends whole files only; and the record that says where it is."""

from __future__ import annotations

import json
import mmap
import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from data.archives import reader
from data.archives.directory import Archive
from data.archives.fetching import fetch_of
from data.archives.keeping import Kept
from data.archives.record import filed
from data.archives.source import Local, Remote
from data.errors import InputError
from data.stac import fetching
from data.stac.fetching import Fetcher
from tests.chip_archives import packed
from tests.range_server import RangeServer, serving
from tests.waiting import until

FILES = {f"d/{n:02}": os.urandom(9000) for n in range(40)}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(reader, "TAIL", 500)


@pytest.fixture
def server() -> Iterator[RangeServer]:
    with serving({"a.zip": packed(FILES)}) as made:
        yield made


def remote(server: RangeServer, pace: float = 0, size: int | None = None, tries: int = 4, name: str = "a.zip") -> Remote:
    return Remote(Fetcher(tries, agent="moraine test"), f"{server.url}/files/{name}/content", pace, size)


def all_of(source: Remote | Local, folder: Path) -> dict[str, bytes]:
    """Every member, fetched."""
    archive = Archive(source)
    fetch = fetch_of([archive], archive.members, Kept(folder))
    assert len(list(fetch.run())) == len(FILES)
    assert not fetch.bad
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("fault", ["busy", "drop", "short", "moved", "wrong"])
def test_a_bad_moment_anywhere_changes_nothing(server: RangeServer, tmp_path: Path, fault: str) -> None:
    """Each request of an undisturbed run has its bad moment in turn: the first, the tail, the directory, the members."""
    assert all_of(remote(server), tmp_path / "sound") == FILES
    count = len(server.log)
    assert count == 4
    # Bytes of the directory that arrive wrong are no matter of members: test_archives_directory.
    for moment in range(3 if fault == "wrong" else 0, count):
        server.faults = ["fine"] * moment + [fault]
        assert all_of(remote(server), tmp_path / f"{fault}{moment}") == FILES
        assert not server.faults, "it had its bad moment"


def test_a_whole_file_is_never_taken(tmp_path: Path) -> None:
    large = bytes(64 * 2**20)
    with serving({"a.zip": large}) as server:
        server.always = "whole"
        with pytest.raises(InputError, match="does not send parts of files, and all of it is 67 MB: nothing was fetched") as caught:
            remote(server, size=len(large))
        assert "--from" in caught.value.remedy
        until(lambda: server.log)
    assert [asked.status for asked in server.log] == [200]
    assert server.sent < len(large) / 4, "the connection was given up, not read to its end"


def test_a_server_that_stops_sending_parts_is_an_error(server: RangeServer, tmp_path: Path) -> None:
    server.faults = ["fine", "fine", "fine", "whole"]
    with pytest.raises(InputError, match="does not send parts"):
        all_of(remote(server), tmp_path / "f")


def test_a_file_that_changes_meanwhile_is_noticed(server: RangeServer, tmp_path: Path) -> None:
    for other in (packed({**FILES, "d/99": b"more"}), packed(dict(reversed(FILES.items())))):
        source = remote(server)
        archive = Archive(source)
        kept = server.files["a.zip"]
        server.files["a.zip"] = other
        with pytest.raises(InputError, match="has changed on the server while it was read"):
            list(fetch_of([archive], archive.members, Kept(tmp_path / "f")).run())
        assert not list((tmp_path / "f").rglob("*")), "nothing of the other file was kept"
        server.files["a.zip"] = kept


def test_a_server_that_goes_on_refusing_is_left(server: RangeServer) -> None:
    server.always = "busy"
    with pytest.raises(InputError, match="503") as caught:
        remote(server, tries=3)
    assert len(server.log) == 3
    assert "again later" in caught.value.remedy
    server.always = "gone"
    with pytest.raises(InputError, match="404") as caught:
        remote(server)
    assert len(server.log) == 4, "what is not there is not asked for again"


def test_it_asks_one_after_the_other_and_says_who_it_is(server: RangeServer, tmp_path: Path) -> None:
    all_of(remote(server), tmp_path / "f")
    assert server.connections == 1
    assert {asked.agent for asked in server.log} == {"moraine test"}


def test_five_gigabytes_of_which_little_is_read(tmp_path: Path) -> None:
    """A sparse file served in parts: places in it need 64 bits."""
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        file.seek(5 * 10**9)
        with zipfile.ZipFile(file, "w") as written:
            for name, body in FILES.items():
                written.writestr(name, body)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as large, serving({"a.zip": large}) as server:
        source = remote(server, size=path.stat().st_size)
        fetch = fetch_of([Archive(source)], [PurePosixPath("d/07"), PurePosixPath("d/08"), PurePosixPath("d/31")], Kept(tmp_path / "f"))
        assert [member.path.name for member in fetch.run()] == ["07", "08", "31"]
        assert (tmp_path / "f/d/31").read_bytes() == FILES["d/31"]
        assert server.sent < 3 * 9100 + 6000
        assert max(asked.part[0] for asked in server.log if asked.part) > 2**32


def test_it_keeps_the_pace(server: RangeServer, tmp_path: Path) -> None:
    began = time.monotonic()
    source = remote(server, pace=0.05)
    source.part(0, 10)
    source.part(11, 20)
    assert time.monotonic() - began >= 0.1
    wanted = fetch_of([Archive(source)], [PurePosixPath("d/00"), PurePosixPath("d/20")], Kept(tmp_path))
    assert "2 files to fetch: 0.0 MB in 2 requests, at least 0 s" in wanted.estimate()


def test_it_waits_as_long_as_it_is_told(server: RangeServer) -> None:
    server.retry_after, server.faults = "1", ["busy"]
    began = time.monotonic()
    remote(server)
    assert time.monotonic() - began >= 1


def test_retry_after_in_an_answer_that_is_fine_means_nothing(server: RangeServer) -> None:
    """Zenodo sends it always."""
    began = time.monotonic()
    source = remote(server)
    source.part(0, 5)
    assert time.monotonic() - began < 30


def test_a_record_that_tells_another_size(server: RangeServer) -> None:
    with pytest.raises(InputError, match="where its record says 17"):
        remote(server, size=17)


def test_a_file_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(packed(FILES))
    assert all_of(Local(tmp_path / "a.zip"), tmp_path / "f") == FILES


def test_files_of_a_record(server: RangeServer) -> None:
    server.files = {"b.zip": b"12", "a.ZIP": b"1", "readme.md": b""}
    found = filed(Fetcher(), server.url, ["*.zip"])
    assert [(file.name, file.size) for file in found] == [("a.ZIP", 1), ("b.zip", 2)]
    assert found[1].url == f"{server.url}/files/b.zip/content"
    with pytest.raises(InputError, match=r"holds no file Lakes\.zip, but b\.zip, a\.ZIP, readme\.md"):
        filed(Fetcher(), server.url, ["Lakes.zip"])
    with pytest.raises(InputError, match="404"):
        filed(Fetcher(), server.url + "0", ["*.zip"])


@pytest.mark.parametrize(
    "text",
    [
        "<html>",
        "[]",
        "{}",
        '{"files": 3}',
        '{"files": {}}',
        '{"files": [3]}',
        '{"files": [{"key": "a.zip", "links": []}]}',
        '{"files": [{"size": 3}]}',
    ],
)
def test_what_is_no_record(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    fetcher = Fetcher()
    monkeypatch.setattr(fetcher, "text", lambda url: text)
    with pytest.raises(InputError, match="is no record of Zenodo"):
        filed(fetcher, "https://host.test/api/records/1", ["*.zip"])


def test_a_record_does_not_lead_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    told = '{"files": [{"key": "a b.zip", "size": 3, "links": {"self": "http://169.254.0.1/secret"}}, {"key": "c.zip"}]}'
    fetcher = Fetcher()
    monkeypatch.setattr(fetcher, "text", lambda url: told)
    found = filed(fetcher, "https://host.test/api/records/1/", ["*"])
    assert [file.url for file in found] == [f"https://host.test/api/records/1/files/{name}/content" for name in ("a%20b.zip", "c.zip")]


def test_a_record_in_its_other_form(monkeypatch: pytest.MonkeyPatch) -> None:
    base = "https://host.test/api/records/1/files/c.zip"
    told = {"files": {"entries": {"c.zip": {"key": "c.zip", "size": 9, "links": {"self": base, "content": f"{base}/content"}}}}}
    fetcher = Fetcher()
    monkeypatch.setattr(fetcher, "text", lambda url: json.dumps(told))
    (found,) = filed(fetcher, "https://host.test/api/records/1", ["*.zip"])
    assert (found.url, found.size) == (f"{base}/content", 9), "self is a description there, not the file"


def test_a_member_longer_than_a_request(server: RangeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "AT_ONCE", 4000)
    fetch = fetch_of([Archive(remote(server))], [PurePosixPath("d/05")], Kept(tmp_path))
    assert "in 3 requests" in fetch.estimate()
    before = len(server.log)
    assert len(list(fetch.run())) == 1
    assert (tmp_path / "d/05").read_bytes() == FILES["d/05"]
    assert len(server.log) - before == 3


def test_two_runs_do_not_fetch_into_one_folder(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    (tmp_path / "d").mkdir()
    (tmp_path / "d/.00.abc.partial").write_bytes(b"half")
    with kept.alone():
        assert not list(tmp_path.rglob("*.partial")), "what a killed run left is gone"
        with pytest.raises(InputError, match="another run"), Kept(tmp_path).alone():
            pass
    with kept.alone():
        pass
