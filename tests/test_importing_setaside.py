"""`refused.csv`: one file's rows give way to those of its next import; formulas are made harmless."""

from __future__ import annotations

import csv
import io

from data.importing.options import Refusal, shown
from data.importing.setaside import COLUMNS, refused_csv


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_rows_of_other_files_stay() -> None:
    first = refused_csv([Refusal("b.csv", 10, "area", "negative", "{}"), Refusal("b.csv", 9, "area", "negative", "{}")], {"b.csv"}, "")
    both = refused_csv([Refusal("a.csv", 1, "", 'a, "b"\nc', "{}")], {"a.csv"}, first)
    assert [row[:2] for row in rows(both)] == [COLUMNS[:2], ["a.csv", "1"], ["b.csv", "9"], ["b.csv", "10"]]
    assert rows(both)[1][3] == 'a, "b"\nc'
    assert rows(refused_csv([], {"b.csv"}, both))[1:] == rows(both)[1:2]


def test_nothing_refused_makes_no_file_but_empties_one() -> None:
    assert refused_csv([], {"a.csv"}, "") == ""
    assert rows(refused_csv([], {"a.csv"}, refused_csv([Refusal("a.csv", 1, "", "x", "{}")], {"a.csv"}, ""))) == [COLUMNS]


def test_formulas() -> None:
    text = refused_csv([Refusal("=a.csv", 1, "@sum", "-1 is negative", "{}")], {"=a.csv"}, "")
    assert rows(text)[1] == ["'=a.csv", "1", "'@sum", "'-1 is negative", "{}"]
    assert rows(refused_csv([], {"=a.csv"}, text)) == [COLUMNS]


def test_names_do_not_tell_where_a_file_lay() -> None:
    assert shown("/data/me/in/a.shp") == "a.shp"
    assert shown("/data/me/in/b.zip/deep/a.shp") == "b.zip/deep/a.shp"
