"""A watch-list's own score as a hindcast asks for it: its components worked out anew from what was known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from data.hindcast.known import Known
from data.hindcast.scores import Values
from data.watchlist.given import Given
from data.watchlist.rank import ranked, raw_components
from data.watchlist.wish import Wish


def watch_score(wish: Wish, columns: Mapping[str, str]) -> Callable[[Known], Values]:
    """The score of a mix of components.

    Args:
        wish: The weights.
        columns: Role → column of `lakes` (see `data.watchlist.opened.columns_of`); what they hold is of today.
    """

    def score(known: Known) -> Values:
        floods = known.floods if len(known.floods) else None
        given = Given(known.lakes, known.table, lambda: [known.rows], floods, columns)
        return ranked(given.lake_keys, raw_components(given), wish).score

    return score
