"""`LensSelection`: which lens, epoch and scene this session's Lens page looks at. Its views share it, and it alone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from shiny import reactive, req

from data.errors import LensError
from data.lens.reading import Lens
from modules.controls import TAKE_FIRST
from modules.lensing.runs import Lenses
from modules.lensing.state import TABS
from modules.selection import Selection

PAGE = "lens"


class LensSelection:
    """What the Lens page looks at; the values themselves are `selection.lensing`, which the link holds.

    Args:
        selection: What it belongs to.
        lenses: What there is to look at.

    `lens`, `epoch` and `scene` wait (`req`) while there is nothing to show.
    """

    def __init__(self, selection: Selection, lenses: Lenses) -> None:
        self.selection, self.state = selection, selection.lensing
        self.lenses, self.troubles = lenses.look()
        with reactive.isolate():
            self._fields = {name: reactive.Value(value, name=name) for name, value in vars(self.state()).items()}
        reactive.effect(self._spread, priority=TAKE_FIRST)
        self.lens = reactive.calc(self._lens)
        self.other = reactive.calc(self._other)
        self.epoch = reactive.calc(self._epoch)
        self.scene = reactive.calc(self._scene)
        self.run = reactive.calc(self._run)
        self.tab = reactive.calc(self._tab)
        self._shown = {tab: self._showing(tab) for tab in TABS}
        self.selected = reactive.calc(self._selected)

    def field(self, name: str) -> Any:
        """A field of what is looked at, read reactively: who reads one does not run again when another changes."""
        return self._fields[name]()

    def _spread(self) -> None:
        for name, value in vars(self.state()).items():
            with reactive.isolate():
                if value != self._fields[name]():
                    self._fields[name].set(value)

    def on(self, tab: str) -> bool:
        """Whether a tab is on screen, read reactively; views of the others rest."""
        return self._shown[tab]()

    def _showing(self, tab: str) -> Callable[[], bool]:
        return reactive.calc(lambda: self.selection.page() == PAGE and self.tab() == tab)

    def change(self, **fields: object) -> None:
        """Set fields of what is looked at, leaving the rest. What comes from a browser is checked by who calls, or where it is used."""
        with reactive.isolate():
            changed = replace(self.state(), **fields)  # type: ignore[arg-type]
            if changed != self.state():
                self.state.set(changed)
                self._spread()

    def set_run(self, name: object) -> None:
        """Look at another run; its own epoch, layer and the rest are chosen anew where it does not have those."""
        if isinstance(name, str) and name in self.lenses:
            self.change(run=name)

    def set_epoch(self, epoch: object) -> None:
        """Look at another epoch of this run."""
        with reactive.isolate():
            if self.lenses and type(epoch) is int and epoch in self.lens().manifest.epochs:
                self.change(epoch=None if epoch == self.lens().manifest.epochs[-1] else epoch)

    def show_at(self, run: str, epoch: int) -> None:
        """Look at a run as it was at one of its epochs."""
        if run in self.lenses and epoch in (epochs := self.lenses[run].manifest.epochs):
            self.change(run=run, epoch=None if epoch == epochs[-1] else epoch)

    def set_scene(self, scene_key: object) -> None:
        """Focus a scene of this run; others are ignored, since keys come from the browser."""
        with reactive.isolate():
            if self.lenses and type(scene_key) is int and scene_key in _keys(self.lens()):
                self.change(scene=scene_key)

    def set_selected(self, scene_keys: Sequence[int]) -> None:
        """Select scenes of this run, in order, each once."""
        with reactive.isolate():
            known = _keys(self.lens()) if self.lenses else frozenset[int]()
        self.change(selected=tuple(sorted({key for key in scene_keys if key in known})))

    def _run(self) -> str:
        return self._named(self.field("run"))

    def _tab(self) -> str:
        return self.field("tab")

    def _selected(self) -> tuple[int, ...]:
        """Those that this run has: a link, or the run before, may name others."""
        wanted = self.field("selected")
        if not wanted or not self.lenses:
            return ()
        known = _keys(self.lens())
        return tuple(key for key in wanted if key in known)

    def _named(self, name: str) -> str:
        return name if name in self.lenses else next(iter(self.lenses), "")

    def _lens(self) -> Lens:
        req(self.lenses)
        return self.lenses[self.run()]

    def _other(self) -> Lens:
        """What is compared with: the run that is named, else another of the same scenes, of the same model if there is one, else itself."""
        named, lens = self.field("other"), self.lens()
        if named in self.lenses:
            return self.lenses[named]
        same = [
            each for each in self.lenses.values() if each.name != lens.name and each.manifest.scenes_digest == lens.manifest.scenes_digest
        ]
        alike = [each for each in same if each.manifest.model == lens.manifest.model]
        return next(iter((*alike, *same)), lens)

    def _epoch(self) -> int:
        epochs, wanted = self.lens().manifest.epochs, self.field("epoch")
        req(epochs)
        return wanted if wanted in epochs else epochs[-1]

    def _scene(self) -> int:
        lens, wanted = self.lens(), self.field("scene")
        keys = _keys(lens)
        req(keys)
        return wanted if wanted in keys else hardest(lens)


def _keys(lens: Lens) -> frozenset[int]:
    try:
        return frozenset(int(key) for key in lens.scenes["scene_key"])
    except LensError:
        return frozenset()


def hardest(lens: Lens) -> int:
    """The scene that opens: of those followed through training, or else of all, the one with the least IoU; the first if none has one."""
    scenes = lens.scenes
    with contextlib.suppress(LensError):
        scenes = scenes.loc[lens.probe().scene_key]
    iou = scenes["iou"].to_numpy(dtype=float)
    return int(scenes["scene_key"].iloc[0 if np.isnan(iou).all() else int(np.nanargmin(iou))])
