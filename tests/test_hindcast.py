"""Hindcasts: nothing that came later is known, a flood is later only after the last image, and no figure goes without its number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from data.__main__ import main
from data.cache import read_table, write_table
from data.hindcast.known import Known, image_days, known_by
from data.hindcast.measures import auc
from data.hindcast.offers import best, offers
from data.hindcast.run import Rules, hindcast
from data.hindcast.scores import SCORES, area, change, evidence
from data.hindcast.words import headline, judgement, summary
from data.store import Store
from tests.datasets import CONSTANT, FEW, INSUFFICIENT, LAKES, small_dataset
from tests.flood_cases import with_floods
from tests.trend_cases import area_rows

UNTIL = np.datetime64("2020-12-31")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The lakes have images of every October (key 0, 10, …: July in 2016 and 2020) from 2016 to 2023."""
    return small_dataset(tmp_path / "d")


def changed(folder: Path, column: str, make: object) -> None:
    """Rewrite one column of the area rows after 2020."""
    areas = read_table(folder / "areas.parquet")
    late = np.array([day.year > 2020 for day in areas.column("date").to_pylist()])
    values = np.where(late, make(areas.column(column).to_numpy()), areas.column(column).to_numpy())  # type: ignore[operator]
    write_table(folder / "areas.parquet", areas.set_column(areas.column_names.index(column), column, pa.array(values)))


def test_a_row_is_known_once_its_image_was_taken() -> None:
    rows = area_rows(
        [
            {"date": "2000-10-15", "date_nominal": True, "date_image": "2009-03-01"},
            {"date": "2001-10-15", "date_nominal": True},
            {"date": "2002-10-15", "date_nominal": False},
        ]
    )
    assert image_days(rows).astype(str).tolist() == ["2009-03-01", "2001-12-31", "2002-10-15"]


def test_it_is_as_if_later_rows_did_not_exist(folder: Path, tmp_path: Path) -> None:
    store = Store(folder)
    known = known_by(store, store.settings(), UNTIL)
    cut = small_dataset(tmp_path / "cut")
    areas = read_table(cut / "areas.parquet")
    write_table(cut / "areas.parquet", areas.filter(pc.less_equal(areas.column("date"), pa.scalar(UNTIL.item()))))
    alone = Store(cut)
    pd.testing.assert_frame_equal(known.table.frame, alone.trends(alone.settings()).frame)
    assert known.last_image.astype("datetime64[Y]").astype(str)[FEW] == "2019"
    assert (known.last_image <= UNTIL).all()


@pytest.mark.parametrize("score", [evidence, change, area])
def test_what_came_later_moves_nobody(folder: Path, score: object) -> None:
    with_floods(folder, [(3, "2022-05-01")])
    before = hindcast(Store(folder), Store(folder).settings(), UNTIL, score)  # type: ignore[arg-type]
    changed(folder, "area_km2", lambda areas: areas[::-1] * 7)
    with_floods(folder, [(12, "2021-05-01"), (20, "2023-01-01")])
    after = hindcast(Store(folder), Store(folder).settings(), UNTIL, score)  # type: ignore[arg-type]
    np.testing.assert_array_equal(before.rank, after.rank)
    assert np.isfinite(after.rank).sum() >= 38
    assert set(after.table["lake_key"]) == {3, 12, 20}


def test_the_surest_growth_comes_first_and_the_surest_decline_last(folder: Path) -> None:
    done = hindcast(Store(folder), Store(folder).settings(), UNTIL)
    order = np.argsort(done.rank)
    frame = done.known.table.frame
    signed = [-log_p if slope > 0 else log_p for log_p, slope in zip(frame["log_p"], frame["slope"], strict=True)]
    assert order[: done.ranked].tolist() == sorted(np.flatnonzero(np.isfinite(signed)).tolist(), key=lambda row: -signed[row])
    assert np.isnan(done.rank[[INSUFFICIENT, CONSTANT]]).all()


def test_a_flood_is_later_only_after_the_last_image(folder: Path) -> None:
    """Last images by the end of 2020: 15 October, of lake 20 15 July, of lake 13 15 October 2019."""
    with_floods(
        folder,
        [(1, "2020-11-20"), (2, "2021"), (3, "2020"), (4, "2019-2022"), (5, "NA"), (6, "before 2018"), (7, "2022-03"), (7, "2021-02-01"),
         (20, "2020-08-01"), (13, "2020-03-01"), (14, "2021-01-01")],
    )  # fmt: skip
    store = Store(folder)
    strict = hindcast(store, store.settings(), UNTIL)
    assert set(strict.table["lake_key"]) == {2, 7, 14}, "after the day, and surely so"
    assert strict.table.set_index("lake_key")["floods"].to_dict() == {2: 1, 7: 2, 14: 1}
    assert strict.table.set_index("lake_key")["words"][7] == "2021-02-01", "the first of its later floods"
    assert (strict.positives, len(strict.table)) == (2, 3), "lake 14 has two dates, no trend and no rank"
    assert strict.undecided == 2, "2019-2022 and NA may be later; 2020 is not after the day"
    gap = hindcast(store, store.settings(), UNTIL, rules=Rules(gap=True))
    assert set(gap.table["lake_key"]) == {1, 2, 7, 13, 14, 20}
    assert gap.undecided == 3, "a flood of 2020 may have come after the image of October"
    assert hindcast(store, store.settings(), UNTIL, rules=Rules(by_id=True)).table.empty
    assert hindcast(store, store.settings(), np.datetime64("2014-12-31")).table.empty, "nobody had seen a lake by then"


def test_an_image_later_than_its_nominal_year_is_what_counts(folder: Path) -> None:
    """The year says 2023, but the image was taken in 2019 (or in 2024): the day of the image decides what is known and what is later."""
    areas = read_table(folder / "areas.parquet").to_pandas()
    last = (areas["lake_key"] == 1) & (areas["date"] == areas.loc[areas["lake_key"] == 1, "date"].max())
    images = areas["date_image"].where(~last, pd.Timestamp("2024-06-01").date())
    schema = read_table(folder / "areas.parquet").schema
    write_table(folder / "areas.parquet", pa.Table.from_pandas(areas.assign(date_image=images), schema=schema, preserve_index=False))
    with_floods(folder, [(1, "2024-03-01"), (2, "2024-03-01")])
    store = Store(folder)
    done = hindcast(store, store.settings(), np.datetime64("2024-12-31"), rules=Rules(gap=True))
    assert set(done.table["lake_key"]) == {2}
    assert str(done.known.last_image[1]) == "2024-06-01"
    early = hindcast(store, store.settings(), np.datetime64("2023-12-31"))
    assert set(early.table["lake_key"]) == {1, 2}
    assert early.known.table.frame["n"][1] == 7, "the image of 2024 is not known yet"


def test_ranks_only_below_ten_and_an_auc_from_ten_on(folder: Path) -> None:
    with_floods(folder, [(key, "2022-01-01") for key in (0, 1, 2, 3, 4, 20, 25, 30, 35)])
    store = Store(folder)
    nine = hindcast(store, store.settings(), UNTIL)
    assert nine.positives == 9
    assert np.isnan(nine.auc)
    assert judgement(nine).startswith("9 lakes that burst later: fewer than 10")
    with_floods(folder, [(36, "2022-01-01")], source="more")
    ten = hindcast(Store(folder), store.settings(), UNTIL)
    assert ten.auc == auc(ten.score, ten.later)
    assert f"AUC {ten.auc:.2f}, 95 % bootstrap interval" in judgement(ten)
    assert "(n = 10 lakes that burst later" in judgement(ten)
    assert "38 lakes ranked by what was known on 2020-12-31; 10 of them burst later" in headline(ten)
    assert any("in the first 10 (chance 2.6)" in line for line in summary(ten, (5, 10)))


def test_any_score_can_be_handed_in(folder: Path) -> None:
    with_floods(folder, [(30, "2022-01-01")])

    def by_key(known: Known) -> np.ndarray:
        return known.lakes["lake_key"].to_numpy(dtype=float)

    done = hindcast(Store(folder), Store(folder).settings(), UNTIL, by_key)
    assert done.table["rank"].tolist() == [LAKES - 30]


def test_change_needs_two_dates_and_their_errors(folder: Path) -> None:
    store = Store(folder)
    known = known_by(store, store.settings(), np.datetime64("2017-12-31"))
    found = change(known)
    rows = known.rows[known.rows["lake_key"] == 5]
    expected = np.log(rows["area_km2"].iloc[1] / rows["area_km2"].iloc[0]) / np.hypot(0.02, 0.02)
    assert found[5] == pytest.approx(expected)
    assert np.isnan(evidence(known)).all(), "two dates are no trend"
    assert area(known)[5] == pytest.approx(rows["area_km2"].iloc[1])
    missing = replace(known, rows=known.rows.assign(area_sd_km2=np.nan))
    assert np.isnan(change(missing)).all()


def test_offers_count_what_hindcasts_find(folder: Path) -> None:
    with_floods(folder, [(1, "2019-01-01"), (2, "2021-05-05"), (20, "2020-08-01"), (5, "NA"), (12, "2022"), (14, "2023-12-31")])
    store = Store(folder)
    for score in SCORES.values():
        for rules in (Rules(), Rules(gap=True)):
            found = offers(store, store.settings(), score.least, rules)
            assert [offer.year for offer in found] == list(range(2015, 2024))
            for offer in found:
                done = hindcast(store, store.settings(), np.datetime64(f"{offer.year}-12-31"), score.score, rules)
                if score.name != "evidence":
                    assert (offer.lakes, offer.later) == (done.ranked, done.positives)
    assert best(found) == max(found, key=lambda each: (each.later, each.lakes, each.year))
    assert best([]) is None


def test_the_command(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hindcast", str(folder)]) == 2
    assert "has no floods" in capsys.readouterr().err
    with_floods(folder, [(3, "2022-05-01"), (20, "2020-08-01")])
    assert main(["hindcast", str(folder), "--gap"]) == 0
    assert " 2020       39  2" in capsys.readouterr().out
    assert main(["hindcast", str(folder), "--until", "2020", "--out", str(tmp_path / "later.csv")]) == 0
    said = capsys.readouterr().out
    done = hindcast(Store(folder), Store(folder).settings(), UNTIL)
    assert f"{done.rank[3]:.0f} of 38" in said
    assert pd.read_csv(tmp_path / "later.csv")["lake_key"].tolist() == [3]
    for wrong, words in ((["--until", "soon"], "is no day"), (["--until", "2020", "--score", "luck"], "score 'luck' is unknown")):
        assert main(["hindcast", str(folder), *wrong]) == 2
        assert words in capsys.readouterr().err


@pytest.mark.real
def test_the_real_inventory_and_its_floods(real_data: Path, tmp_path: Path) -> None:
    """By what was known at the end of 2020, South Lhonak stood among the first ten by evidence of growth; it burst in October 2023."""
    folder = tmp_path / "hkh"
    floods = real_data / "hmaglofdb" / "HMAGLOFDB.csv"
    assert (
        main(["examples", "fetch", "hkh-lakedb", "--into", str(folder), "--from", str(real_data / "hkh-lakedb"), "--floods", str(floods)])
        == 0
    )
    store = Store(folder)
    done = hindcast(store, store.settings(), UNTIL)
    assert (done.ranked, np.isnan(done.auc)) == (1207, True)
    assert 4 <= done.positives <= 5
    lhonak = done.table.loc[done.table["lake_key"] == store.ids.index("GL088199E27913N")]
    assert lhonak["rank"].item() <= 10
    assert (done.table["date_from"].to_numpy() > done.table["last_image"].to_numpy()).all()
    size = hindcast(store, store.settings(), np.datetime64("2011-12-31"), area)
    assert size.positives >= 18
    assert 0.6 < size.interval[0] < size.auc < size.interval[1] < 0.9


def test_by_image_dates_change_runs_from_the_first_image_to_the_last(folder: Path) -> None:
    areas = read_table(folder / "areas.parquet")
    key, day, image = (areas.column(name).to_pylist() for name in ("lake_key", "date", "date_image"))
    years = {2016: 2019, 2019: 2016}  # the images of these epochs of one lake were taken in each other's year
    swapped = [
        each.replace(year=years[each.year]) if lake == 3 and each.year in years else taken
        for lake, each, taken in zip(key, day, image, strict=True)
    ]
    write_table(
        folder / "areas.parquet", areas.set_column(areas.column_names.index("date_image"), "date_image", pa.array(swapped, pa.date32()))
    )
    store = Store(folder)
    until = np.datetime64("2019-12-31")
    stated, imaged = (change(known_by(store, replace(store.settings(), dates=dates), until))[3] for dates in ("nominal", "image"))
    assert imaged == pytest.approx(-stated)
    assert stated != 0
