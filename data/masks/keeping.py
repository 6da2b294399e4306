"""Masks of one source on their way into a dataset: rasters at once, rows every so often, so that a run that is killed loses little."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic

from data.masks import tables
from data.masks.making import Made
from data.masks.wish import Outcome
from data.rasters.grid import Grid
from data.rasters.writing import write_mask
from data.records import Scene

COMMIT_AFTER = 30.0
"""Seconds of work that may be lost when a run is killed."""


@dataclass(frozen=True)
class Place:
    """Where a mask belongs.

    Args:
        scene: Its scene, None where the dataset has none of that day.
        grid: Of that scene, None where there is none or it cannot be read.
        lake_key: Its lake, None for a scene that shows none in particular.
        day: Of its area rows, None where nobody knows.
    """

    scene: Scene | None
    grid: Grid | None
    lake_key: int | None
    day: date | None


@dataclass
class Keeping:
    """A run at work.

    Args:
        dataset: Its folder.
        held: What the dataset had of the source.
        outcome: Is told what was done.
        threshold: To be noted where the source has probabilities; None where that is noted already.
        soft: Whether the source has probabilities.
        change: What is done, but not yet in the tables.
        since: When the tables changed last, s.
    """

    dataset: Path
    held: tables.Held
    outcome: Outcome
    threshold: float | None
    soft: bool
    change: tables.Change
    since: float = field(default_factory=monotonic)

    def keep(self, name: str, mask: Made, place: Place, record: str) -> None:
        """Put a mask's raster in place, and note its rows.

        Args:
            name: By which the outcome lists it.
            mask: What is to be kept.
            place: Where it belongs.
            record: By which it is known when it comes again.
        """
        scene, change = place.scene, self.change
        if scene is not None and mask.stored is not None and place.grid is not None:
            path = f"{self.outcome.folder}/{scene.path.stem}_{scene.scene_key}.tif"
            write_mask(self.dataset / path, mask.stored, place.grid)
            cells = {"scene_key": scene.scene_key, "path": path, "kind": mask.kind, "note": mask.note}
            change.masks.append(cells | {"source": change.source, tables.RECORD: record})
        change.areas += [row | {"source": change.source, tables.RECORD: record} for row in mask.rows]
        if not mask.rows and place.lake_key is not None and place.day is not None:
            change.dropped |= {(place.lake_key, place.day)} & self.held.areas.keys()
        self.soft |= any(row["threshold"] is not None for row in mask.rows)
        self.outcome.fresh[name] = mask.note
        if monotonic() - self.since > COMMIT_AFTER:
            self.commit()

    def commit(self) -> None:
        """Write what changed, and the threshold in use where there are probabilities."""
        change = self.change
        if self.soft:
            change.threshold, self.threshold = self.threshold, None
        if change.areas or change.masks or change.dropped or change.threshold is not None:
            self.outcome.written |= tables.commit(self.dataset, change, self.outcome.folder)
        self.change, self.since = tables.Change(change.source), monotonic()
