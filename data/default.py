"""The dataset that is there when nobody has brought one: simulated, made once, kept in the state folder."""

from __future__ import annotations

from pathlib import Path

from data import simulate
from data.errors import InputError
from data.meta import FILE
from data.simulate.made_by import version

SCENES = 120
"""Lakes of the default dataset that have scenes."""


def default_dataset(cache_dir: Path, scenes: bool = True) -> Path:
    """The folder of the default simulated dataset, whose tables are made if they are not there; its scenes are another's to make.

    Its name holds a fingerprint of the simulator's own source and of numpy's version, so a changed simulator makes a new one.
    Two processes may ask at once: each makes its own, the first to finish wins, and no one ever sees half of it.

    Args:
        cache_dir: A writable folder, e.g. `data.state.state_dir()`.
        scenes: Whether it has any; without, it is the tables alone, under another name.
    """
    folder = cache_dir / "datasets" / f"simulated-{version()[:12]}{'' if scenes else '-tables'}"
    if not (folder / FILE).exists():
        try:
            simulate.write_simulated(folder, simulate.Plan(scenes=SCENES if scenes else 0))
        except InputError:
            if not (folder / FILE).exists():
                raise
    return folder
