"""Text from anywhere, as it may be shown: nothing in it ends a line, is no letter, or turns the direction of what is written beside it.

Markup and formulas stay as they are: who shows a text escapes it, and who writes a table for a spreadsheet (data/export.py) defuses it.
"""

from __future__ import annotations

import re
from typing import Any, cast

import pyarrow as pa
from pyarrow import compute

BLANK = "[\t\n\r\u2028\u2029]+"
STRANGE = "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]"
"""Controls, NUL among them, and what embeds, overrides or isolates a direction of writing. Letters that are written from right to left do
not belong here: they are text."""
MARK = "\ufffd"
"""What stands for one, so that it is seen that something was there."""
LABEL_MOST = 80
"""Characters of what a lake is called."""
PLACES = ("path", "dem")
"""Columns that name files: those must be told letter by letter."""


def plain(text: str) -> str:
    """A text of one line, its strange characters replaced."""
    return re.sub(STRANGE, MARK, re.sub(BLANK, " ", text))


def plain_lines(text: str) -> str:
    """A text that may have several lines."""
    return re.sub(STRANGE, MARK, text.replace("\r\n", "\n"))


def cut(text: str, most: int = LABEL_MOST) -> str:
    """The beginning of a text, with an ellipsis where it goes on."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def plain_table(table: pa.Table) -> pa.Table:
    """A table whose texts and column names are plain; the same table where they are already."""
    taken: set[str] = set()
    for place, field in enumerate(table.schema):
        given = table.column(place)
        column = given if field.name in PLACES else _plain_column(given)
        name = plain(field.name)
        while name in taken:
            name += MARK
        taken.add(name)
        if name != field.name or column is not given:
            table = table.set_column(place, pa.field(name, column.type, field.nullable, field.metadata), column)
    return table


def _plain_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return column
    pc = cast(Any, compute)
    if kind == column.type and pc.all(pc.ascii_is_printable(column), min_count=0).as_py():
        return column  # of a million ids in 10 ms; what follows takes half a second
    # Of a million rows of areas three sources are left.
    each = pa.chunked_array([part.dictionary for part in column.chunks], kind) if kind != column.type else pc.unique(column)
    if not pc.any(pc.match_substring_regex(each, _re2(f"{BLANK}|{STRANGE}"))).as_py():
        return column
    texts = column.cast(kind)
    return pc.replace_substring_regex(pc.replace_substring_regex(texts, _re2(BLANK), " "), _re2(STRANGE), MARK)


def _re2(characters: str) -> str:
    """A class of characters as RE2 takes it: those that cannot be written into a pattern by their numbers."""
    return "".join(each if " " < each <= "~" else f"\\x{{{ord(each):x}}}" for each in characters)
