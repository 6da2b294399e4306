"""Every colour of the app, as a named meaning with a light and a dark value. Figures name meanings; the browser resolves them.

The three classes keep their order of lightness and differ in hue along blue–orange, the axis that the common colour-vision
deficiencies leave intact; text colours reach 4.5:1 and marks 3:1 against their ground (tests/test_palette.py computes both).
"""

from __future__ import annotations

PALETTE: dict[str, tuple[str, str]] = {
    "ground": ("#ffffff", "#14181d"),
    "panel": ("#ffffff", "#1b2027"),
    "ink": ("#1d242b", "#e8ecf0"),
    "quiet": ("#5a6570", "#a3adb8"),
    "line": ("#d9dee3", "#343c46"),
    "growing": ("#c7401a", "#ff8a5c"),
    "shrinking": ("#1767a8", "#6db6f0"),
    "steady": ("#77818b", "#87919c"),
    "untested": ("#77818b", "#87919c"),
    "context": ("#ccd2d8", "#3b444e"),
    "focus": ("#111418", "#ffffff"),
    "brushed": ("#6b3fa0", "#c6a4f2"),
    "water": ("#0e8fa8", "#4fd0e6"),
    "flood": ("#00695c", "#5fd6b8"),
    "label": ("#9a7400", "#f2cf4a"),
    "agreed": ("#858f99", "#e9edf1"),
    "false": ("#8c004c", "#ff5cab"),
    "missed": ("#2f7d00", "#a6e35f"),
    "early": ("#5b3fd6", "#8f7bff"),
    "late": ("#b8357f", "#ffc2e6"),
    "tp": ("#858f99", "#e9edf1"),
    "fp": ("#8c004c", "#ff5cab"),
    "fn": ("#2f7d00", "#a6e35f"),
    "right": ("#f3e6d0", "#3d3022"),
    "wrong": ("#7a3d00", "#ffb26b"),
    "cloud": ("#568fff", "#91ffb6"),
    "snow": ("#e07000", "#ff8d1b"),
    "shadow": ("#151537", "#a900fd"),
    "partial": ("#4c0000", "#dd203f"),
    "few": ("#c9b3e6", "#4b3a66"),
    "many": ("#43206e", "#dcc6ff"),
    "state": ("#7b2fb5", "#cf9bff"),
    "update": ("#8f6200", "#ffc533"),
    "reset": ("#8f1030", "#f9708a"),
    "candidate": ("#008075", "#6ff2dc"),
    "alike": ("#9a7bd6", "#6a4fa5"),
}
"""meaning → (light, dark)"""


def colour(meaning: str, opacity: float | None = None) -> str:
    """A meaning as figures name it: the browser looks it up for the theme in force (see widgets/figure.js).

    Raises:
        KeyError: There is no such meaning.
    """
    PALETTE[meaning]
    return f"var(--m-{meaning})" + (f"@{opacity:g}" if opacity is not None else "")


def style_sheet() -> str:
    """CSS variables of all meanings, in both themes."""
    rows = [";".join(f"--m-{name}:{pair[theme]}" for name, pair in PALETTE.items()) for theme in (0, 1)]
    return f":root{{{rows[0]}}}[data-bs-theme=dark]{{{rows[1]}}}"
