"""Pairs of images and masks are told by names alone: a folder and the list of its files say the same."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath

from hypothesis import given, settings
from hypothesis import strategies as st

from data.scenes.pairing import Named, OnDisk, paired

PARTS = st.sampled_from(
    ["img_dir", "ann_dir", "images", "Masks", "image", "mask", "labels", "train", "Val", "test", "fold1", "top", ".hidden"]
)
NAMES = st.sampled_from(["SA_1.tif", "SA_2.TIF", "SAW_1.tif", "a.png", "a_mask.png", "a.txt", "._SA_1.tif", "no_mask.jpg", "b.tiff"])
TREES = st.sets(st.builds(lambda parts, name: "/".join([*parts, name]), st.lists(PARTS, max_size=4), NAMES), max_size=25)


@settings(max_examples=150)
@given(TREES, st.booleans(), st.booleans())
def test_a_folder_and_its_list_of_files_say_the_same(names: set[str], regions: bool, challenge: bool) -> None:
    with tempfile.TemporaryDirectory() as held:
        for name in names:
            (Path(held) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(held) / name).touch()
        on_disk = paired(OnDisk(Path(held)), regions=regions, challenge=challenge)
    by_name = paired(Named(Path(held).as_posix(), map(PurePosixPath, names)), regions=regions, challenge=challenge)
    assert by_name == on_disk
    assert {str(each) for pair in on_disk.pairs for each in (pair.image, pair.mask)} <= names
    assert all(pair.region == (pair.image.stem.split("_")[0] if regions and "_" in pair.image.stem else "") for pair in on_disk.pairs)


def test_members_of_an_archive() -> None:
    names = [
        "Top/img_dir/train/SA_1.tif",
        "Top/ann_dir/train/SA_1.tif",
        "Top/image/SAW_2.tif",
        "Top/mask/SAW_2.tif",
        "__MACOSX/Top/img_dir/._x",
    ]
    found = paired(Named("an archive", map(PurePosixPath, names)), regions=True, challenge=True)
    assert [(pair.image.stem, pair.split, pair.region) for pair in found.pairs] == [("SAW_2", "challenge", "SAW"), ("SA_1", "train", "SA")]
