"""Corrections other than Benjamini–Hochberg: against statsmodels, and from setting, token, link, command and sidebar to q and words."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

from data.__main__ import main
from data.errors import InputError
from data.records import CORRECTIONS as NAMES
from data.records import TrendSettings
from data.store import Store
from data.trends.corrections import CORRECTIONS
from data.trends.headline import headline
from data.trends.multiplicity import log_q_benjamini_yekutieli, log_q_two_stage
from modules.choices import Display, State
from modules.figures import settings_words
from modules.links.link import link, state_from
from modules.session_points import refitted
from modules.views import test_settings as sidebar
from tests.datasets import small_dataset
from tests.sessions import ViewSession
from tests.test_session_points import POINT
from tests.test_test_settings import UNTOUCHED
from tests.test_trends_multiplicity import FAMILIES


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("corrections")))


@given(p=FAMILIES)
def test_yekutieli_equals_scipy_and_statsmodels(p: np.ndarray) -> None:
    q = np.exp(log_q_benjamini_yekutieli(np.log(p)))
    np.testing.assert_allclose(q, false_discovery_control(p, method="by"), rtol=0, atol=1e-14)
    np.testing.assert_allclose(q, multipletests(p, method="fdr_by")[1], rtol=0, atol=1e-14)


@given(p=FAMILIES)
@pytest.mark.parametrize("alpha", [0.05, 0.3])
def test_two_stage_equals_statsmodels(p: np.ndarray, alpha: float) -> None:
    found = np.exp(log_q_two_stage(np.log(p), alpha))
    np.testing.assert_allclose(found, multipletests(p, alpha=alpha, method="fdr_tsbky")[1], rtol=0, atol=1e-14)


@pytest.mark.parametrize("changing", [0.0, 0.3, 1.0])
def test_large_families_with_ties_and_lakes_outside_them(changing: float) -> None:
    random = np.random.default_rng(4)
    p = np.where(random.random(20_000) < changing, random.choice(np.geomspace(1e-30, 1e-4, 50), 20_000), random.random(20_000))
    outside = random.random(20_000) < 0.1
    log_p = np.where(outside, np.nan, np.log(p))
    for name, theirs in (("by", "fdr_by"), ("bky", "fdr_tsbky")):
        log_q = CORRECTIONS[name].log_q(log_p)
        assert np.isnan(log_q[outside]).all()
        np.testing.assert_allclose(
            np.exp(log_q[~outside]), multipletests(p[~outside], alpha=0.05, method=theirs)[1], rtol=1e-12, atol=1e-14
        )


@pytest.mark.parametrize("name", ["bh", "by", "bky"])
def test_no_q_underflows_and_an_empty_family_has_none(name: str) -> None:
    log_q = CORRECTIONS[name].log_q(np.array([-9000.0, -8000.0, -1.0]))
    assert np.isfinite(log_q).all()
    assert log_q[0] < log_q[1] < log_q[2] <= 0
    assert np.isnan(CORRECTIONS[name].log_q(np.array([np.nan, np.nan]))).all()


@pytest.mark.parametrize("token", ["ols~log~all~a", "auto~area~9-11@0.35~unet~b+c:d@e", "ols~log~9-11:image~a+by"])
def test_older_names_of_settings_keep_their_meaning(token: str) -> None:
    settings = TrendSettings.from_token(token)
    assert settings.correction == "bh"
    assert settings.token == token
    for name in NAMES[1:]:
        changed = replace(settings, correction=name)
        assert TrendSettings.from_token(changed.token) == changed
        assert changed.token != token
    with pytest.raises(InputError, match="correction 'magic' is unknown"):
        TrendSettings.from_token("ols+magic~log~all~a")


def test_a_table_is_corrected_as_asked_and_says_so(store: Store) -> None:
    for name, theirs in (("bh", "fdr_bh"), ("by", "fdr_by"), ("bky", "fdr_tsbky")):
        table = store.trends(replace(store.settings(), correction=name))
        for suffix in ("", "_ols"):
            p, q = (table.frame[f"{letter}{suffix}"].dropna() for letter in "pq")
            np.testing.assert_allclose(q, multipletests(p, alpha=0.05, method=theirs)[1], rtol=1e-9)
        title = CORRECTIONS[name].title
        assert (f"q < 0.05 ({title})" in headline(table)) == (name != "bh")
        assert title not in headline(table, use="p")
        assert (f"q by {title}" in settings_words(table)) == (name != "bh")
        assert store.trends_held(replace(store.settings(), correction=name)) is table


def test_a_lake_with_a_point_of_ones_own_is_corrected_the_same_way(store: Store) -> None:
    table = store.trends(replace(store.settings(), correction="by"))
    row = store.row_of(POINT.lake_key)
    assert row is not None
    found = refitted(store, table, [POINT], Display())
    assert found is not None
    p = table.frame["p"].to_numpy().copy()
    p[row] = math.exp(found.row["log_p"])
    tested = ~np.isnan(p)
    q = np.full(len(p), np.nan)
    q[tested] = false_discovery_control(p[tested], method="by")
    assert found.row["q"] == pytest.approx(q[row], rel=1e-9)


def test_a_link_restores_the_correction(store: Store) -> None:
    state = State(replace(store.settings(), correction="bky"))
    made = link(state, store)
    assert "correction=bky" in made.query
    assert state_from(made.query, store) == (state, [])
    read, notices = state_from("correction=magic", store)
    assert read.settings == store.settings()
    assert "magic" in notices[0]


def test_the_command_takes_it(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trends", str(store.path), "--correction", "by"]) == 0
    said = capsys.readouterr().out
    assert "(Benjamini–Yekutieli)" in said
    assert "correction by" in said
    for name in NAMES:
        assert main(["trends", str(store.path), "--correction", name]) == 0
        assert f"correction {name}" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["trends", str(store.path), "--correction", "magic"])


def test_the_sidebar_offers_and_explains_it(store: Store) -> None:
    html = str(sidebar.test_settings_ui("view", store, replace(store.settings(), correction="by"), Display()))
    assert '<option value="by" selected="">Benjamini–Yekutieli</option>' in html
    with ViewSession(store, sidebar.test_settings_server) as view:
        view.set(**UNTOUCHED)
        assert view.output("correction_note") == CORRECTIONS["bh"].help
        view.set(correction="bky")
        assert view.read("settings").correction == "bky"
        assert view.output("correction_note") == CORRECTIONS["bky"].help
        view.set(correction="guess")
        assert view.read("settings").correction == "bky"
        view.set(reset_correction=1)
        assert view.read("settings") == store.settings()
