"""The dataset that is there when nobody has brought one: simulated, made once, kept in the state folder."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
import time
from pathlib import Path

from data import simulate
from data.cache import TEMP_SUFFIX
from data.errors import DatasetError, InputError
from data.locks import held
from data.meta import FILE
from data.simulate.made_by import version
from data.simulate.progress import LOCK

SCENES = 120
"""Lakes of the default dataset that have scenes."""
UNUSED_S = 30 * 86_400.0
"""Seconds after which what an earlier simulator made is cleared away, if no app has opened it meanwhile."""
logger = logging.getLogger(__name__)


def default_dataset(cache_dir: Path, scenes: bool = True) -> Path:
    """The folder of the default simulated dataset, whose tables are made if they are not there; its scenes are another's to make.

    Its name holds a fingerprint of the simulator's own source and of numpy's version, so a changed simulator makes a new one.
    Two processes may ask at once: each makes its own, the first to finish wins, and no one ever sees half of it. One that is damaged is
    made anew.

    Args:
        cache_dir: A writable folder, e.g. `data.state.state_dir()`.
        scenes: Whether it has any; without, it is the tables alone, under another name.

    Raises:
        OSError: It cannot be written.
    """
    folder = cache_dir / "datasets" / f"simulated-{version()[:12]}{'' if scenes else '-tables'}"
    if folder.exists() and not held(folder / LOCK) and (found := _fault(folder)):
        logger.warning("%s is damaged (%s): it is made anew", folder, found)
        _remove(folder)
    if not (folder / FILE).exists():
        try:
            simulate.write_simulated(folder, simulate.Plan(scenes=SCENES if scenes else 0))
        except InputError:
            if not (folder / FILE).exists():
                raise
    _clear_unused(folder)
    return folder


def _fault(folder: Path) -> str:
    """What is wrong with a dataset that is there; empty for one that is whole, and where there is none."""
    from data.checks import dataset_faults  # noqa: PLC0415

    if not any(folder.iterdir()):
        return ""
    try:
        faults = dataset_faults(folder)
    except DatasetError as error:
        return error.what
    return f"{faults[0].table}: {faults[0].found}" if faults else ""


def _clear_unused(folder: Path) -> None:
    """Note that this one is in use, and remove those of earlier simulators that were not for long, and what killed makers left."""
    with contextlib.suppress(OSError):
        os.utime(folder)
    for other in folder.parent.glob("simulated-*"), folder.parent.glob(f".simulated-*{TEMP_SUFFIX}"):
        for path in (path for path in other if path != folder):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > UNUSED_S and not held(path / LOCK):
                    logger.info("%s was not used for %.0f days and is removed", path, UNUSED_S / 86_400)
                    _remove(path)


def _remove(folder: Path) -> None:
    """Remove a folder so that nobody ever sees half of it."""
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=TEMP_SUFFIX, dir=folder.parent))
    with contextlib.suppress(FileNotFoundError):  # another process was quicker
        folder.rename(aside / folder.name)
    shutil.rmtree(aside, ignore_errors=True)
