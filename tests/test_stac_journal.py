"""What a run leaves behind for the next one, whatever ended it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from data.errors import DatasetError
from data.stac.clearness import Clearness
from data.stac.journal import FILE, Journal

SEEN = Clearness(0.9, 0.05, 0.02, 0.02, 0.01)


def write(folder: Path) -> bytes:
    with Journal(folder) as journal:
        journal.judge("drawn", "c", "item", SEEN)
        journal.finish("t1", {"lake": 1, "season": 2020, "scenes": []})
        journal.finish("t2", {"lake": 2, "season": 2020, "scenes": [{"path": "é.tif"}]})
    return (folder / FILE).read_bytes()


def test_the_next_run_knows_it_all(tmp_path: Path) -> None:
    write(tmp_path)
    with Journal(tmp_path) as journal:
        assert journal.judged("drawn", "c", "item") == SEEN
        assert journal.judged("other", "c", "item") is None
        assert journal.judged("drawn", "other", "item") is None
        assert {token: entry["lake"] for token, entry in journal.done.items()} == {"t1": 1, "t2": 2}
        journal.finish("t1", {"lake": 1, "season": 2020, "scenes": [{"path": "x"}]})
    with Journal(tmp_path) as journal:
        assert journal.done["t1"]["scenes"] == [{"path": "x"}], "the last word counts"


def test_a_journal_cut_anywhere_keeps_every_whole_line_and_can_be_written_on(tmp_path: Path) -> None:
    whole = write(tmp_path)
    for cut in range(len(whole)):
        (tmp_path / FILE).write_bytes(whole[:cut])
        lines = whole[:cut].count(b"\n")
        with Journal(tmp_path) as journal:
            assert (journal.judged("drawn", "c", "item") is not None) == (lines >= 1)
            assert set(journal.done) == {"t1", "t2"} & {f"t{n}" for n in range(1, lines)}
            journal.finish("t3", {"scenes": []})
        with Journal(tmp_path) as journal:
            assert "t3" in journal.done


def test_what_was_written_is_on_the_disk_when_the_call_returns(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from data.stac.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1])); journal.finish('t', {'scenes': []}); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, cwd=Path(__file__).parent.parent)
    with Journal(tmp_path) as journal:
        assert set(journal.done) == {"t"}


@pytest.mark.parametrize("line", ["{", "[]", "null", "{}", '{"kind": "judged"}', '{"kind": "done"}', '{"kind": "judged", "shares": 3}'])
def test_a_damaged_line_is_named_with_the_remedy(tmp_path: Path, line: str) -> None:
    whole = write(tmp_path)
    (tmp_path / FILE).write_bytes(whole + line.encode() + b"\n" + whole)
    with pytest.raises(DatasetError, match="line 4") as caught:
        Journal(tmp_path)
    assert "remove the file" in caught.value.remedy
    (tmp_path / FILE).unlink()
    write(tmp_path)  # the lock was given back


def test_kinds_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"kind": "new", "x": 1}\n')
    with Journal(tmp_path) as journal:
        assert not journal.done


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    with Journal(tmp_path), pytest.raises(DatasetError, match="another process"):
        Journal(tmp_path)
    with Journal(tmp_path):
        pass


def test_looking_only_leaves_nothing_behind(tmp_path: Path) -> None:
    with Journal(tmp_path, keep=False) as journal:
        assert not journal.done
    assert not list(tmp_path.iterdir())


def test_threads_write_whole_lines(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        threads = [
            threading.Thread(target=lambda n=n: [journal.finish(f"{n} {i}", {"scenes": ["x" * 500]}) for i in range(20)]) for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = (tmp_path / FILE).read_text().splitlines()
    assert {json.loads(line)["token"] for line in lines} == {f"{n} {i}" for n in range(4) for i in range(20)}
