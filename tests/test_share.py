"""The share dialog: the link, its QR code, and what did not fit."""

from __future__ import annotations

import re

import pytest

from data.store import Store
from modules.choices import Picked, State
from modules.links.link import LIMIT, Link, state_from
from modules.views import share
from tests.datasets import small_dataset
from tests.sessions import ViewSession


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the dialog showed, as HTML."""
    held: list[str] = []
    monkeypatch.setattr(share.ui, "modal_show", lambda modal: held.append(str(modal)))
    return held


def test_the_dialog_holds_the_link_of_what_is_on_screen(store: Store, shown: list[str]) -> None:
    state = State(store.settings(), focus=3, brush=Picked((1, 2)))
    with ViewSession(store, share.share_server, state) as view:
        view.set(open=1)
    url = re.search(r'value="([^"]+)"', shown[0])
    assert url is not None
    query = url[1].replace("&amp;", "&").split("?", 1)[1]
    assert state_from(query, store) == (state, [])
    assert "does not fit" not in shown[0]


def test_what_does_not_fit_is_said_with_what_to_do() -> None:
    assert share.left_out_words(()) == ""
    assert share.left_out_words(("the brush",)) == "The brush does not fit into a link (2,000 characters); share an export instead."
    assert share.left_out_words(("the filters", "the brush")).startswith("The filters and the brush do not fit")


def test_the_longest_link_still_makes_a_qr_code() -> None:
    html = str(share.share_body("http://x", Link("a" * (LIMIT - 9)), "url"))
    assert f"{LIMIT:,} characters" in html
    assert "data:image/svg+xml" in html


def test_every_link_has_a_code_of_its_own() -> None:
    codes = {str(share.qr_code(f"http://x?lake={lake}").attrs["src"]) for lake in (1, 2)}
    assert len(codes) == 2


def test_text_of_a_link_cannot_break_out() -> None:
    assert "<script>" not in str(share.share_body("http://x", Link('"><script>'), "url"))
