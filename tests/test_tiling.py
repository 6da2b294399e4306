"""Large scenes: tiles cover all, fade without a seam, and give what one pass would."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import tiling
from models.chips import Chip
from models.tiling import OVERLAP, TILE, fade, segment_whole, spans


@given(st.integers(1, 6000), st.integers(40, 700), st.integers(1, 39))
def test_spans_cover_a_side_and_overlap_enough(side: int, tile: int, overlap: int) -> None:
    found = spans(side, tile, overlap)
    assert found[0].start == 0
    assert found[-1].stop == side
    for one, other in itertools.pairwise(found):
        assert one.stop - other.start >= overlap
        assert one.start < other.start
    assert all(span.stop - span.start == min(side, tile) for span in found)


@given(st.integers(TILE + 1, 4000))
def test_weights_never_vanish(side: int) -> None:
    total = np.zeros(side)
    for span in spans(side):
        total[span] += fade(span, side)
    assert total.min() > 0.4


def local(chip: Chip) -> np.ndarray:
    """A segmenter that looks at each pixel alone."""
    return chip.reflectance[0] * 0.5


def test_a_segmenter_that_looks_at_pixels_alone_gives_the_same_in_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiling, "LARGEST", 100)
    values = np.random.default_rng(0).uniform(0, 1, (1, 1300, 700)).astype(np.float32)
    values[0, 40:50, 60:70] = np.nan
    told: list[tuple[int, int]] = []
    found = segment_whole(local, Chip(values, ("nir",)), lambda done, total: told.append((done, total)))
    np.testing.assert_allclose(found, values[0] * 0.5, rtol=1e-6)
    assert told == [(number, 6) for number in range(1, 7)]


def test_where_tiles_disagree_the_one_fades_into_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiling, "LARGEST", 100)
    count = iter(range(100))

    def stubborn(chip: Chip) -> np.ndarray:
        return np.full(chip.shape, next(count) % 2, dtype=np.float32)

    found = segment_whole(stubborn, Chip(np.zeros((1, 60, 900), dtype=np.float32), ("nir",)))
    steps = np.abs(np.diff(found[0]))
    assert steps.max() <= 1 / OVERLAP + 1e-6, "no seam"
    assert found[0, 0] == 0
    assert found[0, -1] == 1


def test_up_to_the_limit_it_is_one_pass_and_the_outline_goes_with_it() -> None:
    seen: list[Chip] = []

    def watching(chip: Chip) -> np.ndarray:
        seen.append(chip)
        return np.zeros(chip.shape, dtype=np.float32)

    outline = np.zeros((1100, 40), dtype=bool)
    outline[1090:, :] = True
    segment_whole(watching, Chip(np.zeros((1, 1024, 40), np.float32), ("nir",)))
    segment_whole(watching, Chip(np.zeros((1, 1100, 40), np.float32), ("nir",), 10.0, outline))
    assert [chip.shape for chip in seen] == [(1024, 40), (512, 40), (512, 40), (512, 40)]
    assert [chip.outline is not None and int(chip.outline.sum()) for chip in seen[1:]] == [0, 0, 400]
    whole = Chip(np.zeros((1, 1100, 40), np.float32), ("nir",), 10.0, outline).guide()
    assert whole.any()
    for chip, span in zip(seen[1:], spans(1100), strict=True):
        np.testing.assert_array_equal(chip.guide(), whole[span], "one guide, whichever tile sees a part of it")


def test_what_is_raised_while_it_is_told_ends_the_work() -> None:
    def stop(done: int, _: int) -> None:
        raise KeyboardInterrupt(done)

    with pytest.raises(KeyboardInterrupt):
        segment_whole(local, Chip(np.zeros((1, 20, 20), np.float32), ("nir",)), stop)
