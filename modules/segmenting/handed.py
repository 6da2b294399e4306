"""A file that is handed in, with what its owner says of it; and what reads images, off the event loop."""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shiny import reactive

from data.errors import InputError, MoraineError
from data.records import Scene
from data.scenes.wish import Options
from data.uploads import Upload, read_upload
from modules.image_urls import scene_url
from modules.segmenting.state import Segmentation
from modules.segmenting.subject import Subject

NUMBERS: dict[str, tuple[str, Options]] = {
    "told": ("as the file tells", Options()),
    "plain": ("reflectance as it is, 0 to 1", Options(scale=1.0)),
    "new": ("Sentinel-2 L2A, baseline 04.00 or later: (DN − 1,000)/10,000", Options(sensor="Sentinel-2", baseline=4.0)),
    "old": ("Sentinel-2 L2A before 04.00, or harmonised: DN/10,000", Options(sensor="Sentinel-2", baseline=0.0)),
    "landsat": ("Landsat Collection 2 level 2: DN × 0.0000275 − 0.2", Options(sensor="Landsat 8")),
    "picture": ("8-bit picture, 255 is 1", Options(scale=1 / 255)),
}
"""What stored numbers mean → words, and how they are read."""


@dataclass(frozen=True)
class Handed:
    """A file, and what its owner says of it.

    Args:
        path, name: Of the file.
        number: Of the upload.
        bands: Names in order; None: as the file tells.
        numbers: A key of NUMBERS.
        lake_key, day: None: as the file's place and name tell.
    """

    path: Path
    name: str
    number: int
    bands: tuple[str, ...] | None = None
    numbers: str = "told"
    lake_key: int | None = None
    day: date | None = None

    @property
    def options(self) -> Options:
        """How the file is read."""
        chosen = NUMBERS[self.numbers][1]
        return Options(bands=self.bands, sensor=chosen.sensor, baseline=chosen.baseline, scale=chosen.scale, offset=chosen.offset)


def band_names(text: str) -> tuple[str, ...] | None:
    """Names in a text, by commas or spaces; None where it holds none."""
    names = tuple(name.strip() for name in re.split(r"[,;]+" if re.search(r"[,;]", text) else r"\s+", text) if name.strip())
    return names[:64] or None


def day_of(text: str) -> date | None:
    """The day that was typed, None for none.

    Raises:
        InputError: It is no day.
    """
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise InputError(f"{text.strip()[:40]!r} is no day", "write it as 2021-10-03") from error


class Preparing:
    """Reads what is chosen, the last choice only, and shows it, or why it cannot be.

    Args:
        work: What is shown.
    """

    def __init__(self, work: Segmentation) -> None:
        self._work = work
        self._held: tuple[Path, Options, Upload, str] | None = None  # the last file, as it was read, and its picture's address
        self._keeping = threading.Lock()
        self._wanted: Scene | Handed | None = None
        self._given_up = threading.Event()
        self._task = reactive.extended_task(self._prepare)
        self.status = self._task.status
        reactive.effect(self._show)

    def begin(self, chosen: Scene | Handed | None) -> None:
        """Another image; None: none."""
        self._task.cancel()
        self.stop()
        self._wanted = chosen
        self._work.preparing = chosen is not None
        if chosen is None:
            self._work.show(None)
        else:
            self._task.invoke(chosen)

    def stop(self) -> None:
        """Give up the file that is being read: the process that reads it is ended."""
        self._given_up.set()
        self._given_up = threading.Event()

    def fail(self, error: MoraineError) -> None:
        """Show why there is no image."""
        self._wanted = None
        self._work.preparing = False
        self._work.show(None)
        self._work.trouble.set(error)

    async def _prepare(self, chosen: Scene | Handed) -> tuple[Scene | Handed, Subject, str]:
        pool = None if isinstance(chosen, Scene) else self._work.inference.readers
        return chosen, *await asyncio.get_running_loop().run_in_executor(pool, self._read, chosen, self._given_up)

    def _read(self, chosen: Scene | Handed, stop: threading.Event | None = None) -> tuple[Subject, str]:
        from modules.segmenting import reading  # noqa: PLC0415  brings rasterio

        store = self._work.store
        if isinstance(chosen, Scene):
            return reading.scene_subject(store, chosen), scene_url(store, chosen, "true")
        held = self._held
        if held is None or held[:2] != (chosen.path, chosen.options):
            read = read_upload(chosen.path, chosen.name, chosen.options, chosen.path.parent, stop, whose=self._work.visit)
            held = (chosen.path, chosen.options, read, self._work.layers.put(reading.picture(read), "image/jpeg", stays=True))
            self._keep(held, chosen)
        return reading.upload_subject(store, held[2], chosen.number, chosen.lake_key, chosen.day), held[3]

    def _keep(self, held: tuple[Path, Options, Upload, str], chosen: Handed) -> None:
        """In place of the last file; a thread cannot be stopped, so what was given up meanwhile goes itself."""
        with self._keeping:
            gone = held
            if chosen is self._wanted:
                gone, self._held = self._held, held
        if gone is not None:
            gone[2].array.unlink(missing_ok=True)
            self._work.layers.drop(gone[3])

    def _show(self) -> None:
        try:
            chosen, subject, image = self._task.result()
        except MoraineError as error:
            if self._wanted is not None:
                self.fail(error)
            return
        if chosen is self._wanted:  # else it had ended before it could be given up
            self._work.preparing = False
            self._work.show(subject, image)
