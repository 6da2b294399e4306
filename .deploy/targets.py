"""Where the app can be deployed to by rsconnect-python, what each place takes, and what it must be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

GB = 1_000_000_000


@dataclass(frozen=True)
class Target:
    """A place.

    Args:
        title: For people.
        most: Bytes of a bundle, compressed.
        credentials: Variables that rsconnect reads, all of which it needs.
        frames: Pages beside the app's own that show it in a frame.
    """

    title: str
    most: int
    credentials: tuple[str, ...]
    frames: tuple[str, ...] = ()

    def origin(self, environment: Mapping[str, str]) -> str:
        """The origin of the app's page, as far as the credentials tell; empty where they do not."""
        if "SHINYAPPS_ACCOUNT" in self.credentials:
            account = environment.get("SHINYAPPS_ACCOUNT", "")
            return f"https://{account}.shinyapps.io" if account else ""
        server = urlsplit(environment.get("CONNECT_SERVER", ""))
        return f"{server.scheme}://{server.netloc}" if server.netloc else ""

    def missing(self, environment: Mapping[str, str]) -> list[str]:
        """The credentials that are not there."""
        return [name for name in self.credentials if not environment.get(name)]


TARGETS = {
    # Connect has no limit of its own that its manual states; an administrator or a proxy before it may set a lower one.
    "connect": Target("Posit Connect", GB, ("CONNECT_SERVER", "CONNECT_API_KEY")),
    # shinyapps.io, user guide, Applications: 1 GB for the Free and Starter plans, 5 GB for the others.
    "shinyapps": Target("shinyapps.io", GB, ("SHINYAPPS_ACCOUNT", "SHINYAPPS_TOKEN", "SHINYAPPS_SECRET"), ("https://www.shinyapps.io",)),
}
