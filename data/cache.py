"""Fingerprints, atomic writes, and Parquet whose page checksums are written and verified.

One flipped byte in an unchecked Parquet file is read back as other data; with page checksums
written and verified it is an error. A write is a unique temporary file, fsync, `os.replace`:
whoever kills us leaves the old file or the new one, never half of one.
"""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import DatasetError, InputError

TEMP_SUFFIX = ".partial"
LEFT_S = 86_400.0
"""Seconds after which a folder that is still half-written has nobody who fills it."""
DIGEST_CHARACTERS = 32
"""Of a SHA-256 in the name of a file."""


def fingerprint(*parts: str | bytes) -> str:
    """SHA-256 (hex) of the parts; each is length-prefixed, so ("ab", "c") differs from ("a", "bc")."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomic(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place in one step."""
    _write(path.parent, path.name, write, lambda _: path)


def _write(folder: Path, name: str, write: Callable[[Path], object], place: Callable[[Path], Path]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(prefix=f".{name}.", suffix=TEMP_SUFFIX, dir=folder)
    os.close(handle)
    temporary = Path(made)
    try:
        write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        path = place(temporary)
        os.replace(temporary, path)
        return path
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    write_atomic(path, lambda temporary: temporary.write_bytes(text.encode()))


def write_table(path: Path, table: pa.Table) -> None:
    """Write Parquet atomically, with page checksums. Equal tables give equal bytes."""
    write_atomic(path, _parquet(table))


def write_table_named(folder: Path, key: str, table: pa.Table) -> Path:
    """The same under a name that holds the digest of the bytes, `<key>.<digest>.parquet`; returns its path."""
    return _write(folder, key, _parquet(table), lambda temporary: folder / f"{key}.{file_digest(temporary)[:DIGEST_CHARACTERS]}.parquet")


def _parquet(table: pa.Table) -> Callable[[Path], object]:
    return lambda path: pq.write_table(table, path, compression="zstd", write_page_checksum=True)


def read_table(path: Path, columns: Iterable[str] | None = None) -> pa.Table:
    """Read Parquet and verify every page.

    Raises:
        DatasetError: The file is missing, cut short, or its bytes have changed since they were written.
    """
    wanted = list(columns) if columns is not None else None
    try:
        # partitioning=None: a folder called `a=b` on the way must not become a column.
        table = pq.read_table(path, columns=wanted, page_checksum_verification=True, partitioning=None)  # pyright: ignore[reportArgumentType]
        # pandas' notes in the footer, which no checksum covers: here they are a damaged file, in a later `to_pandas` a riddle.
        table.slice(0, 0).to_pandas()
        return table
    except FileNotFoundError:
        raise DatasetError(f"{path} does not exist", "import the dataset again, or name another folder") from None
    except (OSError, pa.ArrowException, ValueError, LookupError, TypeError, AttributeError) as error:
        raise DatasetError(
            f"{path} is damaged: {error}",
            "restore it from a copy, or import the dataset again; what is built from it is made anew",
        ) from error


def give_back() -> None:
    """Return to the system what Arrow has freed but keeps: after the tables of a million lakes half a gigabyte."""
    pa.default_memory_pool().release_unused()


def write_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` fill a temporary folder beside `folder`, then put it in place in one step.

    Raises:
        InputError: `folder` exists and is not an empty folder.
    """
    _refuse_used(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{glob.escape(folder.name)}.*{TEMP_SUFFIX}"):  # by whoever was killed at the same work
        if time.time() - left.stat().st_mtime > LEFT_S:
            shutil.rmtree(left, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=TEMP_SUFFIX, dir=folder.parent))
    try:
        fill(temporary)
        temporary.chmod(0o755)
        try:
            temporary.rename(folder)
        except OSError:
            _refuse_used(folder)
            raise
    finally:
        if temporary.exists():
            shutil.rmtree(temporary)


def _refuse_used(folder: Path) -> None:
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise InputError(f"{folder} exists already", "name a folder that does not exist yet, or remove this one first")
