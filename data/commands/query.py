"""`query`: ask a dataset in SQL."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

NAME = "query"
HELP = "Ask the tables of a dataset in SQL (DuckDB's); pages are verified, and nothing is changed."
EXAMPLE = "SELECT sensor, count(*) FROM areas WHERE reason = 'ok' GROUP BY sensor"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset")
    parser.add_argument("sql", metavar="SQL", help=f'the question, e.g. "{EXAMPLE}"')


def run(args: Namespace) -> int:
    """Print the answer as CSV.

    Raises:
        MoraineError: The question is not understood, or a table is damaged.
    """
    from pyarrow import csv

    from data.parts.partition import datasets
    from data.parts.querying import queried

    csv.write_csv(queried(datasets(args.dataset), args.sql), sys.stdout.buffer)
    return 0
