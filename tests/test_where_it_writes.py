"""The running app changes files in its state folder and among its own temporary files, and nowhere else, whatever is done with it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from data.store import Store
from modules.image_urls import flipbook_url, mask_url, scene_url, thumb_url
from tests import tracing
from tests.asgi import finished
from tests.browser.server import serving
from tests.driven import get, visit
from tests.harness import ROOT
from tests.mask_folders import chip_dataset

OUTPUTS = ("explore-notices", "explore-export-csv", "explore-export-gpkg", "explore-reviews-said")
SAID = {f"segment-source-{name}": value for name, value in {"origin": "file", "numbers": "told", "of": "", "bands": "", "day": ""}.items()}
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
    async with visit(url, QUERY, OUTPUTS, **{"explore-export-only_brushed": False}) as hand:
        assert not (await hand.arrived("explore-notices"))["html"], "nothing is amiss"
        await hand.set(**{"explore-reviews-name": "Ada"})
        await hand.press("explore-reviews-verified")
        await hand.shown("explore-reviews-said", "Saved")
        for kind in ("csv", "gpkg"):
            answer = await asyncio.to_thread(get, f"{url}/{await hand.arrived(f'explore-export-{kind}')}")
            assert answer.status == 200, answer.body[:200]
        assert not hand.errors
    async with visit(url, "?page=segment", ("segment-source-said",), page="segment", **SAID) as hand:
        await hand.upload("segment-source-file", store.path / scene.path)
        await hand.shown("segment-source-said", "64 × 64 px")


def test_it_writes_to_its_state_folder_and_its_temporary_files_alone(tmp_path: Path) -> None:
    dataset = chip_dataset(tmp_path / "dataset")
    state, temporary, home = (tmp_path / name for name in ("state", "tmp", "home"))
    for folder in (temporary, home):
        folder.mkdir()
    places = {"MORAINE_DATASETS": str(dataset), "TMPDIR": str(temporary), "HOME": str(home)}
    env = {**places, "MORAINE_REVIEWS": "on", "MORAINE_STATE_LASTS": "yes"}
    before = tracing.look(dataset, home, ROOT)
    with serving(state, env | tracing.environment(tmp_path / "trace")) as server:
        finished(_driven(server.url, Store(dataset)))
        log = "".join(server.log)
    own, trace = temporary / f"moraine-{os.getuid()}", tracing.told(tmp_path / "trace")
    for place, least in ((state, 10), (own, 5)):
        assert sum(path.is_relative_to(place) for _, path in trace) >= least, "the trace sees what is written"
    # Python tries once whether it may write to TMPDIR, and nothing of that stays; a confined child offers itself to the memory killer.
    allowed = (state, own, tmp_path / "trace", Path("/dev/null"), Path("/proc/self"))
    outside = [(event, path) for event, path in trace if not any(path.is_relative_to(place) for place in allowed)]
    assert [(event, path) for event, path in outside if path.parent != temporary] == [], log
    assert tracing.look(dataset, home, ROOT) == before, "C code changes nothing there either"
    assert [path.name for path in temporary.iterdir()] == [own.name]
    assert list(own.iterdir()) == [], "what was temporary is gone"
    assert {path.name for path in state.iterdir()} >= {"trends", "flags", "reviews.sqlite"}
    assert not [path for path in state.rglob("*") if path.stat().st_mode & 0o022], "nobody else may write there"
