"""From files to jobs: which lake each shows, what its numbers mean, and which of them the dataset lacks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.cache import file_digest, fingerprint
from data.errors import RasterError
from data.problems import Problem
from data.scenes import elevation, tables
from data.scenes.headers import Told, told
from data.scenes.matching import Match, Matcher
from data.scenes.meaning import Meaning, meaning
from data.scenes.pixels import finest
from data.scenes.wish import Given, Options, Outcome

VERSION = "1"
UNNAMED = "sensor not stated"
SECONDS = 0.22e-6
"""That a number of a band takes: six bands of 512² take a third of a second."""


@dataclass(frozen=True)
class Job:
    """One scene to take in.

    Args:
        given: As it was handed in.
        match: Its lake.
        told, means: Its bands, and (files,) what their numbers mean.
        cut: The elevation under it, None where there is none.
        label: What its sensor is called.
        path: Of its raster, from the dataset's folder.
        raster: Digest of what the raster follows from.
        row: The row that it replaces, None where it is new.
    """

    given: Given
    match: Match
    told: Told
    means: tuple[Meaning, ...]
    cut: elevation.Cut | None
    label: str
    path: str
    raster: str
    row: tables.Row | None = None

    @property
    def record(self) -> str:
        """Digest of what the row follows from; its first part is that of the raster."""
        outline = self.match.outline
        rest = (
            str(self.match.lake_key), str(self.given.day), self.given.split, str(self.given.valid_share), self.given.reason, self.label,
            self.cut.path if self.cut else "", outline.wkb if outline is not None else b"",
        )  # fmt: skip
        return f"{self.raster}.{fingerprint(*rest)[:16]}"

    @property
    def rewrites(self) -> bool:
        """Whether the raster has to be written: not where only something about it has changed."""
        return self.row is None or self.row.record.partition(".")[0] != self.raster

    @property
    def seconds(self) -> float:
        """That it takes, about."""
        return finest(self.told.headers).width * finest(self.told.headers).height * len(self.told.bands) * SECONDS


class Planner:
    """Makes jobs.

    Args:
        matcher: The lakes.
        options: What the user says.
        held: What the dataset has.
    """

    def __init__(self, matcher: Matcher, options: Options, held: tables.Held) -> None:
        self._matcher, self._options, self._held = matcher, options, held
        self._models: dict[Path, elevation.Model] = {}

    def job(self, given: Given) -> Job | Problem:
        """The job of a scene, or why there is none."""
        try:
            files = told(given, self._options)
            match = self._matcher.match(given, finest(files.headers))
            if isinstance(match, Problem):
                return match
            means = tuple(meaning(each, files.sensor, self._options) for each in files.headers)
            return self._made(given, match, files, means)
        except RasterError as error:
            return Problem(given.name, "refused", f"{error.what}: {error.remedy}")

    def _made(self, given: Given, match: Match, files: Told, means: tuple[Meaning, ...]) -> Job:
        label = files.sensor.name if files.sensor is not None and means[0].product else files.label or UNNAMED
        raster = fingerprint(
            VERSION, *(file_digest(each.path) for each in files.headers), *files.bands, *(repr((mean.kind, mean.scaling)) for mean in means)
        )[:16]
        path = _path(given, match, label)
        row = self._held.of(path, match.lake_key, given.day, given.name)
        job = Job(given, match, files, means, self._cut(given, files), label, row.path if row else path, raster, row)
        return replace(job, path=f"{path[:-4]}-2.tif") if job.path in self._held.taken else job

    def _cut(self, given: Given, files: Told) -> elevation.Cut | None:
        paths = (given.dem,) if given.dem is not None else self._options.dems
        models = [self._models.setdefault(path, elevation.Model(path)) for path in paths]
        return elevation.best(models, finest(files.headers))


def _path(given: Given, match: Match, label: str) -> str:
    """`scenes/sentinel-2-l2a/12/GL086925E27898N_2020-10-15.tif`: by the sensor, the lake and the day, whatever the file was called."""
    folder = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:40] or "scenes"
    if match.lake_key is None or given.day is None:
        middle = given.split or ("chips" if match.lake_key is None else str(match.lake_key))
        return f"scenes/{folder}/{plain(middle)}/{plain(given.stem)}.tif"
    return f"scenes/{folder}/{match.lake_key}/{plain(match.label)}_{given.day}.tif"


def plain(text: str) -> str:
    """A text as a part of a path."""
    return re.sub(r"[^\w.+=@-]+", "_", text).strip(".")[:100] or "scene"


def without_collisions(jobs: Sequence[Job], outcome: Outcome) -> list[Job]:
    """Scenes that would be one image of the dataset are listed, none of them is taken."""
    names: dict[str, list[str]] = {}
    for job in jobs:
        names.setdefault(job.path, []).append(job.given.name)
    for job in jobs:
        others = [name for name in names[job.path] if name != job.given.name]
        if len(names[job.path]) > 1:
            what = "shows the same lake on the same day by the same sensor" if job.match.lake_key is not None else "has the same name"
            outcome.problems.append(Problem(job.given.name, "ambiguous", f"{', '.join(others) or 'another row'} {what}: keep one of them"))
    return [job for job in jobs if len(names[job.path]) == 1]


def missing(jobs: Sequence[Job], dataset: Path, outcome: Outcome) -> list[Job]:
    """The jobs whose scene the dataset has not, or has otherwise."""
    todo: list[Job] = []
    for job in jobs:
        row, files = job.row, [job.path, *([job.cut.path] if job.cut else [])]
        if row is not None and row.record == job.record and all((dataset / path).is_file() for path in files):
            outcome.held[job.given.name] = row.note
        elif row is not None and not (dataset / job.path).is_file():
            todo.append(replace(job, row=replace(row, record="")))
        else:
            todo.append(job)
    return todo
