"""What a hindcast shows: the curve of recall, its table, and the ranks of the lakes that burst later. Pure."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from htmltools import Tag, svg, tags

from data.hindcast.run import Hindcast
from data.hindcast.words import rank_words, recall_lines
from data.store import Store
from modules.numerals import fixed_text

DEPTHS = (10, 25, 50, 100, 200, 500)
WIDE, HIGH = 320, 150
"""Units of the drawing."""


def recall_figure(done: Hindcast) -> Tag:
    """Across, how far down the list one looks (a log scale); up, the share of the lakes that burst later which one has met by then.

    Args:
        done: A hindcast with at least one ranked lake that burst later.
    """
    ranks = np.sort(done.rank[done.later & np.isfinite(done.rank)])
    n, most = len(ranks), max(done.ranked, 2)

    def at(rank: float, share: float) -> str:
        return f"{WIDE * math.log(max(rank, 1)) / math.log(most):.1f},{HIGH * (1 - share):.1f}"

    steps = [at(1, 0)]
    for place, rank in enumerate(ranks.tolist()):
        steps += [at(rank, place / n), at(rank, (place + 1) / n)]
    chance = [at(rank, rank / most) for rank in np.geomspace(1, most, 60)]
    dots = [svg.circle(cx=at(rank, 0).split(",")[0], cy=str(HIGH + 6), r="3", class_="m-flood-dot") for rank in ranks.tolist()]
    drawing = svg.svg(
        svg.polyline(points=" ".join(chance), class_="m-mark-curve m-mark-zero"),
        svg.polyline(points=" ".join([*steps, at(most, 1)]), class_="m-mark-curve"),
        *dots, *_ticks(most),
        viewBox=f"-34 -8 {WIDE + 48} {HIGH + 44}", role="img", class_="m-recall",
        aria_label=f"Recall by depth of the list, {n} lakes that burst later of {done.ranked:,} ranked; the numbers are in the table",
    )  # fmt: skip
    return tags.figure(drawing, tags.figcaption(f"Of the {n} lakes that burst later, the share among the first k; dashed: by chance"))


def _ticks(most: int) -> list[Tag]:
    marks: list[Tag] = []
    for power in range(int(math.log10(most)) + 1):
        x = f"{WIDE * math.log(10**power) / math.log(most):.1f}" if power else "0"
        marks.append(svg.text(f"{10**power:,}", x=x, y=str(HIGH + 24), class_="m-mark-text", text_anchor="middle"))
    marks.append(svg.text("rank", x=str(WIDE), y=str(HIGH + 34), class_="m-mark-text", text_anchor="end"))
    return [*marks, *(svg.text(words, x="-6", y=f"{HIGH * (1 - share) + 4:.0f}", class_="m-mark-text", text_anchor="end")
                      for share, words in ((0, "0"), (0.5, ".5"), (1, "1")))]  # fmt: skip


def recall_table(done: Hindcast) -> Tag:
    """Recall at k beside what chance would find; how many lakes it is of stands in the caption."""
    n = done.positives
    rows = [
        tags.tr(tags.th(f"{k:,}", scope="row"), tags.td(f"{share * n:.0f} of {n}"), tags.td(fixed_text(100 * share, 0) + " %"),
                tags.td(f"{by * n:.1f} of {n}"))
        for k, share, by in recall_lines(done, DEPTHS)
    ]  # fmt: skip
    heads = ("first k", "burst later", "recall", "by chance")
    return tags.table(
        tags.caption(f"Recall at k (n = {n})"), tags.thead(tags.tr(*(tags.th(head, scope="col") for head in heads))), tags.tbody(*rows),
        class_="m-figures m-compare",
    )  # fmt: skip


def rank_table(store: Store, done: Hindcast) -> Tag:
    """Every lake that burst later: its rank, when, its last image, and how the flood was matched to it.

    Args:
        store: The dataset.
        done: The hindcast.
    """
    heads = ("Rank", "Lake", "First later flood", "Last image used", "Matched", "Record")
    rows = [_row(store, done, record) for record in done.table.to_dict("records")]
    table = tags.table(
        tags.caption(f"The {len(rows):,} lakes that burst later. Press one to focus it.", class_="visually-hidden"),
        tags.thead(tags.tr(*(tags.th(head, scope="col") for head in heads))), tags.tbody(*rows), class_="m-lakes m-hindcast-ranks",
    )  # fmt: skip
    return tags.div(table, class_="m-table-scroll", tabindex="0", role="region", aria_label="Lakes that burst later")


def _away(km: float) -> str:
    return "" if not math.isfinite(km) else f", {km:.2f} km" if km else ", in the lake"


def _row(store: Store, done: Hindcast, record: dict[str, Any]) -> Tag:
    row = store.row_of(int(record["lake_key"]))
    label = store.labels[row] if row is not None else ""
    more = f" and {record['floods'] - 1} more" if record["floods"] > 1 else ""
    matched = f"by {record['matched']}{_away(record['distance_km'])}" if isinstance(record["matched"], str) else ""
    return tags.tr(
        tags.td(rank_words(done, record["rank"]), class_="m-number"),
        tags.th(tags.button(label, type="button", class_="m-lake"), scope="row"),
        tags.td(record["words"] + more), tags.td(f"{record['last_image']:%Y-%m-%d}"), tags.td(matched),
        tags.td(record["evidence"], class_="m-hindcast-words"), data_key=str(int(record["lake_key"])),
    )  # fmt: skip
