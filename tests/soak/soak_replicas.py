"""Three replicas behind the proxy of `.deploy/`: one is killed while people click, a review crosses, a browser returns."""

from __future__ import annotations

import asyncio
import random
import time
import urllib.request
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import expect

from tests.asgi import finished
from tests.browser.behind import QUERY, SLIDES, framing, next_lake, walk
from tests.browser.plots import drawn
from tests.browser.visit import DESKTOP, Visit, chromium, visit
from tests.harness import Figures
from tests.load.client import visiting, words_of
from tests.load.returning import Person, walked
from tests.replicas import COUNT, Replicas, missing, replicas
from tests.scene_dataset import LAKES

PEOPLE, CLICKS = 10, 8
"""People, and clicks of each before the replica is killed, and after everybody has come back."""
WITHIN_S = 90.0
PAST, SAID = "explore-reviews-past", "explore-reviews-said"


def killed(seed: int, scale: float) -> Figures:
    """Row: one of three replicas is killed while ten people click."""
    if missing():
        return {"not run": missing()}
    with replicas() as running:
        return finished(_killed(running, random.Random(seed), max(3, round(PEOPLE * scale)), max(2, round(CLICKS * scale))))


async def _killed(running: Replicas, dice: random.Random, people: int, clicks: int) -> Figures:
    order, *others = [await walked(app.url, LAKES[0]) for app in running.apps]
    assert others == [order] * (COUNT - 1), "the replicas do not show the same"
    starts = [dice.choice(list(order)) for _ in range(people)]
    persons = [
        Person(running.proxy.url, f"?lake={lake}&labels={number}", order, random.Random(dice.random()))
        for number, lake in enumerate(starts, 10)
    ]
    done = asyncio.Event()
    lives = [asyncio.create_task(person.live(done)) for person in persons]
    try:
        await _until(lives, lambda: all(person.clicks >= clicks for person in persons))
        spread = [sum(person.cookie == running.cookie(place) for person in persons) for place in range(COUNT)]
        place = spread.index(max(spread))
        struck = [person for person in persons if person.cookie == running.cookie(place)]
        running.kill(place)
        await _until(lives, lambda: all(person.away for person in struck))
        goal = {id(person): person.clicks + clicks for person in persons}
        await _until(lives, lambda: all(person.clicks >= goal[id(person)] for person in persons))
    finally:
        done.set()
        ends = await asyncio.gather(*lives, return_exceptions=True)
    assert [end for end in ends if end is not None] == []
    assert sum(spread) == people, f"a cookie names no replica: {spread}"
    assert max(spread) - min(spread) <= 2, f"visits are spread unevenly: {spread}"
    others = [person for person in persons if person not in struck]
    assert [person.lost for person in others] == [0] * len(others), "a connection to another replica was lost too"
    assert all(person.lost == 1 and person.cookie != running.cookie(place) for person in struck)
    running.start_again(place)
    again = await _taken_back(running, place, persons[0])
    return {"people": people, "a_replica": "/".join(map(str, spread)), "lost": len(struck), "came_back": len(struck), "others_lost": 0,
            "slowest_s": round(max(person.away[0] for person in struck), 1), "clicks": sum(person.clicks for person in persons),
            "wrong": 0, "replica_used_again_s": round(again, 1)}  # fmt: skip


async def _until(lives: list[asyncio.Task[None]], reached: object) -> None:
    began = time.monotonic()
    assert callable(reached)
    while not reached():
        ended = [life for life in lives if life.done()]
        assert not ended, f"somebody gave up: {ended[0].exception()!r}"
        assert time.monotonic() - began < WITHIN_S, "it took too long"
        await asyncio.sleep(0.1)


async def _taken_back(running: Replicas, place: int, like: Person) -> float:
    """Seconds until a newcomer is led to the replica that was started again: it has no other visits."""
    began = time.monotonic()
    while time.monotonic() - began < WITHIN_S:
        newcomer = Person(like.url, like.query, like.order, like.dice)
        await newcomer.open_page()
        if newcomer.cookie == running.cookie(place):
            return time.monotonic() - began
        await asyncio.sleep(0.5)
    raise AssertionError("the proxy never takes the replica back")


def reviewed(seed: int, _: float) -> Figures:
    """Row: a review made at one replica is seen at another, without a reload."""
    if missing():
        return {"not run": missing()}
    with replicas() as running:
        return finished(_reviewed(running, f"seen through the proxy, {seed}"))


async def _reviewed(running: Replicas, note: str) -> Figures:
    url, query, shown = running.proxy.url, f"?lake={LAKES[1]}", (PAST, SAID)
    first, second = ({"Cookie": running.cookie(place)} for place in (0, 1))
    async with visiting(url, query, (), first, shown) as writer, visiting(url, query, (), second, shown) as reader:
        assert [_visits(app.url) for app in running.apps] == [1, 1, 0], "the cookie leads to its replica"
        await writer.send("update", **{"explore-reviews-name": "Ada", "explore-reviews-note": note})
        began = time.monotonic()
        await writer.press("explore-reviews-verified", [SAID])
        while note not in words_of(reader.values.get(PAST, {"html": ""})):
            assert time.monotonic() - began < WITHIN_S, "the review never arrives"
            await reader.until([PAST])
        return {"seen_after_s": round(time.monotonic() - began, 1)}


def _visits(url: str) -> int:
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith("moraine_visits_live "))))


def full(seed: int, _: float) -> Figures:
    """Whoever's cookie names a replica without a free place is led to another one; once all are full they read so."""
    if missing():
        return {"not run": missing()}
    with replicas(MORAINE_SESSIONS="1") as running:
        return finished(_full(running, random.Random(seed)))


async def _full(running: Replicas, dice: random.Random) -> Figures:
    led: list[str] = []
    for app in running.apps:  # takes the place that is held for whoever waited until the page was served
        async with visiting(app.url, plots=()):
            pass
    async with AsyncExitStack() as stack:
        for _ in range(COUNT):
            person = Person(running.proxy.url, f"?lake={LAKES[0]}", {}, dice, running.cookie(0))
            await person.open_page()
            led.append(person.cookie)
            await stack.enter_async_context(visiting(person.url, person.query, (), {"Cookie": person.cookie}))
        assert [_visits(app.url) for app in running.apps] == [1] * COUNT
        one_more = await person.status(f"/{person.query}", document=True)
        asked = await person.status("/healthz")
    assert led[0] == running.cookie(0), "where there is room the cookie is followed"
    assert sorted(led) == sorted(running.cookie(place) for place in range(COUNT))
    assert (one_more, asked) == (503, 200)
    return {"places": COUNT, "led_elsewhere": COUNT - 1, "one_more": one_more}


def browsed(_: int, __: float) -> Figures:
    """Row: a real browser under a prefix; its replica is killed, and its page finds its view again; then all of it in a frame."""
    if missing():
        return {"not run": missing()}
    with replicas(MORAINE_FRAME_ANCESTORS=SLIDES) as running, chromium() as browser, TemporaryDirectory() as folder:
        with visit(browser, f"{running.proxy.url}{QUERY}") as opened:
            page = drawn(opened.page, "volcano", "map", "series")
            before, line = next_lake(page)
            mine = [f"{each['name']}={each['value']}" for each in page.context.cookies()]
            place = next(place for place in range(COUNT) if running.cookie(place) in mine)
            began = time.monotonic()
            running.kill(place)
            expect(page.locator(".m-lost[data-good]")).to_contain_text("Connected again", timeout=WITHIN_S * 1000)
            back = time.monotonic() - began
            drawn(opened.settle(), "volcano")
            assert (page.url, page.locator(".m-focus-text").inner_text()) == (before, line)
        with framing(f"{running.proxy.url}/{QUERY}") as slides, browser.new_context(accept_downloads=True) as context:
            page = context.new_page()
            page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
            framed = Visit(page, running.proxy.url)
            framed.watch()
            page.goto(slides)
            walk(page, page.frames[1], f"{running.proxy.url}/", Path(folder))
            complaints = [each for each in framed.complaints if each != f"left the host: {slides}/"]
            assert complaints == [], complaints
            kept = context.cookies(running.proxy.url)
        return {"back_after_s": round(back, 1), "complaints_in_a_frame": 0, "cookies_in_a_frame": len(kept)}


SUITES = {"replicas.killed": killed, "replicas.full": full, "replicas.reviewed": reviewed, "replicas.browsed": browsed}
