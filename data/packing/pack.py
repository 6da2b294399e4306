"""What a pack says of the dataset that it was made from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pack:
    """What a pack (`python -m data pack`) brought along of the dataset that it was made from; its tables are all there.

    Args:
        digest: Of that dataset.
        scenes, of_scenes: Scenes whose image and masks came along, and all.
        lakes, of_lakes: Lakes that have such a scene, and those that had one.
        steps: Into so many steps each band of an image was cut; 0 where none was: they were of 8 bits already.
    """

    digest: str
    scenes: int
    of_scenes: int
    lakes: int
    of_lakes: int
    steps: int
