"""What a ranking rests on, in words. Pure."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from data.watchlist.component import Component
from data.watchlist.components import COMPONENTS
from data.watchlist.rank import LEAST_KNOWN, UNRANKED, Ranking
from data.watchlist.wish import PRESETS, Wish
from modules.numerals import NONE, figure_text, fixed_text


def mix_words(wish: Wish) -> str:
    """`Growth and evidence: growth at least 2, evidence of growth 2, …`."""
    named = next((preset.title for preset in PRESETS.values() if preset.weights == wish.weights), "Own mix")
    each = ", ".join(f"{COMPONENTS[name].title.lower()} {weight:g}" for name, weight in wish.weights)
    return f"{named}: {each}" if each else "Nothing has any weight"


def list_words(ranking: Ranking) -> str:
    """`First 25 of 1,414 ranked lakes · 249 not ranked: less than half of the weight is known of them`."""
    count, left = len(ranking.order), int(np.count_nonzero(ranking.rank == UNRANKED))
    if not count:
        return "No lake can be ranked: " + ("give a component some weight" if not ranking.names else "too little is known of each")
    shown = len(ranking.listed)
    words = f"First {shown:,} of {count:,} ranked lakes" if shown < count else f"All {count:,} ranked lakes"
    return words + (f" · {left:,} not ranked: less than {100 * LEAST_KNOWN:.0f} % of the weight is known of them" if left else "")


def absent_words(ranking: Ranking, wish: Wish) -> str:
    """Which weighed components these data cannot tell, and how much of the weight is left; empty where they tell all."""
    if not ranking.absent:
        return ""
    each = "; ".join(f"{COMPONENTS[name].title} (needs {COMPONENTS[name].needs})" for name in ranking.absent)
    told = 100 * sum(ranking.weights.tolist()) / sum(weight for _, weight in wish.weights)
    return f"These data tell {told:.0f} % of the weight. Not in them, and counted for no lake: {each}."


def value_text(name: str, value: float) -> str:
    """A raw value to its honest digits, as its component reads; missing ones are a dash."""
    reads = COMPONENTS[name].reads
    if reads == "yes":
        return NONE if math.isnan(value) else "yes" if value else "no"
    return fixed_text(value, 0) if reads == "whole" else figure_text(value, signed=reads == "signed")


def day_text(day: object, year_only: object) -> str:
    """`2020-10-14`, the year alone where no more is known, a dash where the lake was never seen clearly."""
    if not isinstance(day, pd.Timestamp):
        return NONE
    return f"{day.year}" if year_only is True else f"{day:%Y-%m-%d}"


def range_text(low: float, high: float) -> str:
    """`4.1 – 12`."""
    return f"{figure_text(low, 2)} – {figure_text(high, 2)}" if math.isfinite(low) else NONE


def likely_words(triage: pd.DataFrame, row: int) -> str:
    """`Most likely grew: grows by 5.6 %/yr …`: what triage says of a lake, with the evidence that decided."""
    return f"Most likely {triage['kind'].iloc[row]}: {triage['why'].iloc[row]}."


def with_review(words: str, verdict: str) -> str:
    """`grew · reviewed: false alarm`."""
    return f"{words} · reviewed: {verdict}" if verdict else words


def scaled_text(component: Component, scaled: float) -> str:
    """`0.87`, or for a published threshold `1: above 0.2 km²` and `0: not above 0.2 km²`."""
    if not component.threshold or math.isnan(scaled):
        return fixed_text(scaled, 2)
    return f"1: {component.threshold}" if scaled else f"0: not {component.threshold}"


def place_words(ranking: Ranking, row: int) -> str:
    """`Place 3 of 1,414, score 0.996` and what missing components leave open."""
    if ranking.rank[row] == UNRANKED:
        return f"Not ranked: only {100 * ranking.known[row]:.0f} % of the weight is known of this lake."
    low, high = (float(each[row]) for each in ranking.bounds())
    tied = ", tied with others" if ranking.tied[row] else ""
    left = f"; what is missing leaves it between {low:.3f} and {high:.3f}" if high - low > 1e-9 else ""
    return f"Place {ranking.rank[row]:,} of {len(ranking.order):,}{tied}; score {ranking.score[row]:.3f}{left}."
