"""The report: a line for each lake and season, whatever became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from data.stac.report import WHY, licence, report_frame, summary, write_report
from data.stac.request import Job, Lake, Request
from data.stac.running import Outcome
from data.stac.seasons import windows
from tests.stac_cases import LAKE, Listed, source

COLLECTION = {
    "license": "proprietary", "links": [{"rel": "self", "href": "x"}, {"rel": "license", "href": "https://terms.test"}],
    "providers": [{"name": "=Agency", "roles": ["licensor"]}, {"name": "Host", "roles": ["host"]}, "noise"],
}  # fmt: skip
JOBS = [Job(LAKE, window) for window in windows("2016:2021", None)]


def scene(year: int, note: str | None = None) -> dict[str, Any]:
    return {"date": f"{year}-10-16", "item": f"S2A_{year}", "valid_share": 0.98765, "note": note, "path": "p"}


def entry(scenes: list[dict[str, Any]], refused: list[str] | None = None, faults: list[str] | None = None) -> dict[str, Any]:
    return {"found": 9, "judged": 3, "scenes": scenes, "refused": refused or [], "faults": faults or [], "bytes": 1_234_567}


def outcome() -> Outcome:
    made = Outcome()
    made.entries = {
        JOBS[0]: entry([scene(2016)]),
        JOBS[1]: entry([scene(2017, "a doubt"), scene(2018)], faults=["2017-10-01 cut short"]),
        JOBS[2]: entry([], ["2018-09-01 cloud 40%", "2018-09-11 snow 90%"]),
        JOBS[3]: entry([]),
    }
    made.fresh = {JOBS[1], JOBS[2], JOBS[3]}
    made.failed = {JOBS[4]: "the server answers 403"}
    return made


def frame(tmp_path: Path, jobs: list[Job] | None = None) -> pd.DataFrame:
    catalogue = source(tmp_path, [])
    assert isinstance(catalogue.searcher, Listed)
    catalogue.searcher.about |= COLLECTION
    return report_frame(JOBS if jobs is None else jobs, outcome(), Request("here", "c"), catalogue)


def test_each_job_has_a_line_that_tells_what_became_of_it(tmp_path: Path) -> None:
    made = frame(tmp_path)
    assert made["season"].tolist() == [2016, 2017, 2018, 2019, 2020, 2021]
    assert made["status"].tolist() == ["had", "fetched", "none", "none", "failed", "not done"]
    assert made["why_not"].tolist() == [
        "", "a doubt; could not be read: 2017-10-01 cut short", "2018-09-01 cloud 40%; 2018-09-11 snow 90%",
        "the catalogue has no scene of this season that shows the lake", "the server answers 403", "",
    ]  # fmt: skip
    assert made["date"].tolist() == ["2016-10-16", "2017-10-16 2018-10-16", "", "", "", ""]
    assert made["clear_share"].tolist()[:2] == ["0.988", "0.988 0.988"]
    assert made["megabytes"].tolist()[:3] == [1.235, 1.235, 1.235]
    assert set(made["licence"]) == {"proprietary https://terms.test"}
    assert set(made["attribution"]) == {"=Agency"}
    assert set(made["catalogue"]) == {"here"}


def test_where_an_outline_was_lacking_it_is_said(tmp_path: Path) -> None:
    lake = Lake(1, "L", LAKE.outline, "no outline: judged in a circle about its point")
    [why] = frame(tmp_path, [Job(lake, JOBS[0].window)])["why_not"]
    assert why.startswith("no outline")


def test_the_file_holds_all_collections_and_no_formula(tmp_path: Path) -> None:
    formula = Lake(1, "=HYPERLINK(1)", LAKE.outline)
    path = write_report(tmp_path, [frame(tmp_path), frame(tmp_path, [Job(formula, JOBS[0].window)])])
    read = pd.read_csv(path, keep_default_na=False)
    assert len(read) == len(JOBS) + 1
    assert read["lake"].tolist()[-1] == "'=HYPERLINK(1)"
    assert set(read["attribution"]) == {"'=Agency"}
    assert read["found"].tolist()[-1] == ""


def test_a_long_why_is_cut(tmp_path: Path) -> None:
    made = outcome()
    made.entries[JOBS[2]] = entry([], ["x" * 1000])
    assert len(report_frame(JOBS, made, Request("here", "c"), source(tmp_path, []))["why_not"][2]) == WHY


def test_the_summary_counts_and_names_failures(tmp_path: Path) -> None:
    lines = summary(frame(tmp_path), outcome(), 12.34)
    assert lines == [
        "c: 6 lakes × seasons: 1 with new scenes, 1 had theirs, 2 without a usable scene, 1 failed, 1 not done; 12.3 MB read",
        "  failed: Lake seven 2020: the server answers 403",
        "Licence: proprietary https://terms.test. Attribution: =Agency",
    ]


def test_licence_and_attribution_of_collections_that_tell_little() -> None:
    assert licence({}) == ("not stated", "not stated")
    assert licence({"license": "CC-BY-4.0", "providers": [{"name": "A", "roles": ["host"]}, {"name": "A"}]}) == ("CC-BY-4.0", "A")
    assert licence({"license": "MIT\x1b[2J", "providers": [{"name": "A\nB"}]}) == ("MIT[2J", "AB")
