"""From files to jobs: which masks a folder holds, where each belongs, and which of them the dataset lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import InputError, RasterError
from data.masks import tables
from data.masks.finding import PREDICTIONS, REFERENCES, Given, found
from data.masks.job import Job
from data.masks.matching import Matcher, refused
from data.masks.pixels import grid_of
from data.masks.polygons import polygons
from data.masks.values import Meaning, meaning, probabilities
from data.masks.wish import Outcome, Wish
from data.problems import Problem
from data.records import DatasetMeta


def given_masks(wish: Wish, outcome: Outcome) -> tuple[list[Given], dict[str, Meaning]]:
    """The masks of the folder, and what the values of each kind of file mean."""
    listed = found(wish.folder, REFERENCES if wish.labels else PREDICTIONS)
    drawn, problems = polygons(listed.vectors, wish.crs)
    outcome.left, outcome.problems = listed.left, problems
    kinds = {each.kind: each for each in listed.given}
    paths = {kind: [each.path for each in listed.given if each.kind == kind] for kind in kinds}
    means = {kind: meaning(files, wish.values if kind != "pred" or len(paths) == 1 else "auto") for kind, files in paths.items()}
    seconds = [each.second for each in listed.given if each.second is not None]
    if seconds and "pred" not in means:
        means["pred"] = _if_told(seconds)
    soft = [kind for kind, means_ in means.items() if wish.labels and not means_.binary]
    if soft:
        raise InputError(f"the references in {wish.folder} are not binary: {means[soft[0]].says}", "say --values binary: above 0 is water")
    outcome.assumed = {kind: each.says for kind, each in means.items()}
    return [*listed.given, *drawn], means


def _if_told(paths: list[Path]) -> Meaning:
    """What files mean that are only compared with: nothing depends on it, so that nothing stops where it cannot be told."""
    try:
        return meaning(paths)
    except InputError as error:
        return Meaning("binary", says=f"not told, so compared as 0 and 1 ({error.what})")


def job_of(given: Given, matcher: Matcher, means: dict[str, Meaning], threshold: float, about: DatasetMeta) -> Job | Problem:
    """Where a mask belongs and all that is needed to make it, or why it cannot be taken."""
    meant = means.get(given.kind, Meaning("binary"))

    def water() -> NDArray[np.bool_]:
        return np.nan_to_num(probabilities(given.path, meant), nan=0.0) > threshold

    try:
        grid = None if given.shape is not None else grid_of(given.path)
        target = matcher.target(given, grid, water)
    except RasterError as error:
        return refused(given, error)
    if isinstance(target, Problem):
        return target
    scene_grid, outline = matcher.grid(target.scene), matcher.outline(target.lake_key)
    job = Job(
        given, target, grid, scene_grid, outline, meant, means.get("pred"), threshold, about.area_sd_factor, about.pixel_m,
        matcher.fault(target.scene),
    )  # fmt: skip
    return job if job.scene_grid is not None or job.measurable else _nowhere(job)


def _nowhere(job: Job) -> Problem:
    """Why a mask that no scene can show has no area either."""
    given, lake = job.given, job.target.lake_key
    if job.fault:
        return Problem(given.name, "refused", f"its scene cannot be read: {job.fault}; make the scene again, then run this again")
    if job.outline is None:
        return Problem(given.name, "unmatched", f"lake {lake} has neither a scene of that day nor an outline to measure by: import one")
    lacks = "only its year is known" if given.shape is not None else "nobody knows where the mask lies, since its file has no CRS"
    what = f"lake {lake} has no scene of {given.day or given.year}, and {lacks}"
    return Problem(given.name, "unmatched", f"{what}: add scenes first (python -m data scenes), or what is lacking")


def without_collisions(jobs: list[Job], outcome: Outcome) -> list[Job]:
    """Masks that would be one area row or one scene's mask are listed, none of them is taken."""
    names: dict[tuple[Any, ...], list[str]] = {}
    for job in jobs:
        for key in _keys(job):
            names.setdefault(key, []).append(job.given.name)
    twice = {name: others for others in names.values() if len(others) > 1 for name in others}
    for name, others in twice.items():
        rest = ", ".join(other for other in others if other != name)
        outcome.problems.append(Problem(name, "ambiguous", f"{rest} shows the same lake on the same day: keep one of them"))
    return [job for job in jobs if job.given.name not in twice]


def _keys(job: Job) -> list[tuple[Any, ...]]:
    scene = [("scene", job.target.scene.scene_key)] if job.target.scene is not None else []
    return [*scene, *([("area", job.target.lake_key, job.day)] if job.measurable else [])]


def missing(jobs: list[Job], held: tables.Held, dataset: Path, outcome: Outcome) -> list[tuple[Job, str]]:
    """The masks that the dataset has not, or has otherwise, with their records."""
    todo: list[tuple[Job, str]] = []
    for job in jobs:
        record, scene, lake_key, day = job.record(), job.target.scene, job.target.lake_key, job.day
        same = not (job.measurable and lake_key is not None and day is not None) or held.areas.get((lake_key, day)) == record
        if scene is not None and job.scene_grid is not None:
            old, path = held.masks.get(scene.scene_key, ("", ""))
            same = same and old == record and (dataset / path).is_file()
        if same:
            outcome.held[job.given.name] = held.notes.get(scene.scene_key, "") if scene is not None else ""
            if job.scene_grid is None:
                outcome.areas_only.append(job.called)
        else:
            todo.append((job, record))
    return todo
