"""The files of labelled chips: GeoTIFFs are linked or copied, pictures become GeoTIFFs, masks the dataset's bytes."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

from data.cache import write_atomic
from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.writing import write_mask, write_picture
from data.scenes.headers import Told, told
from data.scenes.labels import label_bytes
from data.scenes.layouts import Chip, Layout
from data.scenes.meaning import Meaning, meaning
from data.scenes.pairing import Pair
from data.scenes.pictures import is_picture, stored
from data.scenes.pixels import pixels, write
from data.scenes.wish import Given, Options

LINKED = "images linked to the files that were handed in: they take no room, and change with them (--copy makes them the dataset's own)"
COPIED = "images copied byte by byte"
REWRITTEN = "images written anew as GeoTIFFs"


@dataclass(frozen=True)
class ChipWish:
    """What is asked for.

    Args:
        root: Where the chips lie.
        layout: A name of LAYOUTS.
        options: What the user says of bands and numbers.
        water: The value of masks that means water; None where they have two values.
        copy: Whether images are copied where they could be linked.
        pairs: The chips that are meant, where somebody has chosen them already; None for all that lie there.
    """

    root: Path
    layout: str
    options: Options = field(default_factory=Options)
    water: float | None = None
    copy: bool = False
    pairs: tuple[Pair, ...] | None = None


@dataclass(frozen=True)
class Put:
    """A chip in its place.

    Args:
        grid: Of image and mask.
        bands: (B,) of the image.
        label: What its sensor is called.
        did: What was done to get it there.
    """

    grid: Grid
    bands: tuple[str, ...]
    label: str
    did: str


class ChipFiles:
    """Puts chips in place.

    Args:
        dataset: The dataset's folder.
        wish: What is asked for.
        layout: The benchmark.
    """

    def __init__(self, dataset: Path, wish: ChipWish, layout: Layout) -> None:
        self.dataset, self.wish, self.layout = dataset, wish, layout

    def put(self, chip: Chip, image: str, mask: str) -> Put:
        """Put image and mask in place, at these paths from the dataset's folder.

        Raises:
            RasterError: One of them cannot be used.
        """
        water = label_bytes(chip.mask, stored(chip.mask), self.wish.water)
        put = self._picture(chip, image, water.shape) if is_picture(chip.image) else self._geotiff(chip, image, water.shape)
        write_mask(self.dataset / mask, water, put.grid)
        return put

    def _picture(self, chip: Chip, path: str, size: tuple[int, ...]) -> Put:
        held = stored(chip.image)
        _same_size(held.grid, size)
        count = len(held.values)
        named = self.wish.options.bands or self.layout.bands
        bands = named if named and len(named) == count else ("red", "green", "blue") if count == 3 else held.bands
        if held.values.dtype != "uint8":
            raise RasterError(f"{chip.image} holds {held.values.dtype}", "give 8-bit pictures, or GeoTIFFs")
        write_picture(self.dataset / path, held.values.astype("uint8", copy=False), bands, held.grid, None)
        return Put(held.grid, bands, self.wish.options.sensor or self.layout.sensor, REWRITTEN)

    def _geotiff(self, chip: Chip, path: str, size: tuple[int, ...]) -> Put:
        options = self.wish.options
        if options.bands is None and self.layout.bands is not None:
            options = replace(options, bands=self.layout.bands)
        files = told(Given(chip.name, chip.stem, (chip.image,)), options)
        grid, label = files.headers[0].grid, files.label or self.layout.sensor
        _same_size(grid, size)
        how = self._scaled(files, options)
        if how is None:
            return Put(grid, files.bands, label, self._link(chip, self.dataset / path))
        write(self.dataset / path, pixels(files, [how]), [how])
        return Put(grid, files.bands, label, f"{REWRITTEN}: {how.says}")

    @staticmethod
    def _scaled(files: Told, options: Options) -> Meaning | None:
        """How the numbers are changed on the way in, None where the file can stay as it is."""
        header = files.headers[0]
        if options.scale is None and options.offset is None and (files.sensor is None or header.dtype not in {"uint16", "int16"}):
            return None
        found = meaning(header, files.sensor, options)
        return found if found.kind == "scaled" else None

    def _link(self, chip: Chip, target: Path) -> str:
        """A second name of the same file where the file system can, else a copy."""
        target.parent.mkdir(parents=True, exist_ok=True)
        source = chip.image.resolve()
        if not self.wish.copy:
            temporary = target.with_name(f".{target.name}.{os.getpid()}.partial")
            try:
                os.link(source, temporary)
                os.replace(temporary, target)
                temporary.unlink(missing_ok=True)  # replace does nothing where both are the same file already
                return LINKED
            except OSError:
                temporary.unlink(missing_ok=True)
        write_atomic(target, lambda place: shutil.copyfile(source, place))
        return COPIED


def _same_size(grid: Grid, mask: tuple[int, ...]) -> None:
    if grid.shape != mask:
        what = f"its mask has {mask[1]} × {mask[0]} pixels, the image {grid.width} × {grid.height}"
        raise RasterError(what, "give masks of the size of their images")
