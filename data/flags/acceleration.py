"""Acceleration: the trend itself changes, by the test of a quadratic term."""

from __future__ import annotations

import numpy as np

from data.flags.covariate import p_words, partial
from data.flags.flag import NO_DAY, Flag, Found, nothing
from data.flags.seen import Seen

LEAST_N = 8


def acceleration(seen: Seen) -> Found:
    """Lakes whose log area follows a parabola better than a line.

    Outliers are left out, and lakes that drained are not tested. With log area = a + b·t + c·t², t from the mean year, the rate at a
    year is b + 2ct; c is tested on the effective sample size (see `data.flags.covariate.partial`).
    """
    used = seen.used
    if used.year.shape[1] < LEAST_N:
        return nothing()
    held = used.held & ~seen.apart.outliers
    held &= ((held.sum(axis=1) >= LEAST_N) & ~seen.drained)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.where(held, used.year, 0.0).sum(axis=1) / held.sum(axis=1)
        fit = partial(used, np.square(used.year - centre[:, None]), held)
    lake = np.flatnonzero(np.isfinite(fit.log_p))
    log_p = fit.log_p[lake]
    last = used.n[lake] - 1
    ends = [used.year[lake, 0], used.year[lake, last]]
    rates = [100 * np.expm1(fit.slope[lake] + 2 * fit.effect[lake] * (year - fit.middle[lake])) for year in ends]
    parts = zip(used.nominal[lake, 0].tolist(), rates[0].tolist(), used.nominal[lake, last].tolist(), rates[1].tolist(), strict=True)
    said = [f"from {was:+.2g} %/yr in {first:.0f} to {now:+.2g} %/yr in {end:.0f}" for first, was, end, now in parts]
    curve = np.where(fit.effect[lake] > 0, "speeds up", "slows down").tolist()
    tested = [p_words(each) for each in log_p.tolist()]
    words = [f"{how}: {what}, {by}" for how, what, by in zip(curve, said, tested, strict=True)]
    return Found(lake, np.full(len(lake), NO_DAY), 100 * 10 * 2 * fit.effect[lake], words, log_p)


FLAG = Flag(
    name="acceleration",
    title="Acceleration",
    help=(
        "The trend is no straight line: a quadratic term in log area passes its test (q < 0.05 over all lakes with eight dates or more, "
        "on the effective sample size; outliers left out). The value is the change of the rate, in % per year per decade: above 0 growth "
        "speeds up or shrinking slows down. A sensor step or a change of season can bend a series too."
    ),
    version=1,
    find=acceleration,
)
