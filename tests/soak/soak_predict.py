"""`predict` killed at random: whoever runs it again has, byte by byte, what an undisturbed run gives, and nothing else lies about."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from data.cache import TEMP_SUFFIX
from data.checks import dataset_faults
from data.simulate import Plan, write_simulated
from data.simulate.making import make_scenes
from data.spreading.hands import Alone
from tests.harness import ROOT, Figures
from tests.mask_folders import tree

KILLS = 20
MODEL = "unet"


def _started(folder: Path, model: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "models", "predict", str(folder), "--model", model, "--workers", "2"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _whole(folder: Path, model: str) -> float:
    """A run to its end; the seconds it took."""
    began = time.monotonic()
    process = _started(folder, model)
    _, said = process.communicate()
    assert process.returncode == 0, said.decode()
    return time.monotonic() - began


def killed(seed: int, scale: float) -> Figures:
    """The suite. A kill that comes when all is done begins a new dataset, so that every one of them hits work."""
    rng, kills, model = random.Random(seed), max(round(KILLS * scale), 2), MODEL if scale == 1.0 else "water_index"
    with tempfile.TemporaryDirectory(prefix="moraine-predict-") as scratch:
        blank, whole, cut = (Path(scratch) / name for name in ("blank", "whole", "cut"))
        write_simulated(blank, Plan(30, 2021, 2025, seed % 1000, 12 if scale == 1.0 else 3))
        make_scenes(blank, Alone(), lambda _: None)
        shutil.copytree(blank, whole)
        shutil.copytree(blank, cut)
        seconds, done, midway = _whole(whole, model), 0, 0
        while done < kills:
            process = _started(cut, model)
            try:
                process.wait(rng.uniform(0.2 * seconds, seconds))
            except subprocess.TimeoutExpired:
                process.kill()
                done += 1
                midway += tree(cut) != tree(blank)
            process.communicate()
            if process.returncode == 0:
                assert tree(cut) == tree(whole), f"seed {seed}, after {done} kills"
                shutil.rmtree(cut)
                shutil.copytree(blank, cut)
        _whole(cut, model)
        assert tree(cut) == tree(whole), f"seed {seed}"
        assert not dataset_faults(cut)
        left = [path.name for path in cut.rglob("*") if path.name.endswith(TEMP_SUFFIX) or path.name.startswith(".staged")]
        assert not left, left
        return {"kills": done, "found_midway": midway, "undisturbed_s": round(seconds, 1)}


SUITES = {"predict.kill": killed}
