"""Which lenses there are: those that Moraine comes with, and those of runs that somebody names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from data.bounded import Bounded
from data.commit import current
from data.errors import LensError
from data.lens.manifest import FILE
from data.lens.reading import Lens, fresh_cache, open_lens


def find_lenses(folders: Iterable[Path], kept: Bounded[Any] | None = None) -> tuple[list[Lens], list[LensError]]:
    """Open every lens below these folders (`FOLDER/RUN/lens`, or `FOLDER/lens` where a run itself is named), by the names of their runs.

    Args:
        folders: Of runs, or runs themselves.
        kept: Where all of them keep their unpacked files.

    Returns:
        The lenses, and what is wrong with those that cannot be opened; of two of one name the first is taken.
    """
    kept = fresh_cache() if kept is None else kept
    lenses: dict[str, Lens] = {}
    troubles: list[LensError] = []
    for place in (place for folder in folders for place in _places(folder)):
        try:
            lens = open_lens(place, kept)
        except LensError as error:
            troubles.append(error)
            continue
        if lens.name in lenses:
            what = f"{place} and {lenses[lens.name].folder} are both lenses of a run named {lens.name!r}"
            troubles.append(LensError(what, "rename one run's folder and make its lens again"))
        else:
            lenses[lens.name] = lens
    return list(lenses.values()), troubles


def _places(folder: Path) -> list[Path]:
    """Folders called `lens` in a folder of runs; one without a manifest counts, since something was being made there."""
    if current(folder / "lens", FILE).is_file():
        return [folder / "lens"]
    return sorted(path for path in folder.glob("*/lens") if path.is_dir()) if folder.is_dir() else []
