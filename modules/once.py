"""What is worked out once for a trend table, for every visit that looks at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

from data.records import TrendTable

T = TypeVar("T")


def once_a_table(work: Callable[[TrendTable], T]) -> Callable[[TrendTable], T]:
    """The same function, which keeps what it found for as long as the table is kept: nobody may change it in place."""
    held: WeakKeyDictionary[TrendTable, T] = WeakKeyDictionary()

    def found(table: TrendTable) -> T:
        if table not in held:
            held[table] = work(table)
        return held[table]

    found.__doc__ = work.__doc__
    return found
