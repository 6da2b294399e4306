"""Scenes from a catalogue that fails and goes away for a while, by a client that is killed: every pixel right, none fetched twice."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

from data.__main__ import main
from data.checks import dataset_faults
from data.stac.journal import FILE
from data.store import Store
from tests.harness import ROOT, Figures
from tests.stac_server import COLLECTION, KINDS, Asked, StacServer, World, dataset, serving, world_of, write_files, wrong_pixels

LAKES, YEARS = 20, (2019, 2020, 2021, 2022, 2023)
FAILING = 0.1
A_SCENE = 34
"""Requests that a scene takes, about."""


def arguments(server: StacServer, folder: Path, world: World) -> list[str]:
    years = f"{world.years[0]}:{world.years[-1]}"
    return ["stac", str(folder), "--catalog", server.url, "--collection", COLLECTION, "--years", years, "--season", "9-11"]


def finished(folder: Path) -> set[tuple[int, int]]:
    """(lake, year) of which the journal says that they are done."""
    lines = (folder / FILE).read_bytes().splitlines() if (folder / FILE).exists() else []
    entries = [json.loads(line) for line in lines if line.endswith(b"}")]
    return {(entry["lake"], entry["season"]) for entry in entries if entry["kind"] == "done"}


def of_scene(asked: Asked) -> tuple[int, int] | None:
    """(lake, year) of a band's file, None of another file."""
    parts = asked.path.split("/")
    return (int(parts[2]), int(parts[3])) if len(parts) == 5 and parts[3].isdecimal() else None


def assert_right(world: World, folder: Path) -> dict[tuple[int, str], str]:
    """Every lake and year has its one scene, every pixel as the generator made it; (lake, day) → path."""
    rows = Store(folder).table("scenes").to_pylist()
    wanted = {(lake, world.right_day(year)) for lake in range(world.lakes) for year in world.years}
    assert {(row["lake_key"], row["date"]) for row in rows} == wanted
    assert len(rows) == len(wanted)
    for row in rows:
        wrong = wrong_pixels(world, row["lake_key"], row["date"].year, folder / row["path"])
        assert not wrong, wrong
        assert (row["valid_share"], row["reason"], row["sensor"]) == (1.0, "ok", "Sentinel-2 L2A")
        assert row["item"] == f"S2A_{row['lake_key']:02d}_{row['date']:%Y%m%d}_right"
    assert not dataset_faults(folder), dataset_faults(folder)[0]
    return {(row["lake_key"], str(row["date"])): row["path"] for row in rows}


def assert_never_twice(server: StacServer) -> None:
    """No part of a band's file was sent twice."""
    sent = [(asked.path, asked.part) for asked in server.files_asked() if of_scene(asked)]
    assert len(sent) == len(set(sent)), "a part of a file was fetched twice"


def share_read(world: World, server: StacServer, files: Path) -> tuple[float, float]:
    """Bytes of files sent, of the bytes of the tiles that were taken (bands and classes), and of all whose classes were looked at."""
    sent = sum(asked.sent for asked in server.files_asked())
    taken = sum(path.stat().st_size for path in files.glob("*/*/B*.tif") if path.parent.name != "decoy")
    classes = sum((files / f"{lake}/SCL_right.tif").stat().st_size for lake in range(world.lakes)) * len(world.years)
    return sent / (taken + classes), sent / ((taken + classes) * len(KINDS))


def _run(server: StacServer, folder: Path, world: World) -> int:
    """The command in this process, with short waits between tries."""
    with mock.patch("data.stac.fetching.FIRST_WAIT", 0.1):
        return main(arguments(server, folder, world))


def restarted(seed: int, scale: float) -> Figures:
    """Row 6: the server fails one request in ten and restarts in the middle; then the client runs again."""
    world = world_of(max(3, round(LAKES * scale)), YEARS[: max(2, round(len(YEARS) * scale))])
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        files, folder = write_files(world, home / "files"), dataset(world, home / "lakes")
        began = time.monotonic()
        with serving(world, files, FAILING, seed) as server:
            restarting = server.restart_after(world.lakes * len(world.years) * A_SCENE // 2)
            code = _run(server, folder, world)
            restarting.join(timeout=60)
            took, requests = time.monotonic() - began, len(server.log)
            assert code == 0, f"seed {seed}: a lake failed"
            assert not restarting.is_alive(), f"seed {seed}: the server was never restarted"
            assert_right(world, folder)
            assert_never_twice(server)
            strict, wide = share_read(world, server, files)
            assert strict <= 0.15, f"{strict:.1%} of the tiles were read"
            asked = len(server.files_asked())
            assert _run(server, folder, world) == 0
            assert len(server.files_asked()) == asked, "what was there was fetched again"
            failed = sum(each.status in {429, 503} for each in server.log)
        return {
            "scenes": world.lakes * len(world.years), "requests": len(server.log), "refused": failed, "seconds_fetching": round(took, 1),
            "requests_a_scene": round(requests / (world.lakes * len(world.years)), 1),
            "read_of_tiles_taken_pct": round(100 * strict, 2), "read_of_tiles_looked_at_pct": round(100 * wide, 2),
        }  # fmt: skip


def killed(seed: int, scale: float) -> Figures:
    """kill -9 of the client in the middle of a scene, again and again, and another run: the same scenes; of a finished one no byte is asked
    again."""
    world = world_of(max(1, round(LAKES * scale / 4)), YEARS[:3])
    chance, kills = random.Random(seed), max(1, round(6 * scale))
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        files, folder, untouched = write_files(world, home / "files"), dataset(world, home / "lakes"), dataset(world, home / "whole")
        with serving(world, files, FAILING, seed) as server:
            for kill in range(1, kills + 1):
                _killed_run(server, folder, world, kill, chance.randrange(A_SCENE))
            before, mark = finished(folder), len(server.log)
            assert len(before) >= kills, f"seed {seed}: it was killed before anything was finished"
            assert _run(server, folder, world) == 0
            again = {scene for asked in server.files_asked(mark) if (scene := of_scene(asked))}
            assert not again & before, f"seed {seed}: {again & before} were finished, and asked for again"
            killed_paths = assert_right(world, folder)
            server.failing = 0.0
            assert _run(server, untouched, world) == 0
        assert killed_paths == assert_right(world, untouched), "a run that was killed gives other scenes"
        for path in killed_paths.values():
            assert (folder / path).read_bytes() == (untouched / path).read_bytes()
    return {"scenes": len(killed_paths), "kills": kills, "finished_when_killed": len(before)}


def _killed_run(server: StacServer, folder: Path, world: World, done: int, then: int) -> None:
    """A run in a process of its own, killed once so many scenes are finished and, after that, so many requests answered."""
    process = subprocess.Popen(
        [sys.executable, "-m", "data", *arguments(server, folder, world), "--workers", "1"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    start = len(server.log)
    while process.poll() is None and (len(server.log) == start or len(finished(folder)) < done):
        time.sleep(0.005)
    start = len(server.log)
    while process.poll() is None and len(server.log) - start < then:
        time.sleep(0.005)
    alive = process.poll() is None
    process.kill()
    _, said = process.communicate()
    assert alive, f"it ended before it was killed: {said.decode()}"


SUITES = {"stac.restarted": restarted, "stac.killed": killed}
