"""A hindcast in words: no figure without the number of lakes that it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from data.hindcast.measures import FEWEST, recall_at
from data.hindcast.run import Hindcast
from data.store import Store


def lakes(count: int) -> str:
    return f"{count:,} lake{'s' * (count != 1)}"


def headline(done: Hindcast) -> str:
    """What was ranked, and how many of it burst later."""
    day = str(done.known.until)
    if not done.ranked:
        return f"On {day} no lake could be ranked: too few images had been taken. Pick a later day, or a score that needs fewer dates."
    kind = " (matched by id)" * done.rules.by_id
    after = "after their last images" if done.rules.gap else "later"
    said = f"{lakes(done.ranked)} ranked by what was known on {day}; {done.positives:,} of them burst {after}{kind}"
    rest = len(done.table) - done.positives
    return said + (f"; {rest:,} more burst {after} but could not be ranked" if rest else "")


def judgement(done: Hindcast) -> str:
    """AUC with its interval, or why there is none; always with the number of lakes that burst later."""
    n = f"{lakes(done.positives)} that burst later"
    if math.isfinite(done.auc):
        low, high = done.interval
        return f"AUC {done.auc:.2f}, 95 % bootstrap interval {low:.2f} to {high:.2f} (n = {n}; 0.5 is chance)"
    if not done.positives:
        return "No ranked lake burst later: there is nothing to judge the ranking by"
    return f"{n.capitalize()}: fewer than {FEWEST}, so their ranks are all there is to say, and no AUC is given"


def recall_lines(done: Hindcast, depths: Sequence[int]) -> list[tuple[int, float, float]]:
    """(k, share of the later ones among the first k, the share that chance would find there), for depths up to the number ranked."""
    held = [depth for depth in depths if depth <= done.ranked]
    return [(k, share, k / done.ranked) for k, share in zip(held, recall_at(done.rank, done.later, held), strict=True)]


def caveat(done: Hindcast) -> str:
    """What is counted as not later though nobody knows."""
    if not done.undecided:
        return ""
    return f"{lakes(done.undecided)} had a flood of which nobody knows whether it was later; they count as lakes that did not burst"


def summary(done: Hindcast, depths: Sequence[int]) -> list[str]:
    """All of it, as lines."""
    told = [headline(done)]
    if done.positives:
        n = done.positives
        found = ", ".join(f"{share * n:.0f} of {n} in the first {k:,} (chance {by * n:.1f})" for k, share, by in recall_lines(done, depths))
        told += [judgement(done), f"recall: {found}"]
    elif done.ranked:
        told.append(judgement(done))
    return [*told, *filter(None, [caveat(done)])]


def rank_words(done: Hindcast, rank: float) -> str:
    """`8 of 1,207`; `not ranked`."""
    return f"{rank:,.0f} of {done.ranked:,}" if math.isfinite(rank) else "not ranked"


def table_lines(done: Hindcast, store: Store) -> list[str]:
    """The lakes that burst later, as aligned text."""
    if done.table.empty:
        return []
    lines = [f"{'rank':>15}  {'lake':<22}  {'flood':<14}  {'last image':<10}  matched"]
    for row in done.table.to_dict("records"):
        at = store.row_of(int(row["lake_key"]))
        label = store.labels[at] if at is not None else ""
        more = f" (+{row['floods'] - 1})" * (row["floods"] > 1)
        how = f"{row['matched']}" + (f", {row['distance_km']:.2f} km" if np.isfinite(row["distance_km"]) else "")
        lines.append(f"{rank_words(done, row['rank']):>15}  {label:<22.22}  {row['words'] + more:<14}  {row['last_image']:%Y-%m-%d}  {how}")
    return lines
