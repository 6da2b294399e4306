"""Plots of very many lakes, against one lake at a time: every lake in view is counted or drawn once, and a pointer means the nearest."""

from __future__ import annotations

import gzip
import json
import math
import struct
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from data.errors import InputError
from data.store import Store
from data.trends.classes import classes
from modules.choices import Display
from modules.columns import among_columns, lake_columns, packed, series_columns, trend_columns
from modules.crowd.cells import LAYERS, POINTS, RARE, alone, counted, layers, levels
from modules.crowd.crowd import DIMMED, HERE, Crowd
from modules.crowd.facts import Knowing
from modules.crowd.lattice import MOST_CELLS, Lattice, Spot
from modules.crowd.places import Places, latitude, map_places, world_square
from modules.measures import BRUSHED, FLOODED, LIT, SHOWN, lit_order, rank, state_bits
from modules.observations import AMONG, series_lakes
from modules.serving.datasets import Datasets
from modules.serving.guard.rules import Rules
from modules.serving.routes import Answers, among_url, lake_url, trend_url
from modules.views.volcano import volcano_crowd, volcano_figure
from tests.asgi import finished, get
from tests.datasets import small_dataset
from tests.load.inside import served_here
from tests.load.tally import Tally
from tests.load.user import SENTENCE, VOLCANO
from tests.load.wire import Wire

LAKES = 4_000


def _crowd(seed: int, *, of_the_world: bool = False) -> Crowd:
    """Lakes in clumps, one in twenty without a place; most are lit."""
    random = np.random.default_rng(seed)
    x, y = random.normal(0, 1, LAKES) ** 3, random.normal(0, 1, LAKES) ** 3
    bits = (
        random.integers(0, 4, LAKES) | random.choice([0, SHOWN, LIT | SHOWN, LIT | SHOWN | FLOODED], LAKES, p=[0.1, 0.1, 0.75, 0.05])
    ).astype("u1")
    x[random.random(LAKES) < 0.05] = np.nan
    places = map_places(180 + 30 * x, 20 * y) if of_the_world else Places(x, y, random.integers(0, 4, LAKES).astype("u1"))
    ranks = random.permutation(LAKES).astype(np.int32)
    order = np.argsort(ranks)
    return Crowd(places, bits, ranks, order[bits[order] & LIT > 0])


def _lattice(seed: int, *, of_the_world: bool = False) -> Lattice:
    random = np.random.default_rng(seed)
    wide, high = (random.uniform(0.002, 0.02, 2) / (4 if of_the_world else 1)).tolist()
    columns, rows = random.integers(60, 180, 2).tolist()
    middle = (1.0, 0.5) if of_the_world else (0.0, 0.0)  # the world's seam is in view
    x, y = middle[0] - random.uniform(0.3, 0.7) * wide * columns, middle[1] - random.uniform(0.3, 0.7) * high * rows
    return Lattice(x, y, wide, high, columns, rows, (x + 3 * wide, x + (columns - 9) * wide, y + 2 * high, y + (rows - 5) * high))


def _turns(lattice: Lattice, x: float, *, of_the_world: bool) -> list[float]:
    """Where a lake is drawn across, one place for each time that the view shows it."""
    return [x + turn for turn in range(-2, 4)] if of_the_world else [x]


@pytest.mark.parametrize("of_the_world", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_every_lake_in_view_is_counted_or_drawn_and_never_both(seed: int, of_the_world: bool) -> None:
    crowd, lattice = _crowd(seed, of_the_world=of_the_world), _lattice(seed, of_the_world=of_the_world)
    expected = np.zeros((LAYERS, lattice.rows, lattice.columns), dtype=int)
    seen = 0
    for row, (x0, y) in enumerate(zip(crowd.places.x.tolist(), crowd.places.y.tolist(), strict=True)):
        lit, on_screen = bool(crowd.bits[row] & LIT), False
        for x in _turns(lattice, x0, of_the_world=of_the_world):
            u, v = (x - lattice.x) / lattice.wide, (y - lattice.y) / lattice.high
            if 0 <= u < lattice.columns and 0 <= v < lattice.rows:  # never so of NaN
                expected[1 + (crowd.bits[row] & 3) if lit else 0, math.floor(v), math.floor(u)] += 1
            west, east, low, top = lattice.seen
            on_screen |= west <= x <= east and low <= y <= top
        seen += lit and on_screen
    facts, columns = crowd.view(lattice)
    drawn = np.zeros_like(expected)
    np.add.at(drawn, (1 + (columns["code"] & 3), np.floor(columns["v"]).astype(int), np.floor(columns["u"]).astype(int)), 1)
    assert np.array_equal(levels(expected - drawn), columns["level"].reshape(expected.shape))
    assert len(set(columns["row"].tolist())) == len(columns["row"])
    assert facts["seen"] == seen > 0
    assert facts["lit"] == np.count_nonzero((crowd.bits & LIT > 0) & np.isfinite(crowd.places.x))
    assert columns["near"].tolist() == sorted(columns["near"].tolist())
    assert np.array_equal(columns["state"], crowd.bits[columns["near"]])


def test_points_are_where_lakes_stand_alone_and_density_where_they_would_hide_one_another() -> None:
    counts = np.zeros((LAYERS, 60, 60), dtype=int)
    counts[2, :30, :30] = 5  # a crowd
    counts[2, 45, 45] = 1  # one alone
    counts[0, 50, 50] = 1  # one that is dimmed
    counts[3, 10, 10] = RARE // 2  # rare among the many
    counts[4, 20, :30] = RARE  # not rare
    lone = alone(counts)
    assert lone[2, 45, 45]
    assert lone[3, 10, 10]
    assert not lone[0].any()
    assert not lone[2, :30, :30].any()
    assert not lone[4].any()


def test_no_view_draws_more_points_than_a_browser_bears() -> None:
    random = np.random.default_rng(1)
    for share in (0.01, 0.05, 0.2, 1.0):
        counts = np.zeros((LAYERS, 500, 800), dtype=int)
        counts[2:5] = random.random((3, 500, 800)) < share / 3
        drawn = int(counts[alone(counts)].sum())
        assert drawn <= POINTS
        assert drawn or share == 1.0, "the crowd grows into density, it does not vanish before"


def test_levels_double_in_twelve_steps_and_stay_within_three_per_cent() -> None:
    counts = np.unique(np.geomspace(1, 2_000_000, 400).astype(int))
    held = levels(counts).astype(int)
    assert levels(np.array([0, 1, 2, 4, 1024])).tolist() == [0, 1, 13, 25, 121]
    assert np.abs(2 ** ((held - 1) / 12) / counts - 1).max() < 0.03


@pytest.mark.parametrize("of_the_world", [False, True])
def test_a_pointer_means_the_nearest_lit_lake(of_the_world: bool) -> None:
    crowd, random = _crowd(7, of_the_world=of_the_world), np.random.default_rng(7)
    found_any = 0
    for _ in range(60):
        at = random.choice(np.flatnonzero(crowd.places.known))
        wide, high = random.uniform(1e-3, 2e-2, 2) / (20 if of_the_world else 1)
        spot = Spot(crowd.places.x[at] + random.normal(0, 5) * wide, crowd.places.y[at] + random.normal(0, 5) * high, wide, high, 14)
        best, least, here = None, math.inf, [0, 0, 0, 0]
        for row in np.flatnonzero(crowd.places.known).tolist():
            away = crowd.places.x[row] - spot.x
            across = min((abs(away + turn) for turn in (-1, 0, 1)), default=0) if of_the_world else abs(away)
            square = (across / wide) ** 2 + ((crowd.places.y[row] - spot.y) / high) ** 2
            lit = bool(crowd.bits[row] & LIT)
            here[crowd.bits[row] & 3] += lit and square <= HERE**2
            cost = square + (0 if lit else DIMMED)
            if square <= 14**2 and cost < least:
                best, least = row, cost
        found = crowd.under(spot)
        assert (found.row, list(found.here)) == (best, here)
        found_any += best is not None
    assert found_any > 40


def test_the_walk_goes_through_all_lit_lakes_and_round() -> None:
    crowd = _crowd(3)
    first = int(crowd.order[0])
    assert crowd.step(None, "next") == (first, 0)
    walked, row = [first], first
    for _ in range(50):
        row, at = crowd.step(row, "next") or (-1, -1)
        walked.append(row)
    assert walked == crowd.order[:51].tolist()
    assert at == 50
    assert crowd.step(first, "back") == (crowd.order[-1], len(crowd.order) - 1) == crowd.step(row, "end")
    assert crowd.step(int(crowd.order[-1]), "next") == (first, 0) == crowd.step(row, "home")
    dimmed = int(np.flatnonzero(crowd.bits & LIT == 0)[0])
    assert crowd.step(dimmed, "next") == (first, 0) == crowd.step(10**9, "back")
    assert Crowd(crowd.places, crowd.bits, crowd.ranks, crowd.order[:0]).step(None, "next") is None


def test_the_world_is_a_square_and_back() -> None:
    lon, lat = np.array([-180.0, 0, 86.5, 180]), np.array([85.051129, 0, 27.9, -85.051129])
    x, y = world_square(lon, lat)
    assert x == pytest.approx([0, 0.5, (86.5 + 180) / 360, 1])
    assert y[:2] == pytest.approx([0, 0.5], abs=1e-7)
    assert y[3] == pytest.approx(1)
    assert [latitude(value) for value in y] == pytest.approx(lat.tolist())
    assert np.isfinite(world_square(lon[:1], np.array([90.0]))[1]).all(), "the pole lies on the edge, not nowhere"


@pytest.mark.parametrize("bad", [{"wide": 0.0}, {"x": math.nan}, {"columns": 0}, {"columns": MOST_CELLS, "rows": 2}, {"high": math.inf}])
def test_a_view_that_is_none_is_refused(bad: dict[str, float]) -> None:
    said = {"x": 0.0, "y": 0.0, "wide": 1.0, "high": 1.0, "columns": 4, "rows": 4, "west": 0, "east": 4, "low": 0, "top": 4, **bad}
    with pytest.raises(InputError):
        Lattice.asked({name: str(value) for name, value in said.items()})


def test_a_pointer_that_is_nowhere_is_refused() -> None:
    for bad in ((math.nan, 0, 1, 1, 5), (0, 0, 0, 1, 5), (0, 0, 1, -1, 5), (0, 0, 1, 1, 1e9), (0, 0, 1, 1, math.nan)):
        with pytest.raises(InputError):
            Spot(*bad)


def test_no_view_turns_the_world_without_end() -> None:
    places = map_places(np.zeros(3), np.zeros(3))
    for x, wide, columns in ((0.0, 1e3, 600_000), (0.0, 1.0, 1_000), (0.0, 0.01, 201), (1e9, 0.01, 10)):
        with pytest.raises(InputError):
            Lattice(x, 0, wide, 1, columns, 1, (0, 1, 0, 1)).turns(places)
    assert Lattice(-0.5, 0, 0.01, 1, 200, 1, (0, 1, 0, 1)).turns(places) == [-1, 0, 1]
    assert Lattice(0.0, 0, 1e3, 1, 1_000, 1, (0, 1, 0, 1)).turns(Places(places.x, places.y, places.beyond)) == [0], "no world, no turns"


# ---- of a dataset ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("crowd")))


def test_single_lakes_are_told_of_as_all_lakes_are(store: Store) -> None:
    table = store.trends(store.settings())
    rows = [3, 39, 12, 13]
    told = Knowing(store, table, rank(table), table).of(rows)
    assert told["lakes"]["row"] == told["other"]["row"] == rows
    whole = lake_columns(store) | trend_columns(store, table)
    assert whole.keys() == told["lakes"].keys() - {"row"}
    for name, values in whole.items():
        held = [values[row] for row in rows]
        assert [math.nan if value is None else value for value in told["lakes"][name]] == pytest.approx(held, nan_ok=True), name
    json.dumps(told, allow_nan=False)


def test_the_volcano_of_a_crowd_counts_and_places_as_the_small_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    table = store.trends(store.settings())
    bits = state_bits(classes(table), np.ones(40, dtype=bool), np.arange(40) < 12)
    few = volcano_figure(table, Display(), bits, [])
    monkeypatch.setattr("modules.views.volcano.MANY", 10)
    many = volcano_figure(table, Display(), bits, [])
    assert many["layout"].pop("margin")["b"] > few["layout"].pop("margin")["b"], "the scale of shades has room"
    assert many["layout"] == few["layout"]
    assert sum(len(trace["x"]) for trace in many["data"]) == 1 == len(many["data"]), "no lake is a trace of its own"
    for display in (Display(), Display(x="t", use="p"), Display(colour="n")):
        crowd = volcano_crowd(table, display, bits, ranks=rank(table), order=lit_order(table, bits, rank(table)))
        span = crowd.places.span
        assert span is not None
        lattice = Lattice(-1.1 * span.x, -0.1 * span.y, span.x / 50, span.y / 50, 110, 60, (-span.x, span.x, 0, span.y))
        facts, columns = crowd.view(lattice)
        assert facts["seen"] == np.count_nonzero((bits & LIT > 0) & table.frame["log_q"].notna() & np.isfinite(crowd.places.x))
        assert set(columns["row"].tolist()) <= set(np.flatnonzero(bits & LIT).tolist())
        if display.colour == "n":
            assert columns["number"].tolist() == table.frame["n"].to_numpy()[columns["row"]].tolist()


def test_what_is_said_beside_columns_stands_in_the_header() -> None:
    raw = gzip.decompress(packed({"u": np.arange(3, dtype="<f4"), "row": np.arange(2, dtype="<i4")}, {"seen": 5}, level=1))
    (size,) = struct.unpack("<I", raw[:4])
    head = json.loads(raw[4 : 4 + size])
    assert head["said"] == {"seen": 5}
    assert head["rows"] == 3
    assert np.frombuffer(raw, "<i4", 2, 4 + size + head["columns"]["row"]["offset"]).tolist() == [0, 1]


def test_brushed_lakes_are_lit_and_the_rest_is_context() -> None:
    bits = state_bits(np.array([2, 2, 3]), np.array([True, True, False]), np.array([True, False, True]))
    assert bits[0] & BRUSHED
    assert layers(bits).tolist() == [3, 0, 0]
    found = counted(Places(np.zeros(3), np.zeros(3), np.zeros(3, dtype="u1")), layers(bits), Lattice(-1, -1, 1, 1, 3, 3, (-1, 1, -1, 1)), 2)
    assert found.near is None
    assert found.seen == 1
    assert found.counts[:, 1, 1].tolist() == [2, 0, 0, 1, 0]


def test_series_of_single_lakes_are_those_of_the_blocks(store: Store) -> None:
    settings, keys = store.settings(), (3, 9, 30, 31)
    whole, some = series_columns(store, settings, 0, 40), among_columns(store, settings, (*keys, 10**6))
    assert some["lake_key"].tolist() == list(keys) == some["lake"].tolist(), "a key that no lake has is passed over"
    wanted = np.isin(whole["row"], keys)
    for name, values in whole.items():
        assert np.array_equal(some[name], values[wanted]), name
    assert some["name"] == [lake_columns(store)["name"][row] for row in keys]
    assert among_columns(store, settings, ())["lake"].tolist() == []


def test_only_a_few_series_among_very_many_can_be_asked_for(store: Store) -> None:
    answers = Answers(Datasets([store.path], None), Rules())
    app = Starlette(routes=[Route("/columns/{name:str}/{digest:str}/{rest:path}", answers.columns)])
    status, _, body = get(app, f"/{among_url(store, store.settings(), range(40))}")
    assert status == 200
    assert body == packed(among_columns(store, store.settings(), tuple(range(40))))
    assert get(app, f"/{among_url(store, store.settings(), range(AMONG + 1))}")[0] == 404


def test_series_are_drawn_of_all_lakes_or_of_the_most_significant_of_very_many(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    brushed, ranks = np.arange(40) % 3 > 0, np.random.default_rng(5).permutation(40)
    every = np.flatnonzero(brushed).tolist()
    assert series_lakes(store, 4, brushed, lambda: ranks) == (4, *(key for key in every if key != 4))
    assert series_lakes(store, None, None, lambda: ranks) == ()
    monkeypatch.setattr("modules.observations.MANY", 39)
    monkeypatch.setattr("modules.observations.AMONG", 7)
    best = sorted(sorted(every, key=lambda row: ranks[row])[:7])
    assert series_lakes(store, None, brushed, lambda: ranks) == tuple(best)
    assert series_lakes(store, best[2], brushed, lambda: ranks) == (best[2], *(key for key in best if key != best[2]))


def test_nobody_is_sent_the_columns_of_very_many_lakes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(Datasets([store.path], None), Rules())
    app = Starlette(routes=[Route("/columns/{name:str}/{digest:str}/{rest:path}", answers.columns)])
    addresses = (lake_url(store), trend_url(store, store.settings()))
    monkeypatch.setattr("modules.serving.routes.MANY", 39)
    assert [get(app, f"/{address}")[0] for address in addresses] == [404, 404]
    monkeypatch.setattr("modules.serving.routes.MANY", 40)
    assert [get(app, f"/{address}")[0] for address in addresses] == [200, 200]


def test_a_press_is_answered_before_all_that_comes_of_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ring, and who is in it, come in the first message of the answer; what is told again later says the same."""
    for where in ("views.volcano", "views.lake_map", "serve"):
        monkeypatch.setattr(f"modules.{where}.MANY", 10)
    monkeypatch.setattr("data.at_once.MOST", 10)  # as of a crowd: nothing is worked out in the background, and comes in between
    table = store.trends(store.settings())
    places = volcano_crowd(table, Display(), np.zeros(40, dtype="u1"), ranks=rank(table), order=np.arange(0)).places
    row = int(np.flatnonzero(places.known)[3])
    came: list[tuple[str, Any]] = []

    async def play(url: str) -> None:
        wire = Wire(url, Tally())
        try:
            await wire.open(files=False)
            assert await wire.until("open", f"value:{SENTENCE}", f"plot:{VOLCANO}")
            wire.came.clear()
            wire.heard = lambda what, said: came.append((what, said))
            await wire.draw(VOLCANO, pressed=[float(places.x[row]), float(places.y[row]), 1e-9, 1e-9, 14, 1])
            await wire.until("press", f"value:{SENTENCE}", "custom:moraine-url")
        finally:
            await wire.close()

    with served_here(store.path) as (url, _):
        finished(play(url))
    assert came[0][0] == f"plot:{VOLCANO}"
    first = came[0][1]
    assert (first["focus"], first["told"]["lakes"]["lake_id"]) == (row, [store.ids[row]])
    again = [said for what, said in came[1:] if what == f"plot:{VOLCANO}" and "focus" in said]
    assert [{name: said[name] for name in ("focus", "told")} for said in again] == [first]
