"""What a visitor says of an own table: how answers are written. Light, for it is read where pages are made, too."""

from __future__ import annotations

from dataclasses import dataclass

COLUMN, NAMES, GIVEN, PLACE, WIDE = "column:", "names", "given", "place", "wide"
"""A column; the files' names; a date that is typed; the lakes' places; the names of the columns of areas."""


@dataclass(frozen=True)
class Answers:
    """What the visitor says.

    Args:
        date: `column:NAME`, `names`, `given` or `wide`; or as `data.own_table.slashes.ORDERS` has it.
        id: `column:NAME`, `place` or `names`.
        given: The one date of all rows, where `date` is `given`: a day or a year.
        pixel_m: Side of the pixel the outlines were drawn from, in metres; None: unknown.
    """

    date: str
    id: str
    given: str = ""
    pixel_m: float | None = None
