"""Which lakes, and from which day on, a command works on: ids, keys, files of them, basins. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from data.column_names import plain_name
from data.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 10
FILES = (".txt", ".csv", ".tsv", ".list")
"""Ends of names that mean a file, so that one which is not there is not taken for an id."""


@dataclass(frozen=True)
class Chosen:
    """What a command is limited to.

    Args:
        lakes: lake_keys; None for all.
        since: From this day on; None for all days.
        notes: What to tell the user of how the choice was read.
    """

    lakes: frozenset[int] | None = None
    since: date | None = None
    notes: tuple[str, ...] = ()

    def takes(self, lake_key: int | None, day: date | None) -> bool:
        """Whether an observation is among those asked for; one without a day is, whatever `since` says."""
        return (self.lakes is None or lake_key in self.lakes) and (self.since is None or day is None or day >= self.since)


def chosen(lakes: pd.DataFrame, wanted: str | None, basins: Sequence[str], since: str | None) -> Chosen:
    """Read `--lakes`, `--basin` and `--since`.

    Args:
        lakes: `Store.lakes`.
        wanted: Ids, lake_keys (`12`, or `#12` where an id could be meant too) separated by commas, or a file of them.
        basins: Names of basins or sub-basins; a lake in any of them is meant. With `wanted`: those of its lakes that lie there.
        since: A year, meaning its first day, or a day.

    Raises:
        InputError: A lake, a basin or a date is not known, or no lake is left.
    """
    if wanted is None and not basins:
        return Chosen(None, _day(since))
    keys, notes = ({int(key) for key in lakes["lake_key"]}, []) if wanted is None else _named(lakes, wanted)
    if basins:
        keys &= _within(lakes, basins)
    if not keys:
        raise InputError("no lake is left", "choose others with --lakes or --basin")
    return Chosen(frozenset(keys), _day(since), tuple(notes))


def _named(lakes: pd.DataFrame, wanted: str) -> tuple[set[int], list[str]]:
    entries = list(dict.fromkeys(_entries(wanted)))
    if not entries:
        raise InputError(f"--lakes {wanted!r} names no lake", "give ids or lake_keys, separated by commas, or a file of them")
    ids: dict[str, list[int]] = {}
    for key, text in zip(lakes["lake_key"], lakes["lake_id"], strict=True):
        if isinstance(text, str):
            ids.setdefault(text.strip().casefold(), []).append(int(key))
    known = {int(key) for key in lakes["lake_key"]}
    found = {entry: ids.get(entry.casefold()) or _key(entry, known) for entry in entries}
    missing = [entry for entry, keys in found.items() if not keys]
    if missing:
        what = f"--lakes: {len(missing):,} of {len(entries):,} are not lakes of this dataset: {_listed(missing)}"
        raise InputError(what, _nearest(missing[0], [text for text in lakes["lake_id"] if isinstance(text, str)]))
    shared = {entry: keys for entry, keys in found.items() if len(keys) > 1}
    notes = [
        f"{entry} is the id of {len(keys)} lakes ({', '.join(f'#{key}' for key in keys)}): all are taken" for entry, keys in shared.items()
    ]
    return {key for keys in found.values() for key in keys}, notes


def _key(entry: str, known: set[int]) -> list[int]:
    number = re.fullmatch(r"#?(\d{1,9})", entry)
    return [int(number[1])] if number and int(number[1]) in known else []


def _entries(wanted: str) -> list[str]:
    path = Path(wanted)
    if len(wanted) < 4096 and path.is_file():
        return _filed(path)
    if wanted.lower().endswith(FILES):
        raise InputError(f"--lakes {wanted} does not exist", "check the spelling, or give ids separated by commas")
    return _split(wanted)


def _filed(path: Path) -> list[str]:
    """The entries of a file: the column `lake_key`, else that of ids, else all of its text; `#` with a blank begins a remark."""
    from data.importing.columns import recognised  # noqa: PLC0415
    from data.readers.layer import ReadOptions  # noqa: PLC0415
    from data.readers.table import read  # noqa: PLC0415

    raw = path.read_bytes()
    if not raw.strip():
        raise InputError(f"--lakes {path} is empty", "write one id or lake_key on each line")
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raw = raw.decode("utf-16").encode()
    head, _, rest = raw.decode("utf-8-sig", errors="replace").partition("\n")
    if len(_split(head)) > 1 or _is_header(head):
        frame = read(path, ReadOptions())[0].frame if rest.strip() else None
        column = None if frame is None else next((name for name in frame.columns if plain_name(name) == "lakekey"), None)
        column = column or (None if frame is None else recognised(frame, {}, path.name).get("lake_id"))
        if frame is not None and column is not None:
            return [str(cell).strip() for cell in frame[column].dropna() if str(cell).strip()]
    lines = [re.sub(r"(^|\s)#(\s.*|$)", "", line) for line in (head, *rest.splitlines())]
    return _split("\n".join(lines))


def _is_header(head: str) -> bool:
    from data.importing.columns import ALIASES  # noqa: PLC0415

    return plain_name(head) in {"lakekey", *ALIASES["lake_id"]}


def _split(text: str) -> list[str]:
    """Ids may hold blanks: lines, commas and semicolons separate them, blanks only where nothing else does."""
    parts = re.split(r"[\r\n,;\t]+", text)
    return [plain for part in parts if (plain := part.strip().strip("\"'").strip())]


def _within(lakes: pd.DataFrame, basins: Sequence[str]) -> set[int]:
    keys: set[int] = set()
    names = {column: lakes[column].astype("string").str.strip().str.casefold() for column in ("basin", "sub_basin")}
    for basin in basins:
        meant = basin.strip().casefold()
        inside = (names["basin"] == meant).fillna(False) | (names["sub_basin"] == meant).fillna(False)
        if not inside.any():
            held = sorted({str(name) for column in names for name in lakes[column].dropna()})
            raise InputError(f"--basin {basin!r} is no basin or sub-basin of this dataset", _nearest(basin, held))
        keys |= {int(key) for key in lakes["lake_key"][inside.to_numpy(dtype=bool)]}
    return keys


def _day(since: str | None) -> date | None:
    from data.importing.dates import day_or_year  # noqa: PLC0415

    if since is None:
        return None
    found = day_or_year(since)
    if found is None:
        raise InputError(f"--since {since!r} is neither a year nor a day", "write it as 2016 or 2016-09-01")
    return found if isinstance(found, date) else date(found, 1, 1)


def _nearest(wrong: str, held: list[str]) -> str:
    plain = {text.casefold(): text for text in held}
    near = [plain[text] for text in get_close_matches(wrong.casefold(), list(plain), n=3, cutoff=0.6)]
    if near:
        return f"did you mean {', '.join(near)}?"
    return f"it has {_listed(held)}" if held else "it has none: choose by lake_key"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
