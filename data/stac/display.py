"""How far a run is, for whoever watches: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from data.stac.running import Tally
from data.words import duration, megabytes

MEASURED = 5
"""Jobs from whose rate the rest is estimated."""
LINES = 10


@contextmanager
def shown(total: int) -> Generator[Callable[[Tally], None], None, None]:
    """What `Run.work` calls after each job."""
    if not sys.stderr.isatty():
        yield _Lines(total)
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    with Progress(TextColumn("{task.description}"), BarColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Searching", total=total)
        yield lambda tally: bar.update(task, completed=tally.done, description=_text(tally))


class _Lines:
    """Prints once the rest can be estimated, and then about LINES times."""

    def __init__(self, total: int) -> None:
        self._step, self._next = max(MEASURED, total // LINES), MEASURED

    def __call__(self, tally: Tally) -> None:
        if tally.done >= self._next:
            self._next = (tally.done // self._step + 1) * self._step
            print(_text(tally), file=sys.stderr, flush=True)


def _text(tally: Tally) -> str:
    failed = f", {tally.failed:,} failed" if tally.failed else ""
    seconds, amount = tally.left
    rest = f"; about {duration(seconds)} and {megabytes(amount)} to go" if tally.total > tally.done >= MEASURED else ""
    return f"{tally.done:,} of {tally.total:,} lakes × seasons, {tally.scenes:,} scenes, {megabytes(tally.megabytes)}{failed}{rest}"
