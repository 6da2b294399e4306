"""A lens is read as it was written; whatever is missing, damaged or does not fit is named, and the other files live."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as np_st

from data.errors import LensError
from data.lens import arrays
from data.lens.arrays import packed_arrays, unpacked_arrays
from data.lens.finding import find_lenses
from data.lens.manifest import FILE
from data.lens.reading import Lens, open_lens
from data.lens.writing import write_lens
from tests.lens_cases import contents, lens, manifest

DTYPES = st.sampled_from(["u1", "<i4", "<i8", "<f2", "<f4", "<f8"])


@pytest.fixture
def made(tmp_path: Path) -> Lens:
    return lens(tmp_path)


def test_what_was_written_is_read(made: Lens) -> None:
    wanted = contents()
    assert made.manifest == manifest(files=made.manifest.files)
    assert made.scenes["iou"].to_numpy() == pytest.approx(wanted["scenes.parquet"]["iou"].to_numpy(), rel=1e-6)
    assert np.isnan(made.scenes["umap_x"]).all()
    assert made.scenes["region"].eq("").all()
    for layer in made.manifest.layers:
        assert made.features()[layer.name].dtype == np.float32
        assert (made.features()[layer.name] == wanted["features.npz"][layer.name]).all()
        assert (made.probe_features()[layer.name] == wanted["probe_features.npz"][layer.name]).all()
        assert (made.activations()[layer.name] == wanted["activations.npz"][layer.name]).all()
    assert (made.predictions() == wanted["predictions.npz"]["probability"]).all()
    assert (made.functions() == wanted["functions.npz"]["probability"]).all()
    assert all((made.fields()[name] == values).all() for name, values in wanted["fields.npz"].items())
    probe = made.probe()
    assert (probe.label == wanted["probe.npz"]["label"]).all()
    assert [probe.place(100), probe.place(103), probe.place(99)] == [0, 3, None]
    for name, held in (("training", made.training()), ("epochs", made.epochs()), ("gradients", made.gradients())):
        assert held.equals(wanted[f"{name}.parquet"])


def test_equal_lenses_have_equal_bytes(tmp_path: Path) -> None:
    first, second = lens(tmp_path / "a"), lens(tmp_path / "b")
    assert first.digest == second.digest
    assert first.digest != lens(tmp_path / "c", seed=1).digest


@pytest.mark.parametrize("file", sorted(contents()))
def test_a_file_that_is_gone_changed_or_swapped_is_named_and_the_others_live(made: Lens, file: str) -> None:
    path = made.folder / file
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    for spoil in (lambda: path.write_bytes(body), lambda: path.write_bytes(b""), path.unlink):
        spoil()
        anew = open_lens(made.folder)
        assert file in anew.fault(file)
        assert str(made.folder) not in anew.fault(file)
        for other in ("gradients.parquet", "epochs.parquet", "scenes.parquet"):
            assert bool(anew.fault(other)) == (file in {other, "scenes.parquet"})


def test_a_file_of_another_lens_is_refused_although_its_digest_is_right(tmp_path: Path) -> None:
    """Whoever writes the digests anew can still not mix files that do not fit."""
    told = manifest()
    for file, strange in {
        "features.npz": contents(scenes=11)["features.npz"],
        "probe.npz": {**contents()["probe.npz"], "scene_key": np.arange(4)},
        "predictions.npz": {"probability": np.zeros((2, 4, 8, 8), np.uint8)},
        "activations.npz": {**contents()["activations.npz"], "down.0": np.zeros((2, 2, 3, 8, 8), np.uint8)},
        "fields.npz": {**contents()["fields.npz"], "down.1|rows": np.zeros((15, 2), np.int32)},
        "gradients.parquet": contents()["gradients.parquet"].assign(epoch=9),
        "epochs.parquet": contents()["epochs.parquet"].drop(columns="train_iou"),
        "scenes.parquet": contents()["scenes.parquet"].assign(scene_key=1),
    }.items():
        with pytest.raises(LensError, match=file):
            write_lens(tmp_path / "lens", {**contents(), file: strange}, told)
        assert not (tmp_path / "lens" / FILE).exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 2), ("name", "../up"), ("name", None), ("layers", []), ("bottleneck", "down.9"), ("epochs", [2, 1]), ("epochs", [True]),
        ("tile", -1), ("tile", True), ("pixel_m", 0), ("files", {"../x.npz": "0" * 64}), ("files", {"scenes.parquet": "0"}), ("strange", 1),
    ],
)  # fmt: skip
def test_a_manifest_that_cannot_be_is_refused_by_field(made: Lens, field: str, value: object) -> None:
    path = made.folder / FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    with pytest.raises(LensError) as caught:
        open_lens(made.folder)
    assert str(path) in caught.value.what
    assert field in caught.value.what


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', "[" * 100_000])
def test_a_manifest_that_is_none_is_refused(made: Lens, text: str) -> None:
    (made.folder / FILE).write_text(text)
    with pytest.raises(LensError, match=FILE):
        open_lens(made.folder)


def test_an_incomplete_lens_is_told_and_hides_no_other(tmp_path: Path) -> None:
    lens(tmp_path)
    broken = lens(tmp_path, name="unet-8")
    (broken.folder / FILE).unlink()
    twin = lens(tmp_path / "more")
    lenses, troubles = find_lenses([tmp_path, tmp_path / "more", tmp_path / "nowhere"])
    assert [each.name for each in lenses] == ["unet-7"]
    assert [str(folder) in trouble.what for folder, trouble in zip([broken.folder, twin.folder], troubles, strict=True)] == [True, True]


def test_a_run_itself_can_be_named(tmp_path: Path) -> None:
    made = lens(tmp_path)
    assert [each.folder for each in find_lenses([made.folder.parent])[0]] == [made.folder]


@given(st.dictionaries(st.sampled_from(["a", "down.0|low", "b.c"]), DTYPES.flatmap(
    lambda kind: np_st.arrays(kind, np_st.array_shapes(min_dims=0, max_dims=4, max_side=4),
                              elements={"allow_infinity": False} if "f" in kind else None))))  # fmt: skip
def test_arrays_come_back(given_arrays: dict[str, Any]) -> None:
    back = unpacked_arrays(packed_arrays(given_arrays))
    assert back.keys() == given_arrays.keys()
    for name, values in given_arrays.items():
        assert back[name].dtype == values.dtype
        assert np.array_equal(back[name], values, equal_nan=values.dtype.kind == "f")


def _npz(write: Callable[[zipfile.ZipFile], object]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        write(archive)
    return sink.getvalue()


def _pickled(archive: zipfile.ZipFile) -> None:
    with archive.open("a.npy", "w") as member:
        np.lib.format.write_array(member, np.array([{"x": 1}], dtype=object), allow_pickle=True)


def _larger(archive: zipfile.ZipFile) -> None:
    sink = io.BytesIO()
    np.lib.format.write_array_header_1_0(sink, {"descr": "|u1", "fortran_order": False, "shape": (10**9, 10**9)})
    archive.writestr("a.npy", sink.getvalue())


def test_a_hostile_npz_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for body in (b"", b"PK\x03\x04", _npz(_pickled), _npz(_larger), _npz(lambda archive: archive.writestr("a.npy", b"\x93NUMPY"))):
        with pytest.raises(ValueError):  # noqa: PT011  whichever
            unpacked_arrays(body)
    with pytest.raises(ValueError, match="finite"):
        unpacked_arrays(packed_arrays({"a": np.array([np.inf])}))
    monkeypatch.setattr(arrays, "UNPACKED", 1000)
    with pytest.raises(ValueError, match="unpack"):
        unpacked_arrays(packed_arrays({"a": np.zeros(1001, np.uint8)}))


def test_no_more_is_kept_than_may_be(made: Lens) -> None:
    assert made.predictions() is made.predictions()
    made._kept._most = 10
    made._kept.put("other", b"0123456789")
    assert made.predictions() is not made.predictions()
