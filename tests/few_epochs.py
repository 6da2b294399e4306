"""The few-epochs design: lakes of known truth mapped at three or five dates, and how often a test finds those that grow."""

from __future__ import annotations

import numpy as np

from data.records import SeriesBatch

SPAN = 20.0
GROWING = 0.1


def inventory(
    random: np.random.Generator, dates: int, pixel_m: float = 10.0, process: float = 0.0, lakes: int = 2000
) -> tuple[SeriesBatch, np.ndarray]:
    """One inventory, and which of its lakes grow, U(3, 8) %/yr.

    Areas are log-normal (median 0.06 km², sigma 1, clipped to 0.02 … 6), the perimeter is 1.3 times that of a circle, area_sd half a pixel
    times the perimeter, and the mapped area is off by that much.

    Args:
        random: Where chance comes from.
        dates: Evenly over SPAN years.
        pixel_m: m.
        process: sd of log area beyond the mapping error.
        lakes: How many.
    """
    start = np.clip(np.exp(random.normal(np.log(0.06), 1.0, lakes)), 0.02, 6.0)
    grows = np.arange(lakes) < GROWING * lakes
    rate = np.where(grows, random.uniform(0.03, 0.08, lakes), 0.0)
    year = np.linspace(0.0, SPAN, dates)
    true = start[:, None] * np.exp(np.log1p(rate)[:, None] * year)
    sd = 0.5 * pixel_m / 1000 * 1.3 * 2 * np.sqrt(np.pi * true)
    area = true * np.exp(random.normal(0, process, true.shape)) if process else true
    area = np.maximum(area + random.normal(0, 1, true.shape) * sd, 1e-4)
    years = np.broadcast_to(2000.0 + year, true.shape).copy()
    seen = 0.5 * pixel_m / 1000 * 1.3 * 2 * np.sqrt(np.pi * area)  # whoever maps knows the mapped outline alone
    return SeriesBatch(np.arange(lakes, dtype=np.int32), 2000.0 + year, years, area, seen), grows
