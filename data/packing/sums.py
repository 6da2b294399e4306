"""`SHA256SUMS`: the digest of every file of a pack, as `sha256sum --check` reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data.cache import file_digest, write_text
from data.commit import SEAL
from data.errors import DatasetError
from data.schema import inside

AGAIN = "pack the dataset again (python -m data pack), or copy the pack again"


def line_bytes(name: str) -> int:
    """Bytes of the line of a file: 64 digits, two blanks, its name, the end of the line."""
    return 67 + len(name.encode())


def write_sums(pack: Path) -> None:
    """Write the digests of all files below a pack, by name."""
    names = sorted(path.relative_to(pack).as_posix() for path in pack.rglob("*") if path.is_file() and path.name != SEAL)
    write_text(pack / SEAL, "".join(f"{file_digest(pack / name)}  {name}\n" for name in names))


def wrong_files(pack: Path) -> Iterator[str]:
    """What is missing, has changed, or is there though it should not be; nothing where a pack is as it was made.

    Raises:
        DatasetError: There are no digests, or they cannot be read.
    """
    try:
        lines = (pack / SEAL).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{pack / SEAL} cannot be read: {error}", AGAIN) from error
    told = {name: digest for line in lines for digest, _, name in [line.partition("  ")]}
    for name, digest in told.items():
        path = pack / name
        if not inside(name) or not path.is_file():
            yield f"{name} is missing"
        elif file_digest(path) != digest:
            yield f"{name} is not as it was packed"
    held = {path.relative_to(pack).as_posix() for path in pack.rglob("*") if path.is_file()}
    yield from (f"{name} was added" for name in sorted(held - told.keys() - {SEAL}))
