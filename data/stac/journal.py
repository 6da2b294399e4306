"""What was judged and fetched, a line each, so that a run that was cut short goes on where it was.

The journal lies in the dataset. It holds no address of a file and no token.
"""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Protocol

from data.errors import DatasetError
from data.locks import lock
from data.stac.clearness import Clearness

FILE = "stac_journal.jsonl"
Looks = dict[tuple[str, str], Clearness]
"""Collection and item → what a look at it found."""


class Notebook(Protocol):
    """What a harvester asks and tells."""

    done: dict[str, dict[str, Any]]

    def judged(self, drawn: str, collection: str, item: str) -> Clearness | None: ...
    def judge(self, drawn: str, collection: str, item: str, seen: Clearness) -> None: ...
    def finish(self, token: str, entry: dict[str, Any]) -> None: ...


class Notes:
    """What a worker elsewhere takes along of the journal and brings back for it, of one lake.

    Args:
        known: What earlier looks at it found.
    """

    def __init__(self, known: Looks) -> None:
        self._known = known
        self.fresh: Looks = {}
        self.done: dict[str, dict[str, Any]] = {}

    def judged(self, drawn: str, collection: str, item: str) -> Clearness | None:
        """As the journal's."""
        return self._known.get((collection, item))

    def judge(self, drawn: str, collection: str, item: str, seen: Clearness) -> None:
        """Keep what was found."""
        self.fresh[collection, item] = seen

    def finish(self, token: str, entry: dict[str, Any]) -> None:
        """Nothing: the entry is the answer."""


class Journal:
    """The journal of a dataset, open for one run at a time; a line is on the disk before the call that adds it returns.

    Args:
        folder: The dataset.
        keep: Whether anything will be written down; if not, no file is made.

    Raises:
        DatasetError: Another run has it open, or a line in its middle is damaged.
    """

    def __init__(self, folder: Path, keep: bool = True) -> None:
        self._lock = threading.Lock()
        self._file = (folder / FILE).open("a+b") if keep or (folder / FILE).exists() else TemporaryFile("a+b")  # noqa: SIM115
        if not lock(self._file):
            self._file.close()
            raise DatasetError(f"another process is fetching scenes into {folder}", "wait until it has ended, then run this again")
        self.done: dict[str, dict[str, Any]] = {}
        self._judged: dict[str, Looks] = {}
        try:
            self._read(folder / FILE)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def _read(self, path: Path) -> None:
        self._file.seek(0)
        body = self._file.read()
        whole = body.rfind(b"\n") + 1
        # A line without its end was being written when its writer was killed.
        self._file.truncate(whole)
        for number, line in enumerate(body[:whole].splitlines(), 1):
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise DatasetError(
                    f"{path}, line {number}: {error}", "remove the file: scenes that are there are still not fetched again"
                ) from None

    def _take(self, entry: dict[str, Any]) -> None:
        if entry["kind"] == "judged":
            self._judged.setdefault(entry["drawn"], {})[entry["collection"], entry["item"]] = Clearness(**entry["shares"])
        elif entry["kind"] == "done":
            self.done[entry["token"]] = entry

    def judged(self, drawn: str, collection: str, item: str) -> Clearness | None:
        """What an earlier look at an item found over an outline, None where nobody has looked."""
        return self._judged.get(drawn, {}).get((collection, item))

    def looks(self, drawn: str) -> Looks:
        """All that earlier looks found over an outline."""
        return self._judged.get(drawn, {})

    def judge(self, drawn: str, collection: str, item: str, seen: Clearness) -> None:
        """Write down what was found."""
        self._add({"kind": "judged", "drawn": drawn, "collection": collection, "item": item, "shares": vars(seen)})

    def finish(self, token: str, entry: dict[str, Any]) -> None:
        """Write down that a lake's season has been dealt with: plain values, as the report and the table of scenes need them."""
        self._add({**entry, "kind": "done", "token": token})

    def _add(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
            self._take(entry)
