"""Which requests bring the members wanted: each once, little more, and as few as that allows."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from data.archives.blocks import blocks
from data.archives.directory import Member

LENGTHS = st.lists(st.tuples(st.integers(1, 400), st.booleans()), min_size=1, max_size=40)


def archive(lengths: list[tuple[int, bool]]) -> tuple[list[Member], list[Member]]:
    """Members one after the other: all of them, and those that are wanted."""
    made: list[Member] = []
    at = 0
    for number, (length, _) in enumerate(lengths):
        made.append(Member(PurePosixPath(str(number)), at, at + length, length, length, 0, 0))
        at += length
    return made, [member for member, (_, wanted) in zip(made, lengths, strict=True) if wanted]


@given(LENGTHS, st.floats(0, 1), st.integers(1, 2000), st.randoms(use_true_random=False))
def test_every_member_once_and_little_more(lengths: list[tuple[int, bool]], waste: float, most: int, random: object) -> None:
    _, wanted = archive(lengths)
    shuffled = wanted.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    made = blocks(shuffled, waste, most)
    assert [member for block in made for member in block.members] == wanted
    assert all(before.end <= after.first for before, after in pairwise(made))
    assert sum(block.end - block.first for block in made) <= (1 + waste) * sum(member.size for member in wanted) + 1e-6
    assert all(len(block.members) == 1 or block.end - block.first <= most for block in made)
    assert all(block.first <= member.first and member.end <= block.end for block in made for member in block.members)


@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=14), st.floats(0, 1))
def test_no_smaller_number_of_requests_reads_as_little(lengths: list[tuple[int, bool]], waste: float) -> None:
    _, wanted = archive(lengths)
    gaps = [after.first - before.end for before, after in pairwise(wanted)]
    budget = waste * sum(member.size for member in wanted)
    most = max((n for n in range(len(gaps) + 1) for kept in combinations(gaps, n) if sum(kept) <= budget), default=0)
    assert len(blocks(wanted, waste, 10**9)) == (len(wanted) - most if wanted else 0)


def test_neighbours_cost_one_request() -> None:
    members, _ = archive([(100, True)] * 50)
    assert len(blocks(members)) == 1
    assert len(blocks(members[::3])) == 17, "a gap of 200 is more than a twentieth of 1,700"
