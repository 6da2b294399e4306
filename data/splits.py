"""Which scenes train, which choose, which judge: by whole regions, so that no lake is learned from and judged by at once. Pure."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping

SPLITS = ("train", "validation", "test")
SHARES = (0.7, 0.15, 0.15)


def honest_splits(regions: Mapping[int, str], given: Mapping[int, str], seed: int = 0) -> tuple[dict[int, str], bool]:
    """The split of each scene, and whether it is the dataset's own.

    The dataset's own stands where every scene has one and no region has two. Else regions are dealt out: in an order that follows from the
    seed and their names, the first three go to one split each, the others to whichever lacks most of its share; scenes without a region, of
    which nobody knows what they lie beside, train.

    Args:
        regions: scene_key → region.
        given: scene_key → train, validation, test, or empty.
        seed: Of the order.
    """
    of_region: defaultdict[str, set[str]] = defaultdict(set)
    for key, region in regions.items():
        of_region[region].add(given.get(key, ""))
    named = [splits for region, splits in of_region.items() if region]
    whole = named and all(len(splits) == 1 for splits in named) and all(given.get(key) in SPLITS for key in regions)
    if whole and set().union(*named) >= {"train", "validation"}:
        return dict(given), True
    return dealt(regions, seed), False


def dealt(regions: Mapping[int, str], seed: int) -> dict[int, str]:
    """Regions dealt out to splits by SHARES of scenes."""
    size: defaultdict[str, int] = defaultdict(int)
    for region in regions.values():
        size[region] += 1
    total = sum(count for region, count in size.items() if region)
    held = dict.fromkeys(SPLITS, 0)
    chosen = {"": "train"}
    order = sorted((name for name in size if name), key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).hexdigest())
    for place, region in enumerate(order):
        lacking = max(SPLITS, key=lambda name: SHARES[SPLITS.index(name)] * total - held[name])
        split = SPLITS[place] if place < len(SPLITS) else lacking
        chosen[region] = split
        held[split] += size[region]
    return {key: chosen[region] for key, region in regions.items()}
