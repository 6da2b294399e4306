"""Settings: each is declared here once, and read from a variable `MORAINE_<NAME>`, else from a key of `moraine.toml` beside app.py.

Not every host lets variables be set, hence the file. docs/settings.md describes each; a test holds that none is missing there.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from data.errors import InputError

PREFIX = "MORAINE_"
FILE = Path(__file__).parents[1] / "moraine.toml"
"""Where the file is looked for, unless MORAINE_SETTINGS names another one."""


@dataclass(frozen=True)
class Setting:
    """One of them.

    Args:
        name: Without `MORAINE_`; in lower case it is the key in moraine.toml.
        words: What it says, for whoever sets it.
        default: What holds where nobody said anything; for a number, its digits.
        least, most: Of a number.
        among: What may be said; empty: anything.
        secret: Not to be shown.
        tests: It is read by the tests alone.
    """

    name: str
    words: str
    default: str = ""
    least: int = 0
    most: int = 2**31
    among: tuple[str, ...] = ()
    secret: bool = False
    tests: bool = False

    @property
    def variable(self) -> str:
        return PREFIX + self.name


YES_NO = ("yes", "no")
SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("SETTINGS", "another file than moraine.toml beside app.py"),
        Setting("DATASETS", "dataset folders, in the order of the picker"),
        Setting("S3_ANONYMOUS", "whether public datasets on object storage are read without keys", "no", among=YES_NO),
        Setting("STATE_DIR", "where the app keeps what it makes"),
        Setting("STATE_MB", "the most that tables and pictures kept there take, MB", "512", least=1, most=2**20),
        Setting("SCENES", "whether the simulated inventory has images", "yes", among=YES_NO),
        Setting("RUNS", "more folders of training runs"),
        Setting("UPLOAD_MB", "the largest GeoTIFF on the page Segment, MB", "64", least=1, most=4096),
        Setting("UPLOADS_MB", "all that one visit may hand in, MB", "256", least=1, most=2**20),
        Setting("TEMPORARY_MB", "visitors' files and what is made of them, before nothing more is taken, MB", "1024", least=1, most=2**20),
        Setting("CHILD_MB", "memory of the process that reads what visitors hand in, MB", "256", least=192, most=65536),
        Setting("INFERENCES_A_MINUTE", "how often one visit may have a model run", "20", least=1, most=6000),
        Setting("FITS_A_MINUTE", "how often trends are fitted for one visit, and for one address", "60", least=1, most=6000),
        Setting("SESSIONS", "visits at a time", "100", least=1, most=100_000),
        Setting("IDLE_MINUTES", "minutes without a click after which a visit gives its place back; 0: never", "60", most=10_080),
        Setting("ORIGINS", "whose pages may send and connect"),
        Setting("TRUSTED_PROXIES", "proxies that are believed", "127.0.0.1, ::1"),
        Setting("FRAME_ANCESTORS", "who may show the app in a frame"),
        Setting("TABLE_MB", "the largest own table that a visitor may open, MB; 0: none", "20", most=200),
        Setting("TABLES", "how many own tables of visitors may be open at once", "8", least=1, most=1000),
        Setting("TABLE_MINUTES", "minutes that an own table outlives its last visit", "10", least=1, most=1440),
        Setting("REVIEWS", "who may review", "auto", among=("auto", "on", "off")),
        Setting("REVIEWS_URL", "the database of reviews", secret=True),
        Setting("USER_HEADER", "the header that names the signed-in user"),
        Setting("STATE_LASTS", "whether the state folder outlives the process", among=YES_NO),
        Setting("LOG", "the form of the log", "text", among=("text", "json")),
        Setting("LOG_LEVEL", "the least that is logged", "info", among=("debug", "info", "warning", "error")),
        Setting("METRICS", "who may read the figures", "local", among=("local", "on", "off")),
        Setting("LOAD_DATASET", "the dataset that load is tried on", tests=True),
        Setting("MILLION", "the dataset of very many lakes that suites are tried on", tests=True),
        Setting("REAL_DATA", "the folder of real data", "../shared/data", tests=True),
    )
}


@dataclass(frozen=True)
class Said:
    """What somebody said.

    Args:
        value: A text, a number, yes or no, or a list of texts: moraine.toml has types; a variable is a text always.
        place: Who said it, for an error.
        base: The folder that relative paths start from.
    """

    value: Any
    place: str
    base: Path


def said(name: str) -> Said | None:
    """What was said of a setting, None where nothing was. The variable counts before the file.

    Raises:
        InputError: moraine.toml cannot be read, or has a key that is no setting.
    """
    setting = SETTINGS[name]
    variable = os.environ.get(setting.variable, "").strip()
    if variable:
        return Said(variable, setting.variable, Path.cwd())
    file = settings_file()
    keys = read_settings(file)
    key = name.lower()
    return Said(keys[key], f"{key} in {file}", file.parent) if keys.get(key, "") not in ("", []) else None


def settings_file() -> Path:
    """Where the file of settings lies, whether it is there or not."""
    named = os.environ.get(f"{PREFIX}SETTINGS", "").strip()
    return Path(named).expanduser().resolve() if named else FILE


def read_settings(file: Path) -> dict[str, Any]:
    """The keys of a file of settings; none where there is no file.

    Raises:
        InputError: It cannot be read, or has a key that is no setting.
    """
    try:
        keys = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if file != FILE:
            raise InputError(f"MORAINE_SETTINGS names {file}, which is not there", "correct the path, or unset it") from None
        return {}
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read: {error}", "write it as TOML: key = value, a text in quotes (docs/settings.md)") from error
    known = [name.lower() for name, setting in SETTINGS.items() if not setting.tests and name != "SETTINGS"]
    for key in keys:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            raise InputError(f"{file} sets {key!r}, which is no setting", f"did you mean {near[0]!r}?" if near else "see docs/settings.md")
    return keys


def in_force() -> list[str]:
    """What somebody said, a line each with who said it; secrets are not shown."""
    lines: list[str] = []
    for name, setting in SETTINGS.items():
        found = said(name)
        if found is not None:
            hidden = setting.secret or re.search(r"://.*[@?]", repr(found.value))
            shown = "(not shown)" if hidden else repr(found.value)
            lines.append(f"{name.lower()} = {shown}, from {found.place}")
    return lines


def text(name: str) -> str:
    """What was said, else the default; one of those that may be said, in lower case, where not everything may."""
    setting, found = SETTINGS[name], said(name)
    if found is None:
        return setting.default
    value = "yes" if found.value is True else "no" if found.value is False else found.value
    if not isinstance(value, str):
        raise InputError(f"{found.place} is {value!r}", "write it as text, in quotes")
    if setting.among and value.lower() not in setting.among:
        raise InputError(f"{found.place} is {value!r}", f"set it to {_either(setting.among)}, or unset it")
    return value.lower() if setting.among else value


def yes(name: str) -> bool:
    """Whether it is yes."""
    return text(name) == "yes"


def number(name: str) -> int:
    """A whole number within what it may be, else the default."""
    setting, found = SETTINGS[name], said(name)
    if found is None:
        return int(setting.default)
    digits = str(found.value)
    if isinstance(found.value, bool) or not digits.isdecimal() or len(digits) > 12 or not setting.least <= int(digits) <= setting.most:
        bounds = f"a whole number from {setting.least:,} to {setting.most:,}"
        raise InputError(f"{found.place} is {found.value!r}", f"set it to {bounds}, or unset it ({setting.default})")
    return int(digits)


def check() -> None:
    """See at the start that whatever was said can be: some settings are read much later.

    Raises:
        InputError: A number or a choice says what it cannot.
    """
    for name, setting in SETTINGS.items():
        if setting.default.isdecimal():
            number(name)
        elif setting.among:
            text(name)


def listed(name: str, separator: str = ",") -> list[str]:
    """Texts, from a list in moraine.toml or separated in a variable; the default is separated too."""
    setting, found = SETTINGS[name], said(name)
    value = found.value if found is not None else setting.default
    parts = value.split(separator) if isinstance(value, str) else value
    if found is not None and not (isinstance(parts, list) and all(isinstance(part, str) for part in cast(list[Any], parts))):
        raise InputError(
            f"{found.place} is {value!r}", f'write it as a list of texts, ["a", "b"], or as one text separated by {separator!r}'
        )
    return [part.strip() for part in cast(list[str], parts) if part.strip()]


def path(name: str) -> Path | None:
    """A path, None where none was said; a relative one starts from the folder of moraine.toml where that says it."""
    found = said(name)
    return None if found is None else (found.base / Path(text(name)).expanduser())


def places(name: str) -> list[Path | str]:
    """Folders that are there, separated as in PATH, relative ones as in `path`; and addresses (`s3://…`), as they are.

    Raises:
        InputError: A folder is not there.
    """
    found = said(name)
    if found is None:
        return []
    parts = listed(name, os.pathsep)
    if isinstance(found.value, str):  # an address has the separator in it
        parts = _whole_addresses(parts)
    return [part if "://" in part else _folder(found, part) for part in parts]


def _whole_addresses(parts: list[str]) -> list[str]:
    whole: list[str] = []
    for part in parts:
        if part.startswith("//") and whole and whole[-1].isalnum():
            whole[-1] += f"{os.pathsep}{part}"
        else:
            whole.append(part)
    return whole


def _folder(found: Said, part: str) -> Path:
    folder = (found.base / Path(part).expanduser()).resolve()
    if not folder.is_dir():
        raise InputError(f"{found.place} names {folder}, which is not a folder", "correct the path, or unset it")
    return folder


def folders(name: str) -> list[Path]:
    """`places`, none of them an address.

    Raises:
        InputError: One is not a folder that is there.
    """
    found = places(name)
    for place in found:
        if isinstance(place, str):
            raise InputError(f"MORAINE_{name} names {place}", "name folders of this machine")
    return [place for place in found if isinstance(place, Path)]


def _either(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
