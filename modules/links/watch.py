"""How the page Watch-list ranks lakes, in a link, and back. Pure; no shiny."""

from __future__ import annotations

from collections.abc import Iterator

from data.errors import InputError
from data.watchlist.wish import Wish, opening, weighed
from modules.links.filters import Pairs

NOTHING = "none"


def watch_pairs(wish: Wish) -> Iterator[tuple[str, str]]:
    """Only what differs from how a visit opens."""
    default = opening()
    if wish.weights != default.weights:
        yield "mix", ",".join(f"{name}:{weight:.12g}" for name, weight in wish.weights) or NOTHING
    if wish.top != default.top:
        yield "top", str(wish.top)
    yield from (("role", f"{role}:{column}") for role, column in wish.columns)


def watch_from(pairs: Pairs) -> Wish:
    """Invert `watch_pairs`; parameters of other names are passed over.

    Raises:
        InputError, ValueError: A component or role is unknown, or a number cannot be read or is out of range.
    """
    one, default = dict(pairs), opening()
    weights = default.weights if "mix" not in one else _weights(one["mix"])
    columns = tuple(sorted((role, column) for key, value in pairs if key == "role" for role, _, column in [value.partition(":")]))
    return Wish(weights, int(one.get("top", default.top)), columns)


def _weights(text: str) -> tuple[tuple[str, float], ...]:
    if text == NOTHING:
        return ()
    parts = [part.partition(":") for part in text.split(",")]
    if len({name for name, _, _ in parts}) < len(parts):
        raise InputError("a component is weighed twice", "weigh each once")
    return weighed({name: float(weight) for name, _, weight in parts})
