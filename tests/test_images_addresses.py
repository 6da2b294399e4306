"""Addresses of images: whatever `modules.image_urls` writes is understood, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules import image_urls as urls
from modules.images.addresses import KINDS, Wanted, wanted
from tests.image_cases import Served, plain_dataset


def rest(address: str) -> str:
    """What follows the digest."""
    return address.split("/", 3)[3]


def test_every_address_that_views_write_is_understood(tmp_path: Path) -> None:
    served = Served(plain_dataset(tmp_path / "plain"))
    store, scene, later = served.store, served.scene(0), served.scene(2)
    assert [
        wanted(rest(address))
        for address in (
            urls.scene_url(store, scene, "true"),
            urls.detail_url(store, scene, "nir.red.green").replace("WINDOW", "-3_0_17_400"),
            urls.thumb_url(store, scene, "ndwi", None),
            urls.thumb_url(store, scene, "ndwi", "label"),
            urls.chip_url(store, scene, "true", "lake"),
            urls.belief_url(store, scene, "inventory", "scene"),
            urls.errors_url(store, scene, "inventory", "label", "lake"),
            urls.mask_url(store, scene, "label"),
            urls.rings_url(store, scene, "inventory"),
            urls.ground_url(store, scene),
            urls.flipbook_url(store, 2, "true", "inventory"),
            urls.pair_url(store, scene, later, "false", None),
            urls.rings_url(store, scene, "inventory", 0.35),
            urls.mask_url(store, scene, "label", 0.0),
            urls.thumb_url(store, scene, "true", "label", 0.05),
            urls.thumb_url(store, scene, "true", None, 0.05),
            urls.flipbook_url(store, 2, "true", "inventory", 0.95),
        )
    ] == [
        Wanted("scene", 0, look="true"),
        Wanted("detail", 0, look="nir.red.green", window=(-3, 0, 17, 400)),
        Wanted("thumb", 0, look="ndwi"),
        Wanted("thumb", 0, look="ndwi", source=1),
        Wanted("chip", 0, look="true", scope="lake"),
        Wanted("belief", 0, source=0, scope="scene"),
        Wanted("errors", 0, source=0, label=1, scope="lake"),
        Wanted("mask", 0, source=1),
        Wanted("rings", 0, source=0),
        Wanted("ground", 0),
        Wanted("flipbook", 2, look="true", source=0),
        Wanted("pair", 0, other=2, look="false"),
        Wanted("rings", 0, source=0, above=0.35),
        Wanted("mask", 0, source=1, above=0.0),
        Wanted("thumb", 0, look="true", source=1, above=0.05),
        Wanted("thumb", 0, look="true"),
        Wanted("flipbook", 2, look="true", source=0, above=0.95),
    ]
    assert {wanted(rest(urls.ground_url(store, scene))).media_type, *(kind[1] for kind in KINDS.values())} == {  # type: ignore[union-attr]
        "image/jpeg", "image/png", "image/gif", "application/json",
    }  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "", "scene/0/true.png", "scene//true.jpg", "scene/-1/true.jpg", "scene/1e3/true.jpg", "scene/01/true.jpg", "scene/0/.jpg",
        "scene/99999999999/true.jpg", "scene/0/../../x.jpg", "scene/0/a\\b.jpg", "scene/0/a\0b.jpg", "detail/0/true/1_2_3.jpg",
        "detail/0/true/1_2_3_4_5.jpg", "detail/0/true/a_b_c_d.jpg", "detail/0/true/1_2_3_9999999.jpg", "thumb/0/true/x.jpg",
        "mask/0/0/x.png", "mask/0/0@0.33/fill.png", "mask/0/0@1/fill.png", "mask/0/0@/fill.png", "mask/0/none@0.5/fill.png",
        "mask/0/0@.5/fill.png",
        "mask/0/0@0.50/fill.png",
        "ground/0", "../../dataset.toml", "scenes/2016.tif", "scene/٣/true.jpg", "scene/0/true.jpg\n", "pair/0/1/true.png",
    ],
)  # fmt: skip
def test_anything_else_is_not(address: str) -> None:
    assert wanted(address) is None


@given(st.text(max_size=60) | st.from_regex(r"(scene|mask|thumb|detail)/[0-9_./a-z-]{0,30}", fullmatch=True))
def test_no_address_breaks_the_parser(address: str) -> None:
    found = wanted(address)
    assert found is None or found.kind in KINDS
