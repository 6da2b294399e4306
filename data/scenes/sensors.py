"""Sensors that are known by name: the order of their bands, what their numbers mean, and what others call their bands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_S2 = {
    "B01": "coastal", "B02": "blue", "B03": "green", "B04": "red", "B05": "rededge1", "B06": "rededge2", "B07": "rededge3",
    "B08": "nir", "B8A": "nir08", "B09": "nir09", "B11": "swir1", "B12": "swir2",
}  # fmt: skip
_OLI = {"B1": "coastal", "B2": "blue", "B3": "green", "B4": "red", "B5": "nir", "B6": "swir1", "B7": "swir2"}
_TM = {"B1": "blue", "B2": "green", "B3": "red", "B4": "nir", "B5": "swir1", "B7": "swir2"}
_SIX = ("blue", "green", "red", "nir", "swir1", "swir2")
REFLECTANCE = frozenset([*_S2.values(), *_OLI.values()])
"""Bands whose numbers are reflectance."""
_WORDS = {
    "nearinfrared": "nir", "infrared": "nir", "nir1": "nir", "swir16": "swir1", "swir22": "swir2", "coastalaerosol": "coastal",
    "aerosol": "coastal",    "ultrablue": "coastal", "rededge": "rededge1",
    "narrownir": "nir08", "nirnarrow": "nir08", "nir8a": "nir08", "watervapor": "nir09",
    "watervapour": "nir09",
}  # fmt: skip


@dataclass(frozen=True)
class Sensor:
    """A sensor's surface reflectance as products hold it.

    Args:
        name: What the dataset calls it.
        family: `sentinel-2` or `landsat`.
        numbers: The sensor's own numbers of its bands → our names.
        orders: Orders in which files usually hold bands; of those with as many bands as a file, the first is meant.
    """

    name: str
    family: str
    numbers: dict[str, str]
    orders: tuple[tuple[str, ...], ...]

    def order(self, count: int) -> tuple[str, ...] | None:
        """The bands of a file with so many, None where no order is known."""
        return next((order for order in self.orders if len(order) == count), None)


SENTINEL_2 = Sensor(
    "Sentinel-2 L2A", "sentinel-2", _S2,
    (
        _SIX,
        ("blue", "green", "red", "rededge1", "rededge2", "rededge3", "nir", "nir08", "swir1", "swir2"),
        tuple(_S2.values()),
        ("blue", "green", "red", "nir"),
    ),
)  # fmt: skip


def known_sensor(text: str) -> Sensor | None:
    """The sensor that a text names: `sentinel-2`, `S2A`, `Landsat 8`, `LC08`, or a product's id; None where it names none, or level 1."""
    plain = text.strip().lower()
    if re.search(r"_l1(tp|gt|gs)|l1c(?![a-z0-9])", plain):
        return None
    if re.search(r"sentinel[-_ ]?2|(?<![a-z0-9])s2[abcd]?(?![a-z0-9])", plain):
        return SENTINEL_2
    found = re.search(r"landsat[-_ ]*0?([4-9])(?!\d)|(?<![a-z0-9])l[cote]?0?([4-9])(?![0-9a-z])", plain)
    if not found:
        return None
    number = int(found[1] or found[2])
    if number == 6:
        return None
    names = _OLI if number >= 8 else _TM
    orders = (_SIX, tuple(_OLI.values())) if number >= 8 else (_SIX,)
    return Sensor(f"Landsat {number} C2 L2", "landsat", names, (*orders, ("blue", "green", "red", "nir")))


def band_name(text: str, sensor: Sensor | None) -> str:
    """Our name of a band: `B8A`, `SR_B4`, `4` by the sensor's numbers, `Near infrared`, `SWIR 1` by their words; else the text itself."""
    said = text.strip().lower()
    plain = re.sub(r"[^a-z0-9]", "", said)
    number = re.fullmatch(r"(?:sr)?b?(?:and)?0*(\d{1,2}a?)", plain)
    if number and sensor is not None:
        numbers = {re.sub(r"^b0*", "", key.lower()): name for key, name in sensor.numbers.items()}
        if number[1] in numbers:
            return numbers[number[1]]
    return plain if plain in REFLECTANCE else _WORDS.get(plain, said)


def told_by_numbers(descriptions: Sequence[str]) -> Sensor | None:
    """Sentinel-2, where bands are described by the numbers that only it writes so (`B02`, `B8A`)."""
    said = {text.strip().upper() for text in descriptions}
    return SENTINEL_2 if {"B02", "B03"} <= said or "B8A" in said else None
