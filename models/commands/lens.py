"""`lens`: what a training run shows of itself, worked out once and kept in open files beside it."""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from data.labelled import Labelled
    from data.lens.manifest import Layer as ManifestLayer
    from data.lens.manifest import Manifest
    from data.lens.writing import Content
    from data.records import LabelledScene, Scene
    from data.store import Store
    from models.lens.crops import LensCrop
    from models.lens.layers import Layer
    from models.lens.snapshots import Run
    from models.lens.survey import Survey

NAME = "lens"
HELP = "Work out what a training run shows of itself (activations, predictions through training) for the page Lens."
SIDE = 128
"""px of a crop."""
MAPS = 6


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("folder", type=Path, metavar="RUN", help="a training run's folder (`python -m models train … --into RUN`)")
    parser.add_argument("--dataset", type=Path, metavar="DIR", help="the dataset it learned from (default: the simulated one)")
    parser.add_argument("--probe", type=int, default=64, metavar="N", help="scenes that are followed through all epochs (default 64)")
    parser.add_argument("--maps", type=int, default=MAPS, metavar="K", help=f"of them with whole feature maps (default {MAPS}; 0: none)")
    parser.add_argument("--into", type=Path, metavar="DIR", help="the folder that gets a lens/ (default: RUN); its name is the run's name")
    parser.add_argument("--force", action="store_true", help="make it again where there is one")
    parser.add_argument("--threads", type=int, metavar="N", help="processor threads (default: all)")


def run(args: Namespace) -> int:
    """Make the lens.

    Raises:
        MoraineError: The folder holds no run that can be used, or the dataset is not the one that it learned from.
    """
    import torch

    from data.lens.writing import write_lens
    from models.lens.snapshots import keep_readable, open_run
    from models.lens.witness import keep_own, witnesses

    home = _home(args)
    if args.threads:
        torch.set_num_threads(args.threads)
    began = time.monotonic()
    held = open_run(args.folder)
    origin = _origin(args, held)
    keep_readable(held)
    noted = witnesses(held)
    keep_own(held, noted, list(_read(origin, [scene for scene in origin.scenes if scene.scene_key in noted], "Looking who it is")))
    contents, manifest = _made(held, origin, args, home.name)
    manifest = write_lens(home / "lens", contents, manifest)
    for note in manifest.notes:
        print(f"note: {note}")
    size = sum((home / "lens" / name).stat().st_size for name in manifest.files) / 1e6
    print(f"{home / 'lens'}: {len(manifest.files)} files, {size:.1f} MB, {time.monotonic() - began:.0f} s; look at it on the page Lens")
    return 0


def _home(args: Namespace) -> Path:
    """The folder that gets a `lens/`. Raises InputError where it has one, or where an option cannot be used: before the work begins."""
    from data.errors import InputError
    from data.lens.manifest import FILE, nameable

    if not 4 <= args.probe <= 4096 or not 0 <= args.maps <= args.probe:
        raise InputError(f"--probe {args.probe} --maps {args.maps} cannot be", "follow 4 to 4,096 scenes, and map at most as many")
    home: Path = (args.into or args.folder).resolve()
    if not nameable(home.name):
        remedy = "name another with --into: letters, digits, dots, hyphens and underscores"
        raise InputError(f"{home}: a run cannot be called {home.name!r}", remedy)
    if (home / "lens" / FILE).exists() and not args.force:
        raise InputError(f"{home / 'lens'} is there already", "say --force to make it again")
    return home


@dataclass(frozen=True)
class _Origin:
    """The dataset that a run learned from: its scenes that have a label, and the split of each in the run."""

    store: Store
    labelled: Labelled
    scenes: list[Scene]
    splits: dict[int, str]


def _origin(args: Namespace, held: Run) -> _Origin:
    from data.default import default_dataset
    from data.errors import InputError
    from data.labelled import Labelled
    from data.lens.origin import splits_of_run
    from data.state import state_dir
    from data.store import Store

    store = Store(args.dataset or default_dataset(state_dir()))
    splits = splits_of_run(args.folder, held.told, store)
    labelled = Labelled(store, str(held.told.get("label", "label")), held.shape.bands)
    scenes = list(labelled.scenes())
    if len(scenes) < 4:
        remedy = "simulated scenes are made by `python -m data simulate`; others: bring them in again"
        raise InputError(f"{store.path} has {len(scenes)} scenes whose image and label are there", remedy)
    return _Origin(store, labelled, scenes, splits)


def _made(held: Run, origin: _Origin, args: Namespace, name: str) -> tuple[dict[str, Content], Manifest]:
    """All files, and the manifest."""
    from dataclasses import replace

    from data.lens.manifest import Layer
    from models.lens.fields import fields_of
    from models.lens.layers import bottleneck_of
    from models.lens.showing import inputs_of, layers_of_net
    from models.lens.survey import surveyed

    epochs = list(held.snapshots)
    net = held.net(epochs[-1])
    layers = layers_of_net(net, SIDE)
    few = min(args.probe, len(origin.scenes))
    print(f"{len(origin.scenes):,} scenes at epoch {epochs[-1]}, then {few} of them through {len(epochs)} epochs, {SIDE}² px each")
    survey = surveyed(net, layers, _read(origin, origin.scenes, "Looking at scenes"), SIDE)
    probe = _probe(origin, survey.scenes, args.probe)
    crops = _crops(origin, probe, held.shape.guided)
    notes: list[str] = []
    contents: dict[str, Content] = {"features.npz": survey.arrays(), **survey.sheets()}
    contents |= _through(held, origin, layers, crops, args.maps)
    bottleneck = bottleneck_of(layers)
    contents["scenes.parquet"] = _scenes(origin, survey, bottleneck, notes)
    fields = fields_of(net, inputs_of(net, crops[:1]))
    told = [Layer(each.name, each.channels, each.height, each.width, seen.stride, seen.field, each.block)
            for each in layers for seen in [fields[each.name]]]  # fmt: skip
    contents["fields.npz"] = {f"{name}|{side}": getattr(seen, side) for name, seen in fields.items() for side in ("rows", "columns")}
    command = f"python -m models lens {name} --probe {args.probe} --maps {args.maps}"
    return contents, replace(_manifest(held, origin, told, bottleneck, name), command=command, notes=(*notes, *held.troubles))


def _read(origin: _Origin, scenes: Sequence[Scene], what: str) -> Iterator[LabelledScene]:
    """What cannot be read is named and left out."""
    from data.commands.progress import progress
    from data.errors import RasterError

    for scene in progress(scenes, len(scenes), what):
        try:
            yield origin.labelled.read(scene)
        except RasterError as error:
            print(f"left out: {error.what}; {error.remedy}")


def _probe(origin: _Origin, table: pd.DataFrame, number: int) -> list[int]:
    from models.lens.probe import Candidate, probe_of

    lakes = {scene.scene_key: scene.lake_key for scene in origin.scenes}
    sizes = table["size_km2"].fillna(0.0).tolist()
    rows = zip(table["scene_key"].tolist(), table["reason"], table["split"], sizes, strict=True)
    return probe_of([Candidate(key, lakes[key], reason, split, size) for key, reason, split, size in rows], number)


def _crops(origin: _Origin, probe: Sequence[int], guided: bool) -> list[LensCrop]:
    from models.lens.crops import crop_about_lake

    chosen = set(probe)
    scenes = [scene for scene in origin.scenes if scene.scene_key in chosen]
    return [crop_about_lake(sample, SIDE, guided) for sample in _read(origin, scenes, "Reading the probe")]


def _scenes(origin: _Origin, survey: Survey, bottleneck: str, notes: list[str]) -> pd.DataFrame:
    """`scenes.parquet`: what people call each scene, its lake, its split in this run, and where its bottleneck features lie."""
    import numpy as np
    import pandas as pd

    from data.lens.projection import principal
    from models.lens.neighbourhoods import umap_of

    names = dict(zip(origin.store.lake_keys.tolist(), origin.store.labels, strict=True))
    scenes = {scene.scene_key: scene for scene in origin.scenes}
    table = survey.scenes
    seen = [scenes[key] for key in table["scene_key"]]
    table = table.assign(
        name=[_called(scene, names) for scene in seen], lake_key=pd.array([scene.lake_key for scene in seen], dtype="Int64"),
        split=[origin.splits.get(scene.scene_key, "") for scene in seen],
    )  # fmt: skip
    features = survey.arrays()[bottleneck].astype(np.float32)
    placed = {"pca": principal(features).coordinates, "umap": umap_of(features)}
    if placed["umap"] is None:
        notes.append("no UMAP: umap-learn is not installed; `pip install -r requirements-lens.txt`, then make the lens again")
    for name, points in placed.items():
        if points is not None:
            table = table.assign(**{f"{name}_{axis}": points[:, place].astype(np.float32) for place, axis in enumerate("xy")})
    return table


def _called(scene: Scene, names: dict[int, str]) -> str:
    lake = names.get(scene.lake_key, "") if scene.lake_key is not None else ""
    if not lake:
        return scene.path.stem
    return f"{lake}, {scene.date.isoformat()}" if scene.date else lake


def _through(held: Run, origin: _Origin, layers: Sequence[Layer], crops: Sequence[LensCrop], maps: int) -> dict[str, Content]:
    """The files that follow the probe through training."""
    from data.commands.progress import progress
    from models.lens.curves import curves_of, gradients_of
    from models.lens.following import followed, mapped_epochs, mapped_of

    epochs = list(held.snapshots)
    mapped = mapped_of(crops, maps)
    told = followed(held.net, progress(epochs, len(epochs), "Following the probe"), layers, crops, (mapped, mapped_epochs(epochs)))
    clear = {scene.scene_key for scene in origin.scenes if scene.reason in {"", "ok"}}
    training = told.training({key: split for key, split in origin.splits.items() if key in clear})
    contents: dict[str, Content] = dict(told.files(crops, mapped, held.shape.bands))
    return contents | {
        "training.parquet": training, "epochs.parquet": curves_of(held, epochs, training), "gradients.parquet": gradients_of(held, epochs),
    }  # fmt: skip


def _manifest(held: Run, origin: _Origin, layers: Sequence[ManifestLayer], bottleneck: str, name: str) -> Manifest:
    from data.lens.manifest import Manifest
    from models.lens.snapshots import weights_digest
    from models.lens.survey import COLUMNS, TILE

    title = f"{'Guided U-Net' if held.shape.guided else 'U-Net'}, seed {held.seed}"
    sides = [scene.pixel_m for scene in origin.scenes if scene.pixel_m == scene.pixel_m]
    return Manifest(
        name, held.called, title, tuple(layers), bottleneck, tuple(held.snapshots), held.shape.guided, held.seed,
        origin.store.meta.title, origin.store.digests["scenes.parquet"], origin.store.meta.simulated,
        median(sides) if sides else None, weights_digest(held), TILE, COLUMNS,
    )  # fmt: skip
