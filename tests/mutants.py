"""Files as chance, a bad disk or somebody else may change them: bytes flipped, cut, overwritten, doubled, shifted, numbers made extreme."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable
from typing import Any

from data.errors import MoraineError

EXTREMES = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80", b"\x00\x00\x00\x00", b"\x01\x00\x00\x00")
"""Counts and offsets, little and big endian, as somebody would choose them."""
EDGE = 512
"""Bytes at both ends, where formats say what follows: half of all changes fall there."""


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """The bytes, changed in one to four places."""
    data = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        if not data:
            break
        at, length = _place(len(data), chance), chance.randint(1, 40)
        match chance.randrange(8):
            case 0:
                del data[at:]
            case 1 | 2:
                data[at] ^= 1 << chance.randrange(8)
            case 3:
                data[at : at + length] = chance.randbytes(length)
            case 4:
                data[at:at] = data[at : at + length]
            case 5:
                del data[at : at + length]
            case 6:
                extreme = chance.choice(EXTREMES)
                data[at : at + len(extreme)] = extreme
            case _:
                data[at : at + length] = bytes(length)
    return bytes(data)


def _place(size: int, chance: random.Random) -> int:
    edge = min(EDGE, size)
    match chance.randrange(4):
        case 0:
            return chance.randrange(edge)
        case 1:
            return size - 1 - chance.randrange(edge)
        case _:
            return chance.randrange(size)


def outcome(read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What came of reading a changed file: what `read` says of it, the named error that refused it, or a failure."""
    try:
        return read()
    except MoraineError as error:
        return {"refused": error.what, "remedy": error.remedy}
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  what is no named error is what is looked for
        return {"failed": traceback.format_exc()}
