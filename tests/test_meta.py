"""`dataset.toml`: what is written is read, and what is wrong is said with the file and the key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import DatasetError
from data.meta import FILE, read_meta, write_meta
from data.records import DatasetMeta, Season

WORDS = st.text(st.characters(codec="utf-8"), max_size=40)
SEASONS = st.none() | st.builds(Season, st.integers(1, 12), st.integers(1, 12))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=WORDS, title=WORDS, season=SEASONS, pixel_m=st.none() | st.floats(0.1, 1000))
def test_what_is_written_is_read(name: str, title: str, season: Season | None, pixel_m: float | None, tmp_path: Path) -> None:
    meta = DatasetMeta(name, title, season=season, pixel_m=pixel_m, sensors={title: ["blue", name]})
    write_meta(tmp_path, meta)
    assert read_meta(tmp_path) == (replace(meta, season=None) if season == Season(1, 12) else meta)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("format = 2", "format 2 is unknown"), ('season = "spring"', "season 'spring' is not a range of months"),
        ("pixel_m = -3", "pixel_m"),
        ("area_sd_factor = nan", "area_sd_factor"), ("title = 5", "title = 5 has the wrong type"), ("name = ", "not valid TOML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(line: str, said: str, tmp_path: Path) -> None:
    key = line.split(" ", maxsplit=1)[0]
    lines = ["format = 1", 'name = "n"', 'title = "t"']
    (tmp_path / FILE).write_text("\n".join([*(kept for kept in lines if not kept.startswith(f"{key} ")), line]))
    with pytest.raises(DatasetError) as caught:
        read_meta(tmp_path)
    assert said in caught.value.what
    assert FILE in caught.value.what
