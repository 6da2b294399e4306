"""What the person reads after floods were taken in."""

from __future__ import annotations

from collections import Counter

from data.floods.intake import Taken
from data.floods.matching import rivals
from data.floods.record import PRECISIONS, Match
from data.floods.words import is_id
from data.problems import SHOWN, listed


def lines(taken: Taken, shown: int | None = SHOWN) -> list[str]:
    """The report.

    Args:
        taken: What came of it.
        shown: Items of each list that are written out; None for all.
    """
    matches, within = taken.matches, taken.wish.within_km
    held = [match for match in matches if match.lake_key is not None]
    how = Counter(match.how for match in matches)
    dates = Counter(match.record.when.precision for match in held)
    known = ", ".join(f"{dates[name]:,} {name}" for name in PRECISIONS if dates[name])
    return [
        f"{taken.source}: {len(matches):,} floods read, {taken.read.refused:,} rows cannot be used",
        f"columns: {', '.join(f'{role} = {column}' for role, column in taken.read.columns.items())}",
        f"{how['id']:,} matched by id, {how['distance']:,} by distance (≤ {within:g} km), {how['none']:,} match no lake of this dataset, "
        f"{how['ambiguous']:,} are ambiguous and not taken",
        f"{len(held):,} floods of {len({match.lake_key for match in held}):,} lakes; dates known to: {known or 'none'}",
        *([f"{taken.replaced:,} floods of this source were held before and are replaced"] if taken.replaced else []),
        *_no_ids(matches),
        *listed("Not taken, several lakes have the id and the record has no position",
                [_of(match) + _lakes(match, taken) for match in matches if match.how == "ambiguous"], shown),
        *listed("Ambiguous: taken for the nearest lake, another is hardly farther",
                [_of(match) + _nearest(match, taken) for match in matches if rivals(match)], shown),
        *listed("Several lakes have the id: taken for the nearest",
                [_of(match) + _nearest(match, taken) for match in matches if match.how == "id" and match.others], shown),
        *listed(f"Matched by id, though the record's position lies more than {within:g} km off",
                [_of(match) + _nearest(match, taken) for match in matches if match.how == "id" and match.km > within], shown),
        *listed("Cannot be used", [str(fault) for fault in taken.read.faults], shown),
    ]  # fmt: skip


def _no_ids(matches: tuple[Match, ...]) -> list[str]:
    words = Counter(match.record.lake_id.strip() for match in matches if match.record.lake_id.strip() and not is_id(match.record.lake_id))
    return [f"no id, so matched by distance only: {', '.join(f'{count:,} {word}' for word, count in words.most_common())}"] if words else []


def _of(match: Match) -> str:
    return f"{match.record.name} ({match.record.when.words}, {match.record.lake_id.strip() or 'no id'})"


def _nearest(match: Match, taken: Taken) -> str:
    others = "".join(f"; {taken.labels[key]} {km:.2f} km" for key, km in match.others[:3])
    assert match.lake_key is not None
    return f": {taken.labels[match.lake_key]} {match.km:.2f} km{others}"


def _lakes(match: Match, taken: Taken) -> str:
    return ": " + ", ".join(taken.labels[key] for key, _ in match.others)
