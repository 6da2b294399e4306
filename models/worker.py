"""The worker process: `python -m models.worker` segments what comes in on its standard input, one order at a time, on one thread.

It imports torch and `models` only, and torch not before a network is asked for. It ends when its input does, however that comes about:
so it never outlives the app that started it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from data.errors import InputError, MoraineError
from models.chips import Chip, Segment
from models.tiling import segment_whole
from models.tta import WAYS, dihedral
from models.wire import Order, order_from, read_frame, write_frame

HERE = Path(__file__).parent
IDLE_S = 1.0
"""Seconds without an order after which memory is given back."""
NICE = 10
"""Whoever clicks goes first."""
THREADS = {**dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"), "MALLOC_ARENA_MAX": "2"}
"""Environment in which it is to be started: torch is told as well, numpy's libraries only hear this; by the last, glibc keeps less."""


def give_back() -> None:
    """Return to the system what was freed: after a scene of 1024² px 0.25 GB."""
    with contextlib.suppress(OSError, AttributeError):  # glibc alone keeps it, and has this
        ctypes.CDLL(None).malloc_trim(0)


class CancelledError(Exception):
    """Nobody waits for this order any more."""


class Worker:
    """Answers orders.

    Args:
        inbound: Orders, and numbers of orders that are cancelled.
        outbound: Answers: `progress` (done of total), `done` with (N, H, W) float32, `failed` (what, remedy), `cancelled`.
    """

    def __init__(self, inbound: BinaryIO, outbound: BinaryIO) -> None:
        self._inbound, self._outbound = inbound, outbound
        self._orders: queue.SimpleQueue[tuple[dict[str, Any], bytearray]] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._loaded: dict[str, Segment] = {}

    def listen(self) -> None:
        """Take in frames until there are no more, then end the process, whatever it is doing."""
        while (frame := read_frame(self._inbound)) is not None:
            if "cancel" in frame[0]:
                self._cancelled.add(int(frame[0]["cancel"]))
            else:
                self._orders.put(frame)
            del frame  # a scene must not be held for as long as the next one is waited for
        os._exit(0)

    def work(self) -> None:
        """Answer orders for good."""
        while True:
            self.answer(*self._next())

    def _next(self) -> tuple[dict[str, Any], bytearray]:
        """The next order; where none comes, what the last ones took goes back to the system first (see `models.trained.keep_memory`)."""
        try:
            return self._orders.get(timeout=IDLE_S)
        except queue.Empty:
            give_back()
            return self._orders.get()

    def answer(self, header: dict[str, Any], body: bytearray) -> None:
        """Answer one order. Whatever goes wrong is told to whoever asked, and the next order finds this worker as before."""
        number = int(header["order"])
        try:
            found = self._segmented(number, order_from(header, body))
        except CancelledError:
            write_frame(self._outbound, {"order": number, "is": "cancelled"})
        except MoraineError as error:
            self._fail(number, error.what, error.remedy)
        except MemoryError:
            self._fail(number, "the scene does not fit into memory", "take a smaller part of it, or another model")
        except Exception as error:  # noqa: BLE001  told to the one who waits; the log has the rest
            traceback.print_exc()
            self._fail(
                number, f"{header.get('model')} failed on this scene ({type(error).__name__})", "the log says more; try another model"
            )
        else:
            write_frame(self._outbound, {"order": number, "is": "done", "shape": list(found.shape)}, found)
        self._cancelled.discard(number)

    def _segmented(self, number: int, order: Order) -> NDArray[np.float32]:
        self._tell(number, 0, 0)
        segment = self._segmenter(order.model)
        passes = len(WAYS) if order.augmented else 1
        begun = 0

        def once(chip: Chip) -> NDArray[np.float32]:
            nonlocal begun
            begun += 1
            before = begun - 1
            return segment_whole(segment, chip, lambda done, total: self._tell(number, before * total + done, passes * total))

        found = dihedral(once, order.chip) if order.augmented else once(order.chip)[None]
        return found.astype(np.float32, copy=False)

    def _tell(self, number: int, done: int, total: int) -> None:
        if number in self._cancelled:
            raise CancelledError
        write_frame(self._outbound, {"order": number, "is": "progress", "done": done, "total": total})

    def _segmenter(self, name: str) -> Segment:
        if name not in self._loaded:
            from models.zoo import segmenter  # noqa: PLC0415

            try:
                self._loaded[name] = segmenter(name).load()
            except ModuleNotFoundError as error:
                what = f"{name} needs the package {error.name}, which is not installed here"
                raise InputError(what, "install it (pip install -r requirements.txt), or choose water_index") from error
            torch = sys.modules.get("torch")
            if torch is not None:
                torch.set_num_threads(1)
        return self._loaded[name]

    def _fail(self, number: int, what: str, remedy: str) -> None:
        # What a visitor reads names files by their place among the models, not on this machine.
        told = {name: text.replace(f"{HERE}{os.sep}", "") for name, text in (("what", what), ("remedy", remedy))}
        write_frame(self._outbound, {"order": number, "is": "failed", **told})


def main() -> None:
    """Work until the standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICE)
    # Answers have a descriptor of their own: whatever a library prints goes to the log.
    outbound = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    worker = Worker(sys.stdin.buffer, outbound)
    threading.Thread(target=worker.listen, daemon=True).start()
    worker.work()


if __name__ == "__main__":
    main()
