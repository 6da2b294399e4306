"""The app starts what makes its scenes, ends it when it ends, and serves its tables whatever happens to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from modules.serving import making
from modules.serving.making import make_meanwhile


class App:
    """As much of an app as can be shut down."""

    def __init__(self) -> None:
        self.ends: list = []

    def on_shutdown(self, callback: object) -> None:
        self.ends.append(callback)


def test_it_is_started_and_ended_with_the_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done: list[object] = []
    monkeypatch.setattr(making, "start_making", lambda folder, command, more: done.append((folder, command[:2], more)) or "process")
    monkeypatch.setattr(making, "stop_making", done.append)
    app = App()
    make_meanwhile(app, tmp_path)  # type: ignore[arg-type]
    assert done == [(tmp_path, ("models", "demo"), True)]
    for end in app.ends:
        end()
    assert done[1:] == ["process"]


def test_without_a_folder_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "start_making", lambda *_: pytest.fail("started"))
    make_meanwhile(App(), None)  # type: ignore[arg-type]


def test_the_app_lives_without_them(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "scenes.parquet").write_text("damaged")
    app = App()
    make_meanwhile(app, tmp_path)  # type: ignore[arg-type]
    assert app.ends == []
    assert "simulated scenes are not made" in caplog.text
