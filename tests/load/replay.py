"""N users at once against a server that runs already: `python -m tests.load.replay URL DATASET USERS`."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from tests.load.tally import Tally
from tests.load.truth import Truth
from tests.load.user import User, Way


async def _arrive(user: User, after: float) -> None:
    await asyncio.sleep(after)
    try:
        await user.play()
    except PermissionError as error:
        user.tally.lack(f"no room: {str(error)[:200]}")
    except Exception as error:  # noqa: BLE001  one user that fails must not end the others; it is counted
        user.tally.lack(f"user {user.seed}: {type(error).__name__}: {error}")


async def replay(url: str, folder: Path, users: int, seed: int, *, way: Way | None = None, ramp_s: float = 0.5) -> Tally:
    """All of them, one arriving `ramp_s` after the other.

    Args:
        url: Of the app.
        folder: The dataset that it shows.
        users: How many.
        seed: Decides what they look at.
        way: What each does.
        ramp_s: Seconds.
    """
    tally, truth = Tally(), Truth(folder)
    made = [User(url, truth, tally, seed + number, way or Way()) for number in range(users)]
    await asyncio.gather(*(_arrive(user, number * ramp_s) for number, user in enumerate(made)))
    return tally


if __name__ == "__main__":
    found = asyncio.run(replay(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), 1))
    print(json.dumps({**found.figures(), "complaints": found.complaints}, indent=1))
