"""The seasons asked for: one window of days a year."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from data.errors import InputError
from data.records import Season

EARLIEST = 1972


@dataclass(frozen=True)
class Window:
    """One season of one year, both days included. A season over New Year belongs to the year in which it begins.

    Args:
        year: In which it begins.
        first, last: Its days.
        opens: The first day whose scenes are taken, where that is a later one; the season's middle stays where it is.
    """

    year: int
    first: date
    last: date
    opens: date | None = None

    @property
    def begins(self) -> date:
        """The first day whose scenes are taken."""
        return self.first if self.opens is None else max(self.opens, self.first)

    @property
    def middle(self) -> date:
        """The day in the middle of the season."""
        return self.first + timedelta(days=(self.last - self.first).days // 2)

    @property
    def interval(self) -> str:
        """As a STAC search takes it: closed, in UTC."""
        return f"{self.begins}T00:00:00Z/{self.last}T23:59:59Z"

    def since(self, day: date | None) -> Window | None:
        """What is left of the season from that day on, None where nothing is."""
        if day is None or day <= self.first:
            return self
        return replace(self, opens=day) if day <= self.last else None


def windows(years: str, season: Season | None) -> list[Window]:
    """The windows of `2016:2025` (also `2016-2025`, or one year), ascending; whole years where there is no season.

    Raises:
        InputError: The text is no range of years.
    """
    found = re.fullmatch(r"\s*(\d{4})\s*(?:[:-]\s*(\d{4})\s*)?", years)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not EARLIEST <= first <= last <= date.today().year:
        raise InputError(f"--years {years!r} is no range of years from {EARLIEST} to now", "write it as FIRST:LAST, e.g. 2016:2025")
    season = season or Season(1, 12)
    return [_window(year, season) for year in range(first, last + 1)]


def _window(year: int, season: Season) -> Window:
    ends = year + (season.last < season.first)
    return Window(year, date(year, season.first, 1), date(ends, season.last, calendar.monthrange(ends, season.last)[1]))
