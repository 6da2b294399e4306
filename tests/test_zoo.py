"""Every segmenter against the same demands, and the water index against scenes whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.simulate.spectra import SPECTRA
from models.__main__ import main
from models.chips import Chip
from models.zoo import segmenter, zoo
from models.zoo.water_index import normalised_difference, otsu
from tests.painted import SIDE

BANDS = ("blue", "green", "red", "nir", "swir1", "swir2")
NAMES = tuple(zoo())


def chip(kinds: np.ndarray, materials: tuple[str, ...], bands: tuple[str, ...] = BANDS, seed: int = 0) -> Chip:
    """A chip of these materials, (H, W) numbers into them, 3 % of noise on it."""
    spectra = np.array([SPECTRA[name] for name in materials], dtype=np.float32)
    noise = np.random.default_rng(seed).normal(1, 0.03, (6, *kinds.shape))
    whole = (spectra[kinds].transpose(2, 0, 1) * noise).astype(np.float32)
    return Chip(whole[[BANDS.index(name) for name in bands]], bands, 10.0, kinds == 1)


def square(side: int = 64) -> np.ndarray:
    kinds = np.zeros((side, side), dtype=int)
    kinds[side // 4 : side // 2, side // 4 : 3 * side // 4] = 1
    return kinds


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_probabilities_and_leaves_out_what_has_no_data(name: str) -> None:
    given_chip = chip(square(61), ("granite", "turbid_water"))
    given_chip.reflectance[1, 3:9, 50:] = np.nan
    found = segmenter(name).load()(given_chip)
    assert found.shape == given_chip.shape
    assert found.dtype == np.float32
    assert np.isnan(found[3:9, 50:]).all()
    rest = found[np.isfinite(found)]
    assert len(rest) == found.size - 6 * 11
    assert rest.min() >= 0
    assert rest.max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_a_band_that_is_lacking_is_named(name: str) -> None:
    for band in segmenter(name).CARD.bands:
        others = tuple(other for other in BANDS if other != band)
        with pytest.raises(InputError, match=rf"no band .*{band}"):
            segmenter(name).load()(chip(square(), ("granite", "clear_water"), others))


@pytest.mark.parametrize("name", NAMES)
def test_it_finds_a_plain_lake(name: str) -> None:
    kinds = square(96)
    found = segmenter(name).load()(chip(kinds, ("granite", "turbid_water"))) > 0.5
    assert (found & (kinds == 1)).sum() / (found | (kinds == 1)).sum() > 0.8


@pytest.mark.parametrize("name", [name for name in NAMES if zoo()[name].CARD.guided])
def test_a_guided_one_finds_the_lake_that_is_pointed_at_and_needs_to_be_told(name: str) -> None:
    kinds = square(96)
    kinds[70:90, 10:40] = 1
    both = chip(kinds, ("granite", "turbid_water"))
    for own in (square(96) == 1, (kinds == 1) & (square(96) == 0)):
        found = segmenter(name).load()(Chip(both.reflectance, BANDS, 10.0, own)) > 0.5
        other = (kinds == 1) & ~own
        assert (found & own).sum() > 0.8 * own.sum()
        assert (found & other).sum() < 0.2 * other.sum(), "the same water, which nobody pointed at"
    with pytest.raises(InputError, match="no outline"):
        segmenter(name).load()(Chip(both.reflectance, BANDS, 10.0))


def test_an_unknown_segmenter_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="no segmenter 'x'") as error:
        segmenter("x")
    assert "water_index" in error.value.remedy


def test_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    said = capsys.readouterr().out
    assert all(name in said and zoo()[name].CARD.title in said for name in NAMES)


@pytest.mark.parametrize("bands", [BANDS, BANDS[:4]], ids=["six bands", "four bands"])
@pytest.mark.parametrize("water", ["clear_water", "turbid_water"])
def test_the_index_finds_water_and_neither_snow_nor_ice_nor_cloud(bands: tuple[str, ...], water: str) -> None:
    kinds = square(SIDE // 2)
    for number in range(2, 8):
        kinds[-10:, 16 * (number - 2) : 16 * (number - 1)] = number
    materials = ("schist", water, "fresh_snow", "old_snow", "glacier_ice", "white_lake_ice", "cloud", "meadow")
    found = segmenter("water_index").load()(chip(kinds, materials, bands)) > 0.5
    assert (found == (kinds == 1)).mean() > 0.995


def test_a_scene_without_water_has_none() -> None:
    rng = np.random.default_rng(2)
    kinds = rng.integers(0, 4, (80, 80))
    found = segmenter("water_index").load()(chip(kinds, ("granite", "schist", "debris", "meadow")))
    assert (found > 0.5).mean() < 0.001


def test_a_scene_of_nothing_but_water_is_water() -> None:
    noisy = chip(np.zeros((40, 40), dtype=int), ("turbid_water",))
    same = Chip(np.full((6, 40, 40), 1, np.float32) * np.array(SPECTRA["turbid_water"], np.float32)[:, None, None], BANDS, 10.0)
    for each in (noisy, same):
        assert (segmenter("water_index").load()(each) > 0.5).mean() > 0.99


def test_the_index_is_that_of_its_formula() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.uniform(-0.1, 1, (2, 20, 20)).astype(np.float32)
    found = normalised_difference(first, second)
    for place in np.ndindex(20, 20):
        a, b = float(first[place]), float(second[place])
        expected = max(-1.0, min(1.0, (a - b) / (a + b))) if np.float32(a) + np.float32(b) > 0 else -1.0
        assert found[place] == pytest.approx(expected, abs=1e-5)


@given(st.integers(0, 2**32 - 1))
def test_the_cut_parts_two_humps_where_a_plain_search_would(seed: int) -> None:
    rng = np.random.default_rng(seed)
    low, high = np.sort(rng.uniform(-0.8, 0.8, 2))
    values = np.concatenate([rng.normal(low, 0.03, rng.integers(20, 400)), rng.normal(high, 0.03, rng.integers(20, 400))])
    cut = otsu(values)

    def between(at: float) -> float:
        below, above = values[values < at], values[values >= at]
        return 0.0 if not len(below) or not len(above) else len(below) * len(above) * (below.mean() - above.mean()) ** 2

    best = max(between(at) for at in np.linspace(values.min(), values.max(), 400))
    assert between(cut) >= 0.97 * best
