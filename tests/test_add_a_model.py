"""docs/add-a-model.md: the segmenter that stands there is one, and the files and commands that it names are there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

import models.zoo
from models.zoo import segmenter, zoo
from tests.conftest import ROOT
from tests.test_zoo import chip, square

TEXT = (ROOT / "docs" / "add-a-model.md").read_text(encoding="utf-8")


def test_the_segmenter_of_the_page_is_found_and_segments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
    (tmp_path / "mndwi.py").write_text(code)
    monkeypatch.setattr(models.zoo, "__path__", [*models.zoo.__path__, str(tmp_path)])
    try:
        assert "mndwi" in zoo()
        lake = square(64)
        seen = chip(lake, ("granite", "clear_water"))
        seen.reflectance[1, :4] = np.nan
        seen.reflectance[4, 60:] = np.nan
        found = segmenter("mndwi").load()(seen)
        assert found.dtype == np.float32
        assert np.isnan(found[60:]).all(), "no shortwave infrared there"
        water = found > 0.5
        assert (water & (lake == 1)).sum() / (water | (lake == 1))[:60].sum() > 0.8
    finally:
        sys.modules.pop("models.zoo.mndwi", None)


def test_every_page_that_it_leads_to_is_there() -> None:
    for page in re.findall(r"\]\(([\w.-]+)\)", TEXT):
        assert (ROOT / "docs" / page).exists(), page
