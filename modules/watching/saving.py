"""The watch-list on screen as a record to be saved, compared or printed. Pure, and slow for large inventories: call it in a thread."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from data.export import export_geometry, write_export
from data.records import DatasetMeta
from data.reviews.latest import Observation
from data.store import Store
from data.watchlist.export import list_frame, list_provenance
from data.watchlist.file_out import file_text
from data.watchlist.rank import Ranking
from data.watchlist.reviewers import reviewers_of
from data.watchlist.saved import Reviewers, Saved, saved_of
from data.watchlist.wish import Wish
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
        given, ranking = self.worked.given, self.ranking
        with tempfile.TemporaryDirectory(prefix="moraine-export-") as folder:
            path = Path(folder) / f"list.{suffix}"
            geometry = export_geometry(self.store, ranking.lake_key[ranking.listed].tolist()) if suffix == "gpkg" else None
            told = list_provenance(self.store, given, self.wish)
            write_export(list_frame(self.store, given, ranking), geometry, suffix, path, told)
            return path.read_bytes()

    def file(self, day: date) -> str:
        """The same as a file."""
        return file_text(self.saved(day), self.worked.given, self.ranking)


def list_name(meta: DatasetMeta, day: date, suffix: str, kind: str = "watch-list") -> str:
    """`watch-list_hkh-lakedb_2026-11-22.json`; simulated data say so."""
    parts = [kind, meta.name, *(["simulated"] if meta.simulated and "simulated" not in meta.name else []), day.isoformat()]
    return "_".join(re.sub(r"[^A-Za-z0-9.-]+", "-", part).strip("-") for part in parts) + f".{suffix}"
