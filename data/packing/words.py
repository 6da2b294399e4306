"""What a pack holds, in sentences."""

from __future__ import annotations

from data.packing.pack import Pack


def words(pack: Pack) -> list[str]:
    """What came along, and what to beware of; for whoever looks at a pack."""
    if not pack.of_scenes:
        return ["The dataset has no images."]
    some = f"{pack.scenes:,} of {pack.of_scenes:,} images came along with their masks"
    lakes = f", of {pack.lakes:,} of {pack.of_lakes:,} lakes that have any" if pack.of_lakes else ""
    said = [f"{some}{lakes}; all lakes, areas, trends and scores are here."]
    if pack.steps:
        said.append(f"Images are previews of {pack.steps} steps a band; masks are exact.")
    return said
