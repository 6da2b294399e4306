"""One user of a replay: opens the app, filters, clicks lakes, brushes, takes a flipbook away, has an image segmented.

Every answer that names a lake is held against the lake that this user asked for, whenever it comes.
"""

from __future__ import annotations

import asyncio
import html
import io
import random
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import numpy as np
from PIL import Image

from tests.load.tally import Tally
from tests.load.truth import Truth
from tests.load.wire import Wire

VOLCANO, MAP, SERIES, SENTENCE = "explore-volcano-plot", "explore-map-plot", "explore-series-plot", "explore-focus-sentence"
CLOCK, SEEN = "explore-clock-plot", "explore-clock-seen"
TOLD, MEASURED = "segment-run-told", "segment-result-measured"
SHOWN, BRUSHED = 8, 16
"""Bits of a lake in what a plot is sent (see modules/measures.py)."""
NEIGHBOURS = 4
"""Dates whose images the scene view fetches beside the one it shows."""
TAG = re.compile(r"<[^>]+>")
NAMED = re.compile(r"<strong>(.*?)</strong>")


@dataclass(frozen=True)
class Way:
    """What a user does.

    Args:
        clicks: Lakes that are clicked.
        think_s: Seconds before each step, on average.
        inference: Whether an image is segmented.
        patience_s: Seconds that an answer is waited for.
    """

    clicks: int = 20
    think_s: float = 2.0
    inference: bool = True
    patience_s: float = 60.0


@dataclass
class User:
    """One of them.

    Args:
        url: Of the app.
        truth: Of the dataset that it shows.
        tally: Shared by all.
        seed: Decides what this user looks at.
        way: What this user does.
    """

    url: str
    truth: Truth
    tally: Tally
    seed: int
    way: Way = field(default_factory=Way)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._wire = Wire(self.url, self.tally)
        self._wire.heard = self._hear
        self._lake: int | None = None
        self._numbers = 0

    async def play(self) -> None:
        """All of it. The page that says that there is no room raises PermissionError."""
        try:
            await self._open()
            await self._filter()
            imaged = self.truth.imaged
            lakes = [self._random.choice(imaged if turn % 2 else self.truth.lakes.index.tolist()) for turn in range(self.way.clicks)]
            at = self._random.randrange(max(len(lakes), 1))
            for turn, lake in enumerate(lakes):
                await self._click(int(lake))
                if turn == at:
                    await self._brush()
            await self._click(int(self._random.choice(imaged)))
            await self._dates()
            await self._look_down()
            await self._flipbook()
            if self.way.inference:
                await self._segment()
        finally:
            await self._wire.close()

    async def look_in(self, *, everywhere: bool = False) -> None:
        """Open the app, click one lake (or every one), and leave."""
        try:
            await self._open(files=False)
            lakes = self.truth.lakes.index.tolist()
            for lake in lakes if everywhere else [self._random.choice(lakes)]:
                await self._click(int(lake))
        finally:
            await self._wire.close()

    async def stay(self, leave: asyncio.Event) -> None:
        """Open the app and do nothing until it is time to leave. The page that says that there is no room raises PermissionError."""
        try:
            await self._open(files=False)
            await leave.wait()
        finally:
            await self._wire.close()

    async def knock(self) -> tuple[int, str, str]:
        """Ask for the page: status, Retry-After, text."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}/") as answer:
            return answer.status, answer.headers.get("Retry-After", ""), await answer.text()

    async def _think(self) -> None:
        await asyncio.sleep(self.way.think_s * self._random.uniform(0.5, 1.5))

    async def _wait(self, what: str, *wanted: str, **more: Any) -> bool:
        return await self._wire.until(what, *wanted, within=self.way.patience_s, **more)

    async def _timed(self, step: str, *wanted: str, **more: Any) -> bool:
        began = time.perf_counter()
        there = await self._wait(step, *wanted, **more)
        if there:
            self.tally.seconds[step].append(time.perf_counter() - began)
        return there

    async def _open(self, *, files: bool = True) -> None:
        began = time.perf_counter()
        await self._wire.open(files=files)
        if await self._wait("open", f"value:{SENTENCE}", f"plot:{VOLCANO}", f"plot:{MAP}"):
            self.tally.seconds["open"].append(time.perf_counter() - began)
        # Flags and triage come a moment later: an answer to nobody's question.
        await self._think()

    async def _filter(self) -> None:
        basin = self._random.choice(sorted(set(self.truth.lakes["basin"].dropna())))
        for names, count in (([basin], self.truth.in_basin(basin)), ([], len(self.truth.lakes))):
            await self._think()
            self._wire.came.clear()
            await self._wire.update(**{"explore-show-basins": names})
            if await self._timed("filter", "value:explore-show-count", f"plot:{VOLCANO}"):
                said = self._wire.values["explore-show-count"].split(" of ")[0].replace(",", "")
                self.tally.hold("lakes shown", int(said), count)
                self.tally.hold("lakes lit", int((self._bits() & SHOWN > 0).sum()), count)

    def _bits(self) -> np.ndarray:
        return np.frombuffer(self._wire.came[f"plot:{VOLCANO}"].get("bits", b""), dtype=np.uint8)

    async def _click(self, lake: int) -> None:
        """Click a lake in the volcano; its words, its series and its image are what a click is for."""
        if lake == self._lake:
            return
        await self._think()
        self._wire.came.clear()
        self._lake, self._numbers = lake, self._numbers + 1
        began = time.perf_counter()
        await self._wire.draw(VOLCANO, picked=[lake, self._numbers])
        wanted = ("custom:moraine-evidence", f"value:{SENTENCE}", f"plot:{SERIES}", f"plot:{MAP}", "custom:moraine-url")
        if not await self._timed("click", *wanted):
            return
        told = self._wire.came["custom:moraine-evidence"]
        scenes = {scene["key"]: scene for scene in told["scenes"]}
        shown = scenes.get(told["at"])
        if shown is not None:
            await asyncio.gather(*(self._wire.fetch(address) for address in _drawn(shown)))
            self.tally.seconds["image"].append(time.perf_counter() - began)
        near = [scenes[key] for key in list(scenes)[:NEIGHBOURS] if key != told["at"]]
        self._wire.beside(
            *(address for scene in near for address in _drawn(scene)), *(scene["thumb"] for scene in scenes.values() if scene["ready"])
        )

    async def _brush(self) -> None:
        """Draw a box on the map round the lake, see that these lakes are brushed and no others, and let go."""
        await self._think()
        assert self._lake is not None
        lon, lat = (float(self.truth.lakes.at[self._lake, name]) for name in ("lon", "lat"))
        box = (lon - 0.31, lat - 0.17, lon + 0.29, lat + 0.23)
        corners = [[box[x], box[y]] for x, y in ((0, 1), (2, 1), (2, 3), (0, 3))]
        self._wire.came.clear()
        self._numbers += 1
        await self._wire.draw(MAP, drawn={"axes": ["lon", "lat"], "polygon": corners, "seq": self._numbers})
        if await self._timed("brush", f"plot:{VOLCANO}", "value:explore-table-said"):
            self.tally.hold("lakes brushed", int((self._bits() & BRUSHED > 0).sum()), self.truth.in_box(*box))
        await self._think()
        self._wire.came.clear()
        self._lake = None
        await self._wire.update(**{"explore-focus-clear:shiny.action": self._numbers})
        await self._timed("clear", f"value:{SENTENCE}", f"plot:{VOLCANO}")

    async def _dates(self) -> None:
        """Step through the dates of the lake."""
        assert self._lake is not None
        for scene in self.truth.scenes[self._lake][:3]:
            await self._think()
            self._wire.came.clear()
            self._numbers += 1
            await self._wire.update(**{"explore-evidence-at": [scene, self._numbers]})
            if await self._timed("date", "custom:moraine-at"):
                self.tally.hold("date shown", self._wire.came["custom:moraine-at"]["at"], scene)

    async def _look_down(self) -> None:
        """Scroll down to the shoreline clock of the lake, which is worked out by then, and up again."""
        await self._think()
        self._wire.came.clear()
        await self._wire.update(**{SEEN: True})
        await self._timed("clock", f"plot:{CLOCK}")
        await self._wire.update(**{SEEN: False})

    async def _flipbook(self) -> None:
        await self._think()
        assert self._lake is not None
        await self._click_again()
        address = self._wire.came["custom:moraine-evidence"]["flipbook"]
        if not address:
            self.tally.hold("flipbook", address, "an address")
            return
        began = time.perf_counter()
        body = await self._wire.get(address, same=True)
        self.tally.seconds["flipbook"].append(time.perf_counter() - began)
        self.tally.hold("frames of the flipbook", getattr(Image.open(io.BytesIO(body)), "n_frames", 1), self.truth.clear[self._lake])

    async def _click_again(self) -> None:
        """Another look at the same lake, so that what is said of it comes anew."""
        lake = self._lake
        assert lake is not None
        other = next(key for key in self.truth.scenes if key != lake)
        await self._click(other)
        await self._click(lake)

    async def _segment(self) -> None:
        """Have the image that is shown segmented."""
        assert self._lake is not None
        scene = self._wire.came["custom:moraine-evidence"]["at"]
        await self._think()
        self._wire.came.clear()
        self._numbers += 1
        await self._wire.update(**{"explore-scene-segment": ["segment", self._numbers]})
        await self._wire.turn("segment")
        if not await self._wait("segment", "custom:moraine-segment"):
            return
        await self._think()
        self._wire.came.clear()
        began = time.perf_counter()
        await self._wire.update(**{"segment-run-go:shiny.action": self._numbers})
        measured = f"value:{MEASURED}"
        if await self._wait("inference", measured, meets=lambda: self._wire.values.get(TOLD) in {"Done.", "It did not work."}):
            self.tally.seconds["inference"].append(time.perf_counter() - began)
            self.tally.hold("inference", self._wire.values[TOLD], "Done.")
            self.tally.hold("image segmented", self._wire.came["custom:moraine-segment"]["key"], f"scene-{scene}")
            said = TAG.sub("", str(self._wire.came[measured]))
            self.tally.hold("lake measured", f"water of {self.truth.label(self._lake)}" in said, True)

    def _hear(self, what: str, said: Any) -> None:
        """Whatever names a lake must name the one that this user looks at."""
        label = None if self._lake is None else self.truth.label(self._lake)
        match what:
            case "custom:moraine-evidence":
                self.tally.hold("lake of the images", said["lake"] or None, label)
                own = self.truth.scenes.get(self._lake, ()) if self._lake is not None else ()
                self.tally.hold("scenes", tuple(scene["key"] for scene in said["scenes"]), own)
            case "custom:moraine-url":
                asked = parse_qs(said["query"]).get("lake", [None])[0]
                self.tally.hold("lake of the address", asked, None if self._lake is None else str(self._lake))
            case "custom:moraine-segment" if said.get("title"):
                self.tally.hold("lake segmented", said["title"].split(",")[0], label)
            case "value:explore-focus-sentence" if label is not None:
                self.tally.hold("lake of the words", NAMED.findall(html.unescape(said["html"]))[:1], [label])
            case "plot:explore-clock-plot" if "figure" in said:
                about = said["figure"]["layout"]["meta"]["label"]
                known = (f"Shoreline clock of {label},", "Shoreline clock; nothing to show")
                self.tally.hold("lake of the clock", about.startswith(known), True)
            case "plot:explore-series-plot" if "figure" in said:
                self._hold_series(said["figure"], label)
            case "plot:explore-map-plot" | "plot:explore-volcano-plot" if "focus" in said:
                self.tally.hold("lake ringed", said["focus"], -1 if self._lake is None else self.truth.row(self._lake))
            case _:
                pass

    def _hold_series(self, figure: dict[str, Any], label: str | None) -> None:
        title = f"Area series of {label}." if label else "Area series; no lake is in focus"
        self.tally.hold("lake of the series", figure["layout"]["meta"]["label"].startswith(title), True)
        if self._lake is None:
            return
        drawn = [y for trace in figure["data"] if trace.get("mode") == "markers" and "scenes" in trace.get("meta", {}) for y in trace["y"]]
        known = np.concatenate([areas for (lake, _), areas in self.truth.areas.items() if lake == self._lake] or [np.empty(0)])
        far = [y for y in drawn if not np.isclose(known, y, rtol=1e-4, atol=1e-6).any()]
        self.tally.hold("areas of the series", (far, bool(drawn)), ([], len(known) > 0))


def _drawn(scene: dict[str, Any]) -> list[str]:
    """Addresses of all that is drawn of a scene."""
    return [scene["image"], scene["ground"], *(mask["rings"] for mask in scene["masks"].values())] if scene["ready"] else []
