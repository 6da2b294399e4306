"""Segmenting for all visits, by one worker process: started on first use, the last wish of a visit wins, visits take turns."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from data.errors import InputError, MoraineError
from data.kept_bytes import KeptBytes
from models.wire import Order, probabilities_from, read_frame, write_frame, write_order
from models.worker import THREADS

log = logging.getLogger(__name__)

IDLE_S = 600.0
"""Seconds without an order after which the worker ends and gives back its memory."""
READERS = 16
"""Threads that wait for a file to be read that a visitor handed in; whose turn it is `data.confined` says."""
Answer = NDArray[np.float32]


class InferenceError(MoraineError):
    """The worker ended before it had answered."""


@dataclass
class Wish:
    """One order of a visit, from when it is asked until it is answered.

    Args:
        visit: Whose it is.
        order: What is asked.
        answer: (N, H, W) float32; cancelled where a newer wish of the visit has taken its place, or nobody wants it any more.
        done, total: Tiles; total is 0 until the first is known. `running` tells a wish that waits from one that is worked on.
    """

    visit: str
    order: Order
    number: int
    answer: Future[Answer] = field(default_factory=Future[Answer])
    done: int = 0
    total: int = 0
    running: bool = False


class Inference:
    """Takes wishes from any thread and has them answered one at a time. Nothing here runs on the event loop.

    Args:
        idle_s: See IDLE_S.
        state_dir: Where masks of scenes are kept (see `modules.segmenting.keeping`); None: nowhere.
    """

    def __init__(self, idle_s: float = IDLE_S, state_dir: Path | None = None) -> None:
        self.masks = KeptBytes(state_dir, "masks")
        self._idle_s = idle_s
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._waiting: dict[str, Wish] = {}  # in the order of their turns
        self._current: Wish | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._numbers = itertools.count(1)
        self._answered = self._lost_ones = 0
        # Apart from the threads that all visits share: a file that takes its minute must not make others wait.
        self.readers = ThreadPoolExecutor(READERS, "uploads")

    @property
    def pid(self) -> int | None:
        """The worker process, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def ask(self, visit: str, order: Order) -> Wish:
        """Have something segmented. What the same visit asked for before is given up; if that still waited, its turn is taken over.

        Raises:
            InferenceError: The app is being shut down.
        """
        with self._changed:
            if self._closed:
                raise InferenceError("the app is being shut down", "start it again")
            wish = Wish(visit, order, next(self._numbers))
            before = self._waiting.get(visit)
            self._waiting[visit] = wish
            if before is not None:
                before.answer.cancel()
            self._drop_current(visit)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="inference", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return wish

    def cancel(self, visit: str) -> None:
        """Give up whatever a visit waits for."""
        with self._changed:
            before = self._waiting.pop(visit, None)
            if before is not None:
                before.answer.cancel()
            self._drop_current(visit)

    def ahead_of(self, wish: Wish) -> int:
        """How many others come before a wish that waits; 0 for one that does not."""
        with self._changed:
            numbers = [other.number for other in self._waiting.values()]
            return 0 if wish.number not in numbers else numbers.index(wish.number) + (self._current is not None)

    def gauges(self) -> dict[str, tuple[str, Callable[[], float]]]:
        """Its figures: name → words, and how to read it now."""
        return {
            "moraine_inferences_total": ("Orders that the worker answered", lambda: self._answered),
            "moraine_inferences_lost_total": ("Orders during which the worker ended", lambda: self._lost_ones),
            "moraine_inferences_waiting": ("Orders that wait for their turn", lambda: len(self._waiting)),
            "moraine_inference_workers": ("Worker processes there are", lambda: float(self.pid is not None)),
        }

    def close(self) -> None:
        """End the worker, and every wish with it. For the end of the app."""
        with self._changed:
            self._closed = True
            for wish in self._waiting.values():
                wish.answer.cancel()
            self._waiting.clear()
            self._changed.notify_all()
        self.readers.shutdown(wait=False, cancel_futures=True)
        self._stop()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(5)

    def _drop_current(self, visit: str) -> None:
        """With the lock held: nobody wants what is being worked on any more. The worker is told, and stops at its next tile."""
        wish, process = self._current, self._process
        if wish is None or wish.visit != visit or not wish.answer.cancel() or process is None:
            return
        # In a thread: the pipe may be full of the scene that is on its way.
        threading.Thread(target=self._send_cancel, args=(process, wish.number), daemon=True).start()

    def _send_cancel(self, process: subprocess.Popen[bytes], number: int) -> None:
        # Where it has ended, `_work` notices.
        with contextlib.suppress(OSError, ValueError), self._writing:
            write_frame(cast(Any, process.stdin), {"cancel": number})

    def _work(self) -> None:
        while True:
            wish = self._next()
            if wish is None:
                return
            try:
                self._answer(wish)
            except Exception as error:  # noqa: BLE001  this thread answers every visit: whatever it was, the next wish gets its turn
                self._lost(wish, error)
            finally:
                with self._changed:
                    self._current = None

    def _next(self) -> Wish | None:
        """The wish whose turn it is; None at the end of the app. A worker that nobody has needed for long is ended meanwhile."""
        with self._changed:
            while not self._waiting:
                if self._closed:
                    return None
                if not self._changed.wait(self._idle_s if self._process is not None else None):
                    self._stop()
            wish = self._waiting.pop(next(iter(self._waiting)))
            wish.running = True
            self._current = wish
            return wish

    def _answer(self, wish: Wish) -> None:
        process = self._started()
        if wish.answer.cancelled():  # given up while the worker started: nobody could tell it so
            return
        with self._writing:
            write_order(cast(Any, process.stdin), wish.number, wish.order)
        while True:
            frame = read_frame(cast(Any, process.stdout))
            if frame is None:
                raise ConnectionError("it ended without an answer")
            header, body = frame
            if header["order"] != wish.number:
                continue
            if header["is"] != "progress":
                self._answered += 1
                _settle(wish, header, body)
                return
            wish.done, wish.total = header["done"], header["total"]

    def _lost(self, wish: Wish, error: Exception) -> None:
        process = self._process
        self._stop()
        if self._closed:
            wish.answer.cancel()
            return
        self._lost_ones += 1
        log.error("the segmentation worker ended (%s, exit code %s)", error, process.returncode if process is not None else None)
        if not wish.answer.cancelled():
            remedy = "press Segment again: a new one is started. If it comes back, the machine may be short of memory: try a smaller scene"
            _fail(wish, InferenceError("the process that segments was ended before it had answered", remedy))

    def _started(self) -> subprocess.Popen[bytes]:
        """The worker; a new one where there is none, or where it has ended."""
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "models.worker"], cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                env={**os.environ, **THREADS}, start_new_session=True,
            )  # fmt: skip
            if self._closed:
                self._stop()
                raise ConnectionError("the app is being shut down")
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        # stdout is left to whoever still reads it; closing it under the reader would block.
        if process.stdin is not None:
            with contextlib.suppress(OSError):  # what was still to be written has nobody to read it
                process.stdin.close()


def _settle(wish: Wish, header: dict[str, Any], body: bytearray) -> None:
    if header["is"] == "done":
        found = probabilities_from(header, body)
        if wish.answer.set_running_or_notify_cancel():
            wish.answer.set_result(found)
    elif header["is"] == "failed":
        _fail(wish, InputError(str(header["what"]), str(header["remedy"])))
    else:
        wish.answer.cancel()


def _fail(wish: Wish, error: MoraineError) -> None:
    if wish.answer.set_running_or_notify_cancel():
        wish.answer.set_exception(error)
