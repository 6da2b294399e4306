"""The page and the session as a whole: any link opens, a damaged dataset is said so, data text is never markup."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from data.errors import DatasetError
from data.meta import read_meta, write_meta
from modules.images.routes import Images
from modules.serve import Shared, moraine_app, page, server
from modules.serving.config import Config
from modules.serving.datasets import Datasets
from modules.serving.inference import Inference
from tests.asgi import finished, get
from tests.datasets import MARKUP, small_dataset
from tests.load.client import visiting
from tests.load.inside import served_here
from tests.load.tally import Tally
from tests.load.wire import Wire


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_dataset(tmp_path_factory.mktemp("serve") / "small")


def _html(datasets: Datasets, query: str = "") -> str:
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": []}
    return str(page(datasets, Config([], None), Request(scope)))


def _damaged(folder: Path) -> Path:
    small_dataset(folder)
    path = folder / "areas.parquet"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 3] ^= 0xFF
    path.write_bytes(raw)
    return folder


def test_the_page_opens_as_its_link_says(folder: Path) -> None:
    html = _html(Datasets([folder], None), "basin=Arun&alpha=0.01&lake=3")
    assert "A small dataset (simulated)" in html
    assert 'value="0.01"' in html
    assert 'lang="en"' in html


@settings(max_examples=25)
@given(query=st.text(max_size=80))
def test_any_query_gets_a_page(folder: Path, query: str) -> None:
    assert "Moraine" in _html(Datasets([folder], None), query.replace("%", "%25"))


def test_text_from_data_is_not_markup(folder: Path, tmp_path: Path) -> None:
    hostile = small_dataset(tmp_path / "hostile")
    meta = read_meta(hostile)
    write_meta(hostile, type(meta)(**{**meta.__dict__, "name": "x<script>", "title": MARKUP, "description": MARKUP, "citation": MARKUP}))
    html = _html(Datasets([hostile, folder], None))
    assert MARKUP not in html
    assert "<script>alert" not in html
    assert "x<script>" not in html


def test_a_damaged_dataset_is_said_so_and_the_others_open(folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = _damaged(tmp_path / "broken")
    meta = read_meta(broken)
    write_meta(broken, type(meta)(**{**meta.__dict__, "name": "broken"}))
    both = Datasets([broken, folder], None)
    html = _html(both)
    assert "This dataset cannot be opened" in html
    assert str(tmp_path) not in html
    assert "areas.parquet" in caplog.text
    assert "A small dataset" in _html(both, "data=small")
    session: Any = SimpleNamespace(clientdata=SimpleNamespace(url_search=lambda: ""))
    assert server(Shared(Images(both), Inference()), Config([], None), session, session, session) is None, "no view is served over it"


def test_an_unknown_dataset_falls_back_with_a_notice(folder: Path) -> None:
    _, notices = Datasets([folder], None).chosen({"data": "gone"})
    assert len(notices) == 1
    assert "'gone'" in notices[0]


def test_two_datasets_of_one_name_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="both named 'small'"):
        Datasets([folder, small_dataset(tmp_path / "again")], None)


def test_a_visit_is_told_that_nothing_can_be_kept(folder: Path) -> None:
    async def notices(url: str) -> str:
        async with visiting(url, plots=()) as visitor:
            await visitor.send("update", **{".clientdata_output_explore-notices_hidden": False})
            await visitor.until(["explore-notices"])
            return str(visitor.values["explore-notices"]["html"])

    with served_here(folder) as (url, _):
        assert "kept in memory only" in finished(notices(url))


def test_errors_are_kept_from_visitors(folder: Path) -> None:
    app = moraine_app(Config([folder], None))
    assert app.sanitize_errors
    status, _, body = get(app, "/")
    assert status == 200
    assert b"Moraine" in body
    assert get(app, "/columns/small/0000/lakes")[0] == 404


def test_pages_that_most_visits_never_see_begin_when_they_are_shown(folder: Path) -> None:
    async def look(url: str) -> dict[str, tuple[set[str], set[str]]]:
        wire = Wire(url, tally)
        await wire.open(files=False)
        seen: dict[str, tuple[set[str], set[str]]] = {}
        try:
            assert await wire.until("opened", "value:explore-focus-sentence", "plot:explore-volcano-plot")
            for page, output in (("predictions", "predictions-making-told"), ("lens", "lens-head-focus")):
                before = {name for name in wire.values if name.startswith(page)}
                wire.came.clear()
                await wire.turn(page)
                assert await wire.until(page, f"value:{output}")
                seen[page] = before, {name for name in wire.values if name.startswith(page)}
        finally:
            await wire.close()
        return seen

    tally = Tally()
    with served_here(folder) as (url, app):
        seen = finished(look(url))
    assert not app._sessions
    assert not tally.wrong, tally.complaints
    for before, after in seen.values():
        assert not before
        assert after
