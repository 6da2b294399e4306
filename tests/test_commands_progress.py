"""Progress is drawn for people only."""

import io
import sys

import pytest

from data.commands.progress import progress


class Terminal(io.StringIO):
    """A stderr that somebody watches."""

    def isatty(self) -> bool:
        return True


def test_a_pipe_stays_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress(iter("abc"), None, "Reading")) == ["a", "b", "c"]
    shown = capsys.readouterr()
    assert shown.out == shown.err == ""


def test_a_terminal_shows_the_work(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")  # a dumb one, as continuous integration says it has, is shown no bars
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(progress(range(3), 3, "Reading lakes")) == [0, 1, 2]
    assert "Reading lakes" in terminal.getvalue()
    assert capsys.readouterr().out == ""
