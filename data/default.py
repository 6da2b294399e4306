"""The dataset that is there when nobody has brought one: simulated, made once, kept in the state folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data import simulate
from data.cache import fingerprint
from data.errors import InputError
from data.meta import FILE


def default_dataset(cache_dir: Path) -> Path:
    """The folder of the default simulated dataset, which is made if it is not there.

    Its name holds a fingerprint of the simulator's own source and of numpy's version, so a changed simulator makes a new one.
    Two processes may ask at once: each makes its own, the first to finish wins, and no one ever sees half of it.

    Args:
        cache_dir: A writable folder, e.g. `data.state.state_dir()`.
    """
    folder = cache_dir / "datasets" / f"simulated-{_version()[:12]}"
    if not (folder / FILE).exists():
        try:
            simulate.write_simulated(folder, simulate.Plan())
        except InputError:
            if not (folder / FILE).exists():
                raise
    return folder


def _version() -> str:
    sources = sorted(Path(simulate.__file__).parent.glob("*.py"))
    return fingerprint(np.__version__, *(path.read_bytes() for path in sources))
