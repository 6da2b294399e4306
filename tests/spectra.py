"""Indices of painted chips beside those of real ones: `python -m tests.spectra [FOLDER]` prints the table of docs/simulator.md.

FOLDER holds `ukis-csmask-chips` (Wieland, Li & Martinis 2019, Remote Sens. Environ. 230).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.simulate.chips import KINDS
from tests.painted import KINDS_OF_PLACE, painted

REAL_CLASS = {
    "clear_water": 1, "turbid_water": 1, "snow": 2, "glacier_ice": 2, "lake_ice": 2, "shadow": 0, "rock": 3, "vegetation": 3, "cloud": 4,
}  # fmt: skip
"""What the real chips' masks call it: 0 shadow, 1 water, 2 snow or ice, 3 land, 4 cloud."""
SHARES = (0.05, 0.5, 0.95)
Quantiles = tuple[int, NDArray[np.float64], NDArray[np.float64]]
"""Pixels, and the quantiles of NDWI and MNDWI."""


def indices(reflectance: NDArray[np.float32], within: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(2, N) NDWI and MNDWI of the pixels within, of (6, H, W)."""
    green, infrared, swir = (reflectance[band][within].astype(np.float64) for band in (1, 3, 4))
    return np.stack([(green - infrared) / (green + infrared), (green - swir) / (green + swir)])


def _summed(parts: list[NDArray[np.float64]]) -> Quantiles | None:
    joined = np.concatenate(parts, axis=1) if parts else np.empty((2, 0))
    joined = joined[:, np.isfinite(joined).all(axis=0)]
    if joined.shape[1] < 50:
        return None
    return joined.shape[1], np.quantile(joined[0], SHARES), np.quantile(joined[1], SHARES)


def simulated() -> dict[str, Quantiles | None]:
    chips = [chip for number in range(len(KINDS_OF_PLACE)) for chip in painted(number).chips]
    return {
        kind: _summed([indices(chip.reflectance, (chip.kind == KINDS.index(kind)) & np.isfinite(chip.reflectance[0])) for chip in chips])
        for kind in KINDS
    }


def real(folder: Path) -> dict[int, Quantiles | None]:
    """By class of the masks, all sensors together."""
    files = [np.load(path) for path in sorted((folder / "ukis-csmask-chips").glob("*.npz"))]
    loaded = [(np.moveaxis(file["img"], -1, 0), np.squeeze(file["msk"])) for file in files]
    return {number: _summed([indices(image, mask == number) for image, mask in loaded]) for number in range(5)}


def rows(folder: Path) -> list[tuple[str, Quantiles | None, Quantiles | None]]:
    """(kind, simulated, real) of each kind that the real masks tell apart."""
    ours, theirs = simulated(), real(folder)
    return [(kind, ours[kind], theirs[number]) for kind, number in REAL_CLASS.items()]


def _words(found: Quantiles | None, which: int) -> str:
    return "none" if found is None else " ".join(f"{value:+.2f}" for value in found[which])


def main(folder: Path) -> None:
    print("| kind | NDWI simulated | NDWI real | MNDWI simulated | MNDWI real |\n|---|---|---|---|---|")
    for kind, ours, theirs in rows(folder):
        print(f"| {kind} | {_words(ours, 1)} | {_words(theirs, 1)} | {_words(ours, 2)} | {_words(theirs, 2)} |")


if __name__ == "__main__":
    from tests.conftest import REAL_DATA

    main(Path(sys.argv[1]) if len(sys.argv) > 1 else REAL_DATA)
