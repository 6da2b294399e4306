"""Public real datasets by name: where they are, under which licence, and what is known of their files (`examples.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from data.cache import file_digest
from data.errors import InputError
from data.scenes.layouts import LAYOUTS, Layout
from data.state import state_dir, writable

REGISTRY = Path(__file__).with_name("examples.toml")
Progress = Callable[[Iterable[str], int, str], Iterator[str]]


@dataclass(frozen=True)
class Example:
    """Files fetched whole; the fields are explained at the head of `examples.toml`."""

    name: str
    title: str
    licence: str
    citation: str
    base: str
    arguments: list[str]
    read: str
    files: dict[str, str]


@dataclass(frozen=True)
class ArchiveExample:
    """Labelled chips in archives, of which members are fetched; the fields are explained at the head of `examples.toml`."""

    name: str
    layout: str
    record: str
    archives: list[str]
    pace: float

    @property
    def about(self) -> Layout:
        """Its title, licence and citation, and how it is laid out."""
        return LAYOUTS[self.layout]

    @property
    def title(self) -> str:
        """Of the dataset made from it."""
        return self.about.title

    @property
    def licence(self) -> str:
        """Of the dataset made from it."""
        return self.about.licence

    @property
    def citation(self) -> str:
        """Of the dataset made from it."""
        return self.about.citation


def examples() -> dict[str, Example | ArchiveExample]:
    """The registered examples by name."""
    raw = tomllib.loads(REGISTRY.read_text(encoding="utf-8"))
    return {name: (ArchiveExample if "record" in fields else Example)(name=name, **fields) for name, fields in raw.items()}


def example(name: str) -> Example | ArchiveExample:
    """One example.

    Raises:
        InputError: There is none of that name.
    """
    known = examples()
    if name not in known:
        raise InputError(f"there is no example {name!r}", f"use one of {', '.join(known)}")
    return known[name]


def local_files(wanted: Example, folder: Path, progress: Progress) -> list[Path]:
    """The example's files in a folder on this machine, each with the right SHA-256.

    Raises:
        InputError: Files are missing, or one is not the file that was meant.
    """
    missing = [name for name in wanted.files if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"{folder} lacks {len(missing)} of the {len(wanted.files)} files of {wanted.name}: {', '.join(missing[:5])}",
            f"name the folder that holds them, or leave --from out to fetch them from {wanted.base}",
        )
    for name in progress(wanted.files, len(wanted.files), "Checking"):
        found = file_digest(folder / name)
        if found != wanted.files[name]:
            raise InputError(
                f"{folder / name} is not the file that {wanted.name} means: its SHA-256 is {found}, not {wanted.files[name]}",
                "fetch it again, or import it as it is with `python -m data import`",
            )
    return [folder / name for name in wanted.files]


def fetched_files(wanted: Example, folder: Path, progress: Progress) -> list[Path]:
    """The example's files, downloaded into a folder unless they are there already, each with the right SHA-256.

    Raises:
        InputError: A file cannot be fetched or written, or what arrived is not what was meant.
    """
    import pooch  # noqa: PLC0415
    import requests  # noqa: PLC0415

    pooch.get_logger().setLevel("WARNING")
    source = pooch.create(path=folder, base_url=wanted.base, registry={name: f"sha256:{hash}" for name, hash in wanted.files.items()})
    paths: list[Path] = []
    for name in progress(wanted.files, len(wanted.files), "Fetching"):
        try:
            paths.append(Path(source.fetch(name)))
        except (requests.RequestException, OSError, ValueError) as error:
            raise InputError(
                f"{wanted.base}{name} cannot be fetched into {folder}: {str(error)[:300]}",
                "check the connection, or bring the files by other means and name their folder with --from",
            ) from error
    return paths


def kept_folder(name: str) -> Path:
    """Where the files of an example are kept once fetched.

    Raises:
        InputError: It cannot be written.
    """
    folder = place_of(name)
    if not writable(folder):
        raise InputError(f"{folder} cannot be written, so nothing can be kept there", "set MORAINE_STATE_DIR to a folder that can be")
    return folder


def place_of(name: str) -> Path:
    """The same folder, whether or not it is there."""
    return state_dir() / "examples" / name
