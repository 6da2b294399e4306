"""`predict` by two workers of a Dask cluster beside two of the pool, on the same scenes, in turns; start-up left out of both."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from data.lake_choice import Chosen
from data.masks.predicting import predict
from data.simulate import Plan, write_simulated
from data.simulate.making import make_scenes
from data.spreading import Hands, crew
from models.commands.predict import maker_of
from tests.dask_cluster import dask_cluster

WORKERS = 2
ROUNDS = 3
MODEL = "unet"
PLAN = Plan(30, 2018, 2025, 7, 10)
SCENES = PLAN.scenes * (PLAN.last_year - PLAN.first_year + 1)


def _rate(hands: Hands, dataset: Path, copy: Path) -> float:
    """Scenes a second, from the first one that is asked for to the tables on the disk."""
    shutil.copytree(dataset, copy)
    maker = maker_of(MODEL, tta=False)
    began = time.perf_counter()
    done = predict(copy, maker, Chosen(), lambda items, *_: iter(items), lambda _: None, hands=hands)
    seconds = time.perf_counter() - began
    assert len(done.fresh) == SCENES
    shutil.rmtree(copy)
    return SCENES / seconds


def throughput() -> dict[str, Any]:
    """The first round of each loads what workers need, and does not count."""
    with tempfile.TemporaryDirectory(prefix="moraine-cluster-") as scratch, ExitStack() as stack:
        here = Path(scratch)
        write_simulated(here / "basin", PLAN)
        pool = stack.enter_context(crew(WORKERS))
        make_scenes(here / "basin", pool, lambda _: None)
        cluster = stack.enter_context(dask_cluster(here / "dask", WORKERS, nanny=True))
        hands = {"dask": stack.enter_context(crew(cluster=cluster.address)), "pool": pool}
        rates: dict[str, list[float]] = {name: [] for name in hands}
        for number in range(1 + ROUNDS):
            for name, each in hands.items():
                rate = _rate(each, here / "basin", here / f"{name}-{number}")
                rates[name] += [rate] if number else []
    dask, pool_rate = (statistics.median(rates[name]) for name in ("dask", "pool"))
    return {"value": dask, "unit": "scenes/s", "peer": "process pool", "peer_value": pool_rate, "ratio": dask / pool_rate}


BENCHMARKS = {"cluster.predict": throughput}
