"""The watch-list on screen as a record to be saved, compared or printed. Pure, and slow for large inventories: call it in a thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from data.records import DatasetMeta
from data.reviews.latest import Observation
from data.store import Store
from data.watchlist.export import write_list
from data.watchlist.file_out import file_text
from data.watchlist.rank import Ranking
from data.watchlist.reviewers import reviewers_of
from data.watchlist.saved import Reviewers, Saved, saved_of
from data.watchlist.wish import Wish
from modules.downloads import file_name, written
from modules.watching.state import Watching, Worked


@dataclass(frozen=True)
class OnScreen:
    """What the page shows at one moment.

    Args:
        store: The dataset.
        worked: The components.
        ranking: The order.
        wish: Weights and mapped columns.
        reviewers: Who called the observations bad that the fits leave out.
    """

    store: Store
    worked: Worked
    ranking: Ranking
    wish: Wish
    reviewers: Reviewers = field(default_factory=dict[Observation, tuple[str, str]])

    @classmethod
    def of(cls, watching: Watching) -> OnScreen:
        """What the page shows now; views that ask before there is anything wait."""
        selection = watching.selection
        reviewers = reviewers_of(selection.reviews.now().reviews)
        return cls(watching.store, watching.worked(), watching.ranking(), selection.watching(), reviewers)

    def still_shown(self, watching: Watching) -> bool:
        """Whether the page shows the same list now."""
        return watching.held() is self.worked and watching.selection.watching() == self.wish

    def saved(self, day: date) -> Saved:
        """The list with all that it was made of.

        Raises:
            InputError: The inventory is too large to go into a file whole.
        """
        return saved_of(self.store, self.worked.given, self.ranking, self.wish, day=day, reviewers=self.reviewers)

    def export(self, suffix: str) -> bytes:
        """The list as CSV or GeoPackage, as other programs read them."""
        return written(lambda path: write_list(path, suffix, self.store, self.worked.given, self.ranking, wish=self.wish), suffix)

    def file(self, day: date) -> str:
        """The same as a file."""
        return file_text(self.saved(day), self.worked.given, self.ranking)


def list_name(meta: DatasetMeta, day: date, suffix: str, kind: str = "watch-list") -> str:
    """`watch-list_hkh-lakedb_2026-11-22.json`; simulated data say so."""
    return file_name(meta, suffix, before=(kind,), after=(day.isoformat(),))
