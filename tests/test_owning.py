"""Own tables of visits: nobody else finds one, they are few, and they are gone some minutes after the last look."""

from __future__ import annotations

import asyncio
import gzip
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from data.errors import DatasetError, InputError
from data.meta import read_meta, write_meta
from data.own_table.answers import Answers
from data.store import Store
from modules.choices import State
from modules.downloads import file_name, shown_name
from modules.fitting import unkept
from modules.links.link import link
from modules.owning.asked import look_at, make_of
from modules.owning.report import counts, refused_csv, report_text, sections
from modules.owning.tables import Draft, OwnTables, is_own
from modules.serve import moraine_app, page
from modules.serving.config import Config
from modules.serving.datasets import Datasets
from modules.serving.routes import lake_url
from modules.views.own_table import _Work  # pyright: ignore[reportPrivateUsage]
from tests.asgi import finished, get
from tests.datasets import MARKUP, small_dataset
from tests.own_tables import LONG, handed_in, made, zipped


class Clock:
    """Seconds, as they are set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tables(clock: Clock) -> Iterator[OwnTables]:
    held = OwnTables(most=2, minutes=10, most_mb=1, now=clock)
    yield held
    held.close()


def opened(tables: OwnTables, text: str = LONG, name: str = "lakes.csv") -> tuple[Draft, Store]:
    """A table as a visitor opens one who believes every guess."""
    draft = tables.begin()
    (draft.files / name).write_text(text, encoding="utf-8")
    looked = look_at(draft.files, [name])
    make_of(draft.files, [name], Answers(looked.date.guess, looked.id.guess), draft.name)
    return draft, tables.keep(draft)


def test_who_waits_for_a_table_keeps_nobody_elses_work_waiting(tables: OwnTables) -> None:
    done = threading.Event()

    async def crowd() -> int:
        works = [work for _ in range(20) for visit in [_Work(tables)] for work in (visit.looking, visit.opening)]
        waiting = [asyncio.ensure_future(work._run(lambda _: done.wait(20), threading.Event())) for work in works]  # pyright: ignore
        try:
            await asyncio.sleep(0.1)
            return await asyncio.wait_for(asyncio.to_thread(int, "7"), 10)
        finally:
            done.set()
            await asyncio.gather(*waiting)

    assert finished(crowd()) == 7


def test_a_table_outlives_its_last_visit_by_some_minutes(tables: OwnTables, clock: Clock) -> None:
    draft, store = opened(tables)
    assert is_own(draft.name)
    assert not (draft.folder / "files").exists(), "the files that it was made of are gone"
    assert draft.folder.stat().st_mode & 0o077 == 0 or draft.folder.parent.stat().st_mode & 0o077 == 0
    tables.hold(draft.name)
    clock.now += 3600
    tables.sweep()
    assert tables.store(draft.name) is store, "a visit looks at it"
    tables.hold(draft.name)  # a reload: the new session comes before the old one ends
    tables.release(draft.name)
    clock.now += 3600
    tables.sweep()
    assert tables.store(draft.name) is store
    tables.release(draft.name)
    clock.now += 9.9 * 60
    tables.sweep()
    assert tables.store(draft.name) is store
    clock.now += 0.2 * 60
    tables.sweep()
    assert tables.store(draft.name) is None
    assert not draft.folder.exists()


def test_there_are_few_and_those_that_are_looked_at_stay(tables: OwnTables, clock: Clock) -> None:
    first, _ = opened(tables)
    clock.now += 1
    second, _ = opened(tables)
    clock.now += 1
    third, _ = opened(tables)
    assert tables.names == (second.name, third.name), "the one that nobody has looked at for longest went"
    assert not first.folder.exists()
    tables.hold(second.name)
    tables.hold(third.name)
    with pytest.raises(InputError, match=r"as many own tables as fit here are open \(2\)"):
        opened(tables)
    assert tables.names == (second.name, third.name)


def test_one_machine_has_no_more_than_its_share_of_them(clock: Clock) -> None:
    tables = OwnTables(most=4, minutes=10, most_mb=1, now=clock)

    def keep(machine: str) -> str:
        draft = tables.begin()
        (draft.files / "lakes.csv").write_text(LONG, encoding="utf-8")
        make_of(draft.files, ["lakes.csv"], Answers("column:Date", "column:Lake"), draft.name)
        clock.now += 1
        return tables.keep(draft, machine).meta.name

    first, second = keep("8.8.8.8"), keep("8.8.8.8")
    for name in (first, second):
        tables.hold(name)
    with pytest.raises(InputError, match=r"as many own tables open as one visitor may \(2\)"):
        keep("8.8.8.8")
    other = keep("9.9.9.9")
    assert tables.names == (first, second, other), "others have theirs"
    tables.release(first)
    third = keep("8.8.8.8")
    assert tables.names == (second, other, third), "its own that it has left goes first"
    unknown = [keep("") for _ in range(2)]
    assert unknown[1] in tables.names, "behind a proxy that tells nothing there may be many"
    tables.close()


def test_what_a_reader_that_was_taken_over_could_leave_is_not_served(tmp_path: Path, tables: OwnTables) -> None:
    (tmp_path / "secret.csv").write_text("secret", encoding="utf-8")
    for spoil in (
        lambda made: (made / "refused.csv").symlink_to(tmp_path / "secret.csv"),
        lambda made: write_meta(made, replace(read_meta(made), name="small")),
    ):
        draft = tables.begin()
        (draft.files / "lakes.csv").write_text(LONG.replace("n/a", "80").replace("199O", "1990"), encoding="utf-8")
        make_of(draft.files, ["lakes.csv"], Answers("column:Date", "column:Lake"), draft.name)
        spoil(draft.files / draft.name)
        with pytest.raises(DatasetError, match=r"no plain file|calls itself 'small'"):
            tables.keep(draft)
        assert tables.names == ()


def test_closing_leaves_nothing(tables: OwnTables) -> None:
    draft, _ = opened(tables)
    root = draft.folder.parent
    tables.close()
    assert not root.exists()


def test_nothing_of_it_is_kept_elsewhere(tmp_path: Path, tables: OwnTables) -> None:
    state = tmp_path / "state"
    both = Datasets([small_dataset(tmp_path / "small")], state, tables)
    _, store = opened(tables)
    store.trends(store.settings())
    store.flags(store.settings())
    assert both.store(store.meta.name) is store
    assert not state.exists()
    assert unkept(store) == [], "which is as it shall be"


def _html(datasets: Datasets, query: str = "") -> str:
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": []}
    return str(page(datasets, Config([], None), Request(scope)))


def test_only_its_own_page_names_it(tmp_path: Path, tables: OwnTables) -> None:
    both = Datasets([small_dataset(tmp_path / "small")], None, tables)
    draft, store = opened(tables)
    assert draft.name not in _html(both)
    own = _html(both, f"data={draft.name}")
    assert re.search(rf'<option[^>]*value="{draft.name}"[^>]*>lakes \(your own\)</option>', own)
    assert "2 rows set aside" in own
    tables.forget(draft.name)
    chosen, notices = both.chosen({"data": draft.name})
    assert chosen is not store
    assert "of one visit, which has ended" in notices[0]
    assert draft.name not in notices[0]
    assert "m-own-banner" not in _html(both, f"data={draft.name}")


def test_a_name_that_is_guessed_finds_nothing(tmp_path: Path, tables: OwnTables) -> None:
    both = Datasets([small_dataset(tmp_path / "small")], None, tables)
    draft, _ = opened(tables)
    for name in ("own-", draft.name[:-1], draft.name.upper(), "own-" + "0" * 32, draft.name + "/", "../" + draft.name, "own-*"):
        assert both.store(name) is None


def test_columns_are_not_for_caches_that_others_share(tmp_path: Path) -> None:
    app = moraine_app(Config([small_dataset(tmp_path / "small")], None))
    # The tables that this very app holds are behind its routes.
    answers = next(route for route in app.starlette_app.router.routes if getattr(route, "path", "").startswith("/columns"))
    held: Any = getattr(answers, "endpoint").__self__._datasets.own  # noqa: B009
    draft, store = opened(held)
    status, headers, body = get(app, f"/{lake_url(store)}")
    assert status == 200
    assert headers["cache-control"].startswith("private")
    assert len(gzip.decompress(body)) > 0
    held.forget(draft.name)
    assert get(app, f"/{lake_url(store)}")[0] == 404
    held.close()


def test_the_report_is_told_without_options_of_a_command(tables: OwnTables) -> None:
    _, store = opened(tables)
    assert counts(store) == ["2 lakes", "7 observations", "1 gap", "2 rows set aside"]
    said = sections(store)
    aside = next(section for section in said if section.words.startswith("Rows set aside"))
    assert aside.items == ("row 7 of lakes.csv: Area (ha): the area is missing or not a number",
                           "row 9 of lakes.csv: Date: the date is missing or cannot be read (write YYYY-MM-DD or a year)")  # fmt: skip
    assert not re.search(r"(?:^|[\s(])--[a-z]", report_text(store))
    assert refused_csv(store).count("\n") == 3


def test_an_id_that_two_distant_lakes_share_is_counted_where_the_lakes_are(tables: OwnTables) -> None:
    """The answer said one lake an id: who finds more must see at once why."""
    rows = ("Imja,2000,27.9,86.9,1.0", "Tsho,2000,28.2,86.5,2.0", "Imja,2010,29.9,84.9,1.1", "Tsho,2010,28.2,86.5,2.1")
    _, store = opened(tables, "\n".join(["Lake,Date,Lat,Lon,Area", *rows, ""]))
    assert counts(store)[:3] == ["3 lakes", "4 observations", "1 id of lakes far apart"]


def test_the_key_to_a_table_is_in_no_file_that_is_handed_out(tables: OwnTables) -> None:
    _, store = opened(tables, name="my lakes 2.csv")
    assert shown_name(store.meta) == "own-my-lakes-2"
    assert file_name(store.meta, "csv", after=("trends",)) == "own-my-lakes-2_trends.csv"
    assert f"data={store.meta.name}" in link(State(store.settings()), store).query, "its own address holds it, or a reload would lose it"


def test_text_of_a_table_is_not_markup(tmp_path: Path, tables: OwnTables) -> None:
    both = Datasets([small_dataset(tmp_path / "small")], None, tables)
    text = LONG.replace("Imja", MARKUP.replace(",", "")).replace("199O", "<script>alert(1)</script>")
    draft, _ = opened(tables, text)
    html = _html(both, f"data={draft.name}")
    assert "<script>alert(1)" not in html
    assert MARKUP.replace(",", "") not in html


@pytest.mark.parametrize("turn", ["first", "again"])
def test_a_confined_process_reads_the_same_as_this_one(tmp_path: Path, tables: OwnTables, turn: str) -> None:
    """Projected shapefiles need PROJ's database, which the process that is forked had opened."""
    names = ["mini.zip"]
    draft = tables.begin()
    zipped(draft.files)
    looked = look_at(draft.files, names)
    make_of(draft.files, names, Answers(looked.date.guess, looked.id.guess, pixel_m=30.0), draft.name)
    store = tables.keep(draft)
    _, here = made(*handed_in(tmp_path, zipped(tmp_path)), Answers(looked.date.guess, looked.id.guess, pixel_m=30.0))
    assert store.table("areas").equals(Store(here).table("areas")), turn
