"""What the Predictions page shows: filters, the continuum, the worst; and that all of it survives a link."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.store import Store
from modules.judging.frame import Judged, judged
from modules.judging.inspection import SCOPES, SORTS, Inspection, Seen, continuum_rows, seen, worst_first, worst_source
from modules.judging.metrics import METRICS
from modules.links.inspection import inspection_from, inspection_pairs
from tests.judged_chips import COUNT, REGIONS, SOURCES, judged_chips

TEXTS = st.lists(st.text(min_size=1, max_size=9).filter(str.isprintable), max_size=3, unique=True).map(tuple)
NAME = st.text(min_size=1, max_size=9).filter(str.isprintable)
INSPECTIONS = st.builds(
    Inspection, metric=st.sampled_from(list(METRICS)), scope=st.sampled_from(["", *SCOPES]), sources=TEXTS,
    sort=st.sampled_from(["", *METRICS, *SORTS]), worst_of=st.one_of(st.just(""), NAME),
    pair=st.one_of(st.just(("", "")), st.tuples(NAME, NAME)), reasons=TEXTS, sizes=TEXTS, places=TEXTS, splits=TEXTS,
)  # fmt: skip


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judged(Store(judged_chips(Path(tmp_path_factory.mktemp("inspect")) / "bench")))


@given(inspection=INSPECTIONS)
def test_choices_survive_a_link(inspection: Inspection) -> None:
    query = urlencode([("lake", "3"), *inspection_pairs(inspection), ("worst", "no")])
    assert inspection_from(parse_qsl(query, keep_blank_values=True)) == inspection


@pytest.mark.parametrize("pair", [("p.metric", "beauty"), ("p.scope", "pond"), ("p.sort", "fun")])
def test_unknown_choices_are_named(pair: tuple[str, str]) -> None:
    with pytest.raises(InputError, match=pair[1]):
        inspection_from([pair])


def test_filters_keep_the_scenes_that_are_asked_for(held: Judged) -> None:
    everything = seen(held, Inspection())
    assert everything.sources == SOURCES
    assert (everything.scope, everything.scenes, everything.total) == ("scene", COUNT, COUNT)
    some = seen(held, Inspection(sources=SOURCES[:1], places=("SA",), splits=("train", "test")))
    assert some.sources == SOURCES[:1]
    assert set(some.rows["place"]) == {"SA"}
    assert set(some.rows["split"]) == {"train", "test"}
    assert some.scenes == sum(REGIONS[n % 4] == "SA" and n % 3 != 1 for n in range(COUNT))
    assert some.total == COUNT
    assert seen(held, Inspection(scope="lake")).scope == "scene", "chips have no lake"
    assert seen(held, Inspection(reasons=("cloud",))).scenes == 0


def test_the_two_sources_compared_are_two(held: Judged) -> None:
    found = seen(held, Inspection())
    assert found.pair(("", "")) == (SOURCES[0], SOURCES[1])
    assert found.pair((SOURCES[2], "")) == (SOURCES[2], SOURCES[0])
    assert found.pair(("", SOURCES[0])) == (SOURCES[1], SOURCES[0])
    assert found.pair((SOURCES[1], SOURCES[1])) == (SOURCES[1], SOURCES[0])
    assert seen(held, Inspection(sources=SOURCES[:1])).pair(("", "")) is None


@given(values=st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=40), metric=st.sampled_from(["iou", "frechet_px"]))
def test_the_continuum_runs_from_the_worst_to_the_best(values: list[float], metric: str) -> None:
    rows = pd.DataFrame({"scene_key": range(len(values)), metric: values})
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    found = continuum_rows(rows, metric, shares)
    known = sorted((v for v in values if not np.isnan(v)), reverse=METRICS[metric].low_is_good)
    assert len(found) == min(len({round(s * (len(known) - 1)) for s in shares}), len(known)) if known else not found
    for share, at in found:
        assert values[at] == known[round(share * (len(known) - 1))]
    assert len({at for _, at in found}) == len(found), "no scene twice"
    if len(known) > 1:
        assert (found[0][0], found[-1][0]) == (0.0, 1.0)


def test_the_worst_come_first_by_every_metric(held: Judged) -> None:
    found = seen(held, Inspection())
    for name, metric in METRICS.items():
        for source in SOURCES:
            order = worst_first(found, Inspection(sort=name, worst_of=source))
            known = found.of(source)[name].dropna()
            assert sorted(order["scene_key"]) == sorted(known.index)
            assert order["value"].tolist() == sorted(known, reverse=metric.low_is_good)
    assert worst_source(found, Inspection(worst_of="nobody")) == SOURCES[0]


def test_areas_too_large_and_too_small(held: Judged) -> None:
    found = seen(held, Inspection())
    bias = found.of(SOURCES[1])["area_bias"]
    large = worst_first(found, Inspection(sort="too_large", worst_of=SOURCES[1]))
    small = worst_first(found, Inspection(sort="too_small", worst_of=SOURCES[1]))
    assert large["value"].tolist() == sorted(bias, reverse=True)
    assert small["value"].tolist() == sorted(bias)


def test_disagreement_is_the_spread_between_sources(held: Judged) -> None:
    found = seen(held, Inspection())
    order = worst_first(found, Inspection(metric="recall", sort="disagreement"))
    by_hand: dict[int, float] = {}
    for key, rows in found.rows.groupby("scene_key"):
        values = [value for value in rows["recall"] if not np.isnan(value)]
        if len(values) > 1:
            by_hand[int(key)] = max(values) - min(values)  # type: ignore[call-overload]
    assert dict(zip(order["scene_key"], order["value"], strict=True)) == pytest.approx(by_hand)
    assert order["value"].is_monotonic_decreasing
    alone = seen(held, Inspection(sources=SOURCES[:1]))
    assert worst_first(alone, Inspection(sort="disagreement")).empty


def test_nothing_to_look_at() -> None:
    empty = seen(Judged(pd.DataFrame(), pd.DataFrame(), "lakes"), Inspection())
    assert isinstance(empty, Seen)
    assert (empty.scenes, empty.sources, empty.pair(("", ""))) == (0, (), None)
    assert worst_first(empty, Inspection()).empty


def test_metrics_are_written_in_their_units() -> None:
    assert (METRICS["iou"].text(0.4567), METRICS["iou"].end(1.0), METRICS["iou"].text(float("nan"))) == ("0.457", "1", "–")
    assert (METRICS["area_error"].text(-0.1234, signed=True), METRICS["area_error"].end(0.5)) == ("−12.3 %", "50 %")
    assert (METRICS["frechet_px"].text(3.25), METRICS["frechet_px"].end(12.4)) == ("3.2 px", "12.4 px")
