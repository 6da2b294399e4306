"""Places: never more than there are, none lost, none leaked, whatever comes in between."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.serving.guard import seats as module
from modules.serving.guard.rate import Rate
from modules.serving.guard.seats import HELD_MOST, HELD_S, Seats
from tests.asgi import finished


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)


@given(st.lists(st.sampled_from(["page", "socket", "stray", "leave", "wait"]), max_size=60), st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_never_more_than_there_are_and_all_come_back(steps: list[str], most: int) -> None:
    """Against a count of its own: who was let in, and who left."""
    clock = Clock()
    seats = Seats(most, clock)
    inside: list[str] = []
    waiting = 0

    async def play() -> None:
        nonlocal waiting
        for step in steps:
            if step == "page" and seats.is_free():
                assert await seats.hold("a")
                waiting += 1
            elif step in {"socket", "stray"}:
                # A page that holds a place never finds it gone.
                address = "a" if step == "socket" else "b"
                let = seats.take(address)
                assert let or (not waiting and len(inside) == most)
                inside.extend([address] * let)
                waiting -= let and waiting > 0
            elif step == "leave" and inside:
                seats.give_back(inside.pop())
            elif step == "wait":
                clock.now += HELD_S
                waiting = 0
            assert seats.taken == len(inside)
            assert len(inside) + waiting <= most
            assert seats.held == waiting

    finished(play())


def test_a_page_waits_a_moment_for_the_place_that_its_reload_gives_back() -> None:
    seats = Seats(1)

    async def reload() -> bool:
        assert seats.take("a")
        asyncio.get_running_loop().call_later(0.2, seats.give_back, "a")
        return await seats.hold("a")

    assert finished(reload())


@pytest.mark.usefixtures("hasty")
def test_who_loads_pages_and_never_connects_does_not_take_all() -> None:
    seats = Seats(HELD_MOST + 1)

    async def load() -> list[bool]:
        return [await seats.hold("a") for _ in range(50)] + [await seats.hold("b")]

    assert all(finished(load()))
    assert seats.held == HELD_MOST + 1
    assert not finished(seats.hold("c"))


@pytest.mark.parametrize(("address", "let"), [("8.8.8.8", 4), ("2606:4700::1111", 4), ("10.0.0.7", 8), ("127.0.0.1", 8), ("", 8)])
def test_one_public_address_does_not_take_all(address: str, let: int) -> None:
    seats = Seats(8)
    for _ in range(2):  # the second time: all came back
        assert sum(seats.take(address) for _ in range(12)) == let
        assert seats.take("9.9.9.9") is (let < 8)
        for _ in range(let):
            seats.give_back(address)
        if let < 8:
            seats.give_back("9.9.9.9")
    assert seats.taken == 0


@pytest.mark.usefixtures("hasty")
def test_an_address_that_has_its_share_is_served_no_page_whose_connection_would_be_refused() -> None:
    seats = Seats(8)
    for _ in range(4):
        assert seats.take("8.8.8.8")
    assert not seats.is_free("8.8.8.8")
    assert not finished(seats.hold("8.8.8.8"))
    assert seats.is_free("9.9.9.9")
    assert finished(seats.hold("9.9.9.9"))


@pytest.mark.parametrize("form", ["2606:4700:0:1::{:x}", "2606:4700:0:1:{:x}::", "::ffff:8.8.8.8", "::FFFF:808:808%{}"])
def test_one_machine_with_many_addresses_is_one(form: str) -> None:
    seats = Seats(8)
    taken = [form.format(each) for each in range(1, 13) if seats.take(form.format(each))]
    assert len(taken) == 4
    assert seats.take("2606:4700:0:2::1")
    for address in taken:
        seats.give_back(address)
    assert seats.taken == 1


def test_so_many_times_a_minute_counted_back_from_now() -> None:
    clock = Clock()
    rate = Rate(3, clock)
    answers: list[Any] = []
    for now in (0.0, 10.0, 20.0, 30.0, 59.5, 60.0, 60.0, 70.0):
        clock.now = now
        answers.append(rate.ask())
    # What was refused does not count.
    assert answers == [0, 0, 0, 30, 1, 0, 10, 0]
