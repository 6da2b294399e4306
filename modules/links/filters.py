"""The filters in a link, and back. Pure; no shiny."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from data.errors import InputError
from data.flags import FLAGS
from data.trends.quiet import KIND_WORDS, WORTH
from data.triage import KINDS
from modules.choices import REVIEWED, Cut, Filters, Range
from modules.links.packing import packed_keys, unpacked_keys

Pairs = list[tuple[str, str]]


def filter_pairs(filters: Filters) -> Iterator[tuple[str, str]]:
    """The parameters of a link that stand for these filters."""
    many = (
        ("basin", filters.basins),
        ("sub", filters.sub_basins),
        ("type", filters.dam_types),
        ("trend", filters.trends),
        ("triage", filters.triage),
        ("said", filters.reviews),
    )
    for name, values in many:
        yield from ((name, value) for value in values)
    for name, span in (("area", filters.area), ("elev", filters.elevation), ("n", filters.observations), ("slope", filters.slope)):
        if span:
            yield name, _range(span)
    for column, kept in filters.extras:
        if kept and isinstance(kept[0], str):
            yield from ((f"is.{column}", str(value)) for value in kept)
        elif kept:
            yield f"in.{column}", _range(kept)  # type: ignore[arg-type]
    if filters.lake_keys:
        yield "only", packed_keys(filters.lake_keys)
    if filters.images:
        yield "images", "1"
    if filters.floods:
        yield "floods", "1"
    yield from (("flag", kind) for kind in filters.flags)
    yield from (("noflag", kind) for kind in filters.without_flags)
    if filters.cut:
        use, alpha, effect, worth = filters.cut
        yield "cut", f"{use}~{alpha:.6g}~{effect:.6g}" + (f"~{worth:.6g}" if worth != WORTH else "")


def _range(value: Range) -> str:
    return f"{value[0]:.6g}..{value[1]:.6g}"


def filters_from(pairs: Pairs) -> Filters:
    """Invert `filter_pairs`; parameters of other names are passed over.

    Raises:
        InputError, ValueError: One cannot be read.
    """
    many = lambda name: tuple(value for key, value in pairs if key == name)  # noqa: E731
    spans = {name: _span(value) for name, value in pairs if name in {"area", "elev", "n", "slope"}}
    names = dict.fromkeys(key[3:] for key, _ in pairs if key.startswith("is."))
    extras: list[tuple[str, Any]] = [(name, many(f"is.{name}")) for name in names]
    extras += [(key[3:], _span(value)) for key, value in pairs if key.startswith("in.")]
    only, cut, trends = many("only"), many("cut"), many("trend")
    _known("trend", trends, KIND_WORDS)
    _known("triage", many("triage"), KINDS)
    _known("flag", (*many("flag"), *many("noflag")), FLAGS)
    return Filters(
        many("basin"), many("sub"), many("type"), spans.get("area"), spans.get("elev"), spans.get("n"),
        tuple(extras), unpacked_keys(only[0]) if only else (), trends, spans.get("slope"), _cut(cut[0]) if cut else None,
        ("images", "1") in pairs, many("triage"), ("floods", "1") in pairs, many("flag"), many("noflag"),
        tuple(name for name in REVIEWED if name in many("said")),
    )  # fmt: skip


def _known(what: str, names: tuple[str, ...], known: Collection[str]) -> None:
    strange = [name for name in names if name not in known]
    if strange:
        raise InputError(f"there is no {what} {strange[0]!r}", f"use one of {', '.join(known)}")


def _cut(text: str) -> Cut:
    use, alpha, effect, *more = text.split("~")
    worth = float(more[0]) if more else WORTH
    if use not in {"p", "q"} or not 0 < float(alpha) < 1 or not 0 <= float(effect) < 1e6 or not 0 < worth < 1e6 or len(more) > 1:
        raise InputError(f"{text} is not a cut-off", "brush again")
    return use, float(alpha), float(effect), worth


def _span(text: str) -> Range:
    low, high = (float(part) for part in text.split("..", 1))
    if not low <= high:
        raise InputError(f"{text} is not a range", "write it as LOW..HIGH")
    return low, high
