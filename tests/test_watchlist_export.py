"""The list for other programs: what it holds, and that no cell of it is a formula."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data.cache import read_table, write_table
from data.store import Store
from data.watchlist.rank import ranked
from data.watchlist.volumes import volume_range
from data.watchlist.wish import Wish, weighed
from modules.watching.saving import OnScreen
from modules.watching.state import worked
from tests.datasets import FORMULA, small_dataset

WISH = Wish(weighed({"growth": 2.0, "newest_area": 1.0}), top=40)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> OnScreen:
    store = Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))
    held = worked(store, store.trends(store.settings()), ())
    return OnScreen(store, held, ranked(held.given.lake_keys, held.raw, WISH), WISH)


def test_csv_holds_places_components_and_where_they_come_from(shown: OnScreen) -> None:
    frame = pd.read_csv(io.BytesIO(shown.export("csv")))
    ranking = shown.ranking
    assert frame["place"].tolist() == list(range(1, len(ranking.listed) + 1))
    assert frame["lake_key"].tolist() == ranking.lake_key[ranking.listed].tolist()
    parts = frame[["part_growth", "part_newest_area"]].sum(axis=1)
    np.testing.assert_allclose(parts, frame["score"], atol=1e-9)
    np.testing.assert_allclose(frame["volume_high_mcm"], volume_range(frame["value_newest_area"].to_numpy())[2])
    assert set(frame["weights"]) == {"growth:2 newest_area:1"}
    assert set(frame["dataset_digest"]) == {shown.store.digest}
    assert frame["simulated"].all()


def test_no_cell_is_a_formula(shown: OnScreen) -> None:
    text = shown.export("csv").decode()
    assert f"'{FORMULA}" in text
    frame = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    for name in frame:
        starts = [cell for cell in frame[name] if cell[:1] in set("=+@\t\r") or (cell[:1] == "-" and not cell[1:2].isdigit())]
        assert starts == [], name


def test_geopackage_holds_the_newest_outlines(shown: OnScreen, tmp_path: Path) -> None:
    import geopandas

    path = tmp_path / "list.gpkg"
    path.write_bytes(shown.export("gpkg"))
    frame = geopandas.read_file(path)
    assert frame["place"].tolist() == list(range(1, len(shown.ranking.listed) + 1))
    assert frame.crs == "EPSG:4326"
    assert (frame.geom_type == "Polygon").all()


def test_input_columns_that_are_named_like_ours_keep_their_values(tmp_path: Path) -> None:
    import geopandas

    folder = small_dataset(tmp_path / "small")
    lakes = read_table(folder / "lakes.parquet")
    for name in ("Weights", "list_length", "score", "Score_input"):
        lakes = lakes.append_column(name, pa.array([f"{name} {row}" for row in range(len(lakes))]))
    write_table(folder / "lakes.parquet", lakes)
    store = Store(folder)
    held = worked(store, store.trends(store.settings()), ())
    shown = OnScreen(store, held, ranked(held.given.lake_keys, held.raw, WISH), WISH)
    (tmp_path / "list.gpkg").write_bytes(shown.export("gpkg"))
    for frame in (geopandas.read_file(tmp_path / "list.gpkg"), pd.read_csv(io.BytesIO(shown.export("csv")))):
        assert set(frame["weights"]) == {"growth:2 newest_area:1"}
        keys = [f"{key}" for key in frame["lake_key"]]
        for name, told in (("Weights_input", "Weights"), ("list_length_input", "list_length"), ("Score_input", "Score_input")):
            assert frame[name].tolist() == [f"{told} {key}" for key in keys]
        assert frame["score_input_input"].tolist() == [f"score {key}" for key in keys]
