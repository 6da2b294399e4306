"""Flipbooks and pairs: the right dates in order, and all that says what they show."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.rasters.writing import write_scene
from modules.image_urls import flipbook_url, pair_url
from modules.images import lettering
from modules.images.export import FRAME_MS, PANEL
from modules.images.lettering import scale_bar, spelled, wrapped
from tests.image_cases import LAKE, Case, Served, plain_chip, plain_dataset, write_cases
from tests.scene_dataset import BANDS, SENSOR, lake_grid, lake_water


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served(plain_dataset(tmp_path_factory.mktemp("export") / "plain"))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All lines that are set into pictures."""
    lines: list[str] = []
    draw = lettering.write

    def note(picture: Image.Image, place: tuple[float, float], text: str, size: int, *args: object, **more: object) -> None:
        lines.append(text)
        draw(picture, place, text, size, *args, **more)  # type: ignore[arg-type]

    for module in ("lettering", "export"):
        monkeypatch.setattr(f"modules.images.{module}.write", note)
    return lines


def test_a_flipbook_has_the_clear_dates_in_order(served: Served, written: list[str]) -> None:
    status, headers, body = served.get(flipbook_url(served.store, LAKE, "true", "label"))
    assert (status, headers["content-type"]) == (200, "image/gif")
    film = Image.open(io.BytesIO(body))
    assert film.n_frames == 3
    assert film.info["duration"] == FRAME_MS
    assert film.info["loop"] == 0
    lake = served.store.labels[LAKE]
    assert [line for line in written if line.startswith(lake)] == [f"{lake}, {year}-10-15" for year in (2016, 2019, 2023)]
    widths = []
    for n in range(3):
        film.seek(n)
        frame = np.asarray(film.convert("RGB")).astype(int)[:PANEL]
        widths.append((frame[PANEL // 2].sum(axis=-1) < 90).sum())
    assert widths == sorted(widths), "the lake grows"
    assert widths[2] > widths[0] + 20


def test_provenance_is_burned_in(served: Served, written: list[str]) -> None:
    served.images.kept._held.clear()
    for address in (
        flipbook_url(served.store, LAKE, "false", "label"),
        pair_url(served.store, served.scene(0), served.scene(2), "false", "label"),
    ):
        written.clear()
        assert served.get(address)[0] == 200
        said = " ".join(written)
        for word in ("SIMULATED", served.store.meta.title, "CC0-1.0", "Nobody (2026)", SENSOR, "water by label", "false colour", " m"):
            assert word in said, word
        assert served.store.labels[LAKE] in said


def test_a_pair_shows_both_dates_with_their_areas(served: Served, written: list[str]) -> None:
    source = served.store.sources[0]
    status, headers, body = served.get(pair_url(served.store, served.scene(0), served.scene(2), "true", source))
    assert (status, headers["content-type"]) == (200, "image/png")
    picture = np.asarray(Image.open(io.BytesIO(body)).convert("RGB")).astype(int)
    assert picture.shape[1] > 2 * PANEL
    rows = served.store.areas(LAKE)
    for year in (2016, 2023):
        row = rows[rows["date"].dt.date == date(year, 10, 15)].iloc[0]
        assert f"{row['area_km2']:.3f} ± {row['area_sd_km2']:.3f} km² by {source}" in written
    left, right = picture[60 : 60 + PANEL, 10 : 10 + PANEL], picture[60 : 60 + PANEL, 20 + PANEL : 20 + 2 * PANEL]
    assert (right.sum(axis=-1) < 60).sum() > 1.2 * (left.sum(axis=-1) < 60).sum()


def test_dates_that_cannot_be_drawn_are_left_out_and_none_at_all_is_told(tmp_path: Path) -> None:
    rows = [Case(n, f"scenes/{n}.tif", LAKE, date(2016 + n, 10, 15), SENSOR) for n in range(3)]
    write_scene(tmp_path / "scenes/0.tif", plain_chip(lake_water(LAKE, 2016)), BANDS, lake_grid(LAKE))
    (tmp_path / "scenes/1.tif").write_bytes((tmp_path / "scenes/0.tif").read_bytes()[:3000])
    other = Served(write_cases(tmp_path, rows, {SENSOR: list(BANDS)}))
    assert Image.open(io.BytesIO(other.get(flipbook_url(other.store, LAKE, "true", None))[2])).n_frames == 1
    (tmp_path / "scenes/0.tif").unlink()
    status, _, body = other.get(flipbook_url(other.store, LAKE, "false", None))
    assert status == 422
    assert b"scenes/1.tif" in body
    status, _, body = other.get(flipbook_url(other.store, 5, "true", None))
    assert status == 404
    assert b"no clear images" in body
    assert other.get(pair_url(other.store, other.scene(0), other.scene(1), "true", None))[0] in {404, 422}


def test_texts_are_spelled_in_letters_that_the_font_has() -> None:
    assert spelled("1.2 ± .1 km² – 5° × 3 · Jökulsárlón") == "1.2 ± .1 km2 - 5° x 3 · Jokulsarlon"
    assert spelled("湖 Ž\n") == "? Z "
    assert spelled("") == ""


def test_long_texts_are_wrapped_and_cut() -> None:
    lines = wrapped("word " * 400, 300, 12)
    assert len(lines) == 4
    assert lines[-1].endswith("...")
    assert all(lettering.font(12).getlength(line) <= 300 for line in lines)
    assert wrapped("x" * 500, 100, 12)[0].endswith("...")
    assert wrapped("short", 100, 12) == ["short"]


@pytest.mark.parametrize(("pixel", "length"), [(10.0, 1000), (3.3, 200), (0.05, 5), (300.0, 20_000)])
def test_the_scale_bar_is_as_long_as_it_says(pixel: float, length: float) -> None:
    picture = Image.new("RGB", (200, 60))
    scale_bar(picture, (20, 50), pixel, 100 if pixel != 3.3 else 70)
    row = np.asarray(picture)[48].sum(axis=-1) == 765
    assert abs(row.sum() * pixel - length) <= 2 * pixel


def test_without_a_known_pixel_there_is_no_scale_bar() -> None:
    picture = Image.new("RGB", (200, 60))
    for pixel in (float("nan"), 0.0, float("inf")):
        scale_bar(picture, (20, 50), pixel, 100)
    assert not np.asarray(picture).any()


def test_a_flipbook_is_not_kept_while_images_of_its_lake_are_being_made(tmp_path: Path) -> None:
    rows = [Case(n, f"scenes/{n}.tif", LAKE, date(2016 + n, 10, 15), SENSOR) for n in range(3)]
    for n in (0, 2):
        write_scene(tmp_path / f"scenes/{n}.tif", plain_chip(lake_water(LAKE, 2016 + n)), BANDS, lake_grid(LAKE))
    other = Served(write_cases(tmp_path, rows, {SENSOR: list(BANDS)}))
    address = flipbook_url(other.store, LAKE, "true", None)
    status, headers, body = other.get(address)
    assert (status, headers["cache-control"], Image.open(io.BytesIO(body)).n_frames) == (200, "no-store", 2)
    write_scene(tmp_path / "scenes/1.tif", plain_chip(lake_water(LAKE, 2017)), BANDS, lake_grid(LAKE))
    _, headers, body = other.get(address)
    assert "immutable" in headers["cache-control"]
    assert Image.open(io.BytesIO(body)).n_frames == 3
