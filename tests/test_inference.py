"""The worker process, a real one: answers, turns, the last wish, cancelling, kill -9, and that it ends with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import pytest

from data.errors import InputError
from models.chips import Chip
from models.tiling import segment_whole
from models.wire import Order
from models.zoo import water_index
from modules.serving.inference import Inference, InferenceError, Wish
from tests.conftest import ROOT
from tests.memory import memory_mb
from tests.waiting import until

LATE = 120


def chip(side: int, seed: int = 0) -> Chip:
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.02, 0.3, (2, side, side)).astype(np.float32)
    values[1, : side // 2] *= 0.1
    return Chip(values, ("green", "nir"), 10.0)


SMALL, LARGE = chip(40), chip(4000)


@pytest.fixture
def inference() -> Iterator[Inference]:
    made = Inference()
    yield made
    made.close()


def begun(wish: Wish) -> None:
    until(lambda: wish.total > 0)


def gone(pid: int) -> bool:
    """Whether a process has ended; one that only waits to be collected has."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(") ")[2][0] == "Z"
    except OSError:
        return True


def test_the_answer_is_that_of_the_model(inference: Inference) -> None:
    assert inference.pid is None, "nothing is started before it is needed"
    found = inference.ask("a", Order("water_index", SMALL)).answer.result(LATE)
    np.testing.assert_array_equal(found, water_index.probability(SMALL)[None])
    pid = inference.pid
    again = inference.ask("b", Order("water_index", SMALL, augmented=True)).answer.result(LATE)
    assert again.shape == (8, 40, 40)
    np.testing.assert_array_equal(again[0], found[0])
    np.testing.assert_allclose(again, np.broadcast_to(found, again.shape), atol=1e-5, err_msg="an index knows no direction")
    assert inference.pid == pid


def test_a_large_scene_is_told_of_tile_by_tile(inference: Inference) -> None:
    large = chip(1100)
    wish = inference.ask("a", Order("water_index", large))
    np.testing.assert_array_equal(wish.answer.result(LATE)[0], segment_whole(water_index.probability, large))
    assert (wish.done, wish.total) == (9, 9)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_large_scene_takes_little_and_that_is_given_back(inference: Inference) -> None:
    """On a host of 1 GB: in one piece the layers of 1024² px took 0.8 GB, and stayed."""
    values = np.random.default_rng(0).uniform(0.02, 0.3, (6, 1024, 1024)).astype(np.float32)
    bands = ("blue", "green", "red", "nir", "swir1", "swir2")
    assert inference.ask("a", Order("unet", Chip(values, bands, 10.0))).answer.result(LATE).shape == (1, 1024, 1024)
    pid = inference.pid
    assert pid is not None
    most = memory_mb("VmHWM", pid)
    until(lambda: memory_mb("VmRSS", pid) < most - 150)
    assert most - memory_mb("VmRSS", pid) < 320


def test_what_cannot_be_is_said_and_the_worker_lives_on(inference: Inference) -> None:
    red = Chip(SMALL.reflectance, ("red", "nir"))
    with pytest.raises(InputError, match="no band green") as refused:
        inference.ask("a", Order("water_index", red)).answer.result(LATE)
    assert refused.value.remedy
    pid = inference.pid
    with pytest.raises(InputError, match="no segmenter 'nothing'"):
        inference.ask("a", Order("nothing", SMALL)).answer.result(LATE)
    assert inference.ask("a", Order("water_index", SMALL)).answer.result(LATE).shape == (1, 40, 40)
    assert inference.pid == pid


def test_the_last_wish_of_a_visit_wins_and_keeps_its_turn(inference: Inference) -> None:
    running = inference.ask("a", Order("water_index", LARGE))
    begun(running)
    mine = [inference.ask("b", Order("water_index", SMALL)) for _ in range(3)]
    other = inference.ask("c", Order("water_index", SMALL))
    assert [wish.answer.cancelled() for wish in mine] == [True, True, False]
    assert (inference.ahead_of(mine[-1]), inference.ahead_of(other)) == (1, 2)
    newer = inference.ask("a", Order("water_index", SMALL))
    assert running.answer.cancelled(), "a newer wish takes the place of one that is worked on"
    assert inference.ahead_of(newer) >= inference.ahead_of(other), "and waits for its turn like everybody"
    order: list[str] = []
    for wish in (mine[-1], other, newer):
        wish.answer.add_done_callback(lambda _, visit=wish.visit: order.append(visit))
    for wish in (newer, other, mine[-1]):
        assert wish.answer.result(LATE).shape == (1, 40, 40)
    assert order == ["b", "c", "a"]


def test_cancelling_ends_what_waits_and_what_runs_and_nothing_else(inference: Inference) -> None:
    running = inference.ask("a", Order("water_index", LARGE))
    waiting = inference.ask("b", Order("water_index", LARGE))
    other = inference.ask("c", Order("water_index", SMALL))
    begun(running)
    inference.cancel("b")
    inference.cancel("a")
    inference.cancel("nobody")
    for wish in (running, waiting):
        with pytest.raises(CancelledError):
            wish.answer.result(LATE)
    assert other.answer.result(LATE).shape == (1, 40, 40)
    assert running.done < running.total, "it was stopped on the way"


def test_kill_9_is_told_and_the_next_wish_starts_a_new_worker(inference: Inference) -> None:
    wish = inference.ask("a", Order("water_index", LARGE))
    begun(wish)
    first = inference.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    with pytest.raises(InferenceError, match="was ended before it had answered"):
        wish.answer.result(LATE)
    assert inference.ask("a", Order("water_index", SMALL)).answer.result(LATE).shape == (1, 40, 40)
    second = inference.pid
    assert second not in {None, first}
    os.kill(second or 0, signal.SIGKILL)
    until(lambda: inference.pid is None)
    assert inference.ask("b", Order("water_index", SMALL)).answer.result(LATE).shape == (1, 40, 40), "killed while idle: nobody notices"


def test_closing_ends_the_worker_and_every_wish(inference: Inference) -> None:
    running = inference.ask("a", Order("water_index", LARGE))
    waiting = inference.ask("b", Order("water_index", SMALL))
    begun(running)
    pid = inference.pid
    assert pid is not None
    inference.close()
    assert gone(pid)
    for wish in (running, waiting):
        with pytest.raises(CancelledError):
            wish.answer.result(LATE)
    with pytest.raises(InferenceError, match="shut down"):
        inference.ask("a", Order("water_index", SMALL))


def test_a_worker_that_nobody_needs_gives_its_memory_back() -> None:
    inference = Inference(idle_s=0.05)
    inference.ask("a", Order("water_index", SMALL)).answer.result(LATE)
    until(lambda: inference.pid is None)
    assert inference.ask("a", Order("water_index", SMALL)).answer.result(LATE).shape == (1, 40, 40)
    inference.close()


STARTER = """
import numpy as np
from models.chips import Chip
from models.wire import Order
from modules.serving.inference import Inference
inference = Inference()
wish = inference.ask("a", Order("water_index", Chip(np.full((2, 4000, 4000), .1, np.float32), ("green", "nir"))))
while not wish.total: pass
print(inference.pid, flush=True)
input()
"""


def test_it_ends_with_the_process_that_started_it_however_that_ends() -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    until(lambda: gone(pid))


def test_the_worker_loads_no_more_than_it_needs() -> None:
    code = "import sys, models.worker, models.zoo; models.zoo.segmenter('water_index').load(); print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())
    assert loaded & {"shiny", "torch", "rasterio", "pandas", "pyarrow", "geopandas"} == set()
