"""The confined child: what it may, and that whoever takes it over comes no further."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.confined import landlock, limits, seccomp, warm
from data.confined.keeper import Keeper
from data.confined.outcomes import Order
from data.errors import DatasetError, InputError
from tests.conftest import ROOT
from tests.waiting import until

MOST_MB = 160
needs_landlock = pytest.mark.skipif(landlock.version() < 1, reason="this system has no Landlock")


needs_seccomp = pytest.mark.skipif(not seccomp.known(), reason="this system's calls are not known")


@pytest.fixture(scope="module")
def keeper() -> Generator[Keeper]:
    made = Keeper(most_mb=MOST_MB, tasks="tests.confined_tasks")
    yield made
    made.end()


def call(keeper: Keeper, folder: Path, do: str, **more: Any) -> Any:
    options = {key: more.pop(key) for key in ("reads", "seconds", "stop", "whose") if key in more}
    return keeper.call(Order("hostile", {"do": do, **more}, folder, called="my.tif", **options)).value["said"]


def test_an_answer_is_what_json_can_say_and_files_stay_in_the_folder(keeper: Keeper, tmp_path: Path) -> None:
    said = {"text": "Þórisvatn \0", "numbers": [1, 2.5, None, True]}
    assert call(keeper, tmp_path, "echo", say=said) == said
    np.testing.assert_array_equal(np.load(tmp_path / "made.npy", allow_pickle=False), np.arange(3))
    assert [path.name for path in tmp_path.iterdir()] == ["made.npy"], "the working folder goes"


def test_children_are_forked_from_one_warm_process(keeper: Keeper, tmp_path: Path) -> None:
    first = call(keeper, tmp_path, "settings")
    second = call(keeper, tmp_path, "settings")
    assert first["parent"] == second["parent"] == keeper.pid
    assert first["here"] != second["here"]
    assert first["empty"]


def test_nothing_of_the_app_is_handed_down(keeper: Keeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MORAINE_REVIEWS_URL", "postgresql://me:secret@host/reviews")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    keeper.end()
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        found = call(keeper, tmp_path, "settings")
    assert "secret" not in str(found["environment"])
    assert Path(found["here"]).parent == tmp_path
    assert found["temporary"] == found["here"]
    assert found["nowhere"] == [True] * 3
    assert len(found["open"]) == 1, "where the answer goes"


def test_errors_of_a_task_come_back_as_themselves(keeper: Keeper, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(DatasetError) as raised:
        call(keeper, tmp_path, "raises", what="this is wrong")
    assert (raised.value.what, raised.value.remedy) == ("this is wrong", "do this")
    with caplog.at_level(logging.ERROR), pytest.raises(InputError, match=r"my\.tif could not be read") as raised:
        call(keeper, tmp_path, "bug")
    assert "no such key" not in str(raised.value)
    assert "no such key" in caplog.text


@pytest.mark.parametrize(("do", "mb"), [("allocate", 200), ("swallowed", 200), ("share", 200)])
def test_memory_ends_at_the_limit(keeper: Keeper, tmp_path: Path, do: str, mb: int) -> None:
    with pytest.raises(InputError, match=r"my\.tif takes more memory") as raised:
        call(keeper, tmp_path, do, mb=mb)
    assert "cut it" in raised.value.remedy
    assert call(keeper, tmp_path, "allocate", mb=20) == 20 * 2**17, "what fits is done"


@pytest.mark.parametrize("do", ["spin", "sleep"])
def test_time_ends_at_the_limit(keeper: Keeper, tmp_path: Path, do: str) -> None:
    with pytest.raises(InputError, match=r"my\.tif took longer than 0.3 s"):
        call(keeper, tmp_path, do, seconds=0.3)


@pytest.mark.parametrize("do", ["abort", "segfault", "leave", "talk", "lie"])
def test_whatever_becomes_of_a_child_the_next_one_answers(keeper: Keeper, tmp_path: Path, do: str) -> None:
    with pytest.raises(InputError, match=r"my\.tif") as raised:
        call(keeper, tmp_path, do)
    assert raised.value.remedy
    assert call(keeper, tmp_path, "echo", say=1) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["made.npy"]


@needs_landlock
def test_only_what_was_handed_in_is_read(keeper: Keeper, tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    for place in (outside, folder):
        (place / "text").write_text("words")
    (outside / "handed in").write_text("words")
    (folder / "link").symlink_to(outside / "text")
    names = [str(path) for path in (outside / "text", outside / "handed in", folder / "text", folder / "link", ROOT / "README.md")]
    tried = call(
        keeper, folder, "files", read=[*names, "/etc/passwd", f"/proc/{os.getpid()}/environ"],
        write=[str(outside), str(folder), str(ROOT), "/tmp"], reads=[outside / "handed in"],
    )  # fmt: skip
    assert list(tried["read"].values()) == ["PermissionError", "words", "words", *["PermissionError"] * 4]
    assert list(tried["wrote"].values()) == ["PermissionError", "yes", "PermissionError", "PermissionError"]


@needs_landlock
def test_it_leaves_plain_files_only(keeper: Keeper, tmp_path: Path) -> None:
    assert call(keeper, tmp_path, "links") == {"link": "PermissionError", "pipe": "PermissionError"}


def test_it_reaches_no_network_and_starts_nothing(keeper: Keeper, tmp_path: Path) -> None:
    """By Python on any system; past Python where the system holds it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        tried = call(keeper, tmp_path, "network", port=server.getsockname()[1])
    ran = call(keeper, tmp_path, "execute")
    assert (tried["python"], ran["python"]) == ("PermissionError", "PermissionError")
    if seccomp.known():
        assert (tried["c"], tried["datagram"], ran["c"]) == ("Operation not permitted", "refused", "[-1, -1] Operation not permitted")


@needs_seccomp
def test_it_ends_no_other_process_and_starts_none(keeper: Keeper, tmp_path: Path) -> None:
    assert call(keeper, tmp_path, "kill", app=os.getpid()) == {"parent": "PermissionError", "app": "PermissionError"}
    assert call(keeper, tmp_path, "fork", many=3, mb=1, waits=0) == 0
    assert call(keeper, tmp_path, "threads") == [0, 1, 2, 3], "threads are its own"


@needs_seccomp
def test_it_has_no_memory_that_no_limit_counts(keeper: Keeper, tmp_path: Path) -> None:
    assert call(keeper, tmp_path, "memory") == [-1, -1]


UNFILTERED = """
import json, os, sys
from data.confined import limits, seccomp
from tests.confined_tasks import hostile
from data.confined.warm import answered
seccomp.refuse = lambda: False
limits.adopt()
for many, mb, waits in ((3, 1, 0), (5, 50, 10)):
    arguments = {"do": "fork", "many": many, "mb": mb, "waits": waits}
    limited = {"reads": [], "seconds": 60, "most_mb": 160, "most_answer": 9999}
    order = {"arguments": arguments, "folder": sys.argv[1], "work": sys.argv[1], **limited}
    print(answered(hostile, order, os.pipe()[0])[0]["is"], limits.children(os.getpid()))
"""


@pytest.mark.skipif(not limits.children(os.getppid()), reason="this system does not list children")
def test_where_it_could_start_others_they_count_and_end_with_it(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", UNFILTERED, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["done []", "memory []"]


def test_a_file_it_writes_is_bounded(keeper: Keeper, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"my\.tif"):
        call(keeper, tmp_path, "write", gb=2)
    assert (tmp_path / "large").stat().st_size <= 2**30


def test_a_folder_that_is_gone_is_said(keeper: Keeper, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"my\.tif cannot be read now"):
        call(keeper, tmp_path / "gone", "echo", say=1)
    assert call(keeper, tmp_path, "echo", say=1) == 1


def test_it_can_be_given_up_while_it_works_and_while_it_waits(keeper: Keeper, tmp_path: Path) -> None:
    stops = [threading.Event(), threading.Event()]
    raised: list[InputError] = []

    def ask(stop: threading.Event) -> None:
        try:
            call(keeper, tmp_path, "sleep", stop=stop)
        except InputError as error:
            raised.append(error)

    threads = [threading.Thread(target=ask, args=(stop,)) for stop in stops]
    threads[0].start()
    until((tmp_path / "begun").exists)
    threads[1].start()
    stops[1].set()
    threads[1].join(10)
    assert [error.what for error in raised] == ["reading my.tif was given up"], "the one that waited, while the other one works"
    stops[0].set()
    threads[0].join(10)
    assert [error.what for error in raised] == ["reading my.tif was given up"] * 2
    assert call(keeper, tmp_path, "echo", say=1) == 1


def test_one_at_a_time_whoever_asks(keeper: Keeper, tmp_path: Path) -> None:
    ended: list[float] = []

    def ask() -> None:
        with pytest.raises(InputError, match="took longer"):
            call(keeper, tmp_path, "spin", seconds=0.3)
        ended.append(time.monotonic())

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(later - earlier > 0.25 for earlier, later in pairwise(sorted(ended)))


def test_they_take_turns_as_they_came(keeper: Keeper, tmp_path: Path) -> None:
    stop, came = threading.Event(), list[int]()

    def ask(number: int) -> None:
        came.append(call(keeper, tmp_path, "echo", say=number))

    def sleep() -> None:
        with pytest.raises(InputError, match="given up"):
            call(keeper, tmp_path, "sleep", stop=stop)

    threads = [threading.Thread(target=sleep), *(threading.Thread(target=ask, args=(number,)) for number in range(4))]
    for waits, thread in enumerate(threads, 1):
        thread.start()
        until(lambda waits=waits: keeper.waiting == waits)
    stop.set()
    for thread in threads:
        thread.join()
    assert came == [0, 1, 2, 3]


@contextmanager
def slow_files(keeper: Keeper, folder: Path, *visits: str) -> Generator[None]:
    """Each of these visits has a file read for as long as this lasts."""
    stop, threads = threading.Event(), list[threading.Thread]()

    def sleep(visit: str) -> None:
        with pytest.raises(InputError, match="given up"):
            call(keeper, folder / visit, "sleep", stop=stop, whose=visit)

    for visit in visits:
        (folder / visit).mkdir()
        threads.append(threading.Thread(target=sleep, args=(visit,)))
        threads[-1].start()
        until((folder / visit / "begun").exists)
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_one_slow_file_keeps_its_own_visit_waiting_and_nobody_else(tmp_path: Path) -> None:
    keeper, own = Keeper(most_mb=MOST_MB, tasks="tests.confined_tasks", slow_s=0.2), threading.Event()
    with slow_files(keeper, tmp_path, "slow"):
        mine = threading.Thread(target=lambda: (call(keeper, tmp_path, "echo", say=1, whose="slow"), own.set()))
        mine.start()
        until(lambda: keeper.waiting == 2)
        assert [call(keeper, tmp_path, "echo", say=number, whose="other") for number in range(3)] == [0, 1, 2]
        assert not own.is_set(), "its own visit has its share already"
        assert keeper.waiting == 2
    mine.join(20)
    assert own.is_set()
    until(lambda: sum(lane.pid is not None for lane in keeper._lanes) <= 1)  # the second process goes once nobody needs it
    keeper.end()


def test_whose_files_took_little_comes_before_whose_took_long(tmp_path: Path) -> None:
    keeper = Keeper(most_mb=MOST_MB, tasks="tests.confined_tasks", slow_s=0.1)
    with pytest.raises(InputError, match="took longer"):
        call(keeper, tmp_path, "spin", seconds=1, whose="greedy")

    def ask(visit: str) -> None:
        call(keeper, tmp_path, "echo", say=1, whose=visit)

    threads = [threading.Thread(target=ask, args=(visit,)) for visit in ("greedy", "greedy", "modest", "new")]
    with slow_files(keeper, tmp_path, "one", "two"):  # every process is at work
        keeper._slow_s = 60.0  # from here on one after another, so that they end as they began
        for waits, thread in enumerate(threads, 3):
            thread.start()
            until(lambda waits=waits: keeper.waiting == waits)
    for thread in threads:
        thread.join()
    turns = [visit for _, visit, _ in keeper._spent]
    assert turns[0] == "greedy"
    assert sorted(turns[1:3]) == ["one", "two"]
    assert sorted(turns[3:5]) == ["modest", "new"]
    assert turns[5:] == ["greedy"] * 2
    keeper.end()


def test_what_a_child_said_last_is_heard_though_somebody_holds_its_pipe() -> None:
    """On a busy machine it may say all and end between two looks."""
    ours, theirs = os.pipe()
    assert warm._left_in(ours) == b""
    os.write(theirs, b"x" * 60_000)
    assert warm._left_in(ours) == b"x" * 60_000
    os.close(theirs)
    assert warm._left_in(ours) == b""
    os.close(ours)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="this system does not list threads")
@pytest.mark.parametrize(("task", "tasks"), [("geotiff", "data.confined.tasks"), ("mutant_tables", "tests.confined_tasks")])
def test_a_process_that_is_forked_has_one_thread(tmp_path: Path, task: str, tasks: str) -> None:
    keeper = Keeper(tasks=tasks)
    with pytest.raises(InputError, match="could not be read"):  # what it is asked makes no sense
        keeper.call(Order(task, {}, tmp_path))
    assert len(os.listdir(f"/proc/{keeper.pid}/task")) == 1
    keeper.end()


def test_a_warm_process_that_nobody_needs_gives_its_memory_back(tmp_path: Path) -> None:
    keeper = Keeper(idle_s=0.1, most_mb=MOST_MB, tasks="tests.confined_tasks")
    assert call(keeper, tmp_path, "echo", say=1) == 1
    until(lambda: keeper.pid is None)
    assert call(keeper, tmp_path, "echo", say=2) == 2
    keeper.end()


UNFORKED = "import os, sys; del os.fork; from data.confined.warm import main; main(sys.argv[1])"


def test_where_nothing_can_be_forked_one_process_answers_one_order(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    orders = [
        {"arguments": {"do": do, "say": 1, "what": "w"}, "folder": str(tmp_path), "work": str(tmp_path / "work"), "reads": [], "seconds": 9}
        for do in ("echo", "raises")
    ]
    for order, said in zip(orders, ({"answer": {"said": 1}}, {"error": "DatasetError", "what": "w", "remedy": "do this"}), strict=True):
        line = json.dumps(order).encode() + b"\n"
        command = [sys.executable, "-c", UNFORKED, "tests.confined_tasks.hostile"]
        done = subprocess.run(command, cwd=ROOT, input=line * 2, capture_output=True, check=True)
        told, _, body = done.stdout.partition(b"\n")
        assert json.loads(told)["is"] == "done"
        assert json.loads(body) == said


STARTER = """
import sys
from pathlib import Path
from data.confined.keeper import Keeper
from data.confined.outcomes import Order
Keeper(tasks="tests.confined_tasks").call(Order("hostile", {"do": "sleep"}, Path(sys.argv[1])))
"""


def test_it_ends_with_the_app_however_that_ends(tmp_path: Path) -> None:
    app = subprocess.Popen([sys.executable, "-c", STARTER, str(tmp_path)], cwd=ROOT)
    until((tmp_path / "begun").exists)
    ours = [pid for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))) if working_in(pid, tmp_path)]
    assert ours
    app.kill()
    app.wait()
    until(lambda: not any(working_in(pid, tmp_path) for pid in ours))


def working_in(pid: int, folder: Path) -> bool:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(folder)
    except OSError:
        return False
