"""What came of work in the background, or a notice that says why nothing did."""

from __future__ import annotations

import logging
from typing import TypeVar

from shiny import reactive
from shiny.reactive import ExtendedTask
from shiny.types import SilentException

from data.errors import MoraineError

log = logging.getLogger(__name__)
Made = TypeVar("Made")


def made_by(task: ExtendedTask[..., Made], notices: reactive.Value[tuple[str, ...]], failed: str) -> Made | None:
    """The result of an extended task, for an effect; None once it has failed, and a notice then says so.

    Args:
        task: The task; while it works the effect waits.
        notices: `Selection.notices`.
        failed: What did not come about, e.g. `Lakes could not be triaged`.
    """
    try:
        return task.result()
    except SilentException:  # still at work
        raise
    except Exception as error:
        # What left the effect would end the visit, and with it everything else that it holds.
        if isinstance(error, MoraineError):
            why = f"{error.what}. {error.remedy}"
        else:
            log.exception("%s", failed)
            why = "the server's log says why"
        with reactive.isolate():
            notices.set((*notices(), f"{failed}: {why}."))
        return None
