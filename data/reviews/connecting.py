"""The database behind a URL: its engine, set up so that what was acknowledged is on the disk. No message ever holds a password."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError

from data.errors import InputError

WAIT_S = 10
"""How long a writer waits for others, and a connection for its server."""
DRIVER = "postgresql+psycopg"
WRITING = "moraine_writing"
TOLD = {
    "SQLITE_FULL": ("its disk is full", "have room made on it, then press again"),
    "SQLITE_IOERR": ("its disk fails, or is full", "have somebody look at it, then press again"),
    "SQLITE_READONLY": ("its file cannot be written", "have it made writable, then press again"),
    "SQLITE_CANTOPEN": ("its file cannot be opened", "have its folder made writable, then press again"),
    "SQLITE_CORRUPT": ("its file is damaged", "have it put back from a copy"),
    "SQLITE_NOTADB": ("its file is damaged", "have it put back from a copy"),
}
"""How the names of SQLite's errors begin, and what to tell of each."""


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return sa.URL.create("sqlite", database=str(path)).render_as_string()


def engine_of(url: str) -> sa.Engine:
    """The engine of a URL; nothing is connected yet.

    Args:
        url: `sqlite:///file`, or `postgresql://user:password@host/database` (libpq's options behind `?`).

    Raises:
        InputError: It is no URL, or one of another database.
    """
    try:
        parts = sa.make_url(url)
    except (ArgumentError, ValueError):
        # Not `from`: what SQLAlchemy says repeats the URL, and with it the password.
        raise InputError("the URL of the reviews is no database URL", "write postgresql://user@host/database") from None
    kind = parts.get_backend_name()
    if kind == "sqlite" and parts.database:
        engine = sa.create_engine(parts, connect_args={"timeout": WAIT_S}, hide_parameters=True)
        event.listen(engine, "do_connect", lambda *_: _make_private(Path(str(parts.database))))
        event.listen(engine, "connect", _settle_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if kind in {"postgresql", "postgres"}:
        timeouts = {"connect_timeout": WAIT_S, "options": f"-c statement_timeout={WAIT_S * 1000} -c lock_timeout={WAIT_S * 1000}"}
        options = {name: value for name, value in timeouts.items() if name not in parts.query}
        return sa.create_engine(parts.set(drivername=DRIVER), connect_args=options, pool_pre_ping=True, pool_size=4, hide_parameters=True)
    raise InputError(f"reviews cannot be kept in {kind!r}", "name a PostgreSQL database, or unset the URL for a SQLite file")


def shown_url(url: str, *, whole: bool = True) -> str:
    """Where the reviews are, for people: a file or a database; `whole`: with its folder, or its host. Never with a user or password."""
    parts = sa.make_url(url)
    if parts.get_backend_name() == "sqlite":
        return f"SQLite file {parts.database if whole else Path(parts.database or '').name}"
    port = f":{parts.port}" if parts.port else ""
    return f"PostgreSQL database {parts.database or ''!r}" + (f" on {parts.host or 'this machine'}{port}" if whole else "")


def _make_private(path: Path) -> None:
    """Make the file before SQLite does, which would let the umask say who may read names and notes; its journals take its mode over."""
    if path.name.startswith((":", "file:")):
        return
    with contextlib.suppress(OSError):  # it is there already, or SQLite will say what is wrong
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        path.chmod(0o600)
        os.close(handle)


def _settle_sqlite(connection: Any, _: Any) -> None:
    # Python's own transactions begin late and deferred: a reader that turns writer then fails at once however long it may wait.
    connection.isolation_level = None
    # WAL: readers and the writer do not wait for each other. FULL: a commit that returned has been synced, power cuts included.
    for pragma in (f"busy_timeout={WAIT_S * 1000}", "journal_mode=WAL", "synchronous=FULL", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin_sqlite(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def trouble_of(error: Exception) -> tuple[str, str]:
    """What is wrong with a database, and what to do: from the kind of an error, never from its text, which may hold secrets."""
    orig = error.orig if isinstance(error, DBAPIError) else error
    name = str(getattr(orig, "sqlite_errorname", ""))
    found = next((told for begins, told in TOLD.items() if name.startswith(begins)), None)
    return found or (type(orig).__name__, "try again; if it lasts, see whether the store is there")
