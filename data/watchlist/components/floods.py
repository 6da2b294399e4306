"""Whether a lake is known to have burst."""

from __future__ import annotations

import numpy as np

from data.watchlist.component import Component, Values
from data.watchlist.given import Given


def recorded_floods(given: Given) -> Values | None:
    """(L,) recorded floods; None where nobody has brought a record of floods: then nothing is known of any lake."""
    if given.floods is None:
        return None
    counts = given.floods["lake_key"].value_counts().reindex(given.lake_keys, fill_value=0)
    return counts.to_numpy(dtype=np.float64)


COMPONENTS = (
    Component(
        "floods", "Recorded floods", "floods",
        "Outburst floods in the record that was brought along. A lake without one may still have burst: records are incomplete.",
        recorded_floods, needs="a record of floods: python -m data floods DIR FILE", met=lambda raw: np.asarray(raw >= 1),
        threshold="at least 1", reads="whole",
    ),
)  # fmt: skip
