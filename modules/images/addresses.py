"""What an address of an image asks for: keys and numbers, checked for their form before anything is looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.rasters.probability import THRESHOLDS

KINDS: dict[str, tuple[str, str]] = {
    "scene": (r"scene/(?P<key>K)/(?P<look>L)\.jpg", "image/jpeg"),
    "detail": (r"detail/(?P<key>K)/(?P<look>L)/(?P<window>W_W_W_W)\.jpg", "image/jpeg"),
    "thumb": (r"thumb/(?P<key>K)/(?P<look>L)/M\.jpg", "image/jpeg"),
    "chip": (r"chip/(?P<key>K)/(?P<look>L)/(?P<scope>lake|scene)\.jpg", "image/jpeg"),
    "belief": (r"belief/(?P<key>K)/(?P<source>S)/(?P<scope>lake|scene)\.png", "image/png"),
    "errors": (r"errors/(?P<key>K)/(?P<source>S)/(?P<label>S)/(?P<scope>lake|scene)\.png", "image/png"),
    "mask": (r"mask/(?P<key>K)/M/fill\.png", "image/png"),
    "rings": (r"mask/(?P<key>K)/M/rings\.json", "application/json"),
    "ground": (r"ground/(?P<key>K)\.json", "application/json"),
    "flipbook": (r"flipbook/(?P<key>K)/(?P<look>L)/M\.gif", "image/gif"),
    "pair": (r"pair/(?P<key>K)/(?P<other>K)/(?P<look>L)/M\.png", "image/png"),
}
"""kind → (pattern, media type); K is a key, S a source's number or `none`, M that with a threshold, L a look, W a whole number of px."""
_ABOVE = {f"{threshold:g}": threshold for threshold in THRESHOLDS}
_PARTS = {
    "K": r"0|[1-9][0-9]{0,9}",
    "M": r"(?P<source>none|0|[1-9][0-9]{0,3})(?:@(?P<above>0(?:\.[0-9]{1,2})?))?",
    "S": r"none|0|[1-9][0-9]{0,3}", "L": r"[^/\\\x00-\x1f]{1,200}", "W": r"-?[0-9]{1,6}",
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """One image.

    Args:
        kind: A key of KINDS.
        key: Of the scene; for a flipbook, of the lake.
        other: Key of the later scene of a pair.
        look: One of `modules.choices.LOOKS` or band names with dots between; empty where the image needs none.
        source: Number of the mask's source, None for no mask.
        window: (left, top, right, bottom) px of a detail.
        above: Water is where the mask's probability is above this; None: the dataset's own threshold for the source.
        label: Number of the source that is taken for the truth.
        scope: Of scores: `lake` or `scene`; empty where it makes no difference.
    """

    kind: str
    key: int
    other: int | None = None
    look: str = ""
    source: int | None = None
    window: tuple[int, int, int, int] | None = None
    above: float | None = None
    label: int | None = None
    scope: str = ""

    @property
    def media_type(self) -> str:
        return KINDS[self.kind][1]


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"(?<![A-Za-z])([KMSLW])(?![A-Za-z])", lambda found: f"(?:{_PARTS[found[1]]})", text))


_PATTERNS = {kind: _pattern(text) for kind, (text, _) in KINDS.items()}


def wanted(address: str) -> Wanted | None:
    """What the part of an address after the dataset's digest asks for, None where it is no address of an image."""
    for kind, pattern in _PATTERNS.items():
        found = pattern.fullmatch(address)
        if found:
            parts = found.groupdict()
            window, other, above = parts.get("window"), parts.get("other"), parts.get("above")
            if above is not None and (above not in _ABOVE or parts.get("source") == "none"):
                return None
            return Wanted(
                kind,
                int(parts["key"]),
                int(other) if other is not None else None,
                parts.get("look") or "",
                _source(parts.get("source")),
                _window(window) if window else None,
                None if above is None else _ABOVE[above],
                _source(parts.get("label")),
                parts.get("scope") or "",
            )
    return None


def _source(text: str | None) -> int | None:
    return None if text is None or text == "none" else int(text)


def _window(text: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = (int(part) for part in text.split("_"))
    return left, top, right, bottom
