"""The areas of one lake with the fit and its band, as SVG. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from htmltools import Tag, svg

from data.records import TrendSettings
from data.trends.band import fit_line
from data.trends.series import barred, years_of
from modules.brief.drawing import HEIGHT, WIDTH, Frame, axes, line, path, picture, text
from modules.figures import CLASSES


def series_picture(
    areas: pd.DataFrame, trend: dict[str, Any], code: int, settings: TrendSettings, *, floods: list[float], name: str
) -> Tag:
    """Observations with one standard deviation, those that the fit leaves out as crosses, fit and 95 % band, recorded floods.

    Args:
        areas: The lake's area rows by the source of the settings.
        trend: Its row of the trend table.
        code: Its class.
        settings: Of the trend.
        floods: Decimal years of recorded floods.
        name: Of the lake, for those who do not see the picture.
    """
    area, sd = (areas[column].to_numpy(dtype=float) for column in ("area_km2", "area_sd_km2"))
    year, used = years_of(areas, settings)[0], barred(areas, settings.season) == ""
    held = np.isfinite(area) & ((area > 0) | used)
    if not held.any():
        return picture(WIDTH, HEIGHT, f"{name}: no areas", text(WIDTH / 2, HEIGHT / 2, "no areas by this source", class_="note"))
    area, sd, year, used = area[held], np.nan_to_num(sd[held]), year[held], used[held]
    top = float((area + sd).max()) * 1.12
    first, last = float(min([year.min(), *floods])), float(max([year.max(), *floods]))
    frame = Frame(WIDTH, HEIGHT, (first - 0.5, last + 0.5), (0.0, top), top=14)
    marks = [_mark(frame, *each) for each in zip(year.tolist(), area.tolist(), sd.tolist(), used.tolist(), strict=True)]
    parts = [*axes(frame, "", "area, km²", years=True), *_floods(frame, floods), *_fit(frame, trend, code, settings.response), *marks]
    return picture(WIDTH, HEIGHT, f"Areas of {name} with the fitted line", *parts)


def _mark(frame: Frame, year: float, area: float, sd: float, used: bool) -> Tag:
    x, y = frame.across(year), frame.down(area)
    if not used:
        return svg.g(line(x - 3, y - 3, x + 3, y + 3, class_="unused"), line(x - 3, y + 3, x + 3, y - 3, class_="unused"))
    bar = line(x, frame.down(area - sd), x, frame.down(area + sd), class_="error")
    return svg.g(bar, svg.circle(cx=str(x), cy=str(y), r="2.6", class_="point"))


def _fit(frame: Frame, trend: dict[str, Any], code: int, response: str) -> list[Tag]:
    if not np.isfinite(trend["slope"]):
        return []
    year = np.linspace(trend["first_year"], trend["last_year"], 25)
    fitted = fit_line(trend, year, response)
    meaning, top = CLASSES[code], frame.y[1]
    x = [frame.across(value) for value in year.tolist()]
    edge = [[frame.down(float(np.clip(value, 0, top))) for value in side] for side in (fitted.low, fitted.high, fitted.fitted)]
    line_ = path(list(zip(x, edge[2], strict=True)), class_=f"fit {meaning}")
    if not np.isfinite(fitted.low).all():
        return [line_]
    around = [*zip(x, edge[0], strict=True), *reversed(list(zip(x, edge[1], strict=True)))]
    return [path(around, class_=f"band {meaning}", closed=True), line_]


def _floods(frame: Frame, floods: list[float]) -> list[Tag]:
    made: list[Tag] = []
    for year in floods:
        x = frame.across(year)
        made += [line(x, frame.top, x, frame.height - frame.bottom, class_="flood"), text(x, frame.top + 8, "flood", class_="note")]
    return made
