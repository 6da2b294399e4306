"""Imports under attack: files with flipped, cut and spliced bytes, and importers that are killed."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import geopandas as gpd

from data.__main__ import main
from data.checks import dataset_faults
from data.commit import COMMITTED, STAGED, current, recover
from data.errors import MoraineError
from data.importing.inventory import import_inventories
from data.importing.options import ImportOptions
from data.store import Store
from tests import inventories
from tests.harness import ROOT, Figures
from tests.mutants import mutated

FUZZED = 3000
KILLED = 120
LATEST_KILL = 1.3
"""Kills fall between nothing and 1.3 times as long as the work takes when it is left alone."""


def _specimens(folder: Path) -> list[list[Path]]:
    """Small inventories in every format, each with the files that belong together."""
    shapefile = inventories.himalaya(folder / "shp", [2000])[0]
    frame = gpd.read_file(shapefile)
    frame.to_file(folder / "a_2000.gpkg", driver="GPKG")
    frame.to_crs(4326).to_file(folder / "a_2000.geojson", driver="GeoJSON")
    frame.to_parquet(folder / "a_2000.parquet")
    archive = Path(shutil.make_archive(str(folder / "a_2000"), "zip", folder / "shp"))
    text = "lake_id,lon,lat,date,area\n" + "".join(
        f"L{n % 9},{85 + n % 9 / 10},28.{n % 9},{2000 + n // 9}-10-0{n % 9 + 1},{1 + n / 50}\n" for n in range(60)
    )
    tables = [inventories.table(folder, text, "long.csv"), inventories.table(folder, inventories.OBSERVATORY, "one.csv")]
    others = [path for path in sorted(shapefile.parent.iterdir()) if path != shapefile]
    singles = [archive, *(folder / f"a_2000.{suffix}" for suffix in ("gpkg", "geojson", "parquet")), *tables]
    return [[shapefile, *others], *([path] for path in singles)]


def fuzz(seed: int, scale: float) -> Figures:
    """Mutated files of every format: a MoraineError and nothing written, or a dataset without a fault; never anything else."""
    chance, outcomes = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        specimens = _specimens(home / "good")
        for turn in range(max(2 * len(specimens), round(FUZZED * scale))):
            files = specimens[turn % len(specimens)]
            folder = home / "bad"
            folder.mkdir()
            for path in files:
                shutil.copy(path, folder)
            victim = folder / chance.choice(files).name
            victim.write_bytes(mutated(victim.read_bytes(), chance))
            outcomes[_outcome(folder / files[0].name, home / "out", f"seed {seed}, turn {turn}")] += 1
            shutil.rmtree(folder)
            shutil.rmtree(home / "out", ignore_errors=True)
    return {"files": sum(outcomes.values()), **{f"{key}": outcomes[key] for key in ("imported", "refused")}}


def _outcome(path: Path, out: Path, turn: str) -> str:
    refused: MoraineError | None = None
    try:
        import_inventories([path], out, ImportOptions())
    except MoraineError as error:
        refused = error
    except Exception as error:
        raise AssertionError(f"{turn}: {path.name} raised {error!r}") from error
    if refused is not None:
        assert refused.remedy, f"{turn}: no remedy for {path.name}"
        assert not out.exists(), f"{turn}: {path.name} was refused, and something was written"
        return "refused"
    faults = dataset_faults(out)
    assert not faults, f"{turn}: {path.name} gave a dataset with {faults[0]}"
    return "imported"


def _digest(folder: Path) -> str:
    return Store(folder).digest if current(folder, "dataset.toml").exists() else "none"


def _timed_import(paths: list[Path], folder: Path, after: float | None) -> float:
    """Import in a process of its own, killed `after` seconds; returns how long it took."""
    began = time.monotonic()
    command = [sys.executable, "-m", "data", "import", *map(str, paths), "--into", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _, said = process.communicate(timeout=after)
        assert process.returncode == 0, said.decode()
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    return time.monotonic() - began


def kill(seed: int, scale: float) -> Figures:
    """kill -9 while an epoch is added: what a reader sees is the old dataset or the new one, and the next import ends well."""
    chance, seen = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        paths = inventories.himalaya(home / "in")
        # One name for all, since a dataset is named after its folder.
        old, new = (home / kind / "lakes" for kind in ("old", "new"))
        took = _timed_import(paths[:2], old, None)
        shutil.copytree(old, new)
        _timed_import(paths[2:], new, None)
        for turn in range(max(4, round(KILLED * scale))):
            folder, after = home / f"turn{turn}" / "lakes", took * chance.uniform(0.3, LATEST_KILL)
            if turn % 3:
                shutil.copytree(old, folder)
            _timed_import(paths[2:] if turn % 3 else paths, folder, after)
            found = _digest(folder)
            before = _digest(old) if turn % 3 else "none"
            assert found in {before, _digest(new)}, f"seed {seed}, turn {turn}: a mixture"
            _hold(folder, found, f"seed {seed}, turn {turn}")
            assert main(["import", *map(str, paths), "--into", str(folder)]) == 0
            assert _digest(folder) == _digest(new), f"seed {seed}, turn {turn}: the import after the kill went wrong"
            assert not [*folder.glob(f"{STAGED}*"), *folder.glob(COMMITTED)], f"seed {seed}, turn {turn}: something was left"
            seen["found_new" if found == _digest(new) else "found_old"] += 1
            shutil.rmtree(folder.parent)
    return {"kills": seen.total(), "found_old": seen["found_old"], "found_new": seen["found_new"]}


def _hold(folder: Path, found: str, turn: str) -> None:
    """What a reader found after the kill is without a fault, and recovery does not change it."""
    if found != "none":
        assert not dataset_faults(folder), f"{turn}: {dataset_faults(folder)[0]}"
    if folder.exists():
        recover(folder)
    assert _digest(folder) == found, f"{turn}: recovery changed the dataset"


SUITES = {"import.fuzz": fuzz, "import.kill": kill}
