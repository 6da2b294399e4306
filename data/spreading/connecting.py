"""Finding a scheduler, and seeing whether it and its workers are of our kind."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from data.errors import InputError
from data.spreading.fitness import unfit

if TYPE_CHECKING:
    from distributed import Client

ANSWER_S = 20.0
"""Seconds in which a scheduler must answer."""
WIRE = ("dask", "distributed", "cloudpickle", "msgpack", "tornado", "toolz")
"""Of which a scheduler must have ours; it needs neither Moraine nor anything that computes."""
SAME = "install on it what requirements-cluster.txt pins, or run this with what it has"


def connected(address: str) -> Client:
    """A client of the scheduler at an address, or of the one whose file lies there.

    Raises:
        InputError: Dask is not installed, nobody answers, or it speaks another version.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - only where a cluster is asked for, and may be missing
    except ImportError:
        remedy = "python -m pip install -r requirements-cluster.txt, here and on every worker"
        raise InputError("--cluster needs Dask, which is not installed", remedy) from None
    for name in ("distributed", "distributed.client"):  # they tell of each worker that comes and goes
        logging.getLogger(name).setLevel(logging.CRITICAL)
    where: dict[str, Any] = {"scheduler_file": address} if address.endswith(".json") else {"address": address}
    try:
        if address.endswith(".json") and not Path(address).exists():  # Dask would wait for it for ever
            raise FileNotFoundError(f"there is no {address}")
        with warnings.catch_warnings(action="ignore"):
            client = Client(**where, timeout=ANSWER_S, set_as_default=False, name="moraine")
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        told = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        remedy = "start one (docs/scale.md), and name its address as it prints it, tcp://HOST:8786"
        raise InputError(f"no Dask scheduler answers at {address} within {ANSWER_S:.0f} s ({told})", remedy) from None
    return client


def refuse_unfit(client: Client, address: str, wanted: Mapping[str, str], dataset: tuple[str, str]) -> None:
    """See that the scheduler and all workers that there are can do the work; those that come later are seen at their first task.

    Raises:
        InputError: One cannot.
    """
    versions = cast(Mapping[str, Any], client.get_versions())
    theirs, ours = versions["scheduler"]["packages"], versions["client"]["packages"]
    other = [f"{name} {theirs.get(name)}, not {ours.get(name)}" for name in WIRE if theirs.get(name) != ours.get(name)]
    if other:
        raise InputError(f"the scheduler at {address} has {'; '.join(other)}", SAME)
    asked = cast(Mapping[str, Any], client.run(unfit, wanted, *dataset, on_error="return"))
    for worker, why in asked.items():
        if isinstance(why, BaseException):
            missing = isinstance(why, ModuleNotFoundError) and (why.name or "").split(".")[0] == "data"
            said = "has no Moraine" if missing else f"does not answer as it should ({type(why).__name__}: {why})"
            raise InputError(f"worker {worker} {said}", "start it in the project's folder, with the project's Python")
        if why is not None:
            raise InputError(f"worker {worker} {why[0]}", why[1])
