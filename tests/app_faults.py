"""What goes wrong under a running app, and what must be seen then: words on the page, and everything else going on."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from data.store import Store
from modules.image_urls import ground_url, mask_url, rings_url, scene_url
from tests.driven import Answer, Hand, get, visit

NOTICES, SENTENCE, SAID = "explore-notices", "explore-focus-sentence", "explore-reviews-said"
METHODS = ("ols", "theil-sen", "huber", "segmented", "weighted", "moderated")
REVIEWER = {"explore-reviews-name": "Ada"}
PRESSES = 5
"""Of ›, which does nothing while the table is still fitted."""
FAR = 5
"""A lake with images that is not shown: nothing of it is made ahead."""


@contextmanager
def gone(path: Path) -> Generator[None, None, None]:
    """A file or folder is away for a while."""
    aside = path.with_name(f"{path.name}.aside")
    path.rename(aside)
    try:
        yield
    finally:
        aside.rename(path)


async def fetched(url: str, address: str) -> Answer:
    return await asyncio.to_thread(get, f"{url}/{address}")


async def works(url: str, query: str = "?lake=0") -> str:
    """A visit opens, shows its lake and steps to another one; returns the notices that it saw."""
    async with visit(url, query, (NOTICES, SENTENCE)) as hand:
        await steps(hand)
        return (await hand.arrived(NOTICES))["html"]


async def steps(hand: Hand) -> None:
    """The focus line shows a lake; another one is asked for, and comes."""
    await hand.shown(SENTENCE, "km²")
    first = hand.values[SENTENCE]["html"]
    for _ in range(PRESSES):
        await hand.press("explore-focus-next")
        if hand.values[SENTENCE]["html"] != first:
            break
    assert "km²" in hand.values[SENTENCE]["html"] != first
    assert not hand.errors, hand.errors


async def files_vanish(url: str, dataset: Path) -> None:
    """A scene, a mask, a table, the whole dataset: words for whoever asks for it, and all is well when it is back."""
    store = Store(dataset)
    one = next(scene for scene in store.scenes if scene.lake_key == FAR and scene.masks)
    source = next(iter(one.masks))
    await _missed(url, dataset, dataset / "outlines.parquet", [ground_url(store, one)])  # before a visit has them read
    async with visit(url, "?lake=0", (NOTICES, SENTENCE)) as hand:
        await _missed(url, dataset, one.path, [scene_url(store, one, "true")])
        await _missed(url, dataset, one.masks[source], [mask_url(store, one, source), rings_url(store, one, source)])
        await steps(hand)
        with gone(dataset / "events.parquet"):
            assert "events.parquet is not there any more" in await works(url)
        assert not await works(url), "it is there again"
        with gone(dataset / "areas.parquet"):
            assert b"cannot be opened" in (await fetched(url, "")).body
            await steps(hand)
        assert b"cannot be opened" not in (await fetched(url, "")).body
        assert not await works(url)


async def _missed(url: str, dataset: Path, path: Path, addresses: list[str]) -> None:
    """What rests on a file that is away is answered with a sentence, and with what was asked for once the file is back."""
    with gone(path):
        for address in addresses:
            answer = await fetched(url, address)
            assert answer.status in {404, 422}, (address, answer.status)
            assert len(answer.body.decode().split()) >= 5, answer.body
            assert str(dataset) not in answer.body.decode(), "where it lies is nobody's business"
    for address in addresses:
        assert (await fetched(url, address)).status == 200, address


async def state_fails(url: str, kept: Path) -> None:
    """Tables cannot be written any more: they are fitted all the same, a notice says so, and it goes once they can be written again.

    Args:
        url: Of the app.
        kept: The folder of kept tables in the state folder: a file is put in its place.
    """
    aside = kept.rename(kept.with_name("aside"))
    kept.write_bytes(b"")
    try:
        async with visit(url, f"?lake=0&method={METHODS[1]}", (NOTICES, SENTENCE)) as hand:
            assert str(kept.parent) not in await hand.shown(NOTICES, "kept in memory only")
            await steps(hand)
        assert "kept in memory only" in await works(url)
    finally:
        kept.unlink()
        aside.rename(kept)
    await works(url, f"?lake=0&method={METHODS[2]}")
    assert not await works(url)


async def reviewed(hand: Hand, verdict: str) -> str:
    """Press a verdict; what is said of it then."""
    hand.values.pop(SAID, None)
    await hand.press(f"explore-reviews-{verdict}")
    while (hand.values.get(SAID) or "Saving").startswith("Saving"):
        await hand.take()
    return str(hand.values[SAID])
