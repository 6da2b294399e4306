"""What work raises, on its way to who gave it."""

from __future__ import annotations

import pickle
import traceback


def sendable(error: Exception) -> Exception:
    """The error itself, if another process can read it; else one that tells where it happened and what it said."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own; some can be packed and not unpacked
    except Exception:  # noqa: BLE001 - whatever an exception of somebody else's does when it is packed
        return RuntimeError("".join(traceback.format_exception(error)))
    return error
