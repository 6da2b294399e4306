"""`python -m modules.images`: draw what the page shows of every lake into the state folder, before anybody comes."""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from data.errors import InputError, MoraineError
from data.state import state_dir, writable
from modules.images.beforehand import drawn, opened


def _arguments(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m modules.images", description=__doc__)
    parser.add_argument("dataset", type=Path, help="its folder")
    parser.add_argument("--flipbooks", action="store_true", help="flipbooks too, which take three times the room")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N", help="processes (default: one a processor)")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Draw, and say what came of it; 0 where all went well, 2 where something cannot be used."""
    args, began = _arguments(argv), time.monotonic()
    try:
        state = state_dir()
        if not writable(state):
            raise InputError(f"nothing can be written to {state}", "set MORAINE_STATE_DIR to the state folder of the app")
        count, came = drawn(args.dataset.resolve(), state, max(args.workers, 1), flipbook=args.flipbooks)
        store, images = opened(args.dataset.resolve(), state)
    except MoraineError as error:
        print(f"{error.what}\n{error.remedy}", file=sys.stderr)
        return 2
    for fault in came.faults:
        print(f"not drawn: {fault}", file=sys.stderr)
    seconds = time.monotonic() - began
    print(f"{count:,} lakes, {came.pictures:,} pictures, {came.size / 1e6:,.1f} MB, {seconds:.0f} s: {images.drawn.kept.folder}")
    left = len(store.scenes.lakes) - count
    if left:
        print(f"{left:,} more lakes have images: pictures have half of MORAINE_STATE_MB. Set it higher, here and for the app.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
