"""Moderated t with a prior that changes with lake size: small lakes scatter more, and are held against small lakes."""

from __future__ import annotations

from data.records import SeriesBatch
from data.trends.fit import Fit
from data.trends.method import Method
from data.trends.moderated import estimated, moderated_given, scatter_pooling


def moderated_by_size(batch: SeriesBatch, response: str) -> Fit:
    """As `data.trends.moderated.moderated`, with log s0² a lowess curve over the log of a lake's mean area (limma's `trend`).

    Args:
        batch: L lakes × T observations.
        response: `log` or `area`.
    """
    return estimated(batch, response, by_size=True)


METHOD = Method(
    name="moderated-trend",
    title="Moderated t, by lake size",
    version=1,
    help=(
        "As Moderated t, but what is borrowed comes from lakes of about the same size: a mapper's half pixel is a larger share of a small "
        "lake, whose areas therefore scatter more. Prefer it to Moderated t wherever lakes of many sizes are in one inventory, and always "
        "for areas in km². The same cautions hold: lakes of one size are taken for alike."
    ),
    fit=moderated_by_size,
    given=moderated_given,
    pooling=scatter_pooling(by_size=True),
)
