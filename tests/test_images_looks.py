"""Which bands a look takes, of every kind of file that people bring."""

from __future__ import annotations

import pytest

from data.errors import RasterError
from modules.images.looks import Recipe, recipe
from tests.scene_dataset import BANDS

CHIP = ("blue", "green", "red", "nir", "swir1", "swir2", "ndwi", "slope", "elevation", "vv", "vh")
INDICES = ("ndwi", "ndsi", "ndvi", "brightness")
UNNAMED = ("band 1", "band 2", "band 3")


@pytest.mark.parametrize(
    ("look", "bands", "dtype", "expected"),
    [
        ("true", BANDS, "uint16", Recipe("stretched", (2, 1, 0))),
        ("false", BANDS, "uint16", Recipe("stretched", (3, 2, 1))),
        ("swir1.nir.red", BANDS, "uint16", Recipe("stretched", (4, 3, 2))),
        ("red.red.red", BANDS, "uint16", Recipe("stretched", (2, 2, 2))),
        ("ndwi", BANDS, "uint16", Recipe("ratio", (1, 3))),
        ("mndwi", BANDS, "uint16", Recipe("ratio", (1, 4))),
        ("ndwi", CHIP, "float32", Recipe("ratio", (1, 3))),
        ("ndwi", INDICES, "float32", Recipe("index", (0,))),
        ("true", CHIP, "float32", Recipe("stretched", (2, 1, 0))),
        ("true", INDICES, "float32", Recipe("stretched", (3,))),
        ("true", ("ndwi", "ndsi"), "float32", Recipe("stretched", (0,))),
        ("true", ("red", "green", "blue"), "uint8", Recipe("plain", (0, 1, 2))),
        ("true", UNNAMED, "uint8", Recipe("plain", (0, 1, 2))),
        ("true", UNNAMED, "float32", Recipe("stretched", (0, 1, 2))),
        ("true", ("band 1",), "uint8", Recipe("stretched", (0,))),
        ("relief", INDICES, "float32", Recipe("relief")),
    ],
)
def test_bands_of_a_look(look: str, bands: tuple[str, ...], dtype: str, expected: Recipe) -> None:
    assert recipe(look, bands, picture=dtype == "uint8") == expected


@pytest.mark.parametrize(
    ("look", "bands", "said"),
    [
        ("false", INDICES, "no band nir, red, green"),
        ("mndwi", INDICES, "no band green, swir1"),
        ("ndwi", UNNAMED, "no band green, nir"),
        ("thermal.nir.red", BANDS, "no band thermal"),
        ("a.b", BANDS, "no way to draw"),
    ],
)
def test_what_is_lacking_is_named_with_what_there_is(look: str, bands: tuple[str, ...], said: str) -> None:
    with pytest.raises(RasterError, match=said) as caught:
        recipe(look, bands, picture=False)
    assert bands[0] in caught.value.remedy or "three bands" in caught.value.remedy
