"""`python -m models`: the segmenters. Exit codes: 0 good, 2 input that cannot be used."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m models", description="The segmenters that turn scenes into masks.")
    named = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    named.add_parser("list", help="the segmenters that are installed, with bands, pixel size and scores")
    parser.parse_args(argv)
    print("No segmenter is installed: this version shows areas that came with the data, and makes none from images.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
