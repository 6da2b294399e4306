"""Zip archives by their directory: against `zipfile` itself, with zip64, and damaged, hostile or strange ones."""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile
from pathlib import Path, PurePosixPath
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.archives import reader
from data.archives.directory import Archive, Member
from data.archives.fetching import fetch_of
from data.archives.keeping import Kept
from data.archives.source import Local
from data.errors import InputError
from tests.chip_archives import packed


class Bytes:
    """Bytes in memory as a source that notes what is read of them."""

    pace = 0.0

    def __init__(self, body: bytes) -> None:
        self.name, self.size, self.version, self.body = "an.zip", len(body), "", body
        self.asked: list[tuple[int, int]] = []

    def part(self, first: int, last: int) -> bytes:
        assert 0 <= first <= last < self.size
        self.asked.append((first, last))
        return self.body[first : last + 1]


def read(archive: Archive, member: Member) -> bytes:
    return archive.read(member, archive.source.part(member.first, member.end - 1) if member.end > member.first else b"", member.first)


METHODS = st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])


class Stream(io.BytesIO):
    """A file that cannot be gone back in: sizes then follow the members' bytes."""

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:
        raise OSError


@settings(max_examples=60)
@given(
    st.dictionaries(st.text("abcä_", min_size=1, max_size=9), st.binary(max_size=3000), min_size=1, max_size=8),
    METHODS, st.binary(max_size=70), st.binary(max_size=50), st.tuples(st.booleans(), st.booleans()),
)  # fmt: skip
def test_members_are_what_zipfile_says(files: dict[str, bytes], method: int, comment: bytes, before: bytes, how: tuple[bool, bool]) -> None:
    streamed, zip64 = how
    held = Stream() if streamed else io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        if zip64:
            patch.setattr(zipfile, "ZIP64_LIMIT", 100)
            patch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
        with zipfile.ZipFile(held, "w", method) as written:
            for name, body in files.items():
                with written.open(f"top/{name}", "w", force_zip64=zip64) as file:
                    file.write(body)
            written.comment = comment.replace(b"PK", b"..")
    archive = Archive(Bytes(before.replace(b"PK", b"..") + held.getvalue()))
    assert {str(path): read(archive, member) for path, member in archive.members.items()} == {
        f"top/{name}": body for name, body in files.items()
    }
    assert all(member.size == len(files[path.name]) and member.crc == crc32(files[path.name]) for path, member in archive.members.items())


def test_sixty_six_thousand_members_need_zip64(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as written:
        for number in range(66_000):
            written.writestr(zipfile.ZipInfo(f"d/{number}"), str(number).encode())
    source = Bytes((tmp_path / "a.zip").read_bytes())
    archive = Archive(source)
    assert len(archive.members) == 66_000
    assert read(archive, archive.members[PurePosixPath("d/65999")]) == b"65999"
    assert len(source.asked) <= 4, "tail, directory, member"


def test_members_beyond_four_gigabytes(tmp_path: Path) -> None:
    """A sparse file: 5 GB of nothing, then an archive whose places need 64 bits."""
    path, rng = tmp_path / "large.zip", os.urandom(5000)
    with path.open("wb") as file:
        file.seek(5 * 10**9)
        with zipfile.ZipFile(file, "w") as written:
            written.writestr("a/one", rng)
            written.writestr("a/two", b"two" * 1000, zipfile.ZIP_DEFLATED)
    archive = Archive(Local(path))
    one, two = archive.members.values()
    assert one.first >= 5 * 10**9
    assert (read(archive, one), read(archive, two)) == (rng, b"two" * 1000)


def test_the_directory_costs_itself_and_little_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "AT_ONCE", 10_000)
    body = packed({f"folder/{n:04}": os.urandom(1000) for n in range(1000)})
    with zipfile.ZipFile(io.BytesIO(body)) as plain:
        directory = len(body) - plain.start_dir
    source = Bytes(body)
    archive = Archive(source)
    assert sum(last - first + 1 for first, last in source.asked) <= directory + reader.TAIL
    assert max(last - first + 1 for first, last in source.asked) <= 10_000 + reader.TAIL
    member = archive.members[PurePosixPath("folder/0500")]
    assert member.end - member.first == member.packed + 30 + len("folder/0500"), "nothing of the neighbours"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../out.tif", "lead out"), ("a/../../out.tif", "lead out"), ("/etc/out.tif", "lead out"), ("a\\..\\out.tif", "lead out"),
        ("C:/out.tif", "lead out"), ("a/b\n.tif", "usable"), ("a/\x1b[2J.tif", "usable"), ("a/" + "x" * 201, "usable"), (".", "usable"),
    ],
)  # fmt: skip
def test_names_that_lead_out_are_refused(name: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        Archive(Bytes(packed({"a/fine.tif": b"1", name: b"2"})))
    assert caught.value.what.startswith("an.zip")
    assert caught.value.what.isprintable(), "a name does nothing to a terminal"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as written:
        for body in (b"one", b"two"):
            written.writestr("a/b", body)
    with pytest.raises(InputError, match="'a/b' twice"):
        Archive(Bytes(held.getvalue()))
    with pytest.raises(InputError, match="twice"):
        Archive(Bytes(packed({"a/b": b"one", "./a//b": b"two"})))


SOUND = packed({f"d/{n}": bytes(range(256)) * (n + 1) for n in range(4)}, comment=b"sound")


@pytest.mark.parametrize(
    "body", [b"", b"PK", b"<html>no archive</html>" * 99, SOUND[:-30], SOUND[: len(SOUND) // 2], b"Rar!\x1a\x07\x00" * 99]
)
def test_what_is_no_archive_is_named(body: bytes) -> None:
    with pytest.raises(InputError, match=r"an\.zip cannot be read as a zip archive"):
        Archive(Bytes(body))


@settings(max_examples=400)
@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_damage_is_an_error_or_does_no_harm(changes: list[tuple[int, int]]) -> None:
    body = bytearray(SOUND)
    for place, value in changes:
        body[place] = value
    try:
        archive = Archive(Bytes(bytes(body)))
    except InputError:
        return
    for member in archive.members.values():
        try:
            found = read(archive, member)
        except ValueError:
            continue
        assert crc32(found) == member.crc
        assert len(found) == member.size


def test_the_crc_is_checked() -> None:
    body = packed({"a": b"A" * 500, "b": b"B" * 500}, method=zipfile.ZIP_STORED)
    archive = Archive(Bytes(body.replace(b"A" * 500, b"A" * 499 + b"C")))
    with pytest.raises(ValueError, match="CRC"):
        read(archive, archive.members[PurePosixPath("a")])
    assert read(archive, archive.members[PurePosixPath("b")]) == b"B" * 500


def test_encrypted_and_strangely_packed_members_are_errors() -> None:
    body = packed({"a": b"A" * 500})
    locked = bytearray(body)
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[body.index(sign) + place] |= 1
    strange = bytearray(body)
    for sign, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        strange[body.index(sign) + place] = 97
    others = [packed({"a": b"A" * 500}, method=method) for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)]
    for changed, words in ((locked, "encrypted"), *((each, "packed by method") for each in (strange, *others))):
        archive = Archive(Bytes(bytes(changed)))
        with pytest.raises(ValueError, match=words):
            read(archive, archive.members[PurePosixPath("a")])


def test_a_bomb_fills_no_memory() -> None:
    """200 MB of nothing in 200 kB, of which the directory says that it is a thousand bytes."""
    body = bytearray(packed({"a": bytes(200 * 10**6)}))
    for sign, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = bytes(body).rindex(sign) + place
        body[start : start + 4] = (1000).to_bytes(4, "little")
    archive = Archive(Bytes(bytes(body)))
    tracemalloc.start()
    with pytest.raises(ValueError, match="CRC"):
        read(archive, archive.members[PurePosixPath("a")])
    assert tracemalloc.get_traced_memory()[1] < 10 * 10**6
    tracemalloc.stop()


def test_a_file_that_is_a_folder_too_is_refused() -> None:
    with pytest.raises(InputError, match="'a/b' both as a file and as a folder"):
        Archive(Bytes(packed({"a/b": b"1", "a/b/c": b"2"})))


def test_a_member_that_claims_a_gigabyte_is_not_unpacked(tmp_path: Path) -> None:
    body = bytearray(packed({"a": bytes(10_000)}))
    place = bytes(body).index(b"PK\x01\x02") + 24
    body[place : place + 4] = (10**9).to_bytes(4, "little")
    archive = Archive(Bytes(bytes(body)))
    with pytest.raises(ValueError, match="claims to hold 1,000,000,000 bytes"):
        read(archive, archive.members[PurePosixPath("a")])
    fetch = fetch_of([archive], archive.members, Kept(tmp_path))
    assert (fetch.members, fetch.bad) == ([], {PurePosixPath("a"): "it claims to be longer than a chip can be"})
