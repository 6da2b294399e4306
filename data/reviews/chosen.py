"""The observations that a file of reviews calls bad, as settings of trends name them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import InputError
from data.reviews.files import read_reviews
from data.reviews.latest import bad_observations
from data.reviews.placing import Lakes, Placed, placed

if TYPE_CHECKING:
    from data.store import Store


def without_bad(store: Store, path: Path) -> tuple[str, Placed]:
    """What `TrendSettings.without` is to be, and the reviews with the dataset's keys.

    Raises:
        InputError: The file is none, or holds reviews of other datasets alone.
    """
    everything = read_reviews(path)
    mine = [review for review in everything if review.dataset == store.meta.name]
    if everything and not mine:
        raise InputError(f"{path} reviews {everything[0].dataset!r}, not {store.meta.name!r}", "name a file of reviews of this dataset")
    held = placed(mine, Lakes(store.lakes))
    return store.left_out.name(bad_observations(held.reviews)), held
