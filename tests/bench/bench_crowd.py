"""A million lakes in volcano and map: what a view, a press and a lasso cost the server, in milliseconds of its processor, and bytes."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from modules.columns import packed
from modules.crowd.crowd import Crowd
from modules.crowd.lattice import Lattice, Spot
from modules.crowd.places import ABOVE, LEFT, RIGHT, Places
from modules.links.packing import inside
from modules.measures import LIT, SHOWN, limits
from tests.harness import Figures

LAKES, ROUNDS = 1_000_000, 9
COLUMNS, ROWS = 676, 430
"""Cells of a panel of 520 × 330 pixels with what is drawn beyond it."""


def crowd() -> Crowd:
    """Lakes as a volcano has them: most near no change and without evidence, the tails far out."""
    random = np.random.default_rng(11)
    x = random.standard_t(3, LAKES)
    y = np.abs(x) * random.gamma(1, 0.5, LAKES)
    span = limits(x, y)
    beyond = np.select([y > span.y, x < -span.x, x > span.x], [ABOVE, LEFT, RIGHT], 0).astype(np.uint8)
    bits = (np.where(y > 1.3, np.where(x > 0, 2, 3), 1) | LIT | SHOWN).astype(np.uint8)
    ranks = np.argsort(np.argsort(-y)).astype(np.int32)
    return Crowd(Places(*span.clipped(x, y), beyond, span=span), bits, ranks, np.argsort(ranks))


def lattice(held: Crowd, share: float = 1.0) -> Lattice:
    """A view of this share of the axes."""
    span = held.places.span
    assert span is not None
    x, y = span.x * share, span.y * share
    return Lattice(-1.5 * x, -0.25 * y, 3 * x / COLUMNS, 1.5 * y / ROWS, COLUMNS, ROWS, (-x, x, 0, y))


def least(work: Callable[[], object]) -> float:
    """Milliseconds of the processor, the least of ROUNDS."""
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return 1000 * min(taken)


def view(share: float) -> Figures:
    """A picture of all or a part, packed."""
    held = crowd()
    return {"value": least(lambda: _packed(held, lattice(held, share))), "unit": "ms"}


def _packed(held: Crowd, asked: Lattice) -> bytes:
    facts, columns = held.view(asked)
    return packed(columns, facts, level=1)


def press() -> Figures:
    """The lake under a pointer where most lie."""
    held = crowd()
    return {"value": least(lambda: held.under(Spot(0.1, 0.1, 0.02, 0.01, 14))), "unit": "ms"}


def lasso() -> Figures:
    """The lakes in a lasso of 80 corners round about 10,000."""
    held, angles = crowd(), np.linspace(0, 2 * np.pi, 80, endpoint=False)
    polygon = [(2 + 0.3 * np.cos(angle), 1 + 0.42 * np.sin(angle)) for angle in angles]
    found = int(np.count_nonzero(inside(polygon, held.places.x, held.places.y)))
    assert 8_000 < found < 13_000, found
    return {"value": least(lambda: inside(polygon, held.places.x, held.places.y)), "unit": "ms"}


BENCHMARKS: dict[str, Callable[[], Figures]] = {
    "crowd.view.1m": lambda: view(1.0),
    "crowd.view.1m.hundredth": lambda: view(0.1),
    "crowd.view.1m.kb": lambda: {"value": len(_packed(crowd(), lattice(crowd()))) / 1000, "unit": "kB"},
    "crowd.press.1m": press,
    "crowd.lasso.1m": lasso,
}
