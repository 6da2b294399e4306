"""Settings: from a variable or from moraine.toml, each declared once and described."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from data import settings
from data.errors import InputError
from data.settings import SETTINGS
from tests.harness import ROOT

SOURCES = [*(ROOT / "data").rglob("*.py"), *(ROOT / "models").rglob("*.py"), *(ROOT / "modules").rglob("*.py"), ROOT / "app.py"]
DOC = (ROOT / "docs" / "settings.md").read_text()


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    made = tmp_path / "moraine.toml"
    made.write_text("")
    monkeypatch.setenv("MORAINE_SETTINGS", str(made))
    for setting in SETTINGS.values():
        if setting.name != "SETTINGS":
            monkeypatch.delenv(setting.variable, raising=False)
    return made


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=list(SETTINGS))
def test_each_setting_is_described_with_its_default(setting: settings.Setting) -> None:
    keyed = setting.name != "SETTINGS" and not setting.tests
    names = rf"`{setting.variable}`" + (rf", `{setting.name.lower()}`" if keyed else "")
    rows = re.findall(rf"^\| {names} \|(.*)\|(.*)\|$", DOC, re.MULTILINE)
    assert len(rows) == 1, f"docs/settings.md has no row, or several, that begin with {names}"
    words, default = rows[0]
    assert words.strip()
    if setting.default:
        assert f"`{setting.default}`" in default


def test_what_is_described_is_a_setting() -> None:
    described = re.findall(r"^\| `(MORAINE_\w+)`", DOC, re.MULTILINE)
    assert sorted(described) == sorted(setting.variable for setting in SETTINGS.values())


def test_no_source_reads_a_variable_past_the_settings() -> None:
    past = [path for path in SOURCES if re.search(r"""(environ|getenv)[^\n]*["']MORAINE_""", path.read_text())]
    assert past == []


def test_every_setting_is_read_somewhere() -> None:
    sources = "\n".join(path.read_text() for path in SOURCES if path != ROOT / "data" / "settings.py")
    unread = [name for name, each in SETTINGS.items() if not each.tests and name != "SETTINGS" and f'"{name}"' not in sources]
    assert not unread


def test_the_variable_counts_before_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.number("UPLOAD_MB") == 64
    file.write_text("upload_mb = 20\n")
    assert settings.number("UPLOAD_MB") == 20
    monkeypatch.setenv("MORAINE_UPLOAD_MB", "30")
    assert settings.number("UPLOAD_MB") == 30
    monkeypatch.setenv("MORAINE_UPLOAD_MB", "  ")
    assert settings.number("UPLOAD_MB") == 20


def test_types_of_the_file(file: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    file.write_text('scenes = false\ndatasets = ["a", "b"]\nstate_dir = "kept"\nreviews = "OFF"\nstate_lasts = true\n')
    assert not settings.yes("SCENES")
    assert settings.folders("DATASETS") == [tmp_path / "a", tmp_path / "b"]
    assert settings.path("STATE_DIR") == tmp_path / "kept"
    assert settings.text("REVIEWS") == "off"
    assert settings.text("STATE_LASTS") == "yes"
    file.write_text(f'datasets = "a{os.pathsep}b"\n')
    assert settings.folders("DATASETS") == [tmp_path / "a", tmp_path / "b"]


@pytest.mark.parametrize(
    ("line", "read", "says"),
    [
        ("upload_bm = 3", lambda: settings.number("UPLOAD_MB"), "did you mean 'upload_mb'"),
        ("upload_mb = 0", lambda: settings.number("UPLOAD_MB"), "from 1 to 4,096"),
        ("upload_mb = true", lambda: settings.number("UPLOAD_MB"), "from 1 to 4,096"),
        ("upload_mb = 2.5", lambda: settings.number("UPLOAD_MB"), "from 1 to 4,096"),
        ('reviews = "perhaps"', lambda: settings.text("REVIEWS"), "auto, on or off"),
        ("reviews = [1]", lambda: settings.text("REVIEWS"), "in quotes"),
        ("datasets = [1]", lambda: settings.folders("DATASETS"), "list of texts"),
        ('datasets = ["gone"]', lambda: settings.folders("DATASETS"), "gone, which is not a folder"),
        ("reviews = off", lambda: settings.text("REVIEWS"), "write it as TOML"),
        ("real_data = 'x'", lambda: settings.text("REVIEWS"), "no setting"),
        ("settings = 'x'", lambda: settings.text("REVIEWS"), "no setting"),
    ],
)
def test_what_cannot_be_said_names_the_key_the_file_and_the_remedy(file: Path, line: str, read: object, says: str) -> None:
    assert callable(read)
    file.write_text(line + "\n")
    with pytest.raises(InputError, match=re.escape(says)) as caught:
        read()
    assert str(file) in str(caught.value)


def test_a_file_that_is_named_must_be_there(file: Path) -> None:
    file.unlink()
    with pytest.raises(InputError, match="MORAINE_SETTINGS names"):
        settings.text("REVIEWS")


def test_what_is_in_force_is_told_without_secrets(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('upload_mb = 20\nreviews_url = "postgresql://me:hunter2@host/lakes"\n')
    monkeypatch.setenv("MORAINE_REVIEWS", "on")
    lines = settings.in_force()
    assert f"upload_mb = 20, from upload_mb in {file}" in lines
    assert "reviews = 'on', from MORAINE_REVIEWS" in lines
    assert "hunter2" not in "".join(lines)
