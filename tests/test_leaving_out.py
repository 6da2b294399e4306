"""Observations that a review calls bad: left out of fits, said so, and part of what names a fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data.__main__ import main
from data.cache import read_table, write_table
from data.errors import InputError, TrendError
from data.leaving_out import LeftOut
from data.records import TrendSettings
from data.reviews.files import written
from data.reviews.placing import Lakes
from data.reviews.record import Review, new_key
from data.reviews.where import file_system, where
from data.store import Store
from data.trends.headline import headline
from tests.datasets import SOURCE, small_dataset
from tests.flag_cases import dated, flags_of


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


def observations(store: Store, *lakes: int, last: bool = True) -> list[tuple[int, date, str]]:
    """One usable observation of each of these lakes."""
    rows = store.area_rows[store.area_rows["reason"] == "ok"]
    picked = [rows[rows["lake_key"] == key].iloc[-1 if last else 2] for key in lakes]
    return [(int(row["lake_key"]), row["date"].date(), SOURCE) for row in picked]


def without_rows(folder: Path, bad: list[tuple[int, date, str]]) -> Store:
    """The same dataset in which those rows never were."""
    small_dataset(folder)
    table = read_table(folder / "areas.parquet")
    frame = table.to_pandas()
    names = list(zip(frame["lake_key"], frame["date"], frame["source"], strict=True))
    write_table(folder / "areas.parquet", table.filter(pa.array([name not in bad for name in names])))
    return Store(folder)


def test_a_fit_without_them_is_the_fit_of_a_dataset_that_never_had_them(store: Store, tmp_path: Path) -> None:
    bad = [*observations(store, 0, 5, 13, 17), *observations(store, 5, last=False)]
    other = without_rows(tmp_path / "other", bad)
    digest = store.left_out.name(bad)
    for method in ("auto", "ols", "theil-sen"):
        settings = replace(store.settings(), method=method)
        named, truth = store.trends(replace(settings, without=digest)), other.trends(settings)
        pd.testing.assert_frame_equal(named.frame, truth.frame)
        assert named.left_out == {**truth.left_out, "reviewed_bad": 5}
        assert store.trends(settings).left_out.get("reviewed_bad", 0) == 0
    assert "5 reviewed bad" in headline(named)
    alone = store.lake_trends(5, named.settings)
    assert alone.frame["slope"].iloc[0] == pytest.approx(truth.frame["slope"].iloc[5], rel=1e-12)
    np.testing.assert_array_equal(store.newest_areas(SOURCE, None, digest), other.newest_areas(SOURCE))
    assert (store.newest_areas(SOURCE, None, digest) != store.newest_areas(SOURCE)).sum() == 4


def test_the_set_names_the_fit_and_an_unknown_one_is_refused(store: Store, tmp_path: Path) -> None:
    one, two = (replace(store.settings(), without=store.left_out.name(observations(store, key))) for key in (0, 1))
    assert len({store.settings().token, one.token, two.token}) == 3
    assert store.trends(one).frame["n"].tolist() != store.trends(two).frame["n"].tolist()
    assert store.left_out.name(reversed(observations(store, 3, 2))) == store.left_out.name(observations(store, 2, 3))
    with pytest.raises(TrendError, match="not known here"):
        store.trends(replace(store.settings(), without="0123456789abcdef"))
    assert LeftOut().name([]) == ""


def test_a_token_comes_back_and_those_of_before_still_do() -> None:
    for season in ("9-11", "all"):
        for rest in ("", ":image", "@0.35", "!0123456789abcdef", ":image@0.35!0123456789abcdef"):
            token = f"auto~log~{season}{rest}~a!b~c@d"
            settings = TrendSettings.from_token(token)
            assert settings.token == token
            assert settings.source == "a!b~c@d"
            assert settings.without == ("0123456789abcdef" if "!" in rest else "")


def test_what_has_a_reason_of_its_own_keeps_it(store: Store) -> None:
    rows = store.area_rows.iloc[:6].assign(reason=["ok", "cloud", "ok", "ok", "ok", "ok"])
    bad = [(int(row["lake_key"]), row["date"].date(), row["source"]) for _, row in rows.iloc[:2].iterrows()]
    left_out = LeftOut()
    digest = left_out.name(
        [*bad, (10**6, date(2020, 1, 1), SOURCE), (bad[0][0], date(1900, 1, 1), SOURCE), (bad[0][0], bad[0][1], "other")]
    )
    told = left_out.told(rows, digest)
    assert told["reason"].tolist() == ["reviewed_bad", "cloud", "ok", "ok", "ok", "ok"]
    assert rows["reason"].tolist()[0] == "ok", "what was handed in is as it was"
    assert left_out.told(rows, "") is rows


def test_an_empty_mask_that_is_called_bad_drains_no_lake() -> None:
    rows, left_out = dated({1: [1, 1.02, 0.99, 1.01, 1, 0, 0]}), LeftOut()
    assert len(flags_of(rows, "drainage")) == 1
    told = left_out.told(rows, left_out.name([(1, date(2006, 10, 1), "inventory")]))
    assert told["reason"].tolist()[-2:] == ["empty", "reviewed_bad"]
    assert flags_of(told, "drainage").empty


def reviews(store: Store, *lakes: int, dataset: str = "small") -> list[Review]:
    at, held = datetime(2026, 1, 1, tzinfo=UTC), Lakes(store.lakes)
    return [
        Review(new_key(), dataset, store.digest, held.place(key), day, source, "bad", "", "Ada", False, at)
        for key, day, source in observations(store, *lakes)
    ]


def test_the_command_leaves_out_what_a_file_calls_bad(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = reviews(store, 0, 1, 2)
    gone = replace(said[2], place=replace(said[2].place, lake_key=999, lake_id="X", lon=0.0, lat=0.0))
    (tmp_path / "r.csv").write_bytes(written([*said[:2], gone], "csv"))
    assert main(["trends", str(store.path), "--reviews", str(tmp_path / "r.csv"), "--out", str(tmp_path / "t.csv")]) == 0
    told = capsys.readouterr()
    assert "2 reviewed bad" in told.out
    assert "1 reviews are of lakes that this dataset does not have" in told.err
    table = pd.read_csv(tmp_path / "t.csv")
    assert (table["n"] != store.trends(store.settings()).frame["n"]).sum() == 2
    (tmp_path / "r.json").write_bytes(written(reviews(store, 0, dataset="other"), "json"))
    assert main(["trends", str(store.path), "--reviews", str(tmp_path / "r.json")]) == 2
    assert "'other', not 'small'" in capsys.readouterr().err


def test_the_command_takes_in_and_writes_out(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("MORAINE_STATE_LASTS", "yes")
    (tmp_path / "r.json").write_bytes(written(reviews(store, 0, 1), "json"))
    for _ in range(2):
        assert main(["reviews", str(store.path), "--take", str(tmp_path / "r.json"), "--out", str(tmp_path / "out.csv")]) == 0
    assert "2 reviews; what counts: 2 bad" in capsys.readouterr().out
    assert (tmp_path / "out.csv").read_text().count("\n") == 3
    monkeypatch.setenv("MORAINE_STATE_LASTS", "no")
    assert main(["reviews", str(store.path)]) == 2
    assert "MORAINE_REVIEWS_URL" in capsys.readouterr().err


def test_where_reviews_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("MORAINE_STATE_LASTS", "")
    monkeypatch.setattr("data.reviews.where.file_system", lambda folder: "ext4")
    assert where().url == f"sqlite:///{tmp_path}/reviews.sqlite"
    monkeypatch.setattr("data.reviews.where.file_system", lambda folder: "overlay")
    assert "overlay, which does not last" in where().why
    monkeypatch.setenv("POSIT_PRODUCT", "WORKBENCH")
    assert "overlay" in where().why
    monkeypatch.setenv("POSIT_PRODUCT", "CONNECT")
    assert "Posit Connect" in where().why
    monkeypatch.setenv("K_SERVICE", "moraine")
    assert "Cloud Run" in where().why
    monkeypatch.setenv("MORAINE_STATE_LASTS", "yes")
    assert where().why == ""
    monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path / "file" / "below"))
    (tmp_path / "file").write_text("in the way")
    assert "cannot be written" in where().why
    monkeypatch.setenv("MORAINE_REVIEWS_URL", "postgresql://ada:s3cret@db.example/moraine")
    assert where().shown == "PostgreSQL database 'moraine' on db.example"
    for variable, value in (("MORAINE_REVIEWS_URL", "mysql://ada:s3cret@h/d"), ("MORAINE_STATE_LASTS", "perhaps")):
        monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path))
        monkeypatch.setenv(variable, value)
        with pytest.raises(InputError) as refused:
            where()
        assert "s3cret" not in str(refused.value)
        monkeypatch.delenv(variable)


def test_the_file_system_of_a_folder(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"overlay / overlay rw 0 0\n/dev/a {tmp_path} ext4 rw 0 0\ntmpfs {tmp_path}/my\\040disk tmpfs rw 0 0\n")
    assert file_system(tmp_path / "x", mounts) == "ext4"
    assert file_system(tmp_path / "my disk" / "x", mounts) == "tmpfs"
    assert file_system(Path("/elsewhere"), mounts) == "overlay"
    assert file_system(tmp_path, tmp_path / "none") == ""
