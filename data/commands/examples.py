"""`examples`: public real datasets by name."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from data.commands.progress import progress
from data.errors import InputError

if TYPE_CHECKING:
    from data.examples import ArchiveExample, Example

NAME = "examples"
HELP = "List public real datasets, or fetch and import one: `examples fetch NAME --into DIR`."
CHIPS = ("regions", "split", "fraction", "seed", "copy", "dry_run", "report")
"""Options that mean something for labelled chips only."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    what = parser.add_subparsers(dest="what", metavar="fetch")
    fetch = what.add_parser("fetch", help="fetch one and import it", description="Fetch a public dataset and import it.")
    fetch.add_argument("name", metavar="NAME", help="an example that the list shows")
    fetch.add_argument("--into", type=Path, metavar="DIR", help="the dataset folder to make; of labelled chips also one to go on with")
    fetch.add_argument("--from", type=Path, dest="local", metavar="PATH", help="take the files from this folder, or this zip archive")
    fetch.add_argument("--floods", type=Path, metavar="FILE", help="of lakes: take these records of floods in, too (e.g. HMAGLOFDB.csv)")
    chips = fetch.add_argument_group("labelled chips: which of them (default: all)")
    chips.add_argument("--regions", metavar="R1,R2,…", help="regions that their names begin with, e.g. SA,SAW")
    chips.add_argument("--split", metavar="S1,S2,…", help="train, validation, test, challenge")
    chips.add_argument("--fraction", type=float, metavar="F", help="share of each region and split, e.g. 0.1; a greater one keeps these")
    chips.add_argument("--seed", type=int, metavar="N", help="another one gives another share (default 0)")
    chips.add_argument("--copy", action="store_true", default=None, help="copy images, rather than link to them where that is possible")
    chips.add_argument("--report", type=Path, metavar="FILE", help="also write the report there, with every list in full")
    chips.add_argument("--dry-run", action="store_true", default=None, help="say what there is and how much it would be, fetch nothing")


def run(args: Namespace) -> int:
    """List, or fetch and import.

    Raises:
        MoraineError: No such example, or its files cannot be had or imported.
    """
    from data.commands.examples_chips import fetch_chips
    from data.examples import ArchiveExample, example, examples

    if args.what is None:
        print("\n\n".join(_about(each) for each in examples().values()))
        print("\nFetch one with `python -m data examples fetch NAME --into DIR`.")
        return 0
    wanted = example(args.name)
    into: Path | None = args.into
    if into is None and not args.dry_run:
        raise InputError("no dataset is named", f"name the folder to make: examples fetch {wanted.name} --into DIR")
    if isinstance(wanted, ArchiveExample):
        if args.floods:
            raise InputError(f"--floods means nothing to {wanted.name}, which has no lakes", "leave it out")
        print(_about(wanted), flush=True)
        return fetch_chips(wanted, args)
    given = [name for name in CHIPS if getattr(args, name) is not None]
    if given or into is None:
        raise InputError(f"--{given[0].replace('_', '-')} means nothing to {wanted.name}, which has no chips", "leave it out")
    if into.exists() and not (into.is_dir() and not any(into.iterdir())):
        raise InputError(f"{into} exists already", "name a folder that does not exist yet: an example is not added to other data")
    if args.floods and not args.floods.is_file():
        raise InputError(f"{args.floods} is not a file", "check the spelling, or bring floods later with `python -m data floods`")
    print(_about(wanted), flush=True)
    code = _import(wanted, _files(wanted, args.local), into)
    return _bring_floods(into, args.floods) if code == 0 and args.floods else code


def _about(wanted: Example | ArchiveExample) -> str:
    from data.examples import ArchiveExample

    if isinstance(wanted, ArchiveExample):
        origin = f"{' and '.join(wanted.archives)} of {wanted.record}; single chips can be fetched: --regions, --split, --fraction"
    else:
        origin = f"{len(wanted.files)} files from {wanted.base}"
    return "\n  ".join([f"{wanted.name}: {wanted.title}", origin, f"Licence: {wanted.licence}", f"Cite: {wanted.citation}"])


def _files(wanted: Example, local: Path | None) -> list[Path]:
    from data.examples import fetched_files, kept_folder, local_files

    if local is not None:
        return local_files(wanted, local, progress)
    return fetched_files(wanted, kept_folder(wanted.name), progress)


def _bring_floods(into: Path, file: Path) -> int:
    from data.commands import commands

    command = commands()["floods"]
    parser = ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([str(into), str(file)]))


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
