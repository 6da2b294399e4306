"""Whatever changes between two lists, both ends come out of the files exactly as the datasets have them, and shares sum to the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data.cache import read_table, write_table
from data.records import Season, TrendSettings
from data.schema import TABLES
from data.store import Store
from data.watchlist.compare import compare
from data.watchlist.components import COMPONENTS
from data.watchlist.file_in import read_text
from data.watchlist.file_out import file_text
from data.watchlist.opened import given_by
from data.watchlist.rank import ranked, raw_components
from data.watchlist.saved import Saved, saved_of
from data.watchlist.wish import Wish, weighed
from tests.datasets import LAKES, SOURCE, small_dataset


def changed(folder: Path, rng: np.random.Generator) -> Path:
    """The small dataset with dates added, revised and taken away, a lake gone, others described anew, and floods."""
    small_dataset(folder)
    rows = read_table(folder / "areas.parquet").to_pandas()
    gone = int(rng.integers(LAKES))
    rows.loc[rng.choice(len(rows), 5, replace=False), "area_km2"] *= 1.3
    rows.loc[rng.choice(len(rows), 5, replace=False), "reason"] = "cloud"
    rows = rows.drop(index=rng.choice(len(rows), 5, replace=False))
    fresh = rows.groupby("lake_key").tail(1).sample(8, random_state=int(rng.integers(1000)))
    later = [day + timedelta(days=int(rng.integers(200, 500))) for day in fresh["date"]]
    fresh = fresh.assign(date=later, area_km2=fresh["area_km2"] * rng.uniform(0.7, 1.6, 8), date_image=None, reason="ok")
    rows = pd.concat([rows, fresh]).query("lake_key != @gone")
    _write(folder, "areas", rows)
    lakes = read_table(folder / "lakes.parquet")
    height = lakes.column_names.index("elevation_m")
    tall = rng.uniform(4000, 6000, len(lakes))
    lakes = lakes.set_column(height, lakes.schema.field(height), [tall])
    write_table(folder / "lakes.parquet", lakes.filter(pa.array(np.arange(LAKES) != gone)))
    outlines = read_table(folder / "outlines.parquet")
    write_table(folder / "outlines.parquet", outlines.filter(pa.array(np.arange(LAKES) != gone)))
    burst = [key for key in (1, 5, 9) if key != gone]
    _write(
        folder,
        "events",
        pd.DataFrame({"lake_key": burst, "date": date(2020, 7, 1), "kind": "flood", "evidence": "told", "source": "record"}),
    )
    return folder


def _write(folder: Path, table: str, frame: pd.DataFrame) -> None:
    columns = TABLES[table].columns
    write_table(
        folder / f"{table}.parquet", pa.table({name: pa.array(frame[name], columns[name].type, from_pandas=True) for name in columns})
    )


def saved(store: Store, rng: np.random.Generator) -> Saved:
    """A list of random weights, settings and reviews, written and read."""
    names = rng.choice(sorted(COMPONENTS), 5, replace=False).tolist()
    wish = Wish(weighed({"growth": 1.0, **{name: float(rng.integers(1, 4)) for name in names}}), top=int(rng.integers(5, 20)))
    bad = store.area_rows.sample(3, random_state=int(rng.integers(1000)))
    out = store.left_out.name([(int(key), day.date(), SOURCE) for key, day in zip(bad["lake_key"], bad["date"], strict=True)])
    method, season = rng.choice(["auto", "ols", "theil-sen", "known-error"]), rng.choice([None, Season(9, 11)])
    settings = TrendSettings(
        str(method), str(rng.choice(["log", "area"])), season, SOURCE, without=out, correction=str(rng.choice(["bh", "by"]))
    )
    given = given_by(store, store.trends(settings), {})
    ranking = ranked(given.lake_keys, raw_components(given), wish)
    return read_text(file_text(saved_of(store, given, ranking, wish, day=date(2026, 1, 1)), given, ranking).encode())


def accounted_for(folder: Path, seed: int) -> int:
    """Compare two lists between which everything has changed; returns how many entries, exits and moves were explained."""
    rng = np.random.default_rng(seed)
    then = saved(Store(small_dataset(folder / "then")), rng)
    now = saved(Store(changed(folder / "now", rng)), rng)
    found = compare(then, now)
    assert found.cautions == ()
    assert set(found.between.causes) >= {"observation", "dataset"}
    assert {change.lake_key for change in found.changes} == then.ranks.keys() | now.ranks.keys()
    for change in found.changes:
        assert (change.lake_key in then.ranks, change.lake_key in now.ranks) == {
            "entered": (False, True), "left": (True, False), "moved": (True, True), "stayed": (True, True),
        }[change.kind]  # fmt: skip
        total = sum(cause.share for cause in change.causes)
        if change.kind in {"entered", "left"}:
            assert total == pytest.approx(1 if change.kind == "entered" else -1)
        else:
            assert total == pytest.approx(then.ranks[change.lake_key] - now.ranks[change.lake_key])
        assert all(cause.words for cause in change.causes)
    return sum(change.kind != "stayed" for change in found.changes)


def test_both_ends_are_reproduced_and_everything_is_accounted_for(tmp_path: Path) -> None:
    assert accounted_for(tmp_path, 0) > 0


def test_the_order_of_rows_in_a_file_does_not_matter(tmp_path: Path) -> None:
    one = saved(Store(small_dataset(tmp_path / "small")), np.random.default_rng(7))
    other = replace(one, rows=one.rows.sample(frac=1, random_state=1).sort_values(["lake_key", "date"], ignore_index=True))
    assert compare(one, other).between.causes == ()
