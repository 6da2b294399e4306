"""What Explore shows of a dataset that has images but no lakes: why there is nothing to explore, what it holds, and some of its images."""

from __future__ import annotations

import numpy as np
import pandas as pd
from htmltools import Tag, TagList, tags

from data.at_once import images_at_once, too_many_images_words
from data.records import Scene
from data.scene_table import LABEL
from data.store import Store
from modules.image_urls import THUMB, scene_url, thumb_url

SAMPLES = 24
SPLITS = ("train", "validation", "test", "challenge")
NOBODY = "none stated"
REMEDY = "Choose a dataset with lakes above, or bring lakes in with python -m data import."
MOST = 8
"""Regions or sensors that are named."""


def without_lakes_ui(store: Store) -> Tag:
    """In place of the plots. It depends on the dataset alone."""
    meta, count = store.meta, len(store.scenes)
    rows = [TagList(tags.dt(name), tags.dd(words)) for name, words in holdings(store)]
    return tags.section(
        tags.h2(meta.title),
        tags.p(why(store), class_="m-notice", role="status"),
        tags.p(meta.description) if meta.description else None,
        tags.dl(*rows, class_="m-facts"),
        _samples(store) if count and images_at_once(count) else None,
        tags.p(too_many_images_words("Splits, regions and a sample are"), class_="m-notice") if not images_at_once(count) else None,
        class_="m-without-lakes",
    )


def why(store: Store) -> str:
    """Why there is no volcano, map or series, and what to do."""
    count = len(store.scenes)
    if not count:
        return f"This dataset has neither lakes nor images. {REMEDY}"
    return (
        f"This dataset holds {count:,} image{'' if count == 1 else 's'} without lakes, so there are no areas to follow through time: "
        f"no volcano, no map, no series. {REMEDY}"
    )


def holdings(store: Store) -> list[tuple[str, str]]:
    """What the dataset holds, as (name, words); what would need a look at each of very many images is not among it."""
    told = [("Images", f"{len(store.scenes):,}"), *(_counted(store) if images_at_once(len(store.scenes)) else [])]
    told += [(f"Bands of {sensor}", ", ".join(bands)) for sensor, bands in list(store.meta.sensors.items())[:MOST]]
    return [*told, ("Licence", store.meta.licence), ("Citation", store.meta.citation)]


def _counted(store: Store) -> list[tuple[str, str]]:
    rows, masks = store.scenes.rows, store.scenes.mask_rows
    told: list[tuple[str, str]] = []
    if rows["split"].notna().any():
        told.append(("Splits", _counts(rows["split"], SPLITS)))
    if "basin" in rows and rows["basin"].notna().any():
        told.append(("Regions", _counts(rows["basin"])))
    for source, held in masks.groupby("source"):
        lacking = len(rows) - held["scene_key"].nunique()
        without = f"; {lacking:,} images have none" if lacking else ""
        told.append((f"Masks of “{source}”", f"{held['scene_key'].nunique():,}{without}"))
    return told


def _counts(values: pd.Series, order: tuple[str, ...] = ()) -> str:
    """`200 train · 50 test · 3 none stated`."""
    counts = values.astype("string").fillna("").value_counts()
    names = [name for name in order if name in counts] + [str(name) for name in counts.index if name not in order]
    shown = [f"{int(counts[name]):,} {name or NOBODY}" for name in names[:MOST]]
    return " · ".join([*shown, *([f"{len(names) - MOST:,} more"] if len(names) > MOST else [])])


def _samples(store: Store) -> Tag:
    """Some images of all that there are, with their label outlined, as a list."""
    chosen = sampled(store)
    source = LABEL if LABEL in store.scenes.sources else next(iter(store.scenes.sources), None)
    words = f"{len(chosen):,} of {len(store.scenes):,} images" + (f", the water of “{source}” outlined" if source else "")
    pictures = [_picture(store, scene, name, source if source in scene.masks else None) for scene, name in chosen]
    return tags.div(tags.h3(words), tags.ul(*pictures, class_="m-samples"))


def _picture(store: Store, scene: Scene, name: str, source: str | None) -> Tag:
    caption = " · ".join(part for part in (name, scene.split) if part)
    address = thumb_url(store, scene, "true", source)
    image = tags.img(src=address, alt=f"Image {caption}", width=THUMB, height=THUMB, loading="lazy")
    whole = tags.a(image, href=scene_url(store, scene, "true"), target="_blank", title="Open the whole image")
    return tags.li(tags.figure(whole, tags.figcaption(caption)))


def sampled(store: Store) -> list[tuple[Scene, str]]:
    """Up to SAMPLES scenes spread evenly over all that came along, each with its name."""
    rows = store.scenes.rows.loc[~store.scenes.left_out]
    places = np.unique(np.linspace(0, len(rows) - 1, min(SAMPLES, len(rows))).round().astype(int))
    found: list[tuple[Scene, str]] = []
    for row in rows.iloc[places].itertuples():
        scene = store.scenes.scene(int(row.scene_key))  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
        name = getattr(row, "name", None)
        if scene is not None:
            found.append((scene, name if isinstance(name, str) and name else scene.path.stem))
    return found
