"""Sources compared on a benchmark's chips: intervals against plain loops with the same seed, errors and reliability against the masks."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from data.rasters.reading import read_bytes
from data.store import Store
from models.bootstrap import DRAWS, SEED
from models.metrics import BINS
from modules.judging.comparison import calibration_error, comparison_frame, differences, error_sums, means, pooled_reliability, spreads
from modules.judging.frame import judged
from modules.judging.inspection import Inspection, Seen, seen
from modules.judging.metrics import METRICS
from tests.judged_chips import COUNT, SOURCES, binary_mask, chip_water, judged_chips
from tests.test_bootstrap import plain_interval


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(judged_chips(Path(tmp_path_factory.mktemp("compare")) / "bench"))


@pytest.fixture(scope="module")
def found(store: Store) -> Seen:
    return seen(judged(store), Inspection())


def same(ours: float, theirs: float) -> bool:
    return (math.isnan(ours) and math.isnan(theirs)) or abs(ours - theirs) <= 1e-9


def by_scene(found: Seen, source: str, metric: str) -> dict[int, float]:
    rows = found.rows[found.rows["source"] == source]
    return dict(zip(rows["scene_key"].tolist(), rows[metric].tolist(), strict=True))


def test_means_and_paired_differences_equal_an_independent_bootstrap(found: Seen) -> None:
    """Row 11: three sources, two of them imported, resampled by region."""
    regions = dict(zip(found.rows["scene_key"].tolist(), found.rows["place"].tolist(), strict=True))
    told, against = means(found), differences(found, SOURCES[0])
    assert set(told) == set(SOURCES)
    for source in SOURCES:
        for metric in METRICS:
            ours, values = told[source][metric], by_scene(found, source, metric)
            plain = plain_interval(list(values.values()), [regions[key] for key in values], DRAWS, SEED)
            assert all(map(same, (ours.mean, ours.low, ours.high), plain)), (source, metric)
    for source in SOURCES[1:]:
        for metric in METRICS:
            ours = against[source][metric]
            a, b = by_scene(found, source, metric), by_scene(found, SOURCES[0], metric)
            gaps = {key: a[key] - b[key] for key in sorted(a.keys() & b.keys())}
            plain = plain_interval(list(gaps.values()), [regions[key] for key in gaps], DRAWS, SEED)
            assert all(map(same, (ours.mean, ours.low, ours.high), plain)), (source, metric)
            assert ours.scenes == sum(not math.isnan(gap) for gap in gaps.values())
    assert told[SOURCES[0]]["iou"].clusters == 3
    assert math.isfinite(against[SOURCES[1]]["iou"].low)


def test_the_comparison_as_a_table_holds_the_same(found: Seen) -> None:
    frame, told = comparison_frame(found, SOURCES[1]), means(found)
    assert len(frame) == len(METRICS) * (len(SOURCES) + len(SOURCES) - 1)
    for row in frame[frame["minus"].isna()].itertuples():
        assert same(row.mean, told[row.source][row.metric].mean)
    assert set(frame["minus"].dropna()) == {SOURCES[1]}
    assert set(frame["resampled"]) == {"regions"}
    assert set(frame["scope"]) == {"scene"}


def test_kinds_of_error_are_those_that_were_planted(found: Seen) -> None:
    row = error_sums(found).loc[SOURCES[0]]
    empty = [n for n in range(COUNT) if n % 8 == 7]
    assert row["scenes"] == COUNT
    assert row["label_lakes"] == 2 * COUNT
    assert row["missed_lakes"] == COUNT + len(empty), "every pond, and the lakes of the empty masks"
    assert row["false_lakes"] == sum(n % 5 == 4 for n in range(COUNT))
    wrong = sum(int((chip_water(n) ^ binary_mask(n)).sum()) for n in range(COUNT))
    assert row["missed_px"] + row["false_px"] + row["boundary_px"] == wrong
    assert row["missed_px"] == 16 * COUNT + sum(int(chip_water(n).sum()) - 16 for n in empty)


def test_reliability_is_pooled_over_pixels(store: Store, found: Seen) -> None:
    pooled = pooled_reliability(found)
    assert set(pooled) == set(SOURCES[1:])
    said, truth = [], []
    for scene in store.scenes:
        stored, _ = read_bytes(scene.masks[SOURCES[1]])
        label, _ = read_bytes(scene.masks["label"])
        said.append(stored.ravel() / 200)
        truth.append(label.ravel() == 200)
    p, y = np.concatenate(said), np.concatenate(truth)
    place = np.minimum((p * BINS).astype(int), BINS - 1)
    bins = pooled[SOURCES[1]]
    assert bins.index.tolist() == sorted(set(place.tolist()))
    for at, row in bins.iterrows():
        assert row["pixels"] == (place == at).sum()
        assert row["said"] == pytest.approx(p[place == at].mean(), abs=1e-9)
        assert row["found"] == pytest.approx(y[place == at].mean(), abs=1e-9)
    by_hand = sum((place == at).mean() * abs(p[place == at].mean() - y[place == at].mean()) for at in set(place.tolist()))
    assert calibration_error(bins) == pytest.approx(by_hand, abs=1e-9)


def test_spreads_are_percentiles_of_what_is_known(found: Seen) -> None:
    rows = found.of(SOURCES[0])
    assert spreads(rows, "iou") == pytest.approx(np.percentile(rows["iou"], [5, 25, 50, 75, 95]))
    assert spreads(rows, "ece") is None
