"""The sentence above the plots: what was tested, what came of it, and what was left out. Computed, and it names its family."""

from __future__ import annotations

import numpy as np

from data.records import Season, TrendTable
from data.trends.automatic import AUTOMATIC
from data.trends.classes import GROWING, SHRINKING, classes
from data.trends.corrections import CORRECTIONS
from data.trends.known_error import METHOD as KNOWN_ERROR

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four"}


def headline(table: TrendTable, use: str = "q", alpha: float = 0.05, effect: float = 0.0, *, short: bool = False) -> str:
    """E.g. "989 lakes tested (402 did not change); none is significant at q < 0.05: three epochs leave one degree of freedom".

    Args:
        table: The trend table of a whole dataset.
        use: The evidence (see `data.trends.classes.classes`).
        alpha: Significance cut-off.
        effect: Least absolute slope that counts, in the unit of the slope.
        short: For the page, which counts the lakes not tested below and says in its settings why observations were left out.
    """
    parts = [_tested(table) + _found(table, use, alpha, effect)]
    few = table.counts.get("insufficient", 0)
    if few and not short:
        parts.append(f"{_lakes(few)} with fewer than three dates")
    if (held := _by_error(table)) and table.settings.method == AUTOMATIC.name:
        which = f"{held:,}" if short else _lakes(held)
        parts.append(f"{which} with fewer than five dates held against {'its' if held == 1 else 'their'} mapping errors")
    if table.settings.dates == "image":
        parts.append("dated by their images where known")
    if table.left_out:
        parts.append(_count_left_out(table.left_out) if short else _left_out(table.left_out, table.settings.season))
    return " · ".join(parts)


def _lakes(count: int) -> str:
    return f"{count:,} lake" if count == 1 else f"{count:,} lakes"


def _by_error(table: TrendTable) -> int:
    """How many tested lakes were held against their mapping errors."""
    by_error = (table.frame["method"] == KNOWN_ERROR.name).to_numpy(dtype=bool)
    tested = table.frame["log_p"].notna().to_numpy(dtype=bool)
    return int((by_error & tested).sum())


def _tested(table: TrendTable) -> str:
    constant = (table.frame["status"] == "constant").to_numpy(dtype=bool)
    words = f"{_lakes(table.family)} tested" if table.family else "no lake could be tested"
    if not constant.any():
        return words
    if table.frame["log_p"].notna().to_numpy(dtype=bool)[constant].any():
        return f"{words}, {constant.sum():,} of which did not change"
    return f"{words} ({constant.sum():,} did not change)"


def _found(table: TrendTable, use: str, alpha: float, effect: float) -> str:
    if not table.family:
        return ""
    found = classes(table, use, alpha, effect)
    growing, shrinking = int((found == GROWING).sum()), int((found == SHRINKING).sum())
    unit = "%/yr" if table.settings.response == "log" else "km²/yr"
    correction = CORRECTIONS[table.settings.correction]
    at = (
        f"at {use} < {alpha:g}"
        + (f" ({correction.title})" if use.startswith("q") and correction.name != "bh" else "")
        + (f" and at least {effect:g} {unit}" if effect else "")
    )
    chance = ""
    if use.startswith("p"):
        chance = f", not corrected for testing many: about {alpha * table.family:,.0f} would pass by chance alone"
    if growing + shrinking:
        return f" · {growing:,} growing, {shrinking:,} shrinking {at}{chance}"
    return f"; none is significant {at}{chance or _why_none(table)}"


def _why_none(table: TrendTable) -> str:
    """Few epochs explain it where no tested lake has more than four, and their scatter is all there is to go by."""
    if _by_error(table):
        return ""
    most = int(np.max(table.frame["n"].to_numpy()[table.frame["log_p"].notna().to_numpy(dtype=bool)]))
    if most not in {3, 4}:
        return ""
    return f": {NUMBERS[most]} epochs leave {NUMBERS[most - 2]} degree{'' if most == 3 else 's'} of freedom"


def _count_left_out(left_out: dict[str, int]) -> str:
    count, bad = sum(left_out.values()), left_out.get("reviewed_bad", 0)
    return f"{count:,} observation{'s' * (count != 1)} left out" + (f", {bad:,} reviewed bad" if bad else "")


def _left_out(left_out: dict[str, int], season: Season | None) -> str:
    within = f" of {MONTHS[season.first - 1]}–{MONTHS[season.last - 1]}" if season else ""
    names = {
        "season": f"outside the season{within}",
        "valid_share": "too little of the lake seen",
        "snow_or_ice": "snow or ice",
        "reviewed_bad": "reviewed bad",
    }
    each = ", ".join(f"{count:,} {names.get(reason, reason)}" for reason, count in sorted(left_out.items(), key=lambda i: (-i[1], i[0])))
    return f"observations left out: {each}"
