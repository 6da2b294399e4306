"""What the page asks of a table that was handed in, checked: it comes from where the files of strangers are opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any

from data.confined import confined
from data.own_table.answers import Answers

TASK = "own_table"
SECONDS = 90.0


@dataclass(frozen=True)
class Choice:
    """An answer that may be given.

    Args:
        key: How it is sent.
        label, says: What it is, and what it would mean for these rows.
        doubt: Whether it is worth a second look.
    """

    key: str
    label: str
    says: str
    doubt: bool

    @property
    def words(self) -> str:
        return f"{self.label}: {self.says}" if self.says else self.label


@dataclass(frozen=True)
class Question:
    """One of the three, with its guess."""

    guess: str
    choices: tuple[Choice, ...]

    def answer(self, sent: object) -> str:
        """What was chosen; the guess where it is no choice."""
        return next((choice.key for choice in self.choices if choice.key == sent), self.guess)


@dataclass(frozen=True)
class Looked:
    """What a table holds.

    Args:
        files: (name, rows) of each layer.
        rows: Of all.
        outlines: Whether lakes have outlines.
        head: (name, what it is taken for) of the columns of a preview.
        body: Its rows.
        more_columns: How many columns it leaves out.
        date, id: The first two questions.
        pixel: (metres, why) guessed; None where it would change nothing.
        area: The column of areas, where there is one.
    """

    files: tuple[tuple[str, int], ...]
    rows: int
    outlines: bool
    head: tuple[tuple[str, str], ...]
    body: tuple[tuple[str, ...], ...]
    more_columns: int
    date: Question
    id: Question
    pixel: tuple[float, str] | None
    area: str | None


def look_at(folder: Path, names: Sequence[str], stop: Event | None = None, *, whose: str = "") -> Looked:
    """Have the files looked at. Waits: call it in a thread.

    Raises:
        InputError: They cannot be used.
    """
    told = confined(TASK, {"files": list(names)}, folder, seconds=SECONDS, called=_called(names), stop=stop, whose=whose)
    pixel = told["pixel"]
    return Looked(
        tuple((str(each["name"]), int(each["rows"])) for each in told["files"]),
        int(told["rows"]),
        bool(told["outlines"]),
        tuple((str(each["name"]), str(each["role"])) for each in told["head"]),
        tuple(tuple(str(cell) for cell in row) for row in told["body"]),
        int(told["more_columns"]),
        _question(told["date"]),
        _question(told["id"]),
        None if pixel is None else (float(pixel["guess"]), str(pixel["why"])),
        None if told["area"] is None else str(told["area"]),
    )


def _question(told: dict[str, Any]) -> Question:
    choices = tuple(Choice(str(each["key"]), str(each["label"]), str(each["says"]), bool(each["doubt"])) for each in told["choices"])
    guess = str(told["guess"])
    return Question(guess if guess in {choice.key for choice in choices} else choices[0].key, choices)


def make_of(folder: Path, names: Sequence[str], answers: Answers, into: str, stop: Event | None = None, *, whose: str = "") -> None:
    """Have the dataset made, in a folder `into` beside the files. Waits: call it in a thread.

    Raises:
        InputError: A file, an answer, or every row cannot be used.
    """
    arguments = {"files": list(names), "into": into, "answers": asdict(answers)}
    confined(TASK, arguments, folder, seconds=SECONDS, called=_called(names), stop=stop, whose=whose)


def _called(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else "these files"
