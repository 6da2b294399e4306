"""A share of chips: exact counts by region and split, the same everywhere, and only growing."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.archives.sampling import Choice, choice, sampled
from data.errors import InputError
from data.scenes.pairing import Pair


def pair(region: str, split: str, number: int, top: str = "a") -> Pair:
    name = f"{region}_{number}.tif"
    return Pair(PurePosixPath(f"{top}/img_dir/{split}/{name}"), PurePosixPath(f"{top}/ann_dir/{split}/{name}"), split, region)


def world(counts: dict[tuple[str, str], int], top: str = "a") -> list[Pair]:
    return [pair(region, split, n, top) for (region, split), count in counts.items() for n in range(count)]


COUNTS = st.dictionaries(
    st.tuples(st.sampled_from(["SA", "SAW", "ACS"]), st.sampled_from(["train", "validation", "challenge"])), st.integers(1, 40), min_size=1
)


@given(COUNTS, st.integers(1, 1000), st.integers(1, 1000), st.integers(0, 3), st.randoms(use_true_random=False))
def test_counts_are_exact_and_a_greater_share_keeps_the_smaller(
    counts: dict[tuple[str, str], int], one: int, other: int, seed: int, random: object
) -> None:
    pairs = world(counts)
    low, high = sorted((one, other))
    small, large = (sampled(pairs, Choice(fraction=share / 1000, seed=seed)) for share in (low, high))
    assert set(small) <= set(large)
    for (region, split), count in counts.items():
        held = [each for each in small if (each.region, each.split) == (region, split)]
        assert len(held) == math.ceil(Fraction(low, 1000) * count)
    shuffled = pairs.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert set(sampled(shuffled, Choice(fraction=low / 1000, seed=seed))) == set(small), "no order of the archive shows through"
    assert small == [each for each in pairs if each in set(small)], "they stay in their order"


@given(COUNTS, st.floats(0.01, 1))
def test_other_regions_and_splits_play_no_part(counts: dict[tuple[str, str], int], share: float) -> None:
    pairs = world(counts)
    region, split = next(iter(counts))
    every = sampled(pairs, Choice(fraction=share))
    assert sampled(pairs, Choice((region.lower(),), (split,), share)) == [
        each for each in every if (each.region, each.split) == (region, split)
    ]


def test_the_share_is_the_same_on_every_machine_whatever_the_top_folder() -> None:
    def names(top: str, seed: int = 0) -> list[str]:
        return [each.image.stem for each in sampled(world({("SA", "train"): 30}, top), Choice(fraction=0.1, seed=seed))]

    assert names("a") == names("Glacial_Lake_Bench") == ["SA_1", "SA_24", "SA_26"]
    assert names("a", seed=1) != names("a")


def test_what_is_not_there_is_named_with_what_is() -> None:
    pairs = world({("SA", "train"): 2, ("ACS", "test"): 2})
    with pytest.raises(InputError, match=r"no region SAW\n.*use ACS, SA"):
        sampled(pairs, Choice(("saw",)))
    with pytest.raises(InputError, match=r"no split challenge\n.*use test, train"):
        sampled(pairs, Choice(splits=("challenge",)))
    with pytest.raises(InputError, match="both of these regions"):
        sampled(pairs, Choice(("sa",), ("test",)))
    bare = [Pair(PurePosixPath("images/a.png"), PurePosixPath("masks/a.png"), "", "")]
    with pytest.raises(InputError, match="names tell no regions"):
        sampled(bare, Choice(("sa",)))
    assert sampled(bare, Choice(fraction=0.01)) == bare, "at least one of each"


def test_the_command_line() -> None:
    said = choice(regions="SA, saw,sa", splits="val,challenge,validation", fraction=0.25, seed=3)
    assert said == Choice(("sa", "saw"), ("validation", "challenge"), 0.25, 3)
    assert choice(regions=None, splits=None, fraction=1, seed=0) == Choice()
    for wrong in (
        {"fraction": 0},
        {"fraction": 1.01},
        {"fraction": float("nan")},
        {"fraction": -0.1},
        {"splits": "dev"},
        {"regions": "SA,,"},
    ):
        with pytest.raises(InputError):
            choice(**{"regions": None, "splits": None, "fraction": 1.0, "seed": 0, **wrong})  # type: ignore[arg-type]
