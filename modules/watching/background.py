"""`Background`: one piece of long work of a session at a time, which tells how far it is and can be stopped."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Generic, TypeVar

from shiny import reactive
from shiny.types import SilentException

from data.errors import MoraineError

log = logging.getLogger(__name__)
Made = TypeVar("Made")
Tell = Callable[[int, int], None]
LOOK_AGAIN_S = 0.4
"""How often a view should look at `done` while work goes on."""


class Stopped(Exception):  # noqa: N818 - nobody's mistake
    """The person has stopped it."""


class Background(Generic[Made]):
    """The last work asked for wins. `found` is what was made last, `trouble` why nothing was, `done` how many of how many steps.

    Args:
        pool: Whose threads work; None: those of the event loop, which all visits share and which are few: not for work that may wait long.
    """

    def __init__(self, pool: Executor | None = None) -> None:
        self._pool = pool
        self.found: reactive.Value[Made | None] = reactive.Value(None, name="found")
        self.trouble: reactive.Value[str] = reactive.Value("", name="trouble")
        self.busy: reactive.Value[bool] = reactive.Value(False, name="busy")
        self.done = (0, 0)
        self._stop = threading.Event()
        self._task = reactive.extended_task(self._run)
        reactive.effect(self._finish)

    def begin(self, work: Callable[[Tell], Made]) -> None:
        """Start; whatever was going on is stopped.

        Args:
            work: Runs in a thread; it calls what it is given with the steps done and their number, and lets through what that raises.
        """
        self.stop()
        self._stop = threading.Event()
        self.done = (0, 0)
        self.trouble.set("")
        self.busy.set(True)
        self._task.invoke(work, self._stop)

    def stop(self) -> None:
        """End the work; what was made before stays."""
        self._stop.set()
        self._task.cancel()
        self.busy.set(False)

    def fail(self, error: MoraineError) -> None:
        """Say why nothing is made."""
        self.trouble.set(". ".join(map(_sentence, (error.what, error.remedy))) + ".")

    async def _run(self, work: Callable[[Tell], Made], stop: threading.Event) -> Made:
        def tell(done: int, of: int) -> None:
            if stop.is_set():
                raise Stopped
            self.done = (done, of)

        within = functools.partial(contextvars.copy_context().run, work, tell)
        return await asyncio.get_running_loop().run_in_executor(self._pool, within)

    def _finish(self) -> None:
        try:
            made = self._task.result()
        except Stopped:
            return
        except MoraineError as error:
            self.busy.set(False)
            self.fail(error)
            return
        except SilentException:  # still at work
            raise
        except Exception:
            # What left this effect would end the visit, and with it everything else that it holds.
            log.exception("work in the background failed")
            self.busy.set(False)
            self.trouble.set("It did not work; the server's log says why.")
            return
        self.busy.set(False)
        self.found.set(made)


def _sentence(text: str) -> str:
    """With a capital, unless it begins with the name of a file."""
    return text if "." in text.split(" ", 1)[0] else text[:1].upper() + text[1:]
