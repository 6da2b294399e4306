"""`list`: the segmenters that are installed."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

NAME = "list"
HELP = "The segmenters that are installed, with bands, pixel size, training and scores."


def add_arguments(parser: ArgumentParser) -> None:
    """It takes none."""


def run(args: Namespace) -> int:
    """Print them."""
    from models.zoo import zoo

    for name, segmenter in zoo().items():
        card = segmenter.CARD
        print(f"{name}: {card.title}")
        print(f"  bands {', '.join(card.bands)}; {card.pixel_m:g} m pixels; {card.parameters:,} parameters")
        print(f"  trained on {card.training}")
        for split, scores in card.scores.items():
            print(f"  {split}: " + ", ".join(f"{metric} {value:g}" for metric, value in scores.items()))
    return 0
