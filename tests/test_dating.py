"""Trends by nominal dates and by days of images: the fit, the names of settings, the choice, and how many lakes change side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.__main__ import main
from data.cache import read_table, write_table
from data.errors import InputError, TrendError
from data.records import TrendSettings
from data.store import Store
from data.trends.classes import classes
from data.trends.multiplicity import log_q_benjamini_hochberg
from data.trends.series import image_dates_differ, series, years_of
from data.trends.sides import sides
from modules.choices import Display, State
from modules.dating import beside_words, dating_server, dating_ui, other_settings
from modules.links.link import link, state_from
from tests.datasets import small_dataset
from tests.sessions import ViewSession
from tests.trend_cases import area_rows
from tests.waiting import until

KEYS = np.arange(1, dtype=np.int32)
NOMINAL, IMAGE = (TrendSettings(method="ols", source="inventory", dates=dates) for dates in ("nominal", "image"))
ROWS = area_rows(
    [
        {"date": "2000-10-15", "date_nominal": True, "date_image": "2004-01-01", "area_km2": 1.0},
        {"date": "2010-10-15", "date_nominal": True, "area_km2": 2.0},
        {"date": "2020-07-02", "date_nominal": False, "date_image": "2018-07-02", "area_km2": 4.0},
    ]
)


def test_image_days_take_the_place_of_dates_where_they_are_known() -> None:
    np.testing.assert_allclose(years_of(ROWS, NOMINAL)[0], [2000 + 287 / 365, 2010 + 287 / 365, 2020 + 183 / 366])
    np.testing.assert_allclose(years_of(ROWS, IMAGE)[0], [2004.0, 2010 + 287 / 365, 2018 + 182 / 365])
    batch, _ = series(ROWS, KEYS, IMAGE)
    assert batch.nominal_year.tolist() == [2004, 2010, 2018]
    assert image_dates_differ(ROWS)
    assert not image_dates_differ(area_rows([{"date": "2001-01-01"}, {"date": "2002-01-01", "date_image": "2002-01-01"}]))


@pytest.mark.parametrize("season", ["9-11", "none"])
@pytest.mark.parametrize("threshold", [None, 0.35])
def test_settings_keep_their_dates_and_old_names_their_meaning(season: str, threshold: float | None) -> None:
    settings = replace(IMAGE, season=None if season == "none" else TrendSettings.from_token("ols~log~9-11~a").season, threshold=threshold)
    assert TrendSettings.from_token(settings.token) == settings
    assert "image" not in replace(settings, dates="nominal").token
    with pytest.raises(InputError, match="dates 'lunar' are unknown"):
        TrendSettings.from_token("ols~log~all:lunar~a")


def test_a_link_restores_the_dates(tmp_path: Path) -> None:
    store = Store(small_dataset(tmp_path / "d"))
    state = State(replace(store.settings(), dates="image"))
    made = link(state, store)
    assert "dates=image" in made.query
    assert state_from(made.query, store) == (state, [])


def test_sides_are_counted_lake_by_lake(tmp_path: Path) -> None:
    store = Store(small_dataset(tmp_path / "d"))
    before, after = (store.trends(replace(store.settings(), dates=dates)) for dates in ("nominal", "image"))
    assert (before.frame["slope"] != after.frame["slope"])[:10].all()
    found = sides(before, after, alpha=0.0005)
    first, second = (classes(table, alpha=0.0005) for table in (before, after))
    assert found.changed == (first != second).sum() > 0
    assert found.counts.sum() == len(store.lakes)
    assert found.counts[2, 1] == ((first == 2) & (second == 1)).sum()
    assert f"{found.changed} of 40 lakes change side: " in found.words()
    assert sides(before, before).words() == f"{(classes(before) == 2).sum()} growing, 4 shrinking; 0 of 40 lakes change side"
    with pytest.raises(TrendError, match="different lakes"):
        sides(before, replace(after, frame=after.frame.iloc[1:]))


def test_the_command_says_how_many_change_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = small_dataset(tmp_path / "d")
    assert main(["trends", str(folder), "--dates", "image"]) == 0
    said = capsys.readouterr().out
    store = Store(folder)
    tables = [store.trends(replace(store.settings(), dates=dates)) for dates in ("nominal", "image")]
    assert f"by image dates, beside nominal ones: {sides(*tables).words()}" in said
    assert "dates image" in said
    assert " · dated by their images where known" in said.splitlines()[1]


def test_the_choice_refits_and_says_what_the_other_would(tmp_path: Path) -> None:
    store = Store(small_dataset(tmp_path / "d"))
    nominal, image = (store.trends(replace(store.settings(), dates=dates)) for dates in ("nominal", "image"))
    with ViewSession(store, dating_server) as view:
        view.set(dates="nominal")

        def said(words: str) -> bool:
            view.set()
            return view.output("beside") == words

        until(lambda: said(beside_words(nominal, image, Display())))
        view.set(dates="image")
        assert view.read("settings") == image.settings == other_settings(nominal.settings)
        until(lambda: said(beside_words(image, nominal, Display())))
        view.set(dates="lunar")
        assert view.read("settings") == image.settings, "what the browser sends is not believed"


def test_there_is_a_choice_only_where_dates_differ(tmp_path: Path) -> None:
    folder = small_dataset(tmp_path / "d")
    assert "Days of the images" in str(dating_ui("dating", Store(folder), TrendSettings()))
    areas = read_table(folder / "areas.parquet")
    place = areas.column_names.index("date_image")
    write_table(folder / "areas.parquet", areas.set_column(place, "date_image", areas.column("date")))
    assert dating_ui("dating", Store(folder), TrendSettings()) is None


@pytest.mark.real
def test_the_hindu_kush_himalaya_inventory_by_either_date(real_data: Path, tmp_path: Path) -> None:
    """Of the 1,391 lakes with an id of their own in all epochs: growing, shrinking, the first ten by p, and how many change side."""
    folder = tmp_path / "hkh"
    assert main(["examples", "fetch", "hkh-lakedb", "--into", str(folder), "--from", str(real_data / "hkh-lakedb")]) == 0
    store = Store(folder)
    known = ~store.lakes["lake_id"].duplicated(keep=False).to_numpy()
    found: list[np.ndarray] = []
    for dates in ("nominal", "image"):
        frame = store.trends(replace(store.settings(), dates=dates)).frame
        own = known & (frame["n"] == 3).to_numpy()
        assert own.sum() == 1391
        significant = log_q_benjamini_hochberg(np.where(own, frame["log_p"], np.nan)) < np.log(0.05)
        found.append(np.where(significant, np.sign(frame["slope"]), 0)[own])
        assert (found[-1] < 0).sum() == pytest.approx(1, abs=2)
        first = frame[own].nsmallest(10, "log_p")["lake_id"].tolist()
        assert {"GL088199E27913N", "GL086922E27899N", "GL087097E27798N"} < set(first), "South Lhonak, Imja, Lower Barun"
    assert [(each > 0).sum() for each in found] == [pytest.approx(55, abs=2), pytest.approx(53, abs=2)]
    assert 1 <= (found[0] != found[1]).sum() <= 4
