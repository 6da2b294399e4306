"""A progress bar on stderr, where a person is watching."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def progress(items: Iterable[Item], total: int | None, what: str) -> Iterator[Item]:
    """Hand on the items, drawing a bar on stderr if it is a terminal; pipes and logs stay clean.

    Args:
        items: What is worked on.
        total: How many there are, None where nobody knows.
        what: The work, as a short noun phrase.
    """
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, description=what, total=total, console=Console(stderr=True), transient=True)
