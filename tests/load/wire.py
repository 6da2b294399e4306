"""The wire of one visit: Shiny's frames over the WebSocket and everything else over HTTP, as a browser would, from one address."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from tests.load.frames import messages
from tests.load.page import Page, read_page
from tests.load.tally import Tally

WITHIN_S = 60.0
CONNECTIONS = 6
"""That a browser opens to one host."""
IDLE_S = 4.0
"""After which a connection is not used again. The server closes what was idle for 5 s, and a browser whose request meets that asks again;
this client keeps nothing for so long."""
EMPTY = 4
"""Frames without content that Shiny's script sends after each answer: outputs that were drawn are looked at, and nothing has changed."""
OPTION = re.compile(r'<option value="([^"]*)"( selected)?')
SIZE = 400


class Wire:
    """One visit. `came` holds what has arrived since it was last emptied: `value:<output>`, `custom:<type>`, `plot:<output>`.

    `open` loads the page, and what arrives is taken in as it comes; `join` leaves both to others: what arrives waits for `take`.

    Args:
        url: Of the app, without a slash at the end.
        tally: Where answers are counted.
    """

    def __init__(self, url: str, tally: Tally) -> None:
        self.url, self.tally = url, tally
        self.page = Page()
        self.values: dict[str, Any] = {}
        self.came: dict[str, Any] = {}
        self.heard: Callable[[str, Any], None] = lambda _what, _said: None
        self._fetched: set[str] = set()
        self._chosen: dict[str, Any] = {}
        self._plots: dict[str, str] = {}
        self._waiting: deque[dict[str, Any]] = deque()
        self._news = asyncio.Event()
        self.busy, self._leaving = True, False
        self._background: set[asyncio.Task[Any]] = set()

    async def open(self, query: str = "", *, files: bool = True) -> None:
        """Load the page and what it names, and begin the session. The page that says that there is no room raises PermissionError.

        Args:
            query: Of the address.
            files: Fetch what the page names; else this browser has been here before.
        """
        self._begin()
        async with self._http.get(f"{self.url}/{query}") as answer:
            text = await answer.text()
            if answer.status != 200:
                raise PermissionError(f"{answer.status}: {text}")
        self.page = read_page(text)
        self._chosen = dict(self.page.inputs)
        if files:
            await asyncio.gather(*map(self.fetch, self.page.files))
        await self._connect(query)
        self._reader = asyncio.create_task(self._read(self._heed))

    async def join(self, page: Page, query: str = "", headers: Mapping[str, str] | None = None) -> None:
        """Begin the session alone, and keep what comes for `take`.

        Args:
            page: What the page would have said.
            query: Of the address.
            headers: More than a browser's own, e.g. a cookie.
        """
        self._begin()
        self.page = page
        await self._connect(query, headers)
        self._reader = asyncio.create_task(self._read(self._keep))

    def _begin(self) -> None:
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit_per_host=CONNECTIONS, keepalive_timeout=IDLE_S))

    async def _connect(self, query: str, headers: Mapping[str, str] | None = None) -> None:
        split = urlsplit(self.url)
        self._socket = await self._http.ws_connect(
            f"{self.url}/websocket/", origin=f"{split.scheme}://{split.netloc}", headers=headers, max_msg_size=0, compress=15
        )
        await asyncio.wait_for(self._socket.receive_json(), WITHIN_S)
        await self.send(
            "init", {**self._client(query), **self.page.inputs, **self._shown(), **self._sizes(), **dict.fromkeys(self.page.below, False)}
        )

    async def close(self) -> None:
        """Leave, as a browser whose tab is closed."""
        self._leaving = True
        for task in self._background:
            task.cancel()
        if hasattr(self, "_reader"):
            self._reader.cancel()
        if hasattr(self, "_socket"):
            await self._socket.close()
        await self._http.close()

    def _client(self, query: str) -> dict[str, Any]:
        split = urlsplit(self.url)
        said: dict[str, Any] = {"url_protocol": "http:", "url_hostname": split.hostname, "url_port": str(split.port)}
        said |= {"url_pathname": f"{split.path}/", "url_search": query, "pixelratio": 1}
        return {f".clientdata_{name}": value for name, value in said.items()}

    def _shown(self) -> dict[str, Any]:
        return {f".clientdata_output_{name}_hidden": hidden for name, hidden in self.page.outputs.items()}

    def _sizes(self) -> dict[str, Any]:
        seen = [name for name in self.page.plots if not self.page.outputs[name]]
        return {f".clientdata_output_{name}_{side}": SIZE for name in seen for side in ("width", "height")}

    async def send(self, method: str, data: dict[str, Any]) -> None:
        """Say inputs, as `init` or `update`."""
        await self._socket.send_str(json.dumps({"method": method, "data": data}))

    async def update(self, **inputs: Any) -> None:
        """Say inputs."""
        self.busy = True
        await self.send("update", inputs)

    async def turn(self, page: str) -> None:
        """What the browser says when another page is shown: which outputs are seen now."""
        hidden = {name: not name.startswith(f"{page}-") or self.page.outputs[name] for name in self.page.outputs}
        if page != "explore":
            hidden |= {name: False for name in hidden if name.startswith(f"{page}-")}
        await self.update(page=page, **{f".clientdata_output_{name}_hidden": value for name, value in hidden.items()})

    async def draw(self, plot: str, **traits: Any) -> None:
        """Set traits of a plot, as its script does."""
        content = {"comm_id": self._plots[plot], "data": {"method": "update", "state": traits, "buffer_paths": []}}
        await self.update(shinywidgets_comm_send=json.dumps({"content": content, "metadata": {}, "buffers": [], "header": {}}))

    async def fetch(self, address: str) -> bytes:
        """A file, from the server unless this browser has it already; everybody must be given the same."""
        if address in self._fetched:
            return b""
        self._fetched.add(address)
        return await self.get(address, same="session/" not in address)

    async def get(self, address: str, *, same: bool = False) -> bytes:
        """A file from the server. `same`: everybody must be given the same."""
        async with self._http.get(urljoin(f"{self.url}/", address)) as answer:
            body = await answer.read()
        self.tally.requests += 1
        self.tally.received += len(body)
        self.tally.hold(f"status of {address}", answer.status, 200)
        if same and answer.status == 200:
            digest = hashlib.blake2b(body, digest_size=8).digest()
            self.tally.hold(f"content of {address}", digest, self.tally.bodies.setdefault(address, digest))
        return body

    def beside(self, *addresses: str) -> None:
        """Fetch files without waiting for them."""
        for address in addresses:
            task = asyncio.create_task(self.fetch(address))
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    async def until(self, what: str, *wanted: str, meets: Callable[[], bool] = lambda: True, within: float = WITHIN_S) -> bool:
        """Wait until these have come and the server is idle; False, and an answer is missing, where they do not come in time."""
        ends = time.monotonic() + within
        while not (all(name in self.came for name in wanted) and not self.busy and meets()):
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), ends - time.monotonic())
            except TimeoutError:
                self.tally.lack(f"{what}: {', '.join(name for name in wanted if name not in self.came) or 'never idle'} did not come")
                return False
            if self._reader.done():
                trouble = None if self._reader.cancelled() else self._reader.exception()
                self.tally.lack(f"{what}: the connection was lost" + (f": {trouble!r}" if trouble else ""))
                return False
        return True

    async def take(self) -> dict[str, Any] | None:
        """Take in the next frame; returns what it says, None where the connection has ended."""
        while not self._waiting and not self._reader.done():
            self._news.clear()
            await self._news.wait()
        if not self._waiting:
            return None
        message = self._waiting.popleft()
        await self._heed(message)
        return message

    async def _read(self, then: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        try:
            async for frame in self._socket:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    break
                self.tally.received += len(frame.data)
                for message in messages(frame.data):
                    await then(message)
                self._news.set()
        finally:
            self.tally.dropped += not self._leaving
            self._news.set()

    async def _keep(self, message: dict[str, Any]) -> None:
        self._waiting.append(message)

    async def _heed(self, message: dict[str, Any]) -> None:
        if "busy" in message:
            self.busy = message["busy"] == "busy"
        for name, error in message.get("errors", {}).items():
            self.tally.hold(f"error of {name}", error, None)
        for name, value in message.get("values", {}).items():
            self.values[name] = self.came[f"value:{name}"] = value
            if isinstance(value, dict) and "model_id" in value:
                self._plots[name] = value["model_id"]
            self.heard(f"value:{name}", value)
        for kind, said in message.get("custom", {}).items():
            self._custom(kind, said)
        if message.get("inputMessages"):
            await self._follow(message["inputMessages"])

    def _custom(self, kind: str, said: Any) -> None:
        if kind == "shinywidgets_comm_msg":
            told = json.loads(said)
            names = {model: name for name, model in self._plots.items()}
            what, said = f"plot:{names.get(told['content']['comm_id'], '')}", told["content"]["data"].get("state", {})
            for path, packed in zip(told["content"]["data"].get("buffer_paths", ()), told["buffers"], strict=True):
                said[path[0]] = base64.b64decode(packed)
            self.came[what] = {**self.came.get(what, {}), **said}
        else:
            what = f"custom:{kind}"
            self.came[what] = said
        self.heard(what, said)

    async def _follow(self, messages: list[dict[str, Any]]) -> None:
        """Selects that the server fills say what is chosen in them now."""
        changed: dict[str, Any] = {}
        for each in messages:
            name, message = each["id"], each["message"]
            if name not in self._chosen or isinstance(self._chosen[name], list) or name == "page":
                continue
            options = OPTION.findall(message.get("options", ""))
            marked = [value for value, selected in options if selected] or [value for value, _ in options[:1]]
            value = message["value"][0] if message.get("value") else (marked[0] if marked else None)
            if isinstance(value, str) and value != self._chosen[name]:
                self._chosen[name] = changed[name] = value
        if changed:
            await self.send("update", changed)
            for _ in range(EMPTY):
                await self.send("update", {})
