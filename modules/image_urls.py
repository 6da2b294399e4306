"""Addresses of images: what the views ask for and `modules.images` answers. Keys and numbers only, never a path.

All are relative, immutable (the dataset's digest is part of each), and end in what they are. `source` is a source's place in
`SceneTable.sources`, with `@` and a probability behind it where water is what lies above another threshold than the dataset's own; a look
is one of `modules.choices.LOOKS` or three band names with dots between.
"""

from __future__ import annotations

from urllib.parse import quote

from data.records import Scene
from data.store import Store

THUMB = 128
"""px: side of a thumbnail."""
CHIP = 256
"""px: side of the pictures of a place that is judged, at most."""
LARGEST = 1024
"""px: longest side of a whole-scene image; a larger scene is averaged down, and `detail_url` gives its parts."""


DRAWN = 1
"""Which way of drawing: one more whenever the same files come to look otherwise, since browsers keep pictures for a year."""


def images_base(store: Store) -> str:
    return f"images/{quote(store.meta.name)}/{images_version(store)}"


def images_version(store: Store) -> str:
    """Names what images are drawn from, and how."""
    return f"{store.digest[:16]}-{DRAWN}"


def scene_url(store: Store, scene: Scene, bands: str) -> str:
    """JPEG of the whole scene, at most LARGEST px a side."""
    return f"{images_base(store)}/scene/{scene.scene_key}/{bands}.jpg"


def detail_url(store: Store, scene: Scene, bands: str) -> str:
    """JPEG of a part of the scene at full size, with `WINDOW` where left_top_right_bottom (scene px, whole numbers) go."""
    return f"{images_base(store)}/detail/{scene.scene_key}/{bands}/WINDOW.jpg"


def thumb_url(store: Store, scene: Scene, bands: str, source: str | None, above: float | None = None) -> str:
    """JPEG, THUMB px square, of the lake and a little around it, the mask of a source drawn as an outline (None: no mask)."""
    return f"{images_base(store)}/thumb/{scene.scene_key}/{bands}/{_mask(store, source, above)}.jpg"


def chip_url(store: Store, scene: Scene, bands: str, scope: str) -> str:
    """JPEG, at most CHIP px square, of the place that is judged: the square about the lake, or (scope `scene`) the whole scene's."""
    return f"{images_base(store)}/chip/{scene.scene_key}/{bands}/{scope}.jpg"


def belief_url(store: Store, scene: Scene, source: str, scope: str) -> str:
    """Palette PNG of the same place: the source's probability of water, from dark to its colour; hatched where it could not tell."""
    return f"{images_base(store)}/belief/{scene.scene_key}/{source_number(store, source)}/{scope}.png"


def errors_url(store: Store, scene: Scene, source: str, label: str, scope: str) -> str:
    """Palette PNG of the same place, to lie over the chip: agreed, false and missed water; clear elsewhere, veiled where unknown."""
    numbers = f"{source_number(store, source)}/{source_number(store, label)}"
    return f"{images_base(store)}/errors/{scene.scene_key}/{numbers}/{scope}.png"


def mask_url(store: Store, scene: Scene, source: str, above: float | None = None) -> str:
    """Palette PNG of a mask at a threshold: water opaque, the rest transparent, the size of the whole-scene image."""
    return f"{images_base(store)}/mask/{scene.scene_key}/{_mask(store, source, above)}/fill.png"


def rings_url(store: Store, scene: Scene, source: str, above: float | None = None) -> str:
    """JSON of a mask's outlines: `{"own": [[[x, y], …], …], "other": […]}` in scene px; `own` is water that counts as the focus lake."""
    return f"{images_base(store)}/mask/{scene.scene_key}/{_mask(store, source, above)}/rings.json"


def ground_url(store: Store, scene: Scene) -> str:
    """JSON of where the scene lies and what is known to lie in it.

    `{"width": px, "height": px, "pixel_m": m or null, "north": degrees clockwise from up or null, "bands": [names], "lake": [l, t, r, b] px
    or null (the focus lake's bounds over all dates, with a margin), "outlines": [{"date": "…", "source": "…", "rings": […]}, …] (dates
    ascending), "neighbours": [rings of other lakes]}`.
    """
    return f"{images_base(store)}/ground/{scene.scene_key}.json"


def flipbook_url(store: Store, lake_key: int, bands: str, source: str | None, above: float | None = None) -> str:
    """GIF of all clear scenes of a lake, with dates and provenance."""
    return f"{images_base(store)}/flipbook/{lake_key}/{bands}/{_mask(store, source, above)}.gif"


def pair_url(store: Store, before: Scene, after: Scene, bands: str, source: str | None) -> str:
    """PNG of two dates side by side with their caption and provenance."""
    return pair_address(store, bands, source).replace("/pair/BEFORE/AFTER/", f"/pair/{before.scene_key}/{after.scene_key}/")


def pair_address(store: Store, bands: str, source: str | None, above: float | None = None) -> str:
    """As `pair_url`, with `BEFORE` and `AFTER` where the keys of the scenes go."""
    return f"{images_base(store)}/pair/BEFORE/AFTER/{bands}/{_mask(store, source, above)}.png"


def _mask(store: Store, source: str | None, above: float | None) -> str:
    if source is None:
        return "none"
    return f"{source_number(store, source)}" + ("" if above is None else f"@{above:g}")


def source_number(store: Store, source: str) -> int:
    """A source's place in `SceneTable.sources`. Raises ValueError where no mask comes from it."""
    return store.scenes.sources.index(source)
