"""What the lakes of a dataset are called, as Arrow holds it: a million names take 20 MB, and are looked through in 40 ms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, cast, overload

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from data.coded import Coded, coded, texts_of
from data.plain_text import cut

PLACES = ("basin", "sub_basin", "dam_type")
"""Columns of `lakes` whose texts repeat, and are looked through as well."""
QUOTES = "\"'()[]{}<>"
LONGEST, MOST_WORDS = 200, 12
"""Characters and different words of a text that lakes are looked through for: each word costs 40 ms a million lakes."""
pc = cast(Any, compute)  # its functions are made at import, and no type checker sees them


class Texts(Sequence[str]):
    """Texts of L lakes, each made when it is asked for.

    Args:
        held: (L,) texts, none of them null.
        said: What a text becomes.
    """

    def __init__(self, held: pa.Array, said: Callable[[str], str] = str) -> None:
        self._held, self._said = held, said

    def __len__(self) -> int:
        return len(self._held)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self._said(text) for text in self._held[index].to_pylist()]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._said(str(self._held[int(index) % len(self)].as_py()))

    def __iter__(self) -> Iterator[str]:
        return map(self._said, cast(Iterator[str], iter(self._held.to_pylist())))


class LakeNames:
    """Ids and names, and what they are found by.

    Args:
        lakes: L rows in lake_key order: `lake_key`, `lake_id`, `name`, and those of PLACES that there are.
    """

    def __init__(self, lakes: pd.DataFrame) -> None:
        self._lakes = lakes
        self._keys = lakes["lake_key"].to_numpy(dtype=np.int64)

    def _texts(self, column: str) -> pa.Array:
        """A column of texts; empty where there is none."""
        return texts_of(pd.Series(self._lakes[column]))

    @cached_property
    def _id(self) -> pa.Array:
        return self._texts("lake_id")

    @cached_property
    def _label(self) -> pa.Array:
        name = self._texts("name")
        lake, blank = (pa.scalar(text, pa.large_string()) for text in ("lake", " "))
        key = pc.binary_join_element_wise(lake, pa.array(self._keys).cast(pa.large_string()), blank)
        return pc.if_else(pc.not_equal(name, ""), name, pc.if_else(pc.not_equal(self._id, ""), self._id, key))

    @cached_property
    def ids(self) -> Sequence[str]:
        """Each lake's id, empty where it has none."""
        return Texts(self._id)

    @cached_property
    def labels(self) -> Sequence[str]:
        """What a person calls each lake: its name, else its id, else its key; a long one cut."""
        return Texts(self._label, cut)

    @cached_property
    def shared_ids(self) -> int:
        """How many ids more than one lake carries."""
        ids = pd.Series(self._lakes["lake_id"]).dropna()
        return len(pd.unique(ids[ids.duplicated()]))

    @cached_property
    def places(self) -> dict[str, Coded]:
        """PLACES, as far as there are any: what repeats is held once."""
        return {name: coded(self._texts(name)) for name in PLACES if name in self._lakes}

    @cached_property
    def _lowered(self) -> list[pa.Array]:
        """Label and id in lower case."""
        return [pc.utf8_lower(self._label), pc.utf8_lower(self._id)]

    def containing(self, words: str, *, places: bool = True) -> NDArray[np.bool_]:
        """(L,) the lakes of which every word is part of the label, the id or, with `places`, one of PLACES; case does not matter.

        What goes beyond LONGEST characters or MOST_WORDS words is passed over.
        """
        found = np.ones(len(self._keys), dtype=bool)
        for word in list(dict.fromkeys(words[:LONGEST].lower().split()))[:MOST_WORDS]:
            if not found.any():
                break
            held = np.logical_or.reduce([_holding(each, word) for each in self._lowered])
            for place in self.places.values() if places else ():
                held |= place.among(_holding(pc.utf8_lower(pa.array(place.names, pa.large_string())), word))
            found &= held
        return found

    @cached_property
    def _bare(self) -> list[pa.Array]:
        """Id and name as `bare` makes them."""
        return [_bare_array(self._texts(column)) for column in ("lake_id", "name")]

    def named(self, texts: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Those of some texts, as `bare` makes them, that name lakes → the keys of the lakes: by id, by name, or by `#lake_key`."""
        wanted = {bare(text) for text in texts} - {""}
        found: dict[str, list[int]] = {text: [int(text[1:])] for text in wanted if self._is_key(text)}
        values = pa.array(sorted(wanted), pa.large_string())
        for held in self._bare if wanted else []:
            rows = np.flatnonzero(pc.is_in(held, value_set=values).to_numpy(zero_copy_only=False))
            for row, text in zip(rows.tolist(), held.take(pa.array(rows)).to_pylist(), strict=True):
                keys, key = found.setdefault(str(text), []), int(self._keys[row])
                if key not in keys:
                    keys.append(key)
        return {text: tuple(keys) for text, keys in found.items()}

    def _is_key(self, text: str) -> bool:
        number = text[1:]
        if text[0] != "#" or not (number.isascii() and number.isdigit()) or str(int(number[:12])) != number:
            return False
        row = int(np.searchsorted(self._keys, int(number)))
        return row < len(self._keys) and int(self._keys[row]) == int(number)


def bare(text: str) -> str:
    """A name as it is looked up: no blanks or quotes around it, in lower case."""
    return text.strip().strip(QUOTES).strip().lower()


def _holding(texts: pa.Array, word: str) -> NDArray[np.bool_]:
    return pc.match_substring(texts, word).to_numpy(zero_copy_only=False)


def _bare_array(texts: pa.Array) -> pa.Array:
    """`bare` of each: by Arrow where it is sure to mean the same by a letter and its lower case, which are those of ASCII."""
    held = pc.utf8_lower(pc.utf8_trim_whitespace(pc.utf8_trim(pc.utf8_trim_whitespace(texts), QUOTES)))
    foreign = pc.invert(pc.string_is_ascii(texts))
    mine = pa.array([bare(text) for text in texts.filter(foreign).to_pylist()], pa.large_string())
    held = pc.replace_with_mask(held, foreign, mine) if len(mine) else held
    return texts if held.equals(texts) else held
