"""What is asked for, and by which name a journal knows it again."""

from __future__ import annotations

from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from data.cache import fingerprint
from data.stac.clearness import Limits
from data.stac.seasons import Window


@dataclass(frozen=True)
class Request:
    """Which scenes are wanted of each lake.

    Args:
        catalogue: Its name or address, without a token.
        collection: Its collection.
        per_season: Scenes a season.
        buffer: Degrees around the outline.
        cloud_cover: Most cloudy tile that is looked at, %.
        limits: What may hide the lake.
        judged: Most scenes of a season whose classification is read.
    """

    catalogue: str
    collection: str
    per_season: int = 1
    buffer: float = 0.01
    cloud_cover: float = 90.0
    limits: Limits = field(default_factory=Limits)
    judged: int = 30


@dataclass(frozen=True)
class Lake:
    """A lake to fetch scenes of.

    Args:
        key: Its lake_key.
        label: What a person calls it.
        outline: Longitude and latitude.
        about: Where the outline comes from, empty if it is the inventory's.
    """

    key: int
    label: str
    outline: BaseGeometry
    about: str = ""

    @property
    def drawn(self) -> str:
        """A digest of the outline: what is seen of another one is another matter."""
        return fingerprint(self.outline.wkb)[:16]


@dataclass(frozen=True)
class Job:
    """One lake and one season.

    Args:
        lake: The lake.
        window: The season.
    """

    lake: Lake
    window: Window

    def token(self, request: Request) -> str:
        """Names the question; a newer outline of the lake asks the same one."""
        return fingerprint(repr(request), self.window.interval, str(self.lake.key))[:24]
