"""Temporary files: in a folder of the process's own, whatever the umask, and none of a killed process stays."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from data.temporary import sweep
from tests.harness import ROOT

STARTS = """
import os, sys, tempfile
from pathlib import Path
os.umask(int(sys.argv[2], 8))
from data.temporary import own_temporary
made = own_temporary(Path(sys.argv[1]))
inside = Path(tempfile.mkdtemp(prefix="fileupload-"))
(inside / "0.tif").write_bytes(b"what a visitor handed in")
print(made, flush=True)
sys.stdin.read()
"""


class Process:
    """A process that has made its folder, and waits."""

    def __init__(self, state: Path, umask: str = "022", **env: str) -> None:
        command = [sys.executable, "-c", STARTS, str(state), umask]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        assert self.process.stdout is not None
        self.folder = Path(self.process.stdout.readline().strip() or "none")

    def end(self) -> str:
        return self.process.communicate("")[1]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("umask", ["000", "022", "277"])
def test_nobody_else_can_look_into_it_whatever_the_umask(temporary: Path, tmp_path: Path, umask: str) -> None:
    running = Process(tmp_path / "state", umask, TMPDIR=str(temporary))
    assert running.folder.parent.parent == temporary
    assert {folder.stat().st_mode & 0o777 for folder in (running.folder, running.folder.parent)} == {0o700}
    assert (next(running.folder.iterdir()) / "0.tif").exists(), "tempfile goes there"
    running.end()
    assert not running.folder.exists(), "a process that ends leaves nothing"


def test_what_a_killed_process_left_goes_at_the_next_start_and_nothing_else(temporary: Path, tmp_path: Path) -> None:
    killed, alive = (Process(tmp_path / "state", TMPDIR=str(temporary)) for _ in range(2))
    (temporary / "fileupload-of-somebody-else").mkdir()
    killed.kill()
    assert any(killed.folder.iterdir()), "this is what has to be cleared"
    third = Process(tmp_path / "state", TMPDIR=str(temporary))
    assert not killed.folder.exists()
    assert any(alive.folder.iterdir())
    assert (temporary / "fileupload-of-somebody-else").exists()
    alive.end()
    third.end()


def test_a_link_in_its_place_is_not_followed(temporary: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine").mkdir()
    (temporary / f"moraine-{os.getuid()}").symlink_to(elsewhere)
    running = Process(tmp_path / "state", TMPDIR=str(temporary))
    assert running.folder.parent == temporary
    assert running.folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in elsewhere.iterdir()] == ["mine"], "nothing was swept there"
    running.end()


def test_a_link_among_the_folders_is_removed_and_not_followed(temporary: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("kept")
    base = temporary / f"moraine-{os.getuid()}"
    base.mkdir()
    (base / "1-link").symlink_to(kept)
    Process(tmp_path / "state", TMPDIR=str(temporary)).end()
    assert list(base.iterdir()) == []
    assert (kept / "file").exists()


@pytest.mark.parametrize("look", ["is_symlink", "is_dir"])
def test_a_folder_that_goes_with_its_process_meanwhile_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, look: str) -> None:
    for name in ("1-gone", "2-left"):
        (tmp_path / name).mkdir()
    seen = getattr(Path, look)

    def looked(path: Path) -> bool:
        found = seen(path)
        if path.name == "1-gone" and path.exists():
            path.rmdir()
        return found

    monkeypatch.setattr(Path, look, looked)
    assert sweep(tmp_path) == 1
    assert not any(tmp_path.iterdir())


def test_without_a_folder_for_temporary_files_the_state_folder_serves(tmp_path: Path) -> None:
    """A file stands where each of tempfile's own choices would be: not even root can write there."""
    hide = "import tempfile; tempfile._candidate_tempdir_list = lambda: [sys.argv[3]]\n"
    (tmp_path / "file").write_text("in the way")
    code = STARTS.replace("from pathlib import Path\n", "from pathlib import Path\n" + hide, 1)
    command = [sys.executable, "-c", code, str(tmp_path / "state"), "022", str(tmp_path / "file")]
    done = subprocess.run(command, cwd=ROOT, input="", capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).is_relative_to(tmp_path / "state")


def test_this_process_is_left_alone() -> None:
    assert "moraine-" not in Path(tempfile.gettempdir()).name
