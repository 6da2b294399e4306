"""Records of Zenodo: which files they hold, as https://developers.zenodo.org tells it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote, urlsplit

from data.archives.source import BY_HAND
from data.errors import InputError
from data.stac.errors import CatalogueError, Unreachable, plain, printable
from data.stac.fetching import Fetcher


@dataclass(frozen=True)
class Filed:
    """A file of a record.

    Args:
        name: Its own.
        url: Where it is.
        size: Bytes; None where the record does not tell.
    """

    name: str
    url: str
    size: int | None


def filed(fetcher: Fetcher, record: str, wanted: list[str]) -> list[Filed]:
    """The files of a record whose names fit, by name.

    Args:
        fetcher: Who asks.
        record: The record's address, as JSON.
        wanted: Names, or patterns such as `*.zip`.

    Raises:
        InputError: The record cannot be had, is none, or holds no such file.
    """
    try:
        told = json.loads(fetcher.text(record))
        found = [_filed(record, each) for each in _entries(told["files"])]
    except Unreachable as error:
        raise InputError(error.what, error.remedy) from error
    except CatalogueError as error:
        raise InputError(error.what, f"check the connection, or {BY_HAND}") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"{plain(record)} is no record of Zenodo", f"try again later, or {BY_HAND}") from error
    meant = [file for file in found if any(fnmatchcase(file.name.lower(), each.lower()) for each in wanted)]
    if not meant:
        names = ", ".join(printable(file.name) for file in found) or "nothing"
        raise InputError(f"{plain(record)} holds no file {' or '.join(wanted)}, but {names}", BY_HAND)
    return sorted(meant, key=lambda file: file.name)


def _entries(files: Any) -> list[dict[str, Any]]:
    """The files of a record in either of the two forms that Zenodo has: a list, or entries by name."""
    return list(files["entries"].values()) if isinstance(files, dict) else files


def _filed(record: str, told: dict[str, Any]) -> Filed:
    """One file. Its address must lie where the record does: what a record says is not followed elsewhere."""
    name, size = str(told["key"]), told.get("size")
    url = f"{record.rstrip('/')}/files/{quote(name, safe='')}/content"
    links = told.get("links", {})
    linked = str(links.get("content") or links.get("self") or url)
    ours, theirs = urlsplit(record), urlsplit(linked)
    same = (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)
    return Filed(name, linked if same else url, size if isinstance(size, int) else None)
