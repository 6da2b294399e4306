"""The lenses that Moraine comes with: whole, of the models it comes with, of one dataset, and small."""

from __future__ import annotations

import pytest

from data.lens.finding import find_lenses
from data.lens.reading import Lens
from models.card import SHIPPED, read_card
from tests.conftest import ROOT

RUNS = ROOT / "models" / "runs"
SEEDS = (0, 1, 2)


@pytest.fixture(scope="module")
def lenses() -> dict[str, Lens]:
    found, troubles = find_lenses([RUNS])
    assert troubles == []
    return {lens.name: lens for lens in found}


def test_there_are_three_seeds_of_each_network_and_every_file_is_what_it_should_be(lenses: dict[str, Lens]) -> None:
    assert set(lenses) == {f"{model}-{seed}" for model in ("unet", "guided_unet") for seed in SEEDS}
    for name, lens in lenses.items():
        lens.check()
        assert f"{lens.manifest.model}-{lens.manifest.seed}" == name
        assert lens.manifest.notes == ()
        assert len(lens.manifest.epochs) == 22
        assert len(lens.scenes) == 1200
        assert lens.has("activations.npz") == (lens.manifest.seed == 0)
        assert lens.scenes[["pca_x", "pca_y", "umap_x", "umap_y"]].notna().all().all()


def test_those_of_seed_0_are_of_the_weights_that_moraine_comes_with(lenses: dict[str, Lens]) -> None:
    for name in ("unet", "guided_unet"):
        assert lenses[f"{name}-0"].manifest.weights_sha256 == read_card(SHIPPED, name).weights_sha256
    assert len({lens.manifest.weights_sha256 for lens in lenses.values()}) == 6


def test_all_share_their_scenes_and_their_probe(lenses: dict[str, Lens]) -> None:
    first, *others = lenses.values()
    for lens in others:
        assert lens.manifest.scenes_digest == first.manifest.scenes_digest
        assert lens.probe().scene_key.tolist() == first.probe().scene_key.tolist()
        assert (lens.scenes["scene_key"] == first.scenes["scene_key"]).all()
        assert (lens.probe().image == first.probe().image).all()


def test_all_of_it_takes_25_mb_at_most() -> None:
    assert sum(path.stat().st_size for path in RUNS.rglob("*") if path.is_file()) <= 25e6
