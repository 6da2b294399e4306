"""From files to jobs: which masks a folder holds, where each belongs, and which of them the dataset lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import InputError, RasterError
from data.masks import tables
from data.masks.finding import PREDICTIONS, REFERENCES, Given, found
from data.masks.making import Job
from data.masks.matching import Matcher, Problem, Target
from data.masks.pixels import grid_of
from data.masks.polygons import polygons
from data.masks.values import Meaning, meaning, probabilities
from data.masks.wish import Outcome, Wish


def given_masks(wish: Wish, outcome: Outcome) -> tuple[list[Given], dict[str, Meaning]]:
    """The masks of the folder, and what the values of each kind of file mean."""
    listed = found(wish.folder, REFERENCES if wish.labels else PREDICTIONS)
    drawn, problems = polygons(listed.vectors, wish.crs)
    outcome.left, outcome.problems = listed.left, problems
    kinds = {each.kind: each for each in listed.given}
    paths = {kind: [each.path for each in listed.given if each.kind == kind] for kind in kinds}
    seconds = [each.second for each in listed.given if each.second is not None]
    if seconds:
        paths["pred"] = [*paths.get("pred", []), *seconds]
    means = {kind: meaning(files, wish.values if kind != "pred" or len(paths) == 1 else "auto") for kind, files in paths.items()}
    soft = [kind for kind, means_ in means.items() if wish.labels and not means_.binary]
    if soft:
        raise InputError(f"the references in {wish.folder} are not binary: {means[soft[0]].says}", "say --values binary: above 0 is water")
    outcome.assumed = {kind: each.says for kind, each in means.items()}
    return [*listed.given, *drawn], means


def job_of(given: Given, matcher: Matcher, means: dict[str, Meaning], threshold: float, factor: float) -> Job | Problem:
    means_given = means.get(given.kind, Meaning("binary"))

    def water() -> NDArray[np.bool_]:
        return np.nan_to_num(probabilities(given.path, means_given), nan=0.0) > threshold

    try:
        grid = None if given.shape is not None else grid_of(given.path)
        target = matcher.target(given, grid, water)
        if isinstance(target, Problem):
            return target
        if target.scene is None and (given.shape is not None or not (grid and grid.crs)):
            return Problem(given.name, "unmatched", _no_scene(given, target))
        scene_grid = matcher.grid(target.scene) if target.scene is not None else None
        outline = matcher.outline(target.lake_key) if target.lake_key is not None else None
    except RasterError as error:
        return Problem(given.name, "refused", f"{error.what}: {error.remedy}")
    if target.scene is None and outline is None:
        return Problem(given.name, "unmatched", f"lake {target.lake_key} has neither a scene of that day nor an outline")
    return Job(given, target, grid, scene_grid, outline, means_given, means.get("pred", Meaning("binary")), threshold, factor)


def _no_scene(given: Given, target: Target) -> str:
    what = f"lake {target.lake_key} has no scene of {given.day or given.year}"
    beside = ", or bring the polygons in as an inventory: python -m data import" if given.shape is not None else ""
    return f"{what}: add scenes first (python -m data scenes){beside}"


def wanted(job: Job, wish: Wish) -> bool:
    if wish.lakes is not None and job.target.lake_key not in wish.lakes:
        return False
    return wish.since is None or job.day is None or job.day >= wish.since


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
        if scene is not None:
            old, path = held.masks.get(scene.scene_key, ("", ""))
            same = same and old == record and (dataset / path).is_file()
        if same:
            outcome.held[job.given.name] = held.notes.get(scene.scene_key, "") if scene is not None else ""
            if scene is None:
                outcome.scenes_missing.append(job.given.name)
        else:
            todo.append((job, record))
    return todo
