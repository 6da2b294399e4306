"""Every kind of write killed with -9 at random moments: nothing is lost, nothing is half there, and whoever does it again has it all."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.harness import Figures
from tests.killing import Ended, Warm
from tests.write_holds import Held, files, later, nothing_left
from tests.write_works import DATASETS, MADE, Work

KILLS = 60
SEVERAL = 0.3
"""How often the work is killed again before it comes to its end."""


def killed(works: Mapping[str, Work], seed: int, scale: float) -> Figures:
    """Each work is killed KILLS times; a sample takes two of one that is quick.

    Raises:
        AssertionError: Something was lost, half there, or different after the work was done again.
    """
    chance = random.Random(seed)
    chosen = works if scale == 1.0 else dict([chance.choice([each for each in works.items() if not each[1].long])])
    modules = sorted({"tests.write_works"}.union(*(work.needs for work in chosen.values())))
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="moraine-faults-") as scratch, Warm(*modules) as warm:
        for name, work in chosen.items():
            cutter = Cutter(name, work, warm, random.Random(f"{seed} {name}"), seed)
            figures[name] = cutter.killed(Path(scratch) / name.replace(" ", "-"), max(round(KILLS * scale), 2))
    return figures


@dataclass
class Cutter:
    """Kills one kind of work."""

    name: str
    work: Work
    warm: Warm
    chance: random.Random
    seed: int

    def killed(self, home: Path, kills: int) -> int:
        """Returns how many kills hit the work before its end."""
        blank, done, cut = (home / name / "w" for name in ("blank", "done", "cut"))
        blank.mkdir(parents=True)
        self.work.before(blank, self.seed)
        shutil.copytree(blank, done)
        whole = self.warm.run(self.work.function, done)
        old, new = files(blank), files(done)
        assert new != old, f"{self.name} changes nothing"
        hits = turn = 0
        while hits < kills:
            turn += 1
            shutil.copytree(blank, cut)
            hits += self._turn(cut, whole, (old, new), kills - hits, f"{self.name}, seed {self.seed}, turn {turn}")
            shutil.rmtree(cut)
        return hits

    def _turn(self, cut: Path, whole: Ended, known: tuple[Held, Held], most: int, turn: str) -> int:
        """Killed once or several times, then done to its end."""
        hits = 0
        while hits < most:
            ended = self.warm.cut(self.work.function, cut, whole, self.chance)
            hits += ended.killed
            self.work.holds(cut, *known, turn)
            if not ended.killed or self.chance.random() > SEVERAL:
                break
        later(cut)
        self.warm.run(self.work.function, cut)
        self.work.holds(cut, *known, turn)
        found, new = files(cut), known[1]
        differing = sorted(each for each in found.keys() | new.keys() if found.get(each) != new.get(each) and each not in self.work.apart)
        assert not differing, f"{turn}: after the work was done again, {differing} are not what they should be"
        nothing_left(cut, turn)
        return hits


def datasets(seed: int, scale: float) -> Figures:
    """What people put into datasets."""
    return killed(DATASETS, seed, scale)


def made(seed: int, scale: float) -> Figures:
    """What Moraine and its segmenters make, and what it hands out."""
    return killed(MADE, seed, scale)


SUITES = {"faults.datasets": datasets, "faults.made": made}
