"""`examples`: public real datasets by name."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from data.commands.progress import progress
from data.errors import InputError

if TYPE_CHECKING:
    from data.examples import Example

NAME = "examples"
HELP = "List public real datasets, or fetch and import one: `examples fetch NAME --into DIR`."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    what = parser.add_subparsers(dest="what", metavar="fetch")
    fetch = what.add_parser("fetch", help="fetch one and import it", description="Fetch a public dataset and import it.")
    fetch.add_argument("name", metavar="NAME", help="an example that the list shows")
    fetch.add_argument("--into", type=Path, required=True, metavar="DIR", help="the dataset folder to make")
    fetch.add_argument("--from", type=Path, dest="local", metavar="DIR", help="take the files from this folder instead of the network")


def run(args: Namespace) -> int:
    """List, or fetch and import.

    Raises:
        MoraineError: No such example, or its files cannot be had or imported.
    """
    from data.examples import example, examples

    if args.what is None:
        print("\n\n".join(_about(each) for each in examples().values()))
        print("\nFetch one with `python -m data examples fetch NAME --into DIR`.")
        return 0
    wanted = example(args.name)
    if args.into.exists() and not (args.into.is_dir() and not any(args.into.iterdir())):
        raise InputError(f"{args.into} exists already", "name a folder that does not exist yet: an example is not added to other data")
    print(_about(wanted), flush=True)
    return _import(wanted, _files(wanted, args.local), args.into)


def _about(wanted: Example) -> str:
    origin = f"{len(wanted.files)} files from {wanted.base}"
    return "\n  ".join([f"{wanted.name}: {wanted.title}", origin, f"Licence: {wanted.licence}", f"Cite: {wanted.citation}"])


def _files(wanted: Example, local: Path | None) -> list[Path]:
    from data.examples import fetched_files, local_files
    from data.state import VARIABLE, state_dir, writable

    if local is not None:
        return local_files(wanted, local, progress)
    kept = state_dir() / "examples" / wanted.name
    if not writable(kept):
        raise InputError(f"{kept} cannot be written, so nothing can be kept there", f"set {VARIABLE} to a folder that can be")
    return fetched_files(wanted, kept, progress)


def _import(wanted: Example, files: list[Path], into: Path) -> int:
    """Run the import command as a person would, then write down what the dataset is called and whom to cite."""
    from dataclasses import replace

    from data.commands import commands
    from data.commit import transaction
    from data.meta import read_meta, write_meta

    command = commands()["import"]
    parser = ArgumentParser()
    command.add_arguments(parser)
    sources = [str(path) for path in files if path.suffix == wanted.read]
    code = command.run(parser.parse_args([*sources, "--into", str(into), *wanted.arguments]))
    if code == 0:
        with transaction(into) as staged:
            told = replace(read_meta(into), name=wanted.name, title=wanted.title, licence=wanted.licence, citation=wanted.citation)
            write_meta(staged, told)
    return code
