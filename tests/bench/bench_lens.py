"""The lens of the shipped `unet` run's size: 64 scenes through 20 epochs, 1,200 at the last, in a process of its own. Bars: 5 min, 2 GB.

The weights are the shipped ones, moved a little further away for each earlier epoch: what they are does not change what the work takes. The
scenes are those of the default simulated dataset, made first where they are not there yet.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from safetensors.torch import save_file

from data.default import default_dataset
from data.labelled import dealt_splits, splits_digest
from data.simulate.run import make_and_tell
from data.spreading import crew
from data.state import state_dir
from data.store import Store
from models.__main__ import main
from models.card import SHIPPED, read_card
from models.training import Plan
from models.weights import read_net
from tests.harness import Figures
from tests.memory import memory_mb

EPOCHS, PROBE, MAPS = 20, 64, 6


def run_of(folder: Path, dataset: Path) -> None:
    """A run's folder with snapshots of EPOCHS epochs."""
    net = read_net(SHIPPED, read_card(SHIPPED, "unet"))
    store = Store(dataset)
    told = {"shape": net.shape.to_json(), "plan": Plan(epochs=EPOCHS).as_dict(), "name": "unet", "label": "label", "data": store.meta.title,
            "scenes_digest": store.digests["scenes.parquet"], "splits": splits_digest(dealt_splits(store, "label", 0)[0])}  # fmt: skip
    (folder / "snapshots").mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(told))
    generator = torch.Generator().manual_seed(0)
    matrices = {name for name, value in net.named_parameters() if value.ndim > 1}
    for epoch in range(1, EPOCHS + 1):
        off = 0.2 * (EPOCHS - epoch) / EPOCHS
        weights = {
            name: (value + off * value.std() * torch.randn(value.shape, generator=generator) if name in matrices else value)
            for name, value in net.state_dict().items() if value.is_floating_point()
        }  # fmt: skip
        save_file(
            {name: value.to(torch.float16).contiguous() for name, value in weights.items()},
            folder / "snapshots" / f"epoch_{epoch:02d}.safetensors",
        )


def measured(folder: Path, dataset: Path) -> Figures:
    """Seconds by the clock and of the processor, and the most memory that this process held, MB."""
    clock, processor = time.perf_counter(), time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        code = main(["lens", str(folder), "--dataset", str(dataset), "--probe", str(PROBE), "--maps", str(MAPS)])
    assert code == 0
    megabytes = sum(path.stat().st_size for path in (folder / "lens").iterdir()) / 1e6
    return {
        "seconds": time.perf_counter() - clock,
        "processor": time.process_time() - processor,
        "peak_mb": memory_mb("VmHWM"),
        "mb": megabytes,
    }


@functools.cache
def in_process() -> Figures:
    dataset = default_dataset(state_dir())
    with crew(2) as hands:
        make_and_tell(dataset, hands, lambda _: None, lambda: None)
    with tempfile.TemporaryDirectory() as folder:
        run_of(Path(folder) / "run", dataset)
        command = [sys.executable, "-m", "tests.bench.bench_lens", str(Path(folder) / "run"), str(dataset)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)


BENCHMARKS = {
    "lens.seconds": lambda: {
        "value": in_process()["seconds"],
        "unit": "s",
        "peer": "bar: 64 scenes × 20 epochs + 1,200 scenes",
        "peer_value": 300,
    },
    "lens.processor": lambda: {"value": in_process()["processor"], "unit": "s"},
    "lens.memory": lambda: {"value": in_process()["peak_mb"], "unit": "MB", "peer": "bar", "peer_value": 2000},
    "lens.size": lambda: {"value": in_process()["mb"], "unit": "MB"},
}

if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]), Path(sys.argv[2]))))
