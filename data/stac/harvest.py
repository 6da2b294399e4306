"""One lake and one season: search, judge, choose, fetch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.cache import fingerprint
from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.reading import grid_of, header
from data.rasters.writing import write_scene
from data.stac.assets import BANDS, Asset, Files, files
from data.stac.choosing import Judged, covered, looked_at, ranked, shows
from data.stac.clearness import Clearness, clearness
from data.stac.errors import CatalogueError, Unreachable
from data.stac.fetching import Fetcher
from data.stac.journal import Notebook
from data.stac.remote import remote
from data.stac.request import Job, Lake, Request
from data.stac.scaling import scaling
from data.stac.search import Candidate, Searcher
from data.stac.signing import Signer
from data.stac.windows import buffered, lake_grid, lake_pixels, sampled, scene_grid

FOLDER = "scenes/stac"
DARK, DARK_SHARE = -0.02, 0.2
"""Where so many pixels have so little reflectance, the catalogue is wrong about the offset."""
COARSEST = 20.0
"""m, of Sentinel-2's bands that are read."""
MOST_FAULTS = 5
"""Items of a season that cannot be read, after which no more are looked at."""
LATE = timedelta(days=30)
"""How long after its last day a season may still get scenes."""


@dataclass(frozen=True)
class Source:
    """A catalogue, and how its files are had."""

    searcher: Searcher
    fetcher: Fetcher
    signer: Signer


class Harvester:
    """Fetches scenes into a dataset's folder; any number of threads may use it at once.

    Args:
        folder: The dataset.
        request: What is wanted.
        source: The catalogue, and how its files are had.
        journal: Where it is written down.
    """

    def __init__(self, folder: Path, request: Request, source: Source, journal: Notebook) -> None:
        self._folder, self._request, self._journal = folder, request, journal
        self._searcher, self._fetcher, self._signer = source.searcher, source.fetcher, source.signer

    def held(self, job: Job) -> dict[str, Any] | None:
        """What an earlier run wrote down of this job, None where it has to be done: never, or nothing yet in a season not over."""
        entry = self._journal.done.get(job.token(self._request))
        if entry is None or any(not (self._folder / scene["path"]).exists() for scene in entry["scenes"]):
            return None
        return None if not entry["scenes"] and date.fromisoformat(entry["asked"]) <= job.window.last + LATE else entry

    def fetch(self, job: Job) -> dict[str, Any]:
        """Search, judge, choose and fetch; returns what the journal then holds.

        Raises:
            CatalogueError: The search failed, a server did not answer, or what might have been taken could not be read.
            Stopped: The run is being ended.
        """
        before = self._fetcher.mine
        found = self.candidates(job)
        judged, refused, faults = self._judge(job, found)
        scenes = self._taken(job, judged, faults)
        if faults and not scenes:
            # Not written down: another run looks again, and knows by then what the others showed.
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            raise CatalogueError(f"{faults[0]}{more}", "run the same command again, or use another catalogue")
        entry = {
            "lake": job.lake.key, "season": job.window.year, "asked": date.today().isoformat(), "found": len(found),
            "judged": len(judged) + len(refused), "refused": refused, "faults": faults, "scenes": scenes,
            "bytes": self._fetcher.mine - before,
        }  # fmt: skip
        self._journal.finish(job.token(self._request), entry)
        return entry

    def candidates(self, job: Job) -> list[Candidate]:
        """The items of the season that show the lake, in the order in which they are looked at."""
        place = self._place(job.lake)
        found = self._searcher.candidates(place.bounds, job.window, self._request.cloud_cover)
        showing = [each for each in found if shows(each, job.lake.outline, self._request.limits.missing)]
        return looked_at(showing, job.window.middle, place)

    def _place(self, lake: Lake) -> BaseGeometry:
        return buffered(lake.outline, self._request.buffer)

    def _judge(self, job: Job, found: list[Candidate]) -> tuple[list[Judged], list[str], list[str]]:
        """Those that may be taken, why others may not, and what could not be read.

        Ends once nothing better can come (all clear, and nearest to the middle), or too many could not be read.
        """
        judged: list[Judged] = []
        refused: list[str] = []
        faults: list[str] = []
        for candidate in found[: self._request.judged]:
            try:
                seen = self._seen(job.lake, candidate)
            except Unreachable:
                raise
            except CatalogueError as error:
                faults.append(f"{candidate.day} {error.what}")
                if len(faults) == MOST_FAULTS:
                    break
                continue
            why = self._request.limits.refuses(seen)
            if why:
                refused.append(f"{candidate.day} {why}")
                continue
            judged.append(Judged(candidate, seen, covered(candidate, self._place(job.lake))))
            if len({each.candidate.day for each in judged if each.seen.clear == 1}) == self._request.per_season:
                break
        return judged, refused, faults

    def _taken(self, job: Job, judged: list[Judged], faults: list[str]) -> list[dict[str, Any]]:
        """The rows of the best scenes, at most one a day; what could not be read is added to the faults."""
        scenes: list[dict[str, Any]] = []
        for each in ranked(judged, job.window.middle):
            if len(scenes) == self._request.per_season:
                break
            if each.candidate.day.isoformat() in {scene["date"] for scene in scenes}:
                continue
            try:
                scenes.append(self._scene(job.lake, each))
            except Unreachable:
                raise
            except CatalogueError as error:
                faults.append(f"{each.candidate.day} {error.what}")
        return scenes

    def _seen(self, lake: Lake, candidate: Candidate) -> Clearness:
        """What can be seen of the lake: the classification over its outline, unless the journal knows."""
        known = self._journal.judged(lake.drawn, self._request.collection, candidate.id)
        if known is not None:
            return known
        held = files(candidate)
        with remote(self._fetcher, held.classes.href, self._address(held.classes)) as dataset:
            grid = lake_grid(grid_of(dataset), lake.outline)
            classes = sampled(dataset, grid, 0 if held.family == "sentinel-2" else 1, held.classes.href)
        seen = clearness(classes.astype(np.int64), lake_pixels(grid, lake.outline), held.family)
        self._journal.judge(lake.drawn, self._request.collection, candidate.id, seen)
        return seen

    def _address(self, asset: Asset) -> Callable[[], str]:
        return lambda: self._signer.signed(asset.href, self._request.collection)

    def _scene(self, lake: Lake, chosen: Judged) -> dict[str, Any]:
        """The row of a scene, which is fetched unless its file is there."""
        candidate, seen, held = chosen.candidate, chosen.seen, files(chosen.candidate)
        digest = fingerprint(self._request.collection, candidate.id, str(self._request.buffer))[:10]
        path = f"{FOLDER}/{lake.key}_{candidate.day}_{digest}.tif"
        grid, note = _grid_there(self._folder / path), ""
        if grid is None:
            values, grid = self._bands(lake, candidate, held)
            write_scene(self._folder / path, values, BANDS, grid)
            note = _doubt(values)
        return {
            "lake_key": lake.key, "date": candidate.day.isoformat(), "sensor": held.sensor, "path": path,
            "pixel_m": abs(grid.transform[0]), "valid_share": seen.clear, "reason": seen.reason, "item": candidate.id,
            "catalogue": self._request.catalogue, "collection": self._request.collection, "cloud_share": seen.cloud + seen.shadow,
            "snow_share": seen.snow, "note": note or None,
        }  # fmt: skip

    def _bands(self, lake: Lake, candidate: Candidate, held: Files) -> tuple[NDArray[np.float32], Grid]:
        """(6, H, W) reflectance about the lake on the lattice of the first band, NaN where there is none, and its grid."""
        grid: Grid | None = None
        layers: list[NDArray[np.float32]] = []
        for asset in held.bands:
            stored = scaling(candidate, held, asset)
            with remote(self._fetcher, asset.href, self._address(asset)) as dataset:
                if grid is None:
                    grid = scene_grid(grid_of(dataset), COARSEST, self._place(lake))
                numbers = sampled(dataset, grid, int(stored.nodata), asset.href).astype(np.float64)
            layers.append(np.where(numbers == stored.nodata, np.nan, numbers * stored.scale + stored.offset).astype(np.float32))
        assert grid is not None
        return np.stack(layers), grid


def _grid_there(path: Path) -> Grid | None:
    """The grid of a scene that an earlier run has written, None where there is none that can be read."""
    if not path.exists():
        return None
    try:
        return header(path).grid
    except RasterError:
        return None


def _doubt(values: NDArray[np.float32]) -> str:
    share = float((values[:4] < DARK).sum() / max(1, np.isfinite(values[:4]).sum()))
    return f"{share:.0%} of the pixels lie below 0: the catalogue may be wrong about the offset of this item" if share > DARK_SHARE else ""
