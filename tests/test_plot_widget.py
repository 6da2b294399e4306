"""What a visit's plots cost the line, and that the server speaks to them in the words that widgets/client.js knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.asgi import finished
from tests.datasets import small_dataset
from tests.load.client import PLOTS, visiting
from tests.load.inside import served_here

TRAITS = {"figure", "columns", "bits", "focus", "marked", "picked", "drawn"}


def _opened(folder: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The messages that opened the widgets, and the values of the outputs that show them."""

    async def visit(url: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        async with visiting(url) as visitor:
            sent = [each["shinywidgets_comm_open"] for each in visitor.custom if "shinywidgets_comm_open" in each]
            return [json.loads(each) for each in sent], visitor.values

    with served_here(folder) as (url, _):
        return finished(visit(url))


def test_a_plot_opens_with_its_traits_and_nothing_else(tmp_path: Path) -> None:
    opened, values = _opened(small_dataset(tmp_path / "small"))
    assert {values[name]["model_id"] for name in PLOTS} <= {each["content"]["comm_id"] for each in opened}
    for message in opened:
        data = message["content"]["data"]
        assert data["state"].keys() | {path[0] for path in data["buffer_paths"]} >= TRAITS
        assert "layout" not in data["state"], "its model would come in a message of its own"
        assert message["content"]["html_deps"] == []
        assert len(data["buffer_paths"]) == len(message["buffers"])
        state = {key: value for key, value in data["state"].items() if key not in {"figure", "columns"}}
        assert len(json.dumps(state)) < 1_000, "no script travels with a plot"
