"""The same commands by this process, by a pool and by a Dask cluster of real processes: the same bytes, a worker killed or not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from data.checks import dataset_faults
from data.simulate import Plan, write_simulated
from tests.dask_cluster import DaskCluster, dask_cluster
from tests.harness import ROOT, Figures
from tests.mask_folders import tree

SOURCES = ("unet", "water_index")
TRENDS = ("moderated", "auto", "theil-sen")
"""Methods; the first needs a look at all lakes together."""


def _ran(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    """A command on a dataset; what it keeps beside it (fitted trends) is that dataset's own, so that none is another's work."""
    state = os.environ | {"MORAINE_STATE_DIR": f"{folder}-state"}
    return subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=state, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def _done(process: subprocess.Popen[bytes]) -> None:
    said, _ = process.communicate()
    assert process.returncode == 0, said.decode()


def _through(folder: Path, keep: Path, of: slice, *who: str) -> list[dict[str, bytes]]:
    """All that a dataset's images go through, step by step: what it then holds. What it held after the first step is kept.

    Args:
        folder: The dataset.
        keep: Where it is kept.
        of: Which of SOURCES and of TRENDS.
        who: Does it.
    """
    held: list[dict[str, bytes]] = []
    steps = [
        ("data", "simulate", "--into", str(folder), "--resume"),
        *(("models", "predict", str(folder), "--model", source) for source in SOURCES[of]),
        ("models", "evaluate", str(folder)),
    ]
    for step in steps:
        _done(_ran(folder, *step, *who))
        held.append(tree(folder))
        if not keep.exists():
            shutil.copytree(folder, keep)
    _done(_ran(folder, "data", "partition", str(folder)))
    for method in TRENDS[of]:
        out = folder.parent / "trends.csv"
        _done(_ran(folder, "data", "trends", str(folder), "--method", method, "--out", str(out), *who))
        held.append({method: out.read_bytes()})
        out.unlink()
    return held


def _killed_at_half(folder: Path, scenes: int, cluster: DaskCluster) -> int:
    """`predict`, one worker of which is killed when half of the masks are there; how many there were."""
    before = len(_masks(folder))
    process = _ran(folder, "models", "predict", str(folder), "--model", SOURCES[0], "--cluster", cluster.address)
    while (there := len(_masks(folder)) - before) < scenes / 2:
        assert process.poll() is None, process.communicate()[0].decode()
        time.sleep(0.02)
    os.kill(cluster.pids()[0], signal.SIGKILL)
    assert process.poll() is None, "it was done before the worker was killed"
    _done(process)
    return there


def _masks(folder: Path) -> list[Path]:
    return list((folder / "masks").rglob("*.tif"))


def same(seed: int, scale: float) -> Figures:
    """The suite. Without a nanny the other worker does the rest; with one, the killed worker is replaced.

    A sample takes the first of SOURCES and of TRENDS, no pool (which has tests of its own) and no nanny.
    """
    plan = Plan(400, 2018, 2025, seed % 1000, 16) if scale == 1.0 else Plan(12, 2021, 2025, seed % 1000, 4)
    of, nannies = (slice(None), (False, True)) if scale == 1.0 else (slice(1), (False,))
    with tempfile.TemporaryDirectory(prefix="moraine-cluster-") as scratch:
        here = Path(scratch)
        write_simulated(here / "blank", plan)
        for who in ("serial", "pool", "cluster"):
            shutil.copytree(here / "blank", here / who)
        whole = _through(here / "serial", here / "painted", of, "--workers", "1")
        if scale == 1.0:
            assert _through(here / "pool", here / "painted", of, "--workers", "2") == whole, f"seed {seed}: a pool"
        scenes, killed = plan.scenes * (plan.last_year - plan.first_year + 1), {}
        for nanny in nannies:
            with dask_cluster(here / f"dask-{nanny}", 2, nanny=nanny) as cluster:
                if not nanny:
                    assert _through(here / "cluster", here / "painted", of, "--cluster", cluster.address) == whole, (
                        f"seed {seed}: a cluster"
                    )
                    assert not dataset_faults(here / "cluster")
                cut = Path(shutil.copytree(here / "painted", here / f"cut-{nanny}"))
                killed[f"killed_after{'_with_nanny' if nanny else ''}"] = _killed_at_half(cut, scenes, cluster)
                assert tree(cut) == whole[1], f"seed {seed}: a worker killed, {nanny=}"
        masked = whole[1 + len(SOURCES[of])]
        return {"files": len(masked), "megabytes": round(sum(map(len, masked.values())) / 1e6, 1), "scenes": scenes, **killed}


SUITES = {"cluster.same": same}
