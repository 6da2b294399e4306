"""Spectra of simulated surfaces, against what is known of real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data.simulate.spectra import SPECTRA
from tests.spectra import rows, simulated


def _ndwi(name: str, band: int = 3) -> float:
    spectrum = SPECTRA[name]
    return (spectrum[1] - spectrum[band]) / (spectrum[1] + spectrum[band])


def test_materials_behave_as_they_should():
    for name, spectrum in SPECTRA.items():
        assert all(0 < value < 1 for value in spectrum), name
    for name in ("clear_water", "turbid_water"):
        assert _ndwi(name) > 0.3
        assert _ndwi(name, 4) > 0.5
        assert SPECTRA[name][1] > SPECTRA[name][2] > SPECTRA[name][3] > SPECTRA[name][4]
    for name in ("fresh_snow", "old_snow", "glacier_ice"):
        assert _ndwi(name, 4) > 0.4  # the snow index: above .4 is snow (Hall, Riggs & Salomonson 1995)
    for name in ("granite", "schist", "ochre", "debris", "scree", "meadow"):
        assert _ndwi(name) < 0
        assert _ndwi(name, 4) < 0
    assert SPECTRA["fresh_snow"][4] > SPECTRA["old_snow"][4]


def test_painted_kinds_lie_apart():
    found = simulated()
    medians = {kind: (summary[1][1], summary[2][1]) for kind, summary in found.items() if summary is not None}
    assert medians.keys() >= {"rock", "vegetation", "snow", "glacier_ice", "clear_water", "turbid_water", "lake_ice", "shadow", "cloud"}
    assert min(medians["clear_water"][0], medians["turbid_water"][0]) > 0.35
    assert medians["rock"][0] < 0
    assert -0.15 < medians["shadow"][0] < 0.3
    assert medians["snow"][1] > 0.4


def test_medians_that_differ_from_the_real_chips_are_explained(real_data: Path):
    explained = (Path(__file__).parent.parent / "docs" / "simulator.md").read_text(encoding="utf-8")
    for kind, ours, theirs in rows(real_data):
        assert ours is not None, kind
        differs = theirs is None or max(abs(ours[which][1] - theirs[which][1]) for which in (1, 2)) > 0.15
        if differs:
            assert f"**{kind}**" in explained, kind
        if theirs is not None:
            assert np.isfinite(theirs[1]).all()
            assert f"{ours[1][1]:+.2f}" in explained, f"{kind}: run `python -m tests.spectra` and put its table into docs/simulator.md"
