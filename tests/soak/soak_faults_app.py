"""The app itself under faults: a full disk, a dataset that cannot be written, kill -9 in the middle of visits."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from data.locks import held
from data.reviews.connecting import sqlite_url
from data.reviews.log import ReviewLog
from tests.app_faults import METHODS, NOTICES, REVIEWER, SAID, SENTENCE, files_vanish, reviewed, state_fails, steps, works
from tests.asgi import finished
from tests.browser.server import serving
from tests.driven import Hand, visit
from tests.harness import Figures
from tests.mask_folders import chip_dataset, chip_masks, taken

KILLS = 60
SMALL = "1536k"
ON = {"MORAINE_REVIEWS": "on", "MORAINE_STATE_LASTS": "yes"}


class CannotMountError(Exception):
    """This user may not mount file systems here."""


@contextmanager
def mounted(place: Path, *how: str) -> Generator[Path, None, None]:
    """Something mounted on a folder that is made, for as long as a `with` lasts."""
    place.mkdir(exist_ok=True)
    done = subprocess.run(["mount", *how, str(place)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotMountError(done.stderr.strip())
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def _dataset(scratch: Path) -> Path:
    dataset = chip_dataset(scratch / "dataset")
    taken(dataset, chip_masks(dataset, scratch / "in"))
    return dataset


def full_disk(scratch: Path, dataset: Path, chance: random.Random, kills: int) -> Figures:
    """The disk of the state folder fills up while people look and review: told, nothing lost, and all is well once there is room."""
    try:
        with mounted(scratch / "state", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs") as state:
            return finished(_filled(dataset, state))
    except CannotMountError as error:
        return {"full disk not run": str(error)}


async def _filled(dataset: Path, state: Path) -> Figures:
    with serving(state, {"MORAINE_DATASETS": str(dataset), **ON}) as server:
        async with visit(server.url, "?lake=0", (NOTICES, SENTENCE, SAID), **REVIEWER) as hand:
            await steps(hand)
            assert (await reviewed(hand, "verified")).startswith("Saved")
            filler = state / "filler"
            _fill(filler)
            refused = 0
            for verdict in ("false_alarm", "verified") * 60:  # until the journal has no room either
                said = await reviewed(hand, verdict)
                refused += said.startswith("Not saved")
                if refused:
                    break
            assert refused, "the disk was full, and nobody said so"
            assert str(state) not in said
            words = await works(server.url, f"?lake=0&method={METHODS[1]}")
            assert "kept in memory only" in words, words
            filler.unlink()
            assert (await reviewed(hand, "needs_imagery")).startswith("Saved")
        await works(server.url, f"?lake=0&method={METHODS[2]}")
        assert not await works(server.url)
        assert not server.tracebacks(), "".join(server.log)
    last = _reviews(state)[-1]
    assert last == "needs imagery", last
    return {"reviews refused": refused, "reviews kept": len(_reviews(state))}


def _fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


def _reviews(state: Path) -> list[str]:
    log = ReviewLog(sqlite_url(state / "reviews.sqlite"))
    try:
        return [review.verdict for review in log.since("small")]
    finally:
        log.close()


def read_only(scratch: Path, dataset: Path, chance: random.Random, kills: int) -> Figures:
    """A dataset on a disk that cannot be written, then a state folder that cannot: everything is shown all the same."""
    try:
        with mounted(scratch / "ro", "-o", "bind,ro", str(dataset)) as locked:
            _refuses(locked)
            with serving(scratch / "state", {"MORAINE_DATASETS": str(locked), **ON}) as server:
                assert not finished(works(server.url))
            with mounted(scratch / "closed", "-t", "tmpfs", "-o", "ro", "tmpfs") as closed:
                _refuses(closed)
                with serving(closed, {"MORAINE_DATASETS": str(locked), **ON}) as server:
                    assert "kept in memory only" in finished(works(server.url))
                    assert not server.tracebacks(), "".join(server.log)
    except CannotMountError as error:
        return {"read-only not run": str(error)}
    return {"read-only": "dataset, state folder"}


def _refuses(folder: Path) -> None:
    try:
        (folder / "x").touch()
    except OSError:
        return
    raise AssertionError(f"{folder} can be written")


def vanishing(scratch: Path, dataset: Path, chance: random.Random, kills: int) -> Figures:
    """Files that go while they are shown, and a state folder that fails, as in tests/test_running_app.py."""
    with serving(scratch / "state", {"MORAINE_DATASETS": str(dataset), **ON}) as server:
        finished(files_vanish(server.url, dataset))
        finished(state_fails(server.url, scratch / "state" / "trends"))
        assert not server.tracebacks(), "".join(server.log)
    return {"vanished": 5}


def killed(scratch: Path, dataset: Path, chance: random.Random, kills: int) -> Figures:
    """kill -9 in the middle of a visit that looks, fits and reviews, again and again over one state folder."""
    state, temporary = scratch / "state", scratch / "tmp"
    own = temporary / f"moraine-{os.getuid()}"
    temporary.mkdir()
    env = {"MORAINE_DATASETS": str(dataset), "TMPDIR": str(temporary), **ON}
    acknowledged: list[str] = []
    for _ in range(kills):
        with serving(state, env) as server:
            finished(_cut(server.url, server.process, chance, acknowledged))
        left = [path.name for path in own.iterdir() if not held(path)]
        assert len(left) == 1, f"one killed process, and {left} lie about"
        found = len(_reviews(state)) if (state / "reviews.sqlite").exists() else 0
        assert found >= len(acknowledged), f"{len(acknowledged)} were acknowledged, {found} are there"
    with serving(state, env) as server:
        assert not finished(works(server.url))
        assert not any("damaged" in line for line in server.log), "".join(server.log)
    assert not list(own.iterdir()), "temporary files stay"
    return {"kills": kills, "reviews acknowledged": len(acknowledged), "lost": 0}


async def _cut(url: str, process: subprocess.Popen[str], chance: random.Random, acknowledged: list[str]) -> None:
    """Look, fit and review until the app is killed, some tenths of a second later."""
    loop = asyncio.get_running_loop()
    query = f"?lake={chance.choice((0, 5))}&method={chance.choice(METHODS)}"
    try:
        async with visit(url, query, (NOTICES, SENTENCE, SAID), **REVIEWER) as hand:
            loop.call_later(chance.uniform(0, 1.5), process.kill)
            await _busy(hand, acknowledged)
    except OSError:
        assert process.wait(10) == -9
    except Exception as error:
        if type(error).__module__.split(".")[0] != "websockets":
            raise
        assert process.wait(10) == -9


async def _busy(hand: Hand, acknowledged: list[str]) -> None:
    await hand.shown(SENTENCE, "km²")
    while True:
        for verdict in ("verified", "false_alarm"):
            if (await reviewed(hand, verdict)).startswith("Saved"):
                acknowledged.append(verdict)
        await hand.press("explore-focus-next")


def app(seed: int, scale: float) -> Figures:
    """Each fault in turn; what a sample would take is in tests/test_running_app.py, which has its server already."""
    if scale < 1:
        return {"sample": "tests/test_running_app.py"}
    chance, figures = random.Random(seed), dict[str, Any]()
    for fault in (full_disk, read_only, vanishing, killed):
        with tempfile.TemporaryDirectory(prefix="moraine-faults-") as name:
            figures |= fault(Path(name), _dataset(Path(name)), chance, max(round(KILLS * scale), 1))
    return figures


SUITES = {"faults.app": app}
