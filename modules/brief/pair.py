"""Two dates of one lake as small JPEGs inside the file: the same ground at the same scale, the water of each outlined."""

from __future__ import annotations

import base64
import logging
from dataclasses import dataclass
from datetime import date

import numpy as np
from htmltools import Tag, tags
from PIL import Image, ImageDraw

from data.afar.places import there
from data.errors import MoraineError
from data.records import Scene, TrendSettings
from data.store import Store
from modules.images.colours import HALO, rgb
from modules.images.faults import about
from modules.images.ground import Box, dated_outlines
from modules.images.lettering import scale_bar
from modules.images.rendering import Painter, jpeg
from modules.images.thumbs import outline, square_of
from modules.observations import opening

log = logging.getLogger(__name__)

SIDE = 380
"""px: 60 mm at 160 dots an inch."""
LOOK = "true"


@dataclass(frozen=True)
class Pair:
    """What is shown of two dates.

    Args:
        store: The dataset.
        painter: Draws scenes.
        settings: Whose water is outlined.
    """

    store: Store
    painter: Painter
    settings: TrendSettings

    def of(self, lake_key: int) -> Tag:
        """The oldest and the newest clear image of a lake; in words where there are none, or where one cannot be drawn."""
        scenes = [scene for scene in self.store.scenes.of_lake(lake_key) if there(scene.path)]
        before, after = opening(scenes, None, last=False), opening(scenes, None, last=True)
        if before is None or after is None:
            behind = any(scene.left_out for scene in self.store.scenes.of_lake(lake_key))
            bare = "The images of this lake are not in this pack." if behind else "There are no images of this lake."
            why = bare if len(self.store.scenes) else "This dataset has no images."
            return tags.p(why, class_="quiet")
        chosen = [before] if before.scene_key == after.scene_key else [before, after]
        metres = max((self._metres(scene) for scene in chosen), default=0.0)
        return tags.div(*(self._figure(scene, metres) for scene in chosen), class_="pair")

    def _metres(self, scene: Scene) -> float:
        """Side of the square about the lake; 0 where it is not known."""
        try:
            square = square_of(self.painter, self.store, scene)
            return (square[2] - square[0]) * self._pixel(scene)
        except MoraineError:
            return 0.0  # `_figure` says what is wrong with it

    def _pixel(self, scene: Scene) -> float:
        grid = self.painter.pixels.header(self.store, scene).grid
        pixel = grid.pixel_m if grid.crs else scene.pixel_m
        return pixel if np.isfinite(pixel) else 0.0

    def _square(self, scene: Scene, metres: float) -> Box:
        """The square about the lake, grown to so many metres as far as the scene goes."""
        left, top, right, bottom = square_of(self.painter, self.store, scene)
        pixel, grid = self._pixel(scene), self.painter.pixels.header(self.store, scene).grid
        side = min(max(round(metres / pixel) if pixel else 0, right - left), *grid.shape)
        x, y = round((left + right - side) / 2), round((top + bottom - side) / 2)
        x, y = min(max(x, 0), grid.width - side), min(max(y, 0), grid.height - side)
        return x, y, x + side, y + side

    def _figure(self, scene: Scene, metres: float) -> Tag:
        try:
            with about(self.store, scene):
                picture, drawn = self._picture(scene, self._square(scene, metres))
        except MoraineError as error:
            log.warning("left out of a brief: %s", error)
            return tags.figure(tags.p(f"This image cannot be drawn: {error.what}.", class_="quiet"))
        data = base64.b64encode(jpeg(np.asarray(picture))).decode()
        words = f"{scene.date or 'day unknown'} · {scene.sensor or 'sensor not stated'} · {drawn}"
        return tags.figure(tags.img(src=f"data:image/jpeg;base64,{data}", alt=words, width=str(SIDE)), tags.figcaption(words))

    def _picture(self, scene: Scene, square: Box) -> tuple[Image.Image, str]:
        found = Image.fromarray(self.painter.part(self.store, scene, LOOK, square, largest=2 * SIDE))
        made = found.resize((SIDE, SIDE), Image.Resampling.BICUBIC if found.width < SIDE else Image.Resampling.BOX)
        drawn = self._mask(made, scene, square) if self.settings.source in scene.masks else self._outline(made, scene, square)
        scale_bar(made, (12, SIDE - 12), self._pixel(scene) * (square[2] - square[0]) / SIDE, SIDE / 3)
        return made, drawn

    def _mask(self, picture: Image.Image, scene: Scene, square: Box) -> str:
        source, (left, top, right, bottom) = self.settings.source, square
        wet, _, _ = self.painter.pixels.water(self.store, scene, source, self.settings.above(source))
        outline(picture, wet[top:bottom, left:right], source)
        return f"outline: water by {source}"

    def _outline(self, picture: Image.Image, scene: Scene, square: Box) -> str:
        """Draw the outline that is nearest to the day of the image; says which."""
        grid = self.painter.pixels.header(self.store, scene).grid
        known = [each for each in dated_outlines(self.store, scene, grid) if each["source"] == self.settings.source] if grid.crs else []
        if not known:
            return "no outline of this source"
        day = scene.date or date.max
        nearest = min(known, key=lambda each: abs((date.fromisoformat(each["date"]) - day).days))
        left, top, right, _ = square
        scale = picture.width / (right - left)
        draw = ImageDraw.Draw(picture)
        for width, colour in ((4, HALO), (2, rgb("water"))):
            for ring in nearest["rings"]:
                draw.line([((x - left) * scale, (y - top) * scale) for x, y in ring], fill=colour, width=width, joint="curve")
        return f"outline: {self.settings.source}, {nearest['date']}"
