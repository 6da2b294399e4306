"""Where a lake stands among all others: the volcano, drawn once and used on every page. Pure."""

from __future__ import annotations

import numpy as np
from htmltools import Tag, svg

from data.records import TrendTable
from modules.brief.drawing import HEIGHT, WIDTH, Frame, axes, line, picture, spread, text
from modules.figures import CLASSES
from modules.measures import limits, measure, slope_unit

SHARED = "everyone"


class Volcano:
    """The volcano of a table.

    Args:
        table: The trends.
        codes: (L,) class codes.
        use: `p` or `q`.
        alpha: The cut-off.
    """

    def __init__(self, table: TrendTable, codes: np.ndarray, use: str, alpha: float) -> None:
        self._slope, self._evidence = measure(table, "slope"), measure(table, use)
        self._reach = limits(self._slope, self._evidence)
        self._unit, self._use, self._alpha, self._codes = slope_unit(table.settings.response), use, alpha, codes
        self._frame = Frame(WIDTH, HEIGHT, (-self._reach.x, self._reach.x), (0.0, self._reach.y), top=14)

    def shared(self) -> Tag:
        """What all pages use; put it once into the file, before them."""
        x, y = self._reach.clipped(self._slope, self._evidence)
        tested = np.isfinite(x) & np.isfinite(y)
        dots = [
            svg.path(d=spread(x[mine], y[mine], self._frame), class_=f"dots {meaning}")
            for code, meaning in enumerate(CLASSES)
            for mine in [tested & (self._codes == code)]
            if mine.any()
        ]
        at = -np.log10(self._alpha)
        cut = self._frame.down(float(at)) if at < self._reach.y else None
        rule = [] if cut is None else [
            line(self._frame.left, cut, WIDTH - self._frame.right, cut, class_="cut"),
            text(WIDTH - self._frame.right, cut - 2, f"{self._use} = {self._alpha:g}", anchor="end"),
        ]  # fmt: skip
        marks = axes(self._frame, f"slope, {self._unit}", f"−log10 {self._use}")
        return svg.svg(svg.defs(svg.g(*marks, *rule, *dots, id=SHARED)), width="0", height="0", class_="shared", aria_hidden="true")

    def place(self, row: int, name: str) -> Tag:
        """The volcano with one lake ringed; a lake that was not tested is named as such."""
        x, y = self._slope[row], self._evidence[row]
        if not (np.isfinite(x) and np.isfinite(y)):
            note = text(WIDTH / 2, HEIGHT / 2, "not tested: it has no place here", class_="note")
            return picture(WIDTH, HEIGHT, f"{name} was not tested", svg.use(href=f"#{SHARED}"), note)
        left, top = (float(value) for value in self._reach.clipped(np.array(x), np.array(y)))
        beyond = bool(self._reach.beyond(np.array([x]), np.array([y]))[0])
        ring = svg.circle(cx=str(self._frame.across(left)), cy=str(self._frame.down(top)), r="6", class_="ring")
        says = f"{name}: slope {x:.3g} {self._unit}, −log10 {self._use} {y:.3g}" + (", beyond the edge of the plot" if beyond else "")
        return picture(WIDTH, HEIGHT, says, svg.use(href=f"#{SHARED}"), ring)
