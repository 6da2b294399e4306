"""Chips fetched out of an archive by a client that is killed again and again: in the end the same dataset, and no member fetched twice."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from pathlib import Path
from unittest import mock

from data import examples
from data.__main__ import main
from tests.chip_archives import bench_files, packed, registry, started, tree
from tests.harness import Figures
from tests.range_server import RangeServer, serving

KILLS = 20
CHOICE = ["--regions", "SA,SAW", "--fraction", "0.9"]
PACE = 0.02
AFTER = 1.2
"""Seconds after its first request within which a run is killed: some of it fetches, some takes in."""


def _whole(server: RangeServer, home: Path) -> dict[str, str]:
    """An undisturbed run in this process; digests of the dataset's files."""
    (home / "registry.toml").write_text(registry(server.url, PACE))
    environment = {**os.environ, "MORAINE_STATE_DIR": str(home / "state")}
    with mock.patch.object(examples, "REGISTRY", home / "registry.toml"), mock.patch.dict(os.environ, environment):
        assert main(["examples", "fetch", "bench", "--into", str(home / "bench"), *CHOICE]) == 0
    return tree(home / "bench")


def _killed(server: RangeServer, home: Path, after: float) -> bool:
    """A run killed so many seconds after its first request; False where it had ended."""
    mark = len(server.log)
    process = started(home / "registry.toml", home / "bench", CHOICE)
    while len(server.log) == mark and process.poll() is None:
        time.sleep(0.005)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    return process.returncode == -signal.SIGKILL


def killed(seed: int, scale: float) -> Figures:
    """Row: kill -9 of `examples fetch` anywhere, and another run."""
    chance, kills, wanted = random.Random(seed), 0, max(1, round(KILLS * scale))
    with tempfile.TemporaryDirectory() as name, serving({"Glacial_Lake_Bench.zip": packed(bench_files(16))}) as server:
        for place in ("sound", "killed"):
            (Path(name) / place).mkdir()
        sound = _whole(server, Path(name) / "sound")
        home, sent = Path(name) / "killed", server.sent
        (home / "registry.toml").write_text(registry(server.url, PACE))
        for _ in range(wanted):
            kills += _killed(server, home, chance.uniform(0, AFTER))
        assert _whole(server, home) == sound, f"seed {seed}: a run that was killed gives another dataset"
        assert not list(home.rglob("*.partial")), f"seed {seed}: a killed run left a file"
        return {"kills": kills, "runs": wanted + 1, "files": len(sound), "sent_times": round((server.sent - sent) / sent, 2)}


SUITES = {"examples.killed": killed}
