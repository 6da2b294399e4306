"""Text in exported pictures, set in the font that Pillow brings along."""

from __future__ import annotations

import functools
import math
import unicodedata
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from modules.numerals import round_length

INK, QUIET, PAPER, WARNING = (29, 36, 43), (84, 95, 106), (255, 255, 255), (168, 44, 12)
INSTEAD = str.maketrans(
    {"²": "2", "³": "3", "–": "-", "—": "-", "−": "-", "×": "x", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...", " ": " "}
)
"""What the font has no glyph for, and what says the same."""


@functools.cache
def font(size: int) -> Any:
    """The font at a size in px."""
    return ImageFont.load_default(size)


@functools.cache
def _drawn(letter: str) -> bool:
    return bytes(font(16).getmask(letter)) != bytes(font(16).getmask("\uffff")) or font(16).getmask(letter).size == (0, 0)


def spelled(text: str) -> str:
    """A text in letters that the font has: without accents where it must be, `?` where nothing else is left."""
    out: list[str] = []
    for letter in unicodedata.normalize("NFC", text).translate(INSTEAD):
        if letter.isspace():
            out.append(" ")
        elif _drawn(letter):
            out.append(letter)
        else:
            base = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
            out.append(base if base and all(_drawn(part) for part in base) else "?")
    return "".join(out)


def wrapped(text: str, width: float, size: int, most: int = 4) -> list[str]:
    """Lines of at most `width` px; the last ends in dots where the text is longer than `most` lines."""
    lines: list[str] = []
    for word in spelled(text).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font(size).getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(_cut(word, width, size))
    return lines if len(lines) <= most else [*lines[: most - 1], _cut(lines[most - 1] + " ....", width, size, always=True)]


def _cut(text: str, width: float, size: int, *, always: bool = False) -> str:
    if font(size).getlength(text) <= width and not always:
        return text
    while text and font(size).getlength(text + "...") > width:
        text = text[:-1]
    return text.rstrip(" .") + "..."


def write(picture: Image.Image, place: tuple[float, float], text: str, size: int, colour: tuple[int, int, int] = INK, **more: Any) -> None:
    """Write one line at its top left corner."""
    ImageDraw.Draw(picture).text(place, spelled(text), fill=colour, font=font(size), **more)


def scale_bar(picture: Image.Image, place: tuple[float, float], pixel_m: float, most: float) -> None:
    """A bar of a round length (1, 2 or 5 × 10ⁿ m), at most `most` px long, its bottom left corner at `place`; none for unknown pixels."""
    if not math.isfinite(pixel_m) or pixel_m <= 0:
        return
    length, told = round_length(most * pixel_m)
    x, y = place
    draw = ImageDraw.Draw(picture)
    draw.rectangle((x - 1, y - 6, x + length / pixel_m + 1, y + 1), fill=(16, 20, 24))
    draw.rectangle((x, y - 5, x + length / pixel_m, y), fill=PAPER)
    write(picture, (x, y - 22), told, 13, PAPER, stroke_width=2, stroke_fill=(16, 20, 24))
