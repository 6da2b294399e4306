"""The cards of the Sequence lab, and what it says in words and tables. Pure; the scripts fill what is empty here."""

from __future__ import annotations

import numpy as np
from htmltools import Tag, TagList, tags

from data.sequence.reading import SequenceRun

FOLLOWED = {"r_level": "the level of the curve", "r_count": "the running count"}


def lab_cards(run: SequenceRun) -> TagList:
    """The bar that chooses, and the cards."""
    return TagList(
        lab_bar(run),
        tags.p(
            f"Each curve has {run.manifest.steps} steps. The network is to say how often it crosses the band from "
            f"{run.manifest.band[0]:g} to {run.manifest.band[1]:g}: from below to above or back; what "
            "enters the band and leaves it on the same side does not count. Choose a curve anywhere, and everything shows that curve.",
            class_="m-lab-about",
        ),
        tags.div(
            _card("training", "How it learned", [_choice("split", "Curves", {"": "all", "0": "learned from", "1": "held out"})]),
            _card("curve", "The curve", []),
            _card("units", "What the units do along the curve", [_order(), _layers("only", "Layer", run, everything=True)]),
            _card("gates", "One unit, step by step", []),
            _card("plane", "States of all curves in two dimensions", [_when(), _layers("flat", "Layer", run)]),
            _card("results", "How good it is", [], results_tags(run)),
            class_="m-lab-cards",
        ),
    )


def _card(name: str, title: str, tools: list[Tag], body: Tag | None = None) -> Tag:
    head = tags.header(tags.h2(title, class_="m-card-title"), tags.div(*tools, class_="m-lab-tools"), class_="m-lab-head")
    trouble = tags.p(class_="m-notice", role="alert", hidden="", data_trouble="")
    return tags.section(head, trouble, body or tags.div(class_="m-lab-body"), class_=f"card m-card m-lab-card m-lab-{name}", data_card=name)


def lab_bar(run: SequenceRun) -> Tag:
    """Curve, epoch and step, for all cards at once."""
    told = run.manifest

    def button(does: str, text: str, words: str) -> Tag:
        return tags.button(text, type="button", class_="btn btn-sm m-quiet-button", data_does=does, aria_label=words, title=words)

    def slider(name: str, words: str, low: int, high: int, value: int) -> Tag:
        said = tags.output(class_="m-lab-value", data_value=name)
        return tags.label(
            words,
            tags.input(type="range", min=low, max=high, value=value, step=1, aria_label=words, data_set=name),
            said,
            class_="m-lab-slider",
        )

    number = tags.input(type="number", min=1, value=1, step=1, class_="form-control form-control-sm", data_set="curve")
    return tags.div(
        tags.div(
            button("curve_back", "‹", "The curve before"), tags.label("Curve ", number), button("curve_on", "›", "The next curve"),
            button("harder", "hardest", "The curve that is hardest to the last"), class_="m-lab-choose",
        ),
        tags.div(
            button("play", "▶", "Play the steps"), button("step_back", "‹", "One step back"),
            slider("step", "Step", 1, told.steps, 1), button("step_on", "›", "One step on"), class_="m-lab-choose m-lab-wide",
        ),
        tags.div(slider("epoch", "As it was after epoch", 1, len(told.epochs), len(told.epochs)), class_="m-lab-choose"),
        tags.p(class_="m-lab-said", role="status", data_said=""),
        class_="m-lab-bar",
    )  # fmt: skip


def _choice(name: str, words: str, options: dict[str, str], chosen: str = "") -> Tag:
    held = [tags.option(text, value=value, selected="" if value == chosen else None) for value, text in options.items()]
    return tags.label(f"{words} ", tags.select(*held, class_="form-select form-select-sm", data_set=name))


def _order() -> Tag:
    return _choice("order", "Sorted by", {"r_count": "|r| with the running count", "r_level": "|r| with the level", "": "layer"})


def _when() -> Tag:
    return _choice("when", "Shown", {"end": "at the end", "step": "at this step"})


def _layers(name: str, words: str, run: SequenceRun, *, everything: bool = False) -> Tag:
    layers = {str(place): str(place) for place in range(1, run.manifest.layers + 1)}
    return _choice(name, words, {**({"": "all"} if everything else {}), **layers}, "" if everything else str(run.manifest.layers))


def results_tags(run: SequenceRun) -> Tag:
    """What it reached on the curves held out, by count too, and which units follow what."""
    fault = run.fault("held_out.parquet", "units.parquet")
    if fault:
        return tags.p(fault, class_="m-notice", role="alert")
    return tags.div(
        tags.ul(*(tags.li(line) for line in result_lines(run))),
        tags.details(tags.summary("By how often a curve crosses"), count_table(run)),
        tags.p("Command: ", tags.code(run.manifest.command), class_="m-quiet"),
        class_="m-lab-body",
    )


def result_lines(run: SequenceRun) -> list[str]:
    """Sentences."""
    told, results, held = run.manifest, run.manifest.results, len(run.held_out())
    lines = [
        f"{held:,} curves that it has not learned from: {results['exact']:.1%} counted exactly, {results['within_one']:.1%} within one.",
        f"Always to say {results['majority_count']:g}, the most frequent count, would be right for {results['majority']:.1%}.",
    ]
    rows = run.units()
    last = rows[rows["epoch"] == told.epochs[-1]]
    for column, what in FOLLOWED.items():
        best = last.loc[last[column].abs().fillna(0.0).idxmax()]
        whose = f"unit {best['unit']:.0f} of layer {best['layer']:.0f}"
        lines.append(f"Closest to {what}: {whose}, |r| = {abs(best[column]):.3f} over all steps of those curves.")
    plan = told.plan
    lines.append(
        f"{told.layers} layers of {told.units} units, trained on {plan.get('curves', 0):,.0f} curves for {len(told.epochs)} epochs: "
        f"{results['cpu_seconds']:.0f} s of one processor core."
    )
    return lines


def count_table(run: SequenceRun) -> Tag:
    """Curves held out by their count: how many, and how well they are counted."""
    held = run.held_out()
    count, off = held["count"].to_numpy(), np.abs(np.rint(held["told"].to_numpy()) - held["count"].to_numpy())
    head = tags.tr(*(tags.th(name, scope="col") for name in ("crossings", "curves", "exact", "within one")))
    rows: list[Tag] = []
    for value in np.unique(count):
        mine = off[count == value]
        cells = (f"{len(mine):,}", f"{(mine == 0).mean():.0%}", f"{(mine <= 1).mean():.0%}")
        rows.append(tags.tr(tags.th(f"{value}", scope="row"), *(tags.td(cell) for cell in cells)))
    return tags.table(tags.thead(head), tags.tbody(*rows), class_="m-compare")
