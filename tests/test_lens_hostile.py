"""A lens or a browser that means harm, or merely does not fit: named, refused, and the rest of the page lives."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from shiny import reactive
from starlette.applications import Starlette
from starlette.routing import Route

from data.errors import LensError
from data.lens import similarity_interval, tables
from data.lens.alike import Alike
from data.lens.arrays import unpacked_arrays
from data.lens.manifest import FILE
from data.lens.pairing import Side
from data.lens.reading import open_lens
from data.lens.similarity_interval import interval
from data.lens.tables import unpacked_table
from data.lens.writing import write_lens
from data.sequence.manifest import read_manifest
from data.store import Store
from modules.choices import State
from modules.lensing.comparing import Sides, compare, follow
from modules.lensing.courses import by_epoch
from modules.lensing.line_colours import COLOURINGS
from modules.lensing.looking import LensSelection
from modules.lensing.pictures import Maker
from modules.lensing.routes import LensPictures
from modules.lensing.runs import Lenses
from modules.lensing.state import Lensing
from modules.lensing.urls import lens_url
from modules.pages.lens import lens_server
from modules.views.lens_functions import functions_figure, laid_out
from modules.views.lens_losses import losses_figure
from tests.asgi import get
from tests.datasets import small_dataset
from tests.lens_cases import contents, lens, manifest
from tests.sessions import ViewSession


def _zipped(body: bytes, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", kind) as archive:
        archive.writestr("a.npy", body)
    return sink.getvalue()


def _array(header: str, values: bytes = b"") -> bytes:
    head = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + values


@pytest.mark.parametrize("header", ["{'descr': '''abc", "{'descr': (((", "{'descr': '<f4', 'fortran_order': False, 'shape': (True,)}"])
def test_a_head_of_an_array_that_cannot_be_parsed_is_refused(header: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpacked_arrays(_zipped(_array(header, b"0000")))


@pytest.mark.parametrize("kind", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_damaged_archives_raise_nothing_else(kind: int) -> None:
    sink = io.BytesIO()
    np.save(sink, np.arange(50.0))
    good, rng, refused = _zipped(sink.getvalue(), kind), np.random.default_rng(0), 0
    for _ in range(500):
        damaged = bytearray(good)
        damaged[rng.integers(len(damaged))] = rng.integers(256)
        try:
            unpacked_arrays(bytes(damaged))
        except ValueError:
            refused += 1
    assert refused > 100


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def test_a_table_that_would_unpack_to_much_is_refused_before_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    held = pa.table({"name": pa.array(["Lake", None, "Lake"]), "key": [1, 2, 3]})
    assert unpacked_table(_parquet(held))["name"].fillna("-").tolist() == ["Lake", "-", "Lake"]
    many = _parquet(pa.table({"key": np.zeros(1_000_000, dtype=np.int64)}))
    long = _parquet(pa.table({"name": pa.array(["x" * 10_000] * 1_000)}))
    assert max(len(many), len(long)) < 20_000
    monkeypatch.setattr(tables, "UNPACKED", 2**22)
    for body, told in ((many, "1,000,000 rows"), (long, "texts would unpack")):
        with pytest.raises(ValueError, match=told):
            unpacked_table(body)
    with pytest.raises(ValueError, match="list"):
        unpacked_table(_parquet(pa.table({"iou": [[1.0], [2.0]]})))


def _cut(values: np.ndarray) -> np.ndarray:
    return values[..., :1, :1]


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("predictions.npz", lambda held: {"probability": held["probability"][:, :2]}),
        ("predictions.npz", lambda held: {"probability": _cut(held["probability"])}),
        ("functions.npz", lambda held: {"probability": held["probability"][:, :2]}),
        ("functions.npz", lambda held: {"probability": held["probability"][..., :0]}),
        ("epochs.parquet", lambda held: held.iloc[:0]),
        ("probe_features.npz", lambda held: {name: values[:, :2] for name, values in held.items()}),
        ("probe.npz", lambda held: {name: values[:0] for name, values in held.items()}),
        ("activations.npz", lambda held: {**held, "epoch": np.array([np.nan, 1.0])}),
        ("activations.npz", lambda held: {**held, "down.0": held["down.0"][..., :0]}),
        ("training.parquet", lambda held: held.assign(loss="much")),
        ("training.parquet", lambda held: held.assign(scene_key=7)),
        ("training.parquet", lambda held: pd.concat([held, held])),
        ("epochs.parquet", lambda held: held.assign(train_iou="good")),
        ("gradients.parquet", lambda held: held.assign(epoch=held["epoch"].astype(float))),
        ("scenes.parquet", lambda held: held.assign(scene_key=-held["scene_key"])),
        ("scenes.parquet", lambda held: held.assign(scene_key=held["scene_key"] + 2**40)),
        ("scenes.parquet", lambda held: held.assign(pca_x=np.inf)),
        ("scenes.jpg", lambda held: held[:200]),
        ("scenes.jpg", lambda held: _png(8, 8)),
        ("outcomes.png", lambda held: _png(8, 8)),
        ("outcomes.png", lambda held: _bomb()),
    ],
)
def test_a_file_that_does_not_fit_its_fellows_is_named(tmp_path: Path, file: str, change: Callable[[Any], Any]) -> None:
    whole = contents()
    with pytest.raises(LensError, match=file):
        write_lens(tmp_path / "lens", {**whole, file: change(whole[file])}, manifest())


def _png(width: int, height: int) -> bytes:
    sink = io.BytesIO()
    Image.new("P", (width, height)).save(sink, "PNG")
    return sink.getvalue()


def _bomb() -> bytes:
    """A picture that says of itself that it is 60,000 px on a side."""
    body = bytearray(_png(1, 1))
    body[16:24] = (60_000).to_bytes(4, "big") * 2
    import zlib

    body[29:33] = zlib.crc32(body[12:29]).to_bytes(4, "big")
    return bytes(body)


@pytest.mark.parametrize("field", ["title", "dataset_title", "command"])
def test_half_a_character_in_a_manifest_is_refused(tmp_path: Path, field: str) -> None:
    path = lens(tmp_path).folder / FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), field: "U-Net \ud800"}))
    with pytest.raises(LensError, match=field):
        open_lens(path.parent)


def test_a_number_beyond_all_floats_in_a_sequence_is_refused(tmp_path: Path) -> None:
    shipped = json.loads((Path(__file__).parents[1] / "models/runs/sequence/sequence.json").read_text())
    (tmp_path / "sequence.json").write_text(json.dumps({**shipped, "band": [0, 10**400]}))
    with pytest.raises(LensError, match="band"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("file", ["features.npz", "probe_features.npz"])
def test_a_comparison_that_fails_tells_which_file_not_where_it_lies(tmp_path: Path, file: str) -> None:
    one, two = lens(tmp_path), lens(tmp_path, seed=1, name="unet-8")
    (two.folder / file).write_bytes(b"")
    ask = {
        "features.npz": lambda: compare(Sides(Side(one), Side(two), "cka"), lambda done, of: None),
        "probe_features.npz": lambda: follow((two, "cka", "last"), lambda done, of: None),
    }
    with pytest.raises(LensError) as caught:
        ask[file]()
    assert f"unet-8/{file}" in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


class Enough(Exception):  # noqa: N818
    pass


@pytest.mark.parametrize("measure", ["cka", "cka_unbiased", "svcca", "cca"])
def test_an_interval_that_nobody_waits_for_ends(measure: str) -> None:
    rng = np.random.default_rng(0)
    first, second, told = rng.normal(size=(60, 6)), rng.normal(size=(60, 5)), list[int]()

    def tell(done: int, of: int) -> None:
        told.append(done)
        if done > 30:
            raise Enough

    with pytest.raises(Enough):
        interval(first, second, measure, np.arange(60) // 2, tell=tell)
    assert len(told) > 2


def test_draws_some_at_a_time_are_the_draws_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    first = rng.normal(size=(80, 6))
    second = first[:, :4] + rng.normal(size=(80, 4))
    found = {measure: interval(first, second, measure, np.arange(80) // 2) for measure in similarity_interval.DRAWN}
    monkeypatch.setattr(similarity_interval, "SOME", 200)
    for measure, span in found.items():
        whole = interval(first, second, measure, np.arange(80) // 2)
        assert (span.low, span.high) == pytest.approx((whole.low, whole.high), abs=1e-10)


def test_of_many_scenes_the_interval_is_about_the_value_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches give the unbiased CKA: an interval from draws of the plain one lay beside it."""
    rng = np.random.default_rng(2)
    first, second, lakes = rng.normal(size=(60, 40)), rng.normal(size=(60, 40)), np.arange(60)
    unbiased = interval(first, second, "cka_unbiased", lakes)
    monkeypatch.setattr("data.lens.similarity.MANY", 50)
    monkeypatch.setattr(similarity_interval, "MANY", 50)
    batched = interval(first, second, "cka", lakes)
    assert (batched.low, batched.high) == pytest.approx((unbiased.low, unbiased.high), abs=0.05)


def test_an_unbiased_value_below_minus_one_has_an_interval_or_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    monkeypatch.setattr(similarity_interval, "similarity", lambda *given: Alike(-1.5))
    span = interval(rng.normal(size=(12, 3)), rng.normal(size=(12, 3)), "cka_unbiased", np.arange(12))
    assert span.reason or span.low <= span.high


def test_one_picture_has_one_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = lens(tmp_path)
    served, address = _served(tmp_path, monkeypatch, {}), "/" + lens_url(made, "maps", 0, 1, 100)
    assert get(served, address)[0] == 200
    for other in ("00/1/100", "0/+1/100", "0/1/1_00", "0/1/%20100", "0/1/١٠٠", "-0/1/100"):
        assert get(served, address.replace("0/1/100", other))[0] == 404


def test_packing_an_answer_does_not_hold_up_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def packed(body: bytes, *given: Any, **named: Any) -> bytes:
        threads.append(threading.get_ident())
        return body

    monkeypatch.setattr("modules.lensing.routes.gzip.compress", packed)
    made = lens(tmp_path)
    served = _served(tmp_path, monkeypatch, {"large": lambda lens, parts: (b"x", "application/octet-stream")})
    for _ in range(2):
        assert get(served, "/" + lens_url(made, "large"))[0] == 200
    assert len(threads) == 1  # packed once, then kept
    assert threads[0] != threading.get_ident()


def _served(folder: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, Maker]) -> Starlette:
    from modules.lensing.pictures import picture_kinds

    known = {**picture_kinds(), **more}
    monkeypatch.setattr("modules.lensing.routes.picture_kinds", lambda: known)
    lenses = Lenses([folder])
    lenses.look()
    return Starlette(routes=[Route("/lens/{run:str}/{version:str}/{rest:path}", LensPictures(lenses).answer)])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("lens-hostile")))


def test_whatever_a_browser_sends_the_visit_goes_on(store: Store, tmp_path: Path) -> None:
    lens(tmp_path)
    looking: list[LensSelection] = []

    def serve(id: str, **given: Any) -> None:
        lens_server(id, **given, lenses=Lenses([tmp_path]))
        looking.append(LensSelection(given["selection"], Lenses([tmp_path])))

    with ViewSession(store, serve, State(store.settings(), page="lens")) as page:
        names = ("tab", "pressed", "epoch", "head-run", "layers-maps-pressed", "layers-maps-sort", "compare-compare-chosen",
                 "compare-compare-pointed", "compare-compare-epoch", "compare-compare-measure")  # fmt: skip
        for sent in ([], {}, {"layer": []}, None, True, 1e400, -1, 2**70, "", "<b>", [["a"], "b"], ["a", "b"]):
            page.session.set_inputs(**{f"view-{name}": sent for name in names})
        page.session.set_inputs(**{"view-tab": "layers"})
        with reactive.isolate():
            assert looking[0].tab() == "layers"


def test_predictions_of_no_epoch_are_none(tmp_path: Path) -> None:
    """They had no place in function space, and ended the visit of whoever opened it."""
    whole = contents()
    some = {name: whole[name] for name in ("scenes.parquet", "features.npz", "probe.npz", "scenes.jpg", "outcomes.png")}
    with pytest.raises(LensError, match=r"functions\.npz"):
        write_lens(tmp_path / "lens", {**some, "functions.npz": {"probability": np.zeros((0, 4, 16, 16), np.uint8)}}, manifest(epochs=()))


def test_a_loss_beyond_all_numbers_is_not_known(tmp_path: Path) -> None:
    """A browser cannot read Infinity in JSON: the whole message would be lost."""
    whole = contents()
    for file in ("training.parquet", "epochs.parquet"):
        whole[file].loc[1, "loss"] = np.inf
    write_lens(tmp_path / "lens", whole, manifest())
    made = open_lens(tmp_path / "lens")
    for table in (made.training(), made.epochs()):
        assert np.isnan(table["loss"].iloc[1])
        assert np.isfinite(table["loss"].drop(1)).all()
    assert not made.fault("training.parquet", "epochs.parquet")


def test_scenes_that_a_run_lacks_are_not_selected(store: Store, tmp_path: Path) -> None:
    lens(tmp_path)
    looking: list[LensSelection] = []

    def serve(id: str, **given: Any) -> None:
        looking.append(LensSelection(given["selection"], Lenses([tmp_path])))

    with ViewSession(store, serve, State(store.settings(), page="lens", lensing=Lensing(selected=(1, 101, 105, 999)))), reactive.isolate():
        assert looking[0].selected() == (101, 105)
        assert looking[0].state().selected == (1, 101, 105, 999)  # the link keeps them, for the run that has them


def test_names_are_text_where_plotly_reads_tags(tmp_path: Path) -> None:
    whole, mark = contents(), "<b>no</b>"
    whole["scenes.parquet"]["name"] = mark
    told = manifest(title=mark)
    write_lens(tmp_path / "unet-7" / "lens", whole, told)
    made = open_lens(tmp_path / "unet-7" / "lens")
    losses = by_epoch(made, "loss")
    groups = COLOURINGS["reason"][1](made.scenes.loc[losses.index])
    names, kinds = pd.Series(mark, index=losses.index), pd.Series("", index=losses.index)
    functions = functions_figure(laid_out({"unet-7": made}, "probabilities"), {"unet-7": made}, "unet-7", "probabilities")
    for figure in (losses_figure(losses, groups, kinds, names), functions):
        told_texts = [text for trace in figure["data"] for text in trace["text"] if text]
        assert told_texts
        assert not any("<" in text for text in told_texts)
