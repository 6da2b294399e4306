"""A running app whose files vanish and whose state folder fails goes on; it writes there and among its temporary files, nowhere else."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.store import Store
from modules.image_urls import flipbook_url, mask_url, scene_url, thumb_url
from tests import tracing
from tests.app_faults import NOTICES, REVIEWER, SAID, SENTENCE, files_vanish, reviewed, state_fails, steps
from tests.asgi import finished
from tests.browser.server import Server, serving
from tests.driven import get, visit
from tests.harness import ROOT
from tests.mask_folders import chip_dataset, chip_masks, taken

OUTPUTS = (NOTICES, SENTENCE, SAID, "explore-export-csv", "explore-export-gpkg")
ABOUT = {f"segment-source-{name}": value for name, value in {"origin": "file", "numbers": "told", "of": "", "bands": "", "day": ""}.items()}
QUERY = "?lake=0&method=theil-sen"


async def _driven(url: str, store: Store) -> None:
    """Fits, images, a review, exports, a file handed in."""
    scene = next(scene for scene in store.scenes if scene.lake_key == 0)
    source = store.scenes.sources[0] if store.scenes.sources else None
    pictures = [scene_url(store, scene, "true"), thumb_url(store, scene, "true", source), flipbook_url(store, 0, "true", source)]
    if source is not None:
        pictures.append(mask_url(store, scene, source))
    for address in ("", *pictures):
        answer = await asyncio.to_thread(get, f"{url}/{address}")
        assert answer.status == 200, (address, answer.body[:200])
    async with visit(url, QUERY, OUTPUTS, **REVIEWER, **{"explore-export-only_brushed": False}) as hand:
        assert not (await hand.arrived(NOTICES))["html"], "nothing is amiss"
        await steps(hand)  # the table is fitted then, which exports need
        assert (await reviewed(hand, "verified")).startswith("Saved")
        for kind in ("csv", "gpkg"):
            answer = await asyncio.to_thread(get, f"{url}/{await hand.arrived(f'explore-export-{kind}')}")
            assert answer.status == 200, answer.body[:200]
        assert not hand.errors
    async with visit(url, "?page=segment", ("segment-source-said",), page="segment", **ABOUT) as hand:
        await hand.upload("segment-source-file", store.path / scene.path)
        await hand.shown("segment-source-said", "64 × 64 px")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("running")


@pytest.fixture(scope="module")
def dataset(home: Path) -> Path:
    made = chip_dataset(home / "dataset")
    taken(made, chip_masks(made, home / "in"))
    return made


@pytest.fixture(scope="module")
def server(home: Path, dataset: Path) -> Iterator[Server]:
    """Traced."""
    for name in ("tmp", "user"):
        (home / name).mkdir()
    env = {"MORAINE_DATASETS": str(dataset), "TMPDIR": str(home / "tmp"), "HOME": str(home / "user")}
    on = {"MORAINE_REVIEWS": "on", "MORAINE_STATE_LASTS": "yes"}
    with serving(home / "state", env | on | tracing.environment(home / "trace")) as held:
        yield held


def test_files_vanish_and_the_state_folder_fails_and_the_app_goes_on(server: Server, home: Path, dataset: Path) -> None:
    finished(files_vanish(server.url, dataset))
    finished(state_fails(server.url, home / "state" / "trends"))
    assert not server.tracebacks(), "".join(server.log)


def test_it_writes_to_its_state_folder_and_its_temporary_files_alone(server: Server, home: Path, dataset: Path) -> None:
    """Whatever is done with it. Ends the app, to see that nothing temporary stays."""
    state, temporary = home / "state", home / "tmp"
    others = (dataset, home / "user", *(ROOT / floor for floor in ("data", "models", "modules")))
    before = tracing.look(*others)
    finished(_driven(server.url, Store(dataset)))
    server.process.terminate()
    server.process.wait(20)
    own, trace, log = temporary / f"moraine-{os.getuid()}", tracing.told(home / "trace"), "".join(server.log)
    for place, least in ((state, 10), (own, 5)):
        assert sum(path.is_relative_to(place) for _, path in trace) >= least, "the trace sees what is written"
    # Python tries once whether it may write to TMPDIR, and nothing of that stays, and keeps compiled files beside its sources where it may;
    # a confined child offers itself to the system's memory killer.
    allowed = (state, own, home / "trace", Path("/dev/null"), Path("/proc/self"))
    outside = [(event, path) for event, path in trace if not any(path.is_relative_to(place) for place in allowed)]
    assert [(event, path) for event, path in outside if path.parent != temporary and "__pycache__" not in path.parts] == [], log
    assert tracing.look(*others) == before, "C code changes nothing there either"
    assert [path.name for path in temporary.iterdir()] == [own.name]
    assert list(own.iterdir()) == [], "what was temporary is gone"
    assert {path.name for path in state.iterdir()} >= {"trends", "flags", "reviews.sqlite"}
    assert not [path for path in state.rglob("*") if path.stat().st_mode & 0o022], "nobody else may write there"
    assert not server.tracebacks(), log
