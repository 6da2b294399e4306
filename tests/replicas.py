"""Three replicas behind the proxy as compose.yaml runs them: one dataset, one state folder, reviews in one PostgreSQL."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from tests import postgres
from tests import proxy as proxies
from tests.browser.server import Server, serving
from tests.scene_dataset import scene_dataset

COUNT = 3
SECRET = b"moraine"
"""What .deploy/Caddyfile signs the cookie with where nothing else was said."""


@dataclass
class Replicas:
    """What runs.

    Args:
        proxy: Before them.
        apps: The replicas.
        env: Their variables.
        state: Their state folder.
        stack: Ends what is started.
    """

    proxy: proxies.Proxy
    apps: list[Server]
    env: dict[str, str]
    state: Path
    stack: ExitStack

    def cookie(self, place: int) -> str:
        """The cookie that names a replica: Caddy's is the HMAC (SHA-256) of its address."""
        address = urlsplit(self.apps[place].url).netloc
        return "moraine_replica=" + hmac.new(SECRET, address.encode(), hashlib.sha256).hexdigest()

    def kill(self, place: int) -> None:
        """End a replica as a power cut would."""
        self.apps[place].process.kill()
        self.apps[place].process.wait()

    def start_again(self, place: int) -> None:
        """Start it where it was."""
        port = urlsplit(self.apps[place].url).port
        self.apps[place] = self.stack.enter_context(serving(self.state, self.env, port=port))


def missing() -> str:
    """Why they cannot run here; empty where they can."""
    return proxies.missing() or postgres.missing()


@contextmanager
def replicas(prefix: str = "/lakes", **more: str) -> Generator[Replicas]:
    """Start all of it, on the small dataset with images. Ask `missing` first."""
    with TemporaryDirectory(prefix="moraine-replicas-") as scratch, postgres.postgres() as database, ExitStack() as stack:
        folder, state = scene_dataset(Path(scratch) / "scenes"), Path(scratch) / "state"
        told = {"MORAINE_DATASETS": str(folder), "MORAINE_REVIEWS": "on", "MORAINE_REVIEWS_URL": database.url, "MORAINE_STATE_LASTS": "yes"}
        env = told | more
        apps = [stack.enter_context(serving(state, env)) for _ in range(COUNT)]
        proxy = stack.enter_context(proxies.proxied([app.url for app in apps], prefix))
        yield Replicas(proxy, apps, env, state, stack)
