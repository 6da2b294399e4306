"""Pictures that were drawn before anybody came are those that a visit asks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shiny import reactive

from modules.evidence import evidence_of
from modules.images.__main__ import main
from modules.images.beforehand import addresses
from modules.links.link import state_from
from modules.selection import Selection
from tests.image_cases import LAKE, plain_dataset
from tests.test_images_drawn import idle


def test_a_visit_finds_all_that_it_asks_for_and_what_cannot_be_drawn_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, state = plain_dataset(tmp_path / "plain"), tmp_path / "state"
    monkeypatch.setenv("MORAINE_STATE_DIR", str(state))
    (folder / "scenes" / "2019-10-15.tif").write_bytes(b"damaged")
    assert main([str(folder), "--flipbooks", "--workers", "1"]) == 0
    said = capsys.readouterr()
    served = idle(folder, state)
    asked = addresses(served.store, LAKE, flipbook=True)
    good = [address for address in asked if not re.search(r"/(scene|thumb|mask|ground)/1[/.]", address)]
    assert said.out.startswith(f"1 lakes, {len(good)} pictures,")
    assert "2019-10-15.tif" in said.err
    assert all(served.get(address)[0] == 200 for address in good)
    assert len(good) == 2 * 4 + 1, "two sound dates and the flipbook"


def test_what_is_drawn_is_what_the_page_is_told_of(tmp_path: Path) -> None:
    store = idle(plain_dataset(tmp_path / "plain"), tmp_path).store
    selection = Selection(store, state_from(f"?lake={LAKE}", store)[0], [])
    with reactive.isolate():
        told = evidence_of(store, selection.scenes(), selection.look(), selection.layers(), "")
    asked = addresses(store, LAKE, flipbook=True)
    assert {told["flipbook"], *(scene["image"] for scene in told["scenes"]), *(scene["thumb"] for scene in told["scenes"])} <= set(asked)


def test_a_state_folder_that_takes_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").write_text("no folder")
    monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path / "state"))
    assert main([str(tmp_path)]) == 2
    assert "MORAINE_STATE_DIR" in capsys.readouterr().err
