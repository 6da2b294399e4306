"""`python -m data floods`: records become events; run again they replace; every bad row is told; nothing is half-written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from data.__main__ import main
from data.cache import file_digest, read_table
from data.checks import dataset_faults
from data.store import Store
from tests.datasets import TWINS, small_dataset

HEAD = "GF_ID,Year_approx,Year_exact,Month,Day,Lake_name,GL_ID,Lat_lake,Lon_lake,Lake_type,Ref_scientific\n"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return small_dataset(tmp_path / "d")


def taken(dataset: Path, text: str, *options: str, name: str = "HMAGLOFDB.csv", encoding: str = "latin-1") -> int:
    file = dataset.parent / name
    file.write_bytes(text.encode(encoding))
    return main(["floods", str(dataset), str(file), *options])


def floods(dataset: Path) -> pd.DataFrame:
    rows = Store(dataset).event_rows
    return rows[rows["kind"] == "flood"].reset_index(drop=True)


def good(dataset: Path) -> str:
    ids = Store(dataset).ids
    return HEAD + (
        f"1,2015,2015,7,28,Lémthang Tsho,{ids[3]},27.5,86.15,Moraine dammed,(Gurung et al. 2017)\n"
        f"2,2003,2003,NA,NA,Unnamed,Ephemeral,27.551,86.001,Ice dammed,NA\n"
        f"3,Before 1966,NA,NA,NA,NA,{ids[TWINS[1]]},{27.5 + 0.05 * (TWINS[1] // 8)},{86 + 0.05 * (TWINS[1] % 8)},NA,NA\n"
        "4,2011,2011,6,24,NA,Not mapped,35,77,NA,NA\n"
        "5,NA,NA,NA,NA,NA,No lake,27.6512,86.0495,NA,NA\n"
    )


def test_records_reach_their_lakes_with_their_own_words(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = read_table(dataset / "events.parquet").to_pylist()
    assert taken(dataset, good(dataset)) == 0
    said = capsys.readouterr().out
    assert "2 matched by id, 2 by distance (≤ 1.5 km), 1 match no lake" in said
    assert "4 floods of 4 lakes; dates known to: 1 day, 1 year, 1 before, 1 unknown" in said
    assert "1 Ephemeral, 1 Not mapped, 1 No lake" in said
    rows = floods(dataset).set_index("record")
    assert rows["lake_key"].to_dict() == {"1": 3, "2": 8, "3": TWINS[1], "5": 25}
    assert rows["evidence"]["1"] == (
        "HMAGLOFDB 1: 2015-07-28; Lémthang Tsho; Moraine dammed; (Gurung et al. 2017); "
        f"matched by id {Store(dataset).ids[3]}, its position lies in the lake"
    )
    assert rows["evidence"]["2"].startswith("HMAGLOFDB 2: 2003; Ice dammed; matched by distance; its own id of the lake: Ephemeral, ")
    assert rows["matched"].to_dict() == {"1": "id", "2": "distance", "3": "id", "5": "distance"}
    assert rows["date"].dt.date.to_dict() == {"1": date(2015, 7, 28), "2": date(2003, 7, 2), "3": pd.NaT, "5": pd.NaT}
    assert (rows["date_from"]["2"].date(), rows["date_to"]["2"].date()) == (date(2003, 1, 1), date(2003, 12, 31))
    assert pd.isna(rows["date_from"]["3"])
    assert (rows["date_to"]["3"].date(), rows["precision"]["3"]) == (date(1965, 12, 31), "before")
    assert dataset_faults(dataset) == []
    after = [row for row in read_table(dataset / "events.parquet").to_pylist() if row["origin"] != "floods"]
    assert [{name: row[name] for name in before[0]} for row in after] == before, "other events stay as they were"


def test_run_again_it_replaces_its_own_and_no_others(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert taken(dataset, good(dataset)) == 0
    assert taken(dataset, good(dataset), name="other.csv") == 0
    digest = file_digest(dataset / "events.parquet")
    capsys.readouterr()
    assert taken(dataset, good(dataset), name="other.csv") == 0
    assert "nothing new, nothing changed" in capsys.readouterr().out
    assert file_digest(dataset / "events.parquet") == digest
    assert taken(dataset, "\n".join(good(dataset).split("\n")[:2]) + "\n", "--source", "other") == 0
    assert "4 floods of this source were held before and are replaced" in capsys.readouterr().out
    assert floods(dataset)["source"].value_counts().to_dict() == {"HMAGLOFDB": 4, "other": 1}
    assert taken(dataset, HEAD + "9,NA,2015,7,28,NA,NA,5,5,NA,NA\n", "--source", "other") == 0
    assert set(floods(dataset)["source"]) == {"HMAGLOFDB"}, "a source none of whose floods is here any more has none here"


def test_every_bad_row_is_told_at_once_and_the_rest_is_taken(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = good(dataset) + (
        "6,2015,2015,13,28,NA,NA,27.5,86,NA,NA\n7,2015,2015,2,30,NA,NA,97.5,86,NA,NA\n1,2015,2015,7,28,NA,NA,27.5,86,NA,NA\n"
        "8,2015,2015,7,28,NA,Ephemeral,NA,NA,NA,NA\n10,long ago,NA,NA,NA,NA,NA,27.5,east,NA,NA\n11,2099,2099,1,1,NA,NA,27.5,86,NA,NA\n"
    )
    assert taken(dataset, bad, "--report", str(dataset.parent / "report.txt")) == 0
    said = (dataset.parent / "report.txt").read_text(encoding="utf-8")
    assert "5 floods read, 6 rows cannot be used" in said
    for words in (
        "HMAGLOFDB.csv row 6, Month: the month '13' is no number from 1 to 12; write year, month and day as numbers",
        "HMAGLOFDB.csv row 7, Day: the day '30' is no number from 1 to 28",
        "HMAGLOFDB.csv row 7, Lat_lake: '97.5' is no number from -90 to 90; write it in degrees",
        "HMAGLOFDB.csv row 8, GF_ID: it repeats row 1; keep one of them",
        "HMAGLOFDB.csv row 9: nothing in it tells a lake; give it a lake id, or lon and lat",
        "HMAGLOFDB.csv row 10, Year_approx: 'long ago' is no date",
        "HMAGLOFDB.csv row 10, Lon_lake: 'east' is no number",
        "HMAGLOFDB.csv row 11, Year_exact: 2099-01-01 has not come yet",
    ):
        assert words in said
    assert len(floods(dataset)) == 4
    digest = file_digest(dataset / "events.parquet")
    capsys.readouterr()
    assert taken(dataset, bad, "--strict", "--source", "strict") == 2
    assert "8 faults, nothing was written" in capsys.readouterr().err
    assert file_digest(dataset / "events.parquet") == digest


def test_other_tables_by_their_column_names(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"nr;wann;x_grad;y_grad\na;1998-08;{86.35:.3f};27.5\nb;5.9.2020;86.3;27.5\n"
    assert taken(dataset, text, name="own.csv", encoding="utf-8") == 2
    assert "no column of dates" in capsys.readouterr().err
    named = ("--record", "nr", "--date", "wann", "--lon", "x_grad", "--lat", "y_grad")
    assert taken(dataset, text, *named, "--dry-run", name="own.csv", encoding="utf-8") == 0
    assert "nothing written" in capsys.readouterr().out
    assert floods(dataset).empty
    assert taken(dataset, text, *named, name="own.csv", encoding="utf-8") == 0
    rows = floods(dataset).set_index("record")
    assert rows["lake_key"].to_dict() == {"a": 7, "b": 6}
    assert rows["precision"].to_dict() == {"a": "month", "b": "day"}
    assert taken(dataset, text, "--date", "when", name="own.csv", encoding="utf-8") == 2
    assert "no column 'when'" in capsys.readouterr().err
    assert taken(dataset, text, *named, "--within", "-1", name="own.csv", encoding="utf-8") == 2
    assert "--within -1 makes no sense" in capsys.readouterr().err


def test_a_file_with_no_usable_row_changes_nothing(dataset: Path) -> None:
    digest = file_digest(dataset / "events.parquet")
    assert taken(dataset, HEAD + "6,2015,2015,13,28,NA,NA,27.5,86,NA,NA\n") == 2
    assert file_digest(dataset / "events.parquet") == digest
    assert {path.name for path in dataset.iterdir() if path.name.startswith(".")} == set()
    assert taken(dataset, good(dataset)) == 0
    assert taken(dataset, HEAD + "6,2015,2015,13,28,NA,NA,27.5,86,NA,NA\n") == 2
    assert len(floods(dataset)) == 4, "a broken file takes nothing away"


@pytest.mark.real
def test_the_high_mountain_asia_database(real_data: Path, tmp_path: Path) -> None:
    """All 169 records whose id is one of the inventory's, and those within 1.5 km of another lake; South Lhonak 2023 among the latter."""
    folder = tmp_path / "hkh"
    assert main(["examples", "fetch", "hkh-lakedb", "--into", str(folder), "--from", str(real_data / "hkh-lakedb")]) == 0
    assert main(["floods", str(folder), str(real_data / "hmaglofdb" / "HMAGLOFDB.csv")]) == 0
    rows, ids = floods(folder), Store(folder).ids
    raw = pd.read_csv(real_data / "hmaglofdb" / "HMAGLOFDB.csv", encoding="latin-1", dtype=str, keep_default_na=False)
    assert (rows["matched"] == "id").sum() == raw["GL_ID"].str.strip().isin(set(ids) - {""}).sum() == 169
    near = rows[rows["matched"] == "distance"]
    assert 47 <= len(near) <= 49, "49, less those that a clock set back would take for the future"
    assert near["distance_km"].max() <= 1.5
    lhonak = rows[rows["lake_key"] == ids.index("GL088199E27913N")]
    assert lhonak["date"].dropna().dt.date.tolist() == [date(2023, 10, 4)]
    exact = raw.set_index("GF_ID")
    for row in rows[rows["precision"] == "day"].itertuples():
        assert [row.date.year, row.date.month, row.date.day] == [
            int(exact.loc[row.record, name]) for name in ("Year_exact", "Month", "Day")
        ]
    assert dataset_faults(folder) == []
