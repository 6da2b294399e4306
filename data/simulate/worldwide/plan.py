"""What to simulate, and the random numbers for each block of it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from data.errors import InputError

MOST_LAKES = 20_000_000
BLOCK = 25_000
"""Lakes of a part: a million rows of areas at 40 years. Another number gives another world."""


@dataclass(frozen=True)
class WorldwidePlan:
    """An inventory to simulate. The same plan gives the same bytes.

    Args:
        lakes: How many, 1 to 20,000,000.
        first_year: Year of the first autumn.
        last_year: Year of the last autumn, included; 5 to 60 years in all.
        seed: Any whole number from 0.

    Raises:
        InputError: A number is out of range.
    """

    lakes: int
    first_year: int = 1986
    last_year: int = 2025
    seed: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.lakes <= MOST_LAKES:
            raise InputError(f"--world {self.lakes} is out of range", f"ask for 1 to {MOST_LAKES:,} lakes")
        if not (self.first_year >= 1900 and 5 <= self.years <= 60):
            raise InputError(f"the years {self.first_year}-{self.last_year} are out of range", "ask for 5 to 60 years from 1900 on")
        if self.seed < 0:
            raise InputError(f"--seed {self.seed} is negative", "use a whole number from 0")

    @property
    def years(self) -> int:
        return self.last_year - self.first_year + 1

    @property
    def blocks(self) -> int:
        """How many parts."""
        return -(-self.lakes // BLOCK)

    def lakes_of(self, block: int) -> np.ndarray:
        """(n,) int32 the keys of the lakes of a block."""
        return np.arange(block * BLOCK, min((block + 1) * BLOCK, self.lakes), dtype=np.int32)

    def random(self, part: str, block: int = 0) -> np.random.Generator:
        """Random numbers for one part of one block: none depends on who makes the others."""
        return np.random.default_rng([self.seed, zlib.crc32(part.encode()), block])
