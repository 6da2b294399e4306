"""Every pair of layers as a square of a grid that can be walked and pressed, and what is said of one. Pure."""

from __future__ import annotations

from htmltools import Tag, tags

from data.lens.alike import Alike
from data.lens.pairing import Paired, Side
from data.lens.similarity import MEASURES, PASSES, Grid
from data.lens.similarity_interval import Span

Cell = tuple[str, str]
ROOM = 20
"""Columns up to which numbers have room in their squares."""
WIDE = 9
"""Columns up to which squares are wide."""


def heat_tags(grid: Grid, titles: tuple[str, str], chosen: Cell) -> Tag:
    """The grid: the layers of the first from top to bottom, those of the second from left to right, both in forward order.

    Args:
        grid: What was compared.
        titles: What the two sides are called.
        chosen: The cell that is pressed.
    """
    measure = MEASURES[grid.measure].title
    head = tags.tr(tags.td(), *(tags.th(tags.span(name), scope="col", class_="m-alike-column") for name in grid.second))
    rows = [
        tags.tr(tags.th(first, scope="row"), *(_square(grid, titles, (first, second), chosen, measure) for second in grid.second))
        for first in grid.first
    ]
    table = tags.table(
        tags.caption(f"{measure} of the layers of {titles[0]} (rows) and {titles[1]} (columns)", class_="visually-hidden"),
        tags.thead(head),
        tags.tbody(*rows),
        class_="m-alike" + (" m-alike-small" if len(grid.second) > ROOM else " m-alike-tight" if len(grid.second) > WIDE else ""),
    )
    side = tags.span(titles[0], class_="m-alike-side", aria_hidden="true")
    top = tags.span(titles[1], class_="m-alike-top", aria_hidden="true")
    return tags.div(top, tags.div(side, tags.div(table, class_="m-alike-scroll")), class_="m-alike-frame")


def _square(grid: Grid, titles: tuple[str, str], cell: Cell, chosen: Cell, measure: str) -> Tag:
    found = grid.cell(*cell)
    told = f"{cell[0]} of {titles[0]} with {cell[1]} of {titles[1]}: {measure} {value_words(found)}"
    text = value_words(found).removeprefix("0") if not found.reason and len(grid.second) <= ROOM else ""
    kinds = ["m-alike-cell", "m-alike-none" if found.reason else "", "m-alike-warned" if found.warning else ""]
    return tags.td(
        tags.button(
            text,
            type="button",
            class_=" ".join(kind for kind in kinds if kind),
            style=f"--alike:{min(max(found.value, 0.0), 1.0):.3f}" if not found.reason else None,
            data_first=cell[0],
            data_second=cell[1],
            tabindex="0" if cell == chosen else "-1",
            aria_pressed="true" if cell == chosen else "false",
            aria_label=told,
        )
    )


def value_words(found: Alike) -> str:
    """`0.83`; 1 only where it is 1, else `0.998`; `none` where it cannot be told."""
    value = found.value
    if found.reason:
        return "none"
    if value > 0.995 and value < 1 - 1e-6:
        return f"{min(value, 0.9999):.4f}" if value > 0.9995 else f"{value:.3f}"
    return f"{value:.2f}".replace("-", "−") if abs(value) >= 0.005 else "0.00"


def cell_words(cell: Cell, found: Alike, span: Span | None, measure: str) -> list[str]:
    """Sentences on one pair of layers: its value and how sure that is, and what to mind of it.

    Args:
        cell: The two layers.
        found: Their similarity.
        span: Its interval; None while it is worked out.
        measure: A key of MEASURES.
    """
    title, pair = MEASURES[measure].title, f"{cell[0]} and {cell[1]}"
    if found.reason:
        return [f"{pair}: no {title}. {found.reason[:1].upper()}{found.reason[1:]}."]
    said = f"{pair}: {title} {value_words(found)}"
    warning = [f"{found.warning[:1].upper()}{found.warning[1:]}."] if found.warning else []
    if span is None:
        return [f"{said}, its interval is being worked out …", *warning]
    if span.reason:
        return [f"{said}, without an interval: {span.reason}.", *warning]
    return [
        f"{said}, 95 % interval {_end(span.low)} to {_end(span.high)} ({span.lakes:,} lakes drawn whole).",
        *warning,
        *_beside(found, span),
    ]


def _end(value: float) -> str:
    return value_words(Alike(value))


def _beside(found: Alike, span: Span) -> list[str]:
    """Why an interval can leave out the value itself."""
    if span.low - 1e-9 <= found.value <= span.high + 1e-9:
        return []
    return ["The interval allows for what the measure gains from few scenes, and so leaves out the value itself."]


def pairing_words(paired: Paired, grid: Grid) -> str:
    """`Compared on 1,200 scenes that both have.`"""
    count, (one, two) = len(paired.scene_key), paired.of
    kind = "scenes" if paired.all_scenes else "scenes that were followed through training"
    rest = "" if one == two == count else f", of {one:,} and {two:,}"
    batched = f" CKA from batches, {PASSES} passes over all scenes." if grid.batched else ""
    return f"Compared on the {count:,} {kind} that both have{rest}.{batched}"


def side_title(side: Side) -> str:
    """`U-Net, seed 1`, or `U-Net, seed 1 at epoch 3`."""
    return side.lens.manifest.title + ("" if side.epoch is None else f" at epoch {side.epoch}")


def caution(grid: Grid) -> str:
    """What to mind of many squares at once; empty where there is nothing."""
    cells = [cell for row in grid.cells for cell in row]
    warned, none = sum(bool(cell.warning) for cell in cells), sum(bool(cell.reason) for cell in cells)
    said = (
        [f"{warned:,} of {len(cells):,} squares are underlined: scenes are too few for their channels, which makes them too high."]
        if warned
        else []
    )
    return " ".join([*said, *([f"{none:,} hatched ones have no value."] if none else [])])
