"""Users at once against a server that runs already: `python -m tests.load.replay URL DATASET USERS`."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.load.client import visiting
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


@dataclass
class Crowd:
    """Users of one server.

    Args:
        url: Of the app.
        folder: The dataset that it shows.
        seed: Decides what they look at.
        way: What each does.
        ramp_s: Seconds from one arrival to the next.
        inferring: How many of them have an image segmented; None: all, where their way says so.
    """

    url: str
    folder: Path
    seed: int
    way: Way = field(default_factory=Way)
    ramp_s: float = 1.0
    inferring: int | None = None

    def __post_init__(self) -> None:
        self.tally, self._truth, self._made = Tally(), Truth(self.folder), 0

    async def play(self, users: int) -> Tally:
        """So many users play, all at once."""
        playing = [self._user(inference=self.inferring is None or number < self.inferring) for number in range(users)]
        await asyncio.gather(*(_arrive(user, number * self.ramp_s) for number, user in enumerate(playing)))
        return self.tally

    async def fill(self, playing: int, staying: int) -> tuple[int, str, str]:
        """So many users play while others only stay; once all are there one more comes.

        Returns:
            What that one is given: status, Retry-After, text. Whoever comes after somebody has left must be let in.
        """
        async with visiting(self.url):
            pass  # takes and gives back the place that is held since somebody asked whether the server is ready
        leave = asyncio.Event()
        stay = [asyncio.create_task(self._user().stay(leave)) for _ in range(staying)]
        await self._opened(staying, stay)
        play = asyncio.create_task(self.play(playing))
        await self._opened(playing + staying, [play])
        given = await self._user().knock()
        leave.set()
        await asyncio.gather(*stay)
        self.tally.hold("a place that became free", (await self._user().knock())[0], 200)
        await play
        return given

    def _user(self, *, inference: bool = True) -> User:
        self._made += 1
        way = replace(self.way, inference=self.way.inference and inference)
        return User(self.url, self._truth, self.tally, self.seed + self._made, way)

    async def _opened(self, count: int, tasks: list[asyncio.Task[Any]]) -> None:
        """Wait until so many have opened the app, or somebody gave up."""
        while len(self.tally.seconds["open"]) < count and not any(task.done() for task in tasks):
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    found = asyncio.run(Crowd(sys.argv[1], Path(sys.argv[2]), 1).play(int(sys.argv[3])))
    print(json.dumps({**found.figures(), "complaints": found.complaints}, indent=1))
