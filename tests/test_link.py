"""Links: whatever a person sets survives the URL; what does not fit or cannot be read is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.lens.similarity import MEASURES
from data.records import Season, TrendSettings
from data.store import Store
from data.trends.quiet import KIND_WORDS
from data.watchlist.components import COMPONENTS
from data.watchlist.roles import ROLES
from data.watchlist.wish import Wish, weighed
from modules.choices import PAGES, Brush, Display, Filters, Picked, Points, Region, Segmenting, State
from modules.lensing.state import COLOURS, PROJECTIONS, TABS, Lensing
from modules.links.link import LIMIT, link, state_from
from modules.links.packing import rounded_polygon
from modules.measures import brushed_mask
from tests.datasets import SOURCE, small_dataset

BASE = len("https://moraine.example.org/a/rather/long/path/to/the/app/")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("link")))


SPANS = st.one_of(st.none(), st.tuples(st.integers(0, 50), st.integers(51, 9_000)).map(lambda p: (float(p[0]), float(p[1]))))
NAMES = st.lists(st.text(min_size=1, max_size=12).filter(lambda t: t.isprintable()), max_size=3, unique=True).map(tuple)
EXTRAS = st.lists(
    st.one_of(st.tuples(st.just("country"), NAMES.filter(bool)), st.tuples(st.just("glacier_distance_m"), SPANS.filter(bool))),
    max_size=2,
    unique_by=lambda e: e[0],
).map(lambda held: tuple(sorted(held, key=lambda e: isinstance(e[1][0], float))))
FILTERS = st.builds(
    Filters, basins=NAMES, sub_basins=NAMES, dam_types=NAMES, area=SPANS, elevation=SPANS, observations=SPANS, extras=EXTRAS,
    lake_keys=st.sets(st.integers(0, 39), max_size=30).map(lambda keys: tuple(sorted(keys))),
    trends=st.lists(st.sampled_from(KIND_WORDS), unique=True, max_size=4).map(tuple),
    slope=st.one_of(st.none(), st.tuples(st.floats(-5, 0), st.floats(0, 5)).map(lambda p: (float(f"{p[0]:.6g}"), float(f"{p[1]:.6g}")))),
    cut=st.one_of(st.none(), st.tuples(*map(st.sampled_from, (["p", "q"], [0.05, 0.001], [0.0, 1.5], [2.0, 0.5])))),
    images=st.booleans(),
)  # fmt: skip
SEASONS = st.one_of(st.none(), st.builds(Season, st.integers(1, 12), st.integers(1, 12)).filter(lambda s: s.token != "1-12"))
SETTINGS = st.builds(TrendSettings, st.sampled_from(["auto", "ols"]), st.sampled_from(["log", "area"]), SEASONS, st.just(SOURCE))
DISPLAY = st.builds(
    Display, x=st.sampled_from(["slope", "t"]), use=st.sampled_from(["q", "p"]), alpha=st.sampled_from([0.05, 0.01, 0.1]),
    effect=st.sampled_from([0.0, 1.0, 2.5]), colour=st.sampled_from(["class", "n"]), labels=st.integers(0, 50), log_area=st.booleans(),
    zone=st.booleans(), worth=st.sampled_from([2.0, 0.5, 12.5]),
)  # fmt: skip
POINTS = st.lists(st.tuples(st.floats(-20, 20), st.floats(0, 10)), min_size=3, max_size=200)
REGIONS = st.builds(
    Region,
    axes=st.sampled_from([("slope", "q"), ("t", "p"), ("lon", "lat")]),
    polygon=POINTS.map(rounded_polygon),
    settings=SETTINGS,
    filters=FILTERS,
)
BRUSHED_POINTS = st.builds(
    Points,
    polygon=POINTS.map(rounded_polygon),
    lake_keys=st.sets(st.integers(0, 39), min_size=1).flatmap(
        lambda keys: st.sampled_from(sorted(keys)).map(lambda first: (first, *sorted(keys - {first})))
    ),
    settings=SETTINGS,
    log=st.booleans(),
)
PICKED = st.sets(st.integers(0, 39), min_size=1).map(lambda keys: Picked(tuple(sorted(keys))))
WISHES = st.builds(
    Wish,
    weights=st.dictionaries(st.sampled_from(sorted(COMPONENTS)), st.sampled_from([0.0, 0.25, 1.0, 15.0])).map(weighed),
    top=st.integers(1, 100),
    columns=st.dictionaries(st.sampled_from(sorted(ROLES)), st.sampled_from(["", "glacier_distance_m", "my column: & more"])).map(
        lambda columns: tuple(sorted(columns.items()))
    ),
)
NAMED = st.sampled_from(["", "unet-1", "down.3", "a run & more"])
EPOCHS = st.one_of(st.none(), st.integers(0, 400))
LENSINGS = st.builds(
    Lensing, tab=st.sampled_from([*TABS]), run=NAMED, epoch=EPOCHS, scene=EPOCHS, layer=NAMED, other=NAMED, other_epoch=EPOCHS,
    other_layer=NAMED, projection=st.sampled_from([*PROJECTIONS]), bandwidth=st.sampled_from([None, 0.25, 2.0]),
    colour=st.sampled_from([*COLOURS]), measure=st.sampled_from([*MEASURES]),
    selected=st.sets(st.integers(0, 1200), max_size=20).map(lambda keys: tuple(sorted(keys))),
)  # fmt: skip
STATES = st.builds(
    State,
    lensing=LENSINGS,
    settings=SETTINGS,
    focus=st.one_of(st.none(), st.integers(0, 39)),
    brush=st.one_of(st.none(), PICKED, REGIONS),
    filters=FILTERS,
    display=DISPLAY,
    points=st.one_of(st.none(), BRUSHED_POINTS),
    page=st.sampled_from(PAGES),
    watching=WISHES,
    segmenting=st.builds(Segmenting, st.sampled_from(["", "unet", "stored:my source & more"]), st.integers(0, 19).map(lambda k: k / 20)),
)


@given(state=STATES)
def test_round_trip(store: Store, state: State) -> None:
    made = link(state, store, BASE)
    assert BASE + 1 + len(made.query) <= LIMIT
    restored, notices = state_from(made.query, store)
    if not made.left_out:
        assert (restored, notices) == (state, [])


@given(
    query=st.one_of(
        st.text(max_size=200),
        st.from_regex(
            r"(lake|poly|pick|axes|then|within|area|only|alpha|at|scene|before|points|of|first|seen|bands|layer|opacity|mix|top|role)"
            r"=[ -~]{0,40}(&\w+=\w*)*",
            fullmatch=True,
        ),
    )
)
def test_any_query_opens(store: Store, query: str) -> None:
    restored, _ = state_from(query, store)
    assert link(restored, store).query


def test_what_does_not_fit_is_named(store: Store) -> None:
    spread = tuple(np.unique(np.random.default_rng(2).integers(0, 2**31 - 1, 5_000)).tolist())
    brush: Brush = Picked(spread)
    made = link(State(store.settings(), focus=3, brush=brush), store, BASE)
    assert made.left_out == ("the brush",)
    assert "lake=3" in made.query
    assert BASE + 1 + len(made.query) <= LIMIT


def test_a_link_made_on_other_data_says_so(store: Store) -> None:
    _, notices = state_from("at=0123456789", store)
    assert len(notices) == 1
    assert "other data" in notices[0]


@pytest.mark.parametrize(
    ("query", "word"),
    [("lake=999", "999"), ("lake=x", "focus lake could not be restored: a number in it"), ("method=magic", "magic"),
     ("season=13-14", "season"), ("source=nobody", "nobody"), ("pick=%%", "brush"), ("poly=AAAA&axes=slope.q", "brush"),
     ("poly=AAAA&axes=a.b", "axes"), ("area=9..1", "filters"), ("trend=sideways", "filters"), ("slope=1", "filters"),
     ("cut=q~2~0", "filters"), ("alpha=7", "display"), ("page=nowhere", "page"), ("level=.52", "segmentation"),
     ("level=x", "segmentation"), ("level=nan", "segmentation"), ("x=sideways", "sideways")],
)  # fmt: skip
def test_what_cannot_be_read_is_named_and_the_rest_restored(store: Store, query: str, word: str) -> None:
    restored, notices = state_from(f"{query}&basin=Arun" if word != "filters" else f"{query}&lake=1", store)
    assert len(notices) == 1
    assert word in notices[0]
    assert restored.filters.basins == ("Arun",) or restored.focus == 1


def test_a_region_names_the_same_lakes_after_a_refit_and_a_filter(store: Store) -> None:
    settings = store.settings()
    box = rounded_polygon([(0.5, 0), (50, 0), (50, 50), (0.5, 50)])
    state = State(settings, brush=Region(("slope", "q"), box, settings, Filters(basins=("Arun",))), filters=Filters(basins=("Arun",)))
    before = brushed_mask(store, state.brush)
    assert 0 < before.sum() < len(before)
    later = replace(state, settings=replace(settings, response="area", season=Season(6, 8)), filters=Filters(dam_types=("M(e)",)))
    restored, notices = state_from(link(later, store, BASE).query, store)
    assert notices == []
    assert np.array_equal(brushed_mask(store, restored.brush), before)
