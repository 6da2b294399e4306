"""What to simulate, and the random numbers for it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from data.errors import InputError

MOST_LAKES = 20_000
"""More would reach from the open ocean, where the invented region lies, onto real land."""


@dataclass(frozen=True)
class Plan:
    """An inventory to simulate. The same plan gives the same bytes.

    Args:
        lakes: How many, 1 to 20,000.
        first_year: Year of the first autumn.
        last_year: Year of the last autumn, included; 5 to 60 years in all.
        seed: Any whole number from 0.
        scenes: How many of the lakes have scenes, one an autumn; 0: tables only.

    Raises:
        InputError: A number is out of range.
    """

    lakes: int = 800
    first_year: int = 2016
    last_year: int = 2025
    seed: int = 1
    scenes: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.lakes <= MOST_LAKES:
            raise InputError(f"--lakes {self.lakes} is out of range", f"ask for 1 to {MOST_LAKES:,}")
        if not (self.first_year >= 1900 and 5 <= self.years <= 60):
            raise InputError(f"the years {self.first_year}-{self.last_year} are out of range", "ask for 5 to 60 years from 1900 on")
        if self.seed < 0:
            raise InputError(f"--seed {self.seed} is negative", "use a whole number from 0")

        if not 0 <= self.scenes <= self.lakes:
            raise InputError(f"--scenes {self.scenes} is out of range", f"ask for 0 to {self.lakes:,}, as many as there are lakes")

    @property
    def years(self) -> int:
        return self.last_year - self.first_year + 1

    def random(self, part: str) -> np.random.Generator:
        """Random numbers for one part; a part added later leaves the others as they were."""
        return np.random.default_rng([self.seed, zlib.crc32(part.encode())])
