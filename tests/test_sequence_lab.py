"""The Sequence lab: what travels to its scripts, over which route, and what it says in words."""

from __future__ import annotations

import gzip
import json
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shiny import Inputs, Outputs, Session
from shiny.testserver import test_server as in_memory
from starlette.applications import Starlette
from starlette.routing import Route

from data.sequence.cell import traces
from data.sequence.features import plane_of
from data.sequence.reading import open_sequence
from modules.sequence.resources import WHOLE
from modules.sequence.routes import SequenceAnswers, sequence_base
from modules.sequence.runs import SequenceRuns
from modules.views.sequence import sequence_server
from tests.asgi import Answer, get
from tests.small_sequence import small_sequence

TYPES = {"f4": "<f4", "i2": "<i2", "u1": "u1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_sequence(tmp_path_factory.mktemp("lab") / "small")


class Asked:
    """The route over a folder of runs."""

    def __init__(self, folder: Path) -> None:
        self.runs = SequenceRuns([folder.parent])
        held, self.troubles = self.runs.look()
        self.run = held[folder.name]
        self.app = Starlette(routes=[Route("/sequence/{run:str}/{version:str}/{rest:path}", SequenceAnswers(self.runs).answer)])

    def get(self, rest: str) -> Answer:
        return get(self.app, f"/{sequence_base(self.run)}/{rest}")

    def columns(self, rest: str) -> dict[str, np.ndarray]:
        """Read as the browser reads them: see modules/columns.py."""
        status, headers, packed = self.get(rest)
        assert (status, headers["content-encoding"]) == (200, "gzip")
        assert "immutable" in headers["cache-control"]
        body = gzip.decompress(packed)
        size = struct.unpack("<I", body[:4])[0]
        found: dict[str, np.ndarray] = {}
        for name, told in json.loads(body[4 : 4 + size])["columns"].items():
            start = 4 + size + told["offset"]
            assert start % 4 == 0, "typed arrays start on a multiple of 4"
            found[name] = np.frombuffer(body[start : start + told["bytes"]], TYPES[told["type"]])
        return found


@pytest.fixture(scope="module")
def asked(folder: Path) -> Asked:
    return Asked(folder)


def test_curves_and_training_travel_whole(asked: Asked) -> None:
    held, told, epochs = asked.run.curves(), asked.run.told(), asked.run.epochs()
    found = asked.columns("curves")
    assert np.array_equal(found["x"].reshape(held.x.shape), held.x)
    assert np.array_equal(found["count"].reshape(held.count.shape), held.count)
    assert np.array_equal(found["held_out"], held.held_out)
    found = asked.columns("training")
    assert np.array_equal(found["told"].reshape(told.shape), told)
    assert found["exact"] == pytest.approx(epochs["exact"].to_numpy())
    rows = asked.run.units()
    found = asked.columns("units")
    for epoch, layer, unit in ((1, 1, 1), (1, 3, 2), (2, 2, 4)):
        wanted = rows[(rows["epoch"] == epoch) & (rows["layer"] == layer) & (rows["unit"] == unit)]["r_count"].iloc[0]
        assert found["r_count"][(epoch - 1) * 12 + (layer - 1) * 4 + unit - 1] == pytest.approx(wanted)


def test_what_a_curve_does_in_every_gate_travels(asked: Asked) -> None:
    found = asked.columns("trace/1/30")
    net, x = asked.run.network(1), asked.run.curves().x[30][None]
    run = traces(net, x)
    for name in ("h", "z", "r", "candidate"):
        values = found[name].reshape(3, 200, 4) / WHOLE
        for layer in range(3):
            assert values[layer] == pytest.approx(getattr(run[layer], name)[0], abs=1.1 / WHOLE)
    assert found["told"] == pytest.approx(net.readout(run[-1].h[0]), abs=1e-5)
    weights = asked.columns("weights/1")
    assert np.array_equal(weights["2.U_z"].reshape(4, 4), net.layers[1].U_z)


def test_states_in_two_dimensions_keep_their_proportions(asked: Asked) -> None:
    found = asked.columns("plane/2/1")
    wanted = plane_of(traces(asked.run.network(2), asked.run.curves().x)[0].h)
    places = found["places"].reshape(48, 200, 2).astype(float)
    assert np.abs(places).max() == WHOLE
    assert places / WHOLE * np.abs(wanted.places).max() == pytest.approx(wanted.places, abs=1e-3)
    assert found["explained"] == pytest.approx(wanted.explained)


@pytest.mark.parametrize(
    "rest",
    [
        "trace/3/0",
        "trace/1/48",
        "trace/1",
        "plane/1/4",
        "plane/1/0",
        "weights/x",
        "weights/-1",
        "nothing",
        "curves/1",
        "weights/0",
        "trace/1/²",
    ],
)
def test_what_there_is_not_is_not_found(asked: Asked, rest: str) -> None:
    assert asked.get(rest)[0] == 404


def test_another_version_is_not_served(asked: Asked) -> None:
    base = sequence_base(asked.run)
    for other in (
        base.replace(base.split("/")[2], "0" * 16 + "-1"),
        base.removesuffix("-1") + "-9",
        base.replace("/small/", "/other/"),
        "sequence/small/-1",
    ):
        assert get(asked.app, f"/{other}/curves")[0] == 404


def test_a_damaged_file_is_told_by_its_name_and_the_rest_is_served(folder: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(folder, tmp_path / "runs" / "small")
    (copied / "weights.npz").write_bytes(b"nothing")
    asked = Asked(copied)
    status, headers, body = asked.get("trace/1/0")
    assert status == 422
    assert headers["cache-control"] == "no-store"
    assert body.decode().startswith("small/weights.npz is not what sequence.json names")
    assert str(tmp_path) not in body.decode(), "where it lies is for the log"
    assert asked.get("curves")[0] == asked.get("training")[0] == asked.get("units")[0] == 200


def session(*folders: Path) -> Any:
    def server(input: Inputs, output: Outputs, session: Session) -> None:
        sequence_server("lab", None, runs=SequenceRuns(folders))

    return in_memory(server)


def test_the_lab_says_how_good_it_is(folder: Path) -> None:
    with session(folder.parent) as lab:
        html = lab.get_output("lab-lab").value["html"]
        run = open_sequence(folder)
        assert f'data-lab="{sequence_base(run)}"' in html
        for name in ("exact", "within_one", "majority"):
            assert f"{run.manifest.results[name]:.1%}" in html
        best = run.units().query("epoch == 2").sort_values("r_count", key=abs).iloc[-1]
        assert (
            f"Closest to the running count: unit {best['unit']:.0f} of layer {best['layer']:.0f}, |r| = {abs(best['r_count']):.3f}" in html
        )
        assert "<select" not in lab.get_output("lab-choice").value["html"], "one run is no choice"


def test_another_run_can_be_chosen(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "mine")
    with session(folder.parent, tmp_path) as lab:
        assert "mine" in lab.get_output("lab-choice").value["html"]
        lab.set_inputs(**{"lab-run": "mine"})
        assert 'data-lab="sequence/mine/' in lab.get_output("lab-lab").value["html"]
        lab.set_inputs(**{"lab-run": "../../nowhere"})
        assert 'data-lab="sequence/small/' in lab.get_output("lab-lab").value["html"]


def test_without_a_run_it_says_what_to_do_and_a_broken_one_is_named(folder: Path, tmp_path: Path) -> None:
    with session(tmp_path) as lab:
        assert "python -m models sequence" in lab.get_output("lab-lab").value["html"]
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "sequence.json").write_text("[]", encoding="utf-8")
    with session(tmp_path, folder.parent) as lab:
        html = lab.get_output("lab-choice").value["html"]
        assert "bad/sequence.json holds no JSON object" in html
        assert str(tmp_path) not in html
        assert "data-lab=" in lab.get_output("lab-lab").value["html"], "the other one lives"
    hurt = shutil.copytree(folder, tmp_path / "hurt" / "small")
    (hurt / "held_out.parquet").unlink()
    with session(hurt.parent) as lab:
        html = lab.get_output("lab-lab").value["html"]
        assert "small/held_out.parquet is missing" in html
        assert 'data-card="gates"' in html
