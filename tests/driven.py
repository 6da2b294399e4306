"""The app driven through all that could make it write: a visit with fits, images, a file handed in and segmented, exports, reviews."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect

from tests.load.frames import messages

WITHIN_S = 40.0


@dataclass(frozen=True)
class Answer:
    """What an address answered.

    Args:
        status: Of HTTP.
        body: Bytes.
    """

    status: int
    body: bytes


def get(url: str) -> Answer:
    """GET an address; errors are answers too."""
    try:
        with urllib.request.urlopen(url, timeout=WITHIN_S) as answer:
            return Answer(answer.status, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read())


def post(url: str, body: bytes) -> Answer:
    """POST bytes, as Shiny's uploads do."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/octet-stream"})
    with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:
        return Answer(answer.status, answer.read())


class Hand:
    """One visit, with the outputs that are asked for on screen.

    Args:
        socket: Its connection.
        url: Of the app.
    """

    def __init__(self, socket: ClientConnection, url: str) -> None:
        self._socket, self._url = socket, url
        self._came: list[dict[str, Any]] = []
        self._tags = 0
        self._clicks = 0
        self.values: dict[str, Any] = {}
        self.errors: dict[str, Any] = {}
        self.responses: dict[int, Any] = {}

    async def send(self, method: str, **message: Any) -> None:
        """Send a message of Shiny's."""
        await self._socket.send(json.dumps({"method": method, **message}))

    async def set(self, **inputs: Any) -> None:
        """Send inputs, and wait until the server is idle."""
        await self.send("update", data=inputs)
        await self.idle()

    async def press(self, button: str) -> None:
        """Press an action button."""
        self._clicks += 1
        await self.set(**{f"{button}:shiny.action": self._clicks})

    async def idle(self) -> None:
        """Wait until the server is idle, and its values have come: it sends them after that."""
        busy = True
        while busy:
            busy = (await self.take()).get("busy") != "idle"
        while "values" not in await self.take():
            pass

    async def shown(self, output: str, words: str) -> str:
        """Wait until an output holds these words; returns it."""
        while words not in str(self.values.get(output)):
            await self.take()
        return str(self.values[output])

    async def arrived(self, output: str) -> Any:
        """Wait until an output has a value; returns it."""
        while output not in self.values:
            await self.take()
        return self.values[output]

    async def take(self) -> dict[str, Any]:
        """The next message, kept where it holds values, errors or a response."""
        if not self._came:
            self._came = messages(await asyncio.wait_for(self._socket.recv(), WITHIN_S))
        message = self._came.pop(0)
        self.values |= message.get("values", {})
        self.errors |= message.get("errors", {})
        if "response" in message:
            self.responses[message["response"]["tag"]] = message["response"].get("value")
        return message

    async def _call(self, method: str, *arguments: Any) -> Any:
        self._tags += 1
        await self.send(method, args=list(arguments), tag=self._tags)
        while self._tags not in self.responses:
            await self.take()
        return self.responses[self._tags]

    async def upload(self, name: str, file: Path) -> None:
        """Hand a file in."""
        body = file.read_bytes()
        job = await self._call("uploadInit", [{"name": file.name, "size": len(body), "type": "image/tiff"}])
        answered = await asyncio.to_thread(post, f"{self._url}/{job['uploadUrl']}", body)
        assert answered.status == 200
        await self._call("uploadEnd", job["jobId"], name)
        await self.idle()


class visit:  # noqa: N801  used as a function
    """A visit for as long as an `async with` lasts.

    Args:
        url: Of the app.
        query: Of the page, with its `?`.
        outputs: On screen.
    """

    def __init__(self, url: str, query: str = "", outputs: Iterable[str] = (), **inputs: Any) -> None:
        self._url, self._query, self._outputs, self._inputs = url, query, tuple(outputs), inputs
        self._opened: Any = None

    async def __aenter__(self) -> Hand:
        host = urlsplit(self._url)
        self._opened = connect(f"ws://{host.netloc}/websocket/", max_size=None, origin=self._url)  # pyright: ignore[reportArgumentType]
        hand = Hand(await self._opened.__aenter__(), self._url)
        client = {"url_protocol": "http:", "url_hostname": host.hostname, "url_port": str(host.port), "url_pathname": "/",
                  "url_search": self._query, "pixelratio": 1}  # fmt: skip
        data = {f".clientdata_{name}": value for name, value in client.items()}
        data |= {f".clientdata_output_{name}_hidden": False for name in self._outputs}
        data |= {f".clientdata_output_{name}_{side}": 400 for name in self._outputs for side in ("width", "height")}
        await hand.send("init", data={**data, **self._inputs})
        await hand.idle()
        return hand

    async def __aexit__(self, *error: Any) -> None:
        await self._opened.__aexit__(*error)
