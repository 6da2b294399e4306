"""Numbers as a person reads them."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """`40 s`, `12 min` or `3.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def megabytes(amount: float) -> str:
    """`0.3 MB`, `120 MB` or `4.1 GB`."""
    if amount < 10:
        return f"{amount:.1f} MB"
    return f"{amount:,.0f} MB" if amount < 2000 else f"{amount / 1000:.1f} GB"


def several(count: int, noun: str) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
