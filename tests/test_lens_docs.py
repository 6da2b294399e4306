"""docs/lens.md says what the code does: every file, column, array, key and option, and the levels that numbers are rounded to."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from dataclasses import fields

from data.lens.fitting import COLUMNS, NUMBERS, TEXTS
from data.lens.manifest import Layer, Manifest
from models.commands import lens
from models.lens.packing import IMAGE_LEVELS, LEVELS, MAP_LEVELS
from models.lens.showing import MAP_SIDE
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "lens.md").read_text(encoding="utf-8")
ROWS = {row[1]: row[2] for row in re.finditer(r"^\| `([a-z_]+\.[a-z]+)` \| (.+?) \| ", TEXT, flags=re.MULTILINE)}


def test_every_column_of_every_table_is_named_and_no_other() -> None:
    for file, columns in COLUMNS.items():
        assert set(re.findall(r"`([a-z_0-9]+)`", ROWS[file])) == set(columns), file
    assert set(re.findall(r"`([a-z_0-9]+)`", ROWS["scenes.parquet"])) == {"scene_key", "lake_key", *NUMBERS, *TEXTS}


def test_every_key_of_the_manifest_is_named() -> None:
    said = TEXT[TEXT.index("`lens.json` has `format`") : TEXT.index("`data/lens/manifest.py` says")]
    assert set(re.findall(r"`([a-z_0-9]+)`", said)) == {"format", *(each.name for each in [*fields(Manifest), *fields(Layer)])}


def test_every_option_is_named_with_its_default() -> None:
    parser = ArgumentParser()
    lens.add_arguments(parser)
    asked = {each.option_strings[0]: each.default for each in parser._actions if each.option_strings and each.dest != "help"}
    told = dict(re.findall(r"^\| `(--[a-z]+)[^`]*` \| .+ \|([^|]*)\|$", TEXT, flags=re.MULTILINE))
    assert asked.keys() == told.keys()
    assert [told[name].strip() for name in ("--probe", "--maps")] == [str(asked[name]) for name in ("--probe", "--maps")]


def test_the_levels_are_those_of_the_code() -> None:
    said = f"probabilities to {LEVELS} levels (.5 keeps its side), colours of the probe to {IMAGE_LEVELS}"
    assert said in TEXT
    assert f"feature maps to {MAP_LEVELS} between" in TEXT
    assert f"maps of at most {MAP_SIDE}²" in TEXT
