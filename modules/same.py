"""What stands for an object in a key where the object itself cannot: a table cannot be hashed, and must not be compared row by row."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """Equal to what stands for the very same object, and to nothing else.

    Args:
        held: The object. It lives as long as this.
    """

    def __init__(self, held: T) -> None:
        self.held = held

    def __hash__(self) -> int:
        return id(self.held)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.held is other.held
