"""The choices of the Predictions page in a link, and back. Pure; no shiny."""

from __future__ import annotations

from collections.abc import Iterator

from data.errors import InputError
from modules.judging.inspection import FILTERS, SCOPES, SORTS, Inspection
from modules.judging.metrics import METRICS

Pairs = list[tuple[str, str]]
MANY = {"from": "sources", **{column: field for field, column in FILTERS.items()}}
"""Parameter (after `p.`) → field that holds several texts."""
ONE = {"metric": "metric", "scope": "scope", "sort": "sort", "worst": "worst_of"}


def inspection_pairs(inspection: Inspection) -> Iterator[tuple[str, str]]:
    """The parameters of a link that stand for these choices."""
    default = Inspection()
    for name, field in ONE.items():
        if getattr(inspection, field) != getattr(default, field):
            yield f"p.{name}", getattr(inspection, field)
    for name, field in MANY.items():
        yield from ((f"p.{name}", value) for value in getattr(inspection, field))
    if any(inspection.pair):
        yield from (("p.pair", name) for name in inspection.pair)


def inspection_from(pairs: Pairs) -> Inspection:
    """Invert `inspection_pairs`; parameters of other names are passed over, sources and places that are not there show nothing.

    Raises:
        InputError: A metric, scope or order is unknown.
    """
    one = {name: value for key, value in pairs if (name := key.removeprefix("p.")) in ONE and key.startswith("p.")}
    known = {"metric": METRICS, "scope": SCOPES, "sort": {**METRICS, **SORTS}}
    for name, names in known.items():
        if one.get(name) and one[name] not in names:
            raise InputError(f"{name} = {one[name]!r} is unknown", f"use one of {', '.join(names)}")
    many = {field: tuple(value for key, value in pairs if key == f"p.{name}") for name, field in MANY.items()}
    pair = [value for key, value in pairs if key == "p.pair"]
    return Inspection(**{ONE[name]: value for name, value in one.items()}, **many, pair=(pair[0], pair[1]) if len(pair) == 2 else ("", ""))  # type: ignore[arg-type]
