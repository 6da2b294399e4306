"""What a browser makes of the page before it says anything: values of its inputs, outputs and whether they are seen, files to fetch."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
PLOT = "shiny-ipywidget-output"
OUTPUTS = frozenset({PLOT, "shiny-html-output", "shiny-text-output", "shiny-download-link", "m-table-page", "m-watch-list"})
"""Classes of elements that are outputs; the last two are our own."""
TEXTS = frozenset({"text", "search", "url", "email", "password"})


@dataclass
class Page:
    """The page as it is served.

    Args:
        inputs: Name (with `:type` where Shiny has one) → value, as the first frame has them.
        outputs: Name → whether it is hidden.
        plots: Outputs with a width and a height.
        files: Addresses of scripts, style sheets and what is preloaded, in the page's order.
        below: Inputs that say whether a part of the page below the window is seen.
    """

    inputs: dict[str, Any] = field(default_factory=dict[str, Any])
    outputs: dict[str, bool] = field(default_factory=dict[str, bool])
    plots: list[str] = field(default_factory=list[str])
    files: list[str] = field(default_factory=list[str])
    below: list[str] = field(default_factory=list[str])


class _Reader(HTMLParser):
    """Elements come one by one; `_open` holds those not closed yet: tag, id, and whether what is in them is hidden."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._open: list[tuple[str, str | None, bool]] = []
        self._groups: list[tuple[int, str]] = []  # radio groups and tab lists: depth, name
        self._select: tuple[str, bool] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        classes = set(said.get("class", "").split())
        hidden = self._hidden(tag, said, classes)
        self._file(tag, said)
        if "data-m-seen" in said:
            self.page.below.append(said["data-m-seen"])
        self._group(said, classes)
        self._input(tag, said, classes)
        if classes & OUTPUTS and "id" in said:
            self.page.outputs[said["id"]] = hidden
            if PLOT in classes:
                self.page.plots.append(said["id"])
        if tag not in VOID:
            self._open.append((tag, said.get("id"), hidden))

    def handle_endtag(self, tag: str) -> None:
        if tag not in (opened for opened, _, _ in self._open):
            return
        while self._open:
            closed, _, _ = self._open.pop()
            self._groups = [group for group in self._groups if group[0] < len(self._open)]
            if closed == "select":
                self._select = None
            if closed == tag:
                return

    def _hidden(self, tag: str, said: dict[str, str], classes: set[str]) -> bool:
        above = bool(self._open) and (self._open[-1][2] or (self._open[-1][0] == "details" and tag != "summary"))
        away = "tab-pane" in classes and "active" not in classes
        # A side bar is served closed, and opened by its script.
        return above or away or ("hidden" in said and tag != "aside") or "popover" in said or tag in {"bslib-popover", "template"}

    def _file(self, tag: str, said: dict[str, str]) -> None:
        if tag == "script" and said.get("src"):
            self.page.files.append(said["src"])
        elif tag == "link" and said.get("rel") in {"stylesheet", "preload"}:
            self.page.files.append(said["href"])

    def _group(self, said: dict[str, str], classes: set[str]) -> None:
        if "id" in said and classes & {"shiny-input-radiogroup", "shiny-tab-input"}:
            self._groups.append((len(self._open), said["id"]))
            self.page.inputs[said["id"]] = None
        if self._groups and "active" in classes and "data-value" in said:
            self.page.inputs[self._groups[-1][1]] = said["data-value"]

    def _input(self, tag: str, said: dict[str, str], classes: set[str]) -> None:
        name = said.get("id")
        if tag == "option" and self._select is not None:
            self._option(said)
        elif tag == "select" and name:
            self._select = (name, "multiple" in said)
            self.page.inputs[name] = [] if "multiple" in said else None
        elif name and "action-button" in classes:
            self.page.inputs[f"{name}:shiny.action"] = 0
        elif tag == "input":
            self._field(said, classes)
        elif tag == "textarea" and name:
            self.page.inputs[name] = ""
        elif tag == "bslib-input-dark-mode" and name:
            self.page.inputs[name] = "light"

    def _option(self, said: dict[str, str]) -> None:
        assert self._select is not None
        name, many = self._select
        if many and "selected" in said:
            self.page.inputs[name].append(said["value"])
        elif not many and ("selected" in said or self.page.inputs[name] is None):
            self.page.inputs[name] = said["value"]

    def _field(self, said: dict[str, str], classes: set[str]) -> None:
        name, kind, inputs = said.get("id"), said.get("type", "text"), self.page.inputs
        if kind == "radio" and self._groups and "checked" in said:
            inputs[self._groups[-1][1]] = said.get("value", "")
        elif not name:
            return
        elif kind == "checkbox":
            inputs[name] = "checked" in said
        elif kind == "number":
            inputs[f"{name}:shiny.number"] = float(said["value"]) if said.get("value") else None
        elif kind == "file":
            inputs[f"{name}:shiny.file"] = None
        elif "js-range-slider" in classes:
            inputs[name] = float(said["data-from"])
        elif kind in TEXTS:
            inputs[name] = said.get("value", "")


def read_page(html: str) -> Page:
    """Read the page."""
    reader = _Reader()
    reader.feed(html)
    return reader.page
