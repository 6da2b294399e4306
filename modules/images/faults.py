"""What is said in place of an image: which lake, date and file it is about, and never where on the server it lies."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from data.afar.mirror import mirrored
from data.afar.places import lost_since, there
from data.afar.storage import LOST, LostError
from data.errors import MoraineError, RasterError
from data.records import Scene
from data.store import Store

NOT_PACKED = "its image and masks are not in this pack"


class MissingError(MoraineError):
    """An image, mask or elevation model that the dataset names, but whose file is not there (yet)."""


def require(store: Store, scene: Scene, path: Path) -> None:
    """Raise MissingError where a file of a scene is missing."""
    if there(path):
        return
    if lost_since(store.path) is not None:
        raise MissingError(*LOST)
    if scene.left_out:
        raise MissingError(NOT_PACKED, "open the whole dataset, or pack it again with more room; its areas and scores are here")
    if store.meta.simulated and store.meta.pack is None:
        raise MissingError(f"{path} is not there yet: the simulated images are still being made", "wait; it appears here by itself")
    raise MissingError(f"{path} is missing", "copy it again from where it came, or make the dataset's images anew")


@contextmanager
def about(store: Store, scene: Scene) -> Generator[None, None, None]:
    """Name the scene in errors of the block: lake, date, and files by their names in the dataset."""
    try:
        yield
    except LostError as error:
        raise MissingError(f"{scene_name(store, scene)}: {error.what}", error.remedy) from error
    except MissingError as error:
        raise MissingError(_told(store, scene, error.what), _without_folder(store, error.remedy)) from error
    except MoraineError as error:
        raise RasterError(_told(store, scene, error.what), _without_folder(store, error.remedy)) from error


def scene_name(store: Store, scene: Scene) -> str:
    """What a person calls a scene: its lake and date, or its key where it has none."""
    row = store.row_of(scene.lake_key) if scene.lake_key is not None else None
    lake = f"scene {scene.scene_key}" if row is None else store.labels[row]
    return f"{lake}, {scene.date.isoformat()}" if scene.date else lake


def _told(store: Store, scene: Scene, what: str) -> str:
    name, file = scene_name(store, scene), _without_folder(store, str(scene.path))
    if what == NOT_PACKED:
        return f"{name}: {what}"
    told = _without_folder(store, what)
    return f"{name}: {told}" if file in told else f"{name} ({file}): {told}"


def _without_folder(store: Store, text: str) -> str:
    held = mirrored(store.path)
    if held is not None:
        text = text.replace(f"{held.place}/", "")
    for folder in (store.path.absolute(), store.path.resolve(), store.path):
        text = text.replace(f"{folder}/", "").replace(f"{folder}\\", "")
    return text
