"""`dataset.toml`: reading and writing what a dataset says of itself."""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from data.cache import write_text
from data.commit import current
from data.errors import DatasetError, InputError
from data.packing.pack import Pack
from data.plain_text import plain, plain_lines
from data.records import DatasetMeta, Season

FILE = "dataset.toml"
FORMAT = 1


def read_meta(folder: Path) -> DatasetMeta:
    """Read a dataset's `dataset.toml`.

    Raises:
        DatasetError: There is none, it is not TOML, or a key has the wrong type.
    """
    path = current(folder, FILE)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise DatasetError(
            f"{folder} holds no {FILE}, so it is not a dataset",
            f"make one with `python -m data import SOURCE... --into {folder}`",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} is not valid TOML: {error}", "mend the line it names") from error
    if raw.get("format") != FORMAT:
        raise DatasetError(f"{path}: format {raw.get('format')!r} is unknown", f"this Moraine reads format {FORMAT}")
    return _meta_from(raw, path)


def _meta_from(raw: dict[str, Any], path: Path) -> DatasetMeta:
    kinds: dict[str, tuple[type, ...]] = {
        "name": (str,), "title": (str,), "simulated": (bool,), "licence": (str,), "citation": (str,), "description": (str,),
        "pixel_m": (int, float), "area_sd_factor": (int, float), "default_source": (str,), "sensors": (dict,),
        "thresholds": (dict,),
    }  # fmt: skip
    known: dict[str, Any] = {}
    for key, types in kinds.items():
        if key in raw:
            if not isinstance(raw[key], types):
                raise DatasetError(f"{path}: {key} = {raw[key]!r} has the wrong type", f"make it a {types[0].__name__}")
            known[key] = raw[key]
    for key in ("name", "title"):
        if key not in known:
            raise DatasetError(f"{path}: {key} is missing", f'add a line {key} = "…"')
    for key in ("pixel_m", "area_sd_factor"):
        if not 0 < known.get(key, 1) < math.inf:
            raise DatasetError(f"{path}: {key} = {known[key]} makes no sense", "make it a number above 0")
    for source, threshold in known.get("thresholds", {}).items():
        if not isinstance(threshold, (int, float)) or not 0 <= threshold < 1:
            raise DatasetError(f"{path}: the threshold of {source!r}, {threshold!r}, makes no sense", "make it a number from 0 to 0.95")
    try:
        season = Season.parse(str(raw.get("season", "")))
    except InputError as error:
        raise DatasetError(f"{path}: {error.what}", error.remedy) from error
    return DatasetMeta(**known, season=season, pack=_pack(raw["pack"], path) if "pack" in raw else None)


def _pack(said: Any, path: Path) -> Pack:
    wanted = {each.name: str if each.name == "digest" else int for each in fields(Pack)}
    if not isinstance(said, dict) or {name: type(value) for name, value in said.items()} != wanted:
        raise DatasetError(f"{path}: pack = {said!r} is not what a pack says of itself", "pack the dataset again: python -m data pack")
    return Pack(**said)


def plain_meta(meta: DatasetMeta) -> DatasetMeta:
    """With texts as they may be shown, and sources as tables have them then (data.plain_text). The name is a key, and stays."""
    texts = {each: plain(getattr(meta, each)) for each in ("title", "licence", "citation")}
    source = None if meta.default_source is None else plain(meta.default_source)
    keyed = {each: {plain(name): value for name, value in getattr(meta, each).items()} for each in ("sensors", "thresholds")}
    return replace(meta, description=plain_lines(meta.description), default_source=source, **texts, **keyed)


def write_meta(folder: Path, meta: DatasetMeta) -> None:
    """Write `dataset.toml` atomically; equal records give equal bytes."""
    values: dict[str, Any] = {
        "format": FORMAT, "name": meta.name, "title": meta.title, "simulated": meta.simulated, "licence": meta.licence,
        "citation": meta.citation, "description": meta.description, "season": meta.season.token if meta.season else "none",
        "pixel_m": meta.pixel_m, "area_sd_factor": meta.area_sd_factor, "default_source": meta.default_source,
    }  # fmt: skip
    lines = [f"{key} = {_toml(value)}" for key, value in values.items() if value is not None]
    for table, held in (("sensors", meta.sensors), ("thresholds", meta.thresholds), ("pack", asdict(meta.pack) if meta.pack else {})):
        if held:
            lines += ["", f"[{table}]", *(f"{_toml(key)} = {_toml(value)}" for key, value in sorted(held.items()))]
    write_text(folder / FILE, "\n".join(lines) + "\n")


def _toml(value: Any) -> str:
    """Text, numbers, truth values and lists of text: JSON's are TOML's, but for pairs of escapes (hence no ASCII) and a bare DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
