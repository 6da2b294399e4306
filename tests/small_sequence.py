"""A run of the sequence lab that takes seconds: few curves, small layers."""

from __future__ import annotations

from pathlib import Path

from models.__main__ import main

SMALL = ("--epochs", "2", "--curves", "256", "--held-out", "24", "--units", "4")


def small_sequence(folder: Path, *options: str) -> Path:
    """Made by the command itself, into a folder."""
    assert main(["sequence", "--into", str(folder), *SMALL, *options]) == 0
    return folder
