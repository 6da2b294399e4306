"""Numbers as a person should read them: with a sign where it matters, and no more digits than they carry. Pure."""

from __future__ import annotations

import math

NONE = "–"
LN10 = math.log(10)
FAR = 1e5


def figure_text(value: float | None, digits: int = 3, *, signed: bool = False) -> str:
    """A number to so many significant digits; `–` where there is none.

    Args:
        value: Any float; NaN and None mean that there is none.
        digits: Significant digits; whole numbers keep every digit before the point.
        signed: Write a plus before positive numbers.
    """
    if value is None or not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if not -5 <= size < 9:
        lead, power = f"{value:{'+' if signed else ''}.{digits - 1}e}".split("e")
        return f"{_dressed(lead)}e{int(power)}"
    return fixed_text(value, max(digits - 1 - size, 0), signed=signed)


def fixed_text(value: float, decimals: int, *, signed: bool = False) -> str:
    """A number with so many decimals; what rounds to zero is `0`, without a sign."""
    if not math.isfinite(value):
        return NONE
    rounded = round(value, decimals) + 0.0
    return _dressed(f"{rounded:{'+' if signed and rounded else ''},.{decimals}f}")


def _dressed(text: str) -> str:
    return text.replace("-", "−")


def probability_text(log_p: float) -> str:
    """A p or q value from its natural logarithm, exact far below the smallest float: `0.013`, `3e-412`, never 0."""
    if not math.isfinite(log_p):
        return NONE
    tens = log_p / LN10
    if tens >= -3:
        return f"{min(math.exp(log_p), 1.0):.2g}"
    size = math.floor(tens)
    lead = round(10 ** (tens - size))
    return f"{lead}e{size}" if lead < 10 else f"1e{size + 1}"


def round_length(longest: float) -> tuple[float, str]:
    """The longest of 1, 2 or 5 × 10ⁿ m up to so many metres, above 0, and the same in words: `500 m`, `2 km`."""
    power = 10.0 ** math.floor(math.log10(longest))
    length = next(step * power for step in (5, 2, 1) if step * power <= longest)
    return length, f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"


def slope_text(slope: float, low: float, high: float) -> str:
    """A slope with its confidence interval in brackets, rounded to what the interval can tell (two digits of its half-width).

    Without an interval the slope stands alone, to three significant digits.
    """
    half = (high - low) / 2
    if not math.isfinite(half) or not math.isfinite(slope) or half <= 0:
        return figure_text(slope, signed=True)
    decimals = max(1 - math.floor(math.log10(half)), 0)
    # A limit far off (the exponential of a wide interval) is told by its size alone.
    texts = [
        fixed_text(value, decimals, signed=True) if abs(value) < FAR else f"{value:+.0e}".replace("e+0", "e")
        for value in (slope, low, high)
    ]
    return f"{texts[0]} [{texts[1]}, {texts[2]}]"
