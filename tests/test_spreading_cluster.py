"""Work on a Dask cluster of real processes: the answers that this process would give, or why not, said so that one can act."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from data.__main__ import main
from data.errors import DatasetError, InputError
from data.lake_choice import Chosen
from data.masks.predicting import Maker, predict
from data.spreading import Hands, connecting, crew, fitness
from data.spreading.hands import Alone
from data.stac.journal import FILE
from data.stac.report import FILE as REPORT
from models.commands.predict import maker_of
from tests.conftest import ROOT
from tests.dask_cluster import DaskCluster, dask_cluster
from tests.mask_folders import tree
from tests.scene_dataset import scene_dataset
from tests.spread_works import dividing, dying, dying_once, refusing, squared, threads
from tests.stac_server import COLLECTION, World, dataset, serving, write_files


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with dask_cluster(tmp_path_factory.mktemp("dask"), 2) as running:
        yield running


def made_by(hands: Hands, folder: Path, maker: Maker) -> dict[str, bytes]:
    predict(folder, maker, Chosen(), lambda items, *_: iter(items), lambda _: None, hands=hands)
    return tree(folder)


def test_answers_and_errors_are_those_of_one_process(cluster: DaskCluster) -> None:
    with crew(cluster=cluster.address) as hands:
        assert hands.size() == 2
        assert sorted(hands.map(squared, range(40))) == [(number, number * number) for number in range(40)]
        assert list(hands.map(squared, [])) == []
        with pytest.raises(InputError, match="7 cannot be") as error:
            list(hands.map(partial(refusing, bad=7), range(20)))
        assert error.value.remedy == "leave it out"
        with pytest.raises(ZeroDivisionError) as other:
            list(hands.map(dividing, range(3)))
        assert "in dividing" in other.value.__notes__[0], "where it happened"
        for pid, held, told in hands.map(threads, range(4)):
            assert pid != os.getpid()
            assert set(held) == {1}
            assert set(told) == {"1"}


def test_masks_have_the_bytes_that_one_process_gives_them(cluster: DaskCluster, tmp_path: Path) -> None:
    alone, afar = (scene_dataset(tmp_path / name) for name in ("alone", "afar"))
    maker = maker_of("water_index", tta=False)
    with crew(cluster=cluster.address, folder=afar) as hands:
        assert made_by(hands, afar, maker) == made_by(Alone(), alone, maker)


def test_scenes_of_a_catalogue_are_those_that_one_process_fetches(
    cluster: DaskCluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(2, (2020, 2021), size=768, block=128)
    with serving(world, write_files(world, tmp_path / "files")) as server:
        options = ["--catalog", server.url, "--collection", COLLECTION, "--years", "2020:2021"]
        folders = {who: dataset(world, tmp_path / who) for who in ("alone", "afar")}
        assert main(["stac", str(folders["alone"]), *options]) == 0
        mark = len(server.log)
        capsys.readouterr()
        assert main(["stac", str(folders["afar"]), *options, "--cluster", cluster.address]) == 0
        assert server.files_asked(mark)
        assert f"{cluster.address}: 2 at once" in capsys.readouterr().out
        alone, afar = (tree(folder) for folder in folders.values())
        lines = [[json.loads(line) | {"bytes": 0} for line in held.pop(FILE).splitlines()] for held in (alone, afar)]
        assert alone == afar
        assert sorted(map(repr, lines[0])) == sorted(map(repr, lines[1])), "but for what each process had to ask the catalogue itself"
        mark = len(server.log)
        assert main(["stac", str(folders["afar"]), *options, "--cluster", cluster.address]) == 0
        assert not server.files_asked(mark), "what is there is not fetched again"
        held = tree(folders["afar"])
        assert {name: held[name] for name in afar if name != REPORT} == {name: afar[name] for name in afar if name != REPORT}


def test_a_worker_that_would_not_do_the_same_is_named(cluster: DaskCluster, tmp_path: Path) -> None:
    folder = scene_dataset(tmp_path / "d")
    held, told = fitness.identity(str(folder)), fitness.told()
    assert fitness.unfit(told, str(folder), held) is None
    other = scene_dataset(tmp_path / "e")
    (other / "lakes.parquet").write_bytes((other / "lakes.parquet").read_bytes() + b" ")
    for changed, where, said in (
        ({"numpy": "1.26.4"}, folder, f"numpy {told['numpy']}, not 1.26.4"),
        ({"Python": "3.8"}, folder, "runs Python 3"),
        ({}, other, "another dataset"),
        ({}, tmp_path / "nowhere", "no such folder"),
    ):
        why = fitness.unfit(told | changed, str(where), held)
        assert why is not None
        assert said in why[0]
    shutil.copytree(ROOT / "data", tmp_path / "older" / "data", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "models", tmp_path / "older" / "models", ignore=shutil.ignore_patterns("__pycache__", "runs"))
    with (tmp_path / "older" / "data" / "store.py").open("a") as file:
        file.write("# another\n")
    with dask_cluster(tmp_path / "dask", 0) as strange:
        strange.add(cwd=tmp_path / "older")
        strange.there(1)
        with pytest.raises(InputError, match="runs another Moraine") as error, crew(cluster=strange.address):
            pass
        assert "same version" in error.value.remedy


def test_who_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "ANSWER_S", 0.3)
    for address in ("tcp://127.0.0.1:9", "nobody", str(tmp_path / "scheduler.json")):
        with pytest.raises(InputError, match="no Dask scheduler answers") as error, crew(cluster=address):
            pass
        assert address in error.value.what
        assert "docs/scale.md" in error.value.remedy


def test_what_a_dead_worker_had_in_hand_is_done_by_the_other_and_with_nobody_left_it_ends(
    tmp_path: Path, cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last of this file: it kills them."""
    monkeypatch.setattr("data.spreading.cluster.PATIENCE_S", 0.5)
    monkeypatch.setattr("data.spreading.cluster.LOOK_S", 0.2)
    with crew(cluster=cluster.address) as hands:
        work = partial(dying_once, scratch=tmp_path, bad=frozenset({3}))
        assert sorted(hands.map(work, range(20))) == list(range(20))
        assert len(cluster.pids()) == 1
        with pytest.raises(DatasetError, match="no worker") as error:
            list(hands.map(partial(dying, bad=frozenset({5})), range(12)))
        assert "goes on" in error.value.remedy
