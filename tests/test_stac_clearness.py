"""What hides a lake, against a plain loop over its pixels."""

from __future__ import annotations

import numpy as np
import pytest

from data.stac.clearness import Clearness, Limits, clearness


def scl_loop(classes: np.ndarray, lake: np.ndarray) -> dict[str, float]:
    counts = dict.fromkeys(("clear", "cloud", "shadow", "snow", "missing"), 0)
    for number in classes[lake].tolist():
        name = {3: "shadow", 7: "cloud", 8: "cloud", 9: "cloud", 10: "cloud", 11: "snow", 2: "clear", 4: "clear", 5: "clear", 6: "clear"}
        counts[name.get(number, "missing")] += 1
    return {name: count / lake.sum() for name, count in counts.items()}


def qa_loop(classes: np.ndarray, lake: np.ndarray) -> dict[str, float]:
    counts = dict.fromkeys(("clear", "cloud", "shadow", "snow", "missing"), 0)
    for number in classes[lake].tolist():
        bits = f"{number:016b}"[::-1]
        if bits[0] == "1":
            counts["missing"] += 1
        elif "1" in bits[1:4]:
            counts["cloud"] += 1
        elif bits[4] == "1":
            counts["shadow"] += 1
        else:
            counts["snow" if bits[5] == "1" else "clear"] += 1
    return {name: count / lake.sum() for name, count in counts.items()}


@pytest.mark.parametrize("seed", range(5))
def test_shares_equal_a_plain_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lake = rng.random((17, 23)) < 0.4
    lake[3, 3] = True
    for family, top, loop in (("sentinel-2", 14, scl_loop), ("landsat-new", 256, qa_loop), ("landsat-old", 2**16, qa_loop)):
        classes = rng.integers(0, top, lake.shape).astype(np.uint16)
        seen = clearness(classes, lake, family)
        assert vars(seen) == pytest.approx(loop(classes, lake))
        assert sum(vars(seen).values()) == pytest.approx(1)


def test_numbers_of_real_landsat_pixels() -> None:
    # 21824: clear land, 21952: clear water, 22280: cloud, 23888: cloud shadow, 30048: snow, 1: fill (LSDS-1619, table of QA_PIXEL values).
    lake = np.ones((1, 6), dtype=bool)
    seen = clearness(np.array([[21824, 21952, 22280, 23888, 30048, 1]]), lake, "landsat-new")
    assert vars(seen) == pytest.approx({"clear": 2 / 6, "cloud": 1 / 6, "shadow": 1 / 6, "snow": 1 / 6, "missing": 1 / 6})


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ((0.8, 0.2, 0, 0, 0), "ok"),
        ((0.7, 0.1, 0.2, 0, 0), "shadow"),
        ((0.3, 0, 0, 0.7, 0), "snow_or_ice"),
        ((0.5, 0.1, 0, 0, 0.4), "partial"),
    ],
)
def test_reason(shares: tuple[float, ...], reason: str) -> None:
    assert Clearness(*shares).reason == reason


@pytest.mark.parametrize(
    ("shares", "why"),
    [
        ((0.95, 0.03, 0.02, 0, 0), ""),
        ((0.94, 0.03, 0.03, 0, 0), "cloud 6%"),
        ((0.3, 0, 0, 0.7, 0), ""),
        ((0, 0.1, 0, 0.71, 0.19), "cloud 10%, snow 71%"),
        ((0.7, 0, 0, 0, 0.3), "no data 30%"),
    ],
)
def test_limits(shares: tuple[float, ...], why: str) -> None:
    assert Limits().refuses(Clearness(*shares)) == why
