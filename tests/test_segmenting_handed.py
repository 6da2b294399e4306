"""A file that is handed in while another is still being read: the last one stays, and nothing of the other is left."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from data.errors import RasterError
from data.rasters.grid import Grid
from data.uploads import Upload
from modules.segmenting import handed, reading
from modules.segmenting.handed import Handed, Preparing

GRID = Grid("", (1, 0, 0, 0, -1, 0), 4, 4)


class Pictures:
    """Instead of the session's layers."""

    def __init__(self) -> None:
        self.held: list[str] = []

    def put(self, body: bytes, media_type: str, *, stays: bool) -> str:
        assert stays, "the picture of the file is asked for again and again"
        self.held.append(body.decode())
        return body.decode()

    def drop(self, address: str) -> None:
        self.held.remove(address)


def test_what_was_given_up_goes_and_the_last_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def read(path: Path, name: str, *_: Any, whose: str) -> Upload:
        if name == "slow.tif":
            begun.set()
            assert go_on.wait(10)
        array = tmp_path / f"{name}.npy"
        array.write_bytes(b"pixels")
        return Upload(name, ("green",), GRID, "reflectance", (), None, array)

    monkeypatch.setattr(handed, "read_upload", read)
    monkeypatch.setattr(reading, "picture", lambda upload: upload.name.encode())
    monkeypatch.setattr(reading, "upload_subject", lambda store, upload, *_: upload)
    pictures = Pictures()
    preparing = Preparing.__new__(Preparing)
    preparing._held, preparing._keeping = None, threading.Lock()
    preparing._work = SimpleNamespace(store=None, layers=pictures, visit="a visit")  # pyright: ignore[reportAttributeAccessIssue]
    slow, quick = (Handed(tmp_path / name, name, number) for number, name in enumerate(("slow.tif", "quick.tif")))
    preparing._wanted = slow
    thread = threading.Thread(target=preparing._read, args=(slow,))
    thread.start()
    assert begun.wait(10)
    preparing._wanted = quick
    preparing._read(quick)
    go_on.set()
    thread.join(10)
    assert preparing._held is not None
    assert preparing._held[2].name == "quick.tif"
    assert {path.name for path in tmp_path.iterdir()} == {"quick.tif.npy"}
    assert pictures.held == ["quick.tif"]


def test_pixels_that_are_gone_are_a_named_error(tmp_path: Path) -> None:
    upload = Upload("mine.tif", ("green",), GRID, "reflectance", (), None, tmp_path / "gone.npy")
    with pytest.raises(RasterError, match=r"mine\.tif are not kept any more"):
        upload.pixels()
