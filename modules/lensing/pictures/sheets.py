"""The sheets of thumbnails: all scenes of a lens in one picture, and the outcome of each in another laid over it."""

from __future__ import annotations

from collections.abc import Sequence

from data.lens.reading import Lens
from modules.lensing.pictures import Maker


def _file(name: str, kind: str) -> Maker:
    def make(lens: Lens, parts: Sequence[str]) -> tuple[bytes, str]:
        if parts:
            raise LookupError(parts)
        return lens.bytes(name), kind

    return make


KINDS = {"scenes": _file("scenes.jpg", "image/jpeg"), "outcomes": _file("outcomes.png", "image/png")}
