"""Small things: numbers as words, addresses without secrets, names of catalogues, progress, the plan."""

from __future__ import annotations

import io
import sys
from datetime import date

import pytest

from data.errors import InputError
from data.stac.catalogues import KNOWN, catalogue
from data.stac.display import shown
from data.stac.errors import plain
from data.stac.fetching import Fetcher
from data.stac.planning import REQUESTS, jobs_of, plan
from data.stac.request import Job, Request
from data.stac.running import Tally
from data.stac.seasons import windows
from data.words import duration, megabytes
from tests.stac_cases import LAKE


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "1.5 h"), (36_000, "10.0 h")]
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(("amount", "said"), [(0.26, "0.3 MB"), (12.4, "12 MB"), (1999, "1,999 MB"), (4100, "4.1 GB")])
def test_megabytes(amount: float, said: str) -> None:
    assert megabytes(amount) == said


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://u:hush@h.test:8443/a/b?sig=hush#hush", "https://h.test:8443/a/b"),
        ("https://h.test", "https://h.test"),
        ("http://[hush", "an address that cannot be read"),
        ("http://h.test:hush/a", "an address that cannot be read"),
    ],
)
def test_addresses_are_told_without_their_secrets(url: str, told: str) -> None:
    assert plain(url) == told


def test_catalogues_by_name_or_address() -> None:
    for known in KNOWN:
        assert catalogue(known.name) is catalogue(known.url) is catalogue(f"{known.url}/") is known
    own = catalogue("https://me:hush@own.test/stac?key=hush")
    assert (own.name, own.url, own.tokens, own.collection) == ("https://own.test/stac", "https://me:hush@own.test/stac?key=hush", None, "")
    assert catalogue("planetary-computer").tokens is not None


@pytest.mark.parametrize("text", ["", "mars", "file:///x", "/x", "https://", "s3://bucket"])
def test_what_is_no_catalogue_is_refused_with_the_names_there_are(text: str) -> None:
    with pytest.raises(InputError, match="neither a known name") as caught:
        catalogue(text)
    assert "planetary-computer, earth-search" in caught.value.remedy


def test_jobs_are_lakes_by_seasons_from_a_day_on() -> None:
    seasons = windows("2016:2020", None)
    assert [job.window.year for job in jobs_of([LAKE], seasons)] == [2016, 2017, 2018, 2019, 2020]
    left = jobs_of([LAKE], seasons, date(2019, 6, 1))
    assert [(job.window.year, job.window.begins) for job in left] == [(2019, date(2019, 6, 1)), (2020, date(2020, 1, 1))]


def test_the_plan_tells_how_many_and_about_how_long() -> None:
    jobs = [Job(LAKE, window) for window in windows("2016:2020", None)]
    fetcher = Fetcher()
    fetcher.requests, fetcher.seconds = 4, 2.0
    said = plan(jobs, jobs[:3], Request("here", "c", per_season=2), fetcher, 2)
    assert said.startswith("1 lakes × 5 seasons of c at here: 3 to do, 2 done by earlier runs; at most 6 scenes, about ")
    assert f"about {duration(6 * REQUESTS * 0.5 / 2)} (the server takes 0.50 s to answer" in said
    assert plan(jobs, [], Request("here", "c"), fetcher, 2).endswith("0 to do, 5 done by earlier runs")


def test_the_same_question_has_the_same_name_and_another_one_another() -> None:
    job, other = (Job(LAKE, window) for window in windows("2019:2020", None))
    asked = [Request("a", "c"), Request("b", "c"), Request("a", "d"), Request("a", "c", 2), Request("a", "c", buffer=0.02)]
    assert len({each.token(request) for each in (job, other) for request in asked}) == 2 * len(asked)
    assert job.token(asked[0]) == Job(LAKE, job.window).token(Request("a", "c"))


@pytest.mark.parametrize("steps", [1, 3, 7])
def test_a_log_gets_a_line_now_and_then_however_many_end_at_once(capsys: pytest.CaptureFixture[str], steps: int) -> None:
    tally = Tally(200, Fetcher())
    with shown(200) as show:
        for done in [*range(0, 200, steps), 200]:
            tally.done = done
            show(tally)
    lines = capsys.readouterr().err.splitlines()
    assert 10 <= len(lines) <= 12
    assert lines[0].startswith(f"{5 if steps == 1 else 6 if steps == 3 else 7} of 200 lakes × seasons, 0 scenes, 0.0 MB; about")
    assert lines[-1].startswith("200 of 200")


def test_failures_are_told_as_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    with shown(5) as show:
        show(Tally(5, Fetcher(), done=5, failed=2))
    assert "2 failed" in capsys.readouterr().err


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")  # a dumb one is shown no bars
    monkeypatch.setattr(sys, "stderr", Terminal())
    with shown(5) as show:
        show(Tally(5, Fetcher(), done=3))
    assert "3 of 5" in sys.stderr.getvalue()
