"""`train`: teach a network on labelled scenes."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data.records import LabelledScene
    from data.store import Store
    from models.training import Plan
    from models.unet import Shape

NAME = "train"
HELP = "Train a network on a dataset's labelled scenes, split by sub-basin; a run that was killed goes on."
CLEAR = {"", "ok"}
BEST = "best"
"""Folder of the run that holds the best network so far, as it was trained."""
BANDS = "blue,green,red,nir,swir1,swir2"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", metavar="NAME", help="unet or guided_unet; with --as another name for what comes of it")
    parser.add_argument("--dataset", type=Path, required=True, metavar="DIR", help="a dataset folder with labels (`python -m data labels`)")
    parser.add_argument("--into", type=Path, metavar="DIR", help="the run's folder (default: out/runs/NAME)")
    parser.add_argument("--as", dest="called", metavar="NAME", help="name of the trained model, and of the source of its masks")
    parser.add_argument("--bands", default=BANDS, metavar="A,B,…", help=f"input bands by name, in order (default {BANDS})")
    parser.add_argument("--label", default="label", metavar="NAME", help="the source that is taken for the truth (default: label)")
    parser.add_argument("--widths", default="16,32,64,128", metavar="A,B,…", help="channels at each depth (default 16,32,64,128: 0.49 M)")
    parser.add_argument("--epochs", type=int, default=22, metavar="N", help="at most (default 22)")
    parser.add_argument("--batches", type=int, default=48, metavar="N", help="of 16 crops of 128 px, an epoch (default 48)")
    parser.add_argument("--rate", type=float, default=3e-3, metavar="R", help="highest learning rate (default 0.003)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="what everything random follows from (default 0)")
    parser.add_argument("--threads", type=int, metavar="N", help="processor threads (default: all)")


def run(args: Namespace) -> int:
    """Train, or go on with it.

    Raises:
        MoraineError: The dataset has no labelled scenes of two regions, or an option cannot be used.
    """
    import torch

    from data.errors import InputError
    from data.labelled import dealt_splits
    from data.store import Store
    from models.training import Plan
    from models.unet import Shape

    if args.name not in {"unet", "guided_unet"}:
        raise InputError(f"{args.name!r} cannot be trained", "use unet or guided_unet, and --as for a name of its own")
    if args.threads:
        torch.set_num_threads(args.threads)
    shape = Shape(tuple(band.strip() for band in args.bands.lower().split(",")), args.name == "guided_unet", _widths(args.widths))
    plan = Plan(epochs=args.epochs, batches=args.batches, rate=args.rate, seed=args.seed)
    store = Store(args.dataset)
    splits, own = dealt_splits(store, args.label, args.seed)
    scenes = _read(store, args.label, shape, splits)
    lacking = [split for split in ("train", "validation") if not scenes[split]]
    if lacking:
        remedy = "bring labels: `python -m data labels`, or scenes of more regions"
        raise InputError(f"{args.dataset} has no clear scene with a mask of {args.label!r} to {lacking[0]} on", remedy)
    if not own:
        _warn(store, splits)
    called = args.called or args.name
    _train(args.into or Path("out/runs") / called, called, (shape, plan), scenes, _about(store, args, splits, own))
    return 0


def _warn(store: Store, splits: dict[int, str]) -> None:
    """The dataset's own split cuts through regions, or there is none: what is learned from is not what the dataset calls so."""
    learned = sum(scene.split not in {"", "train"} and splits.get(scene.scene_key) == "train" for scene in store.scenes)
    print("regions are dealt out to train, validation and test; the run's splits.parquet says which scene is what")
    if learned:
        print(f"note: {learned:,} scenes that the dataset does not call train are learned from; its own split does not judge this network")


def _widths(text: str) -> tuple[int, ...]:
    from data.errors import InputError

    try:
        widths = tuple(int(part) for part in text.split(","))
    except ValueError:
        widths = ()
    if not 2 <= len(widths) <= 6 or not all(1 <= width <= 1024 for width in widths):
        raise InputError(f"--widths {text} cannot be", "write 2 to 6 whole numbers from 1 to 1024, e.g. 16,32,64,128")
    return widths


def _read(store: Store, label: str, shape: Shape, splits: dict[int, str]) -> dict[str, list[LabelledScene]]:
    """The clear labelled scenes by split; what cannot be read is named and left out."""
    from data.commands.progress import progress
    from data.errors import RasterError
    from data.labelled import Labelled

    labelled = Labelled(store, label, shape.bands)
    wanted = [scene for scene in labelled.scenes() if scene.reason in CLEAR]
    held: dict[str, list[LabelledScene]] = {"train": [], "validation": [], "test": []}
    for scene in progress(wanted, len(wanted), "Reading"):
        try:
            held[splits[scene.scene_key]].append(labelled.read(scene))
        except RasterError as error:
            print(f"left out: {error.what}; {error.remedy}")
    return held


def _about(store: Store, args: Namespace, splits: dict[int, str], own: bool) -> dict[str, Any]:
    from data.labelled import splits_digest

    told = f"{store.meta.title}, label {args.label}, split by sub-basin ({'as the dataset has it' if own else 'dealt out'})"
    licence = f"licence {store.meta.licence}" + (f"; simulated, not observed{_simulator(store)}" if store.meta.simulated else "")
    options = f"--widths {args.widths} --epochs {args.epochs} --batches {args.batches} --rate {args.rate:g} --seed {args.seed}"
    options += "".join(f" --{name} {said}" for name, said, usual in _unusual(args) if said != usual)
    command = f"python -m models train {args.name} {options}"
    return {
        "data": f"{told}; {licence}; by {command}",
        "dataset_digest": store.digest,
        "scenes_digest": store.digests["scenes.parquet"],
        "label": args.label,
        "splits": splits_digest(splits),
    }


def _unusual(args: Namespace) -> list[tuple[str, Any, Any]]:
    """Options that a card's command names where they are not as usual: name, value, the usual one."""
    return [("bands", args.bands, BANDS), ("label", args.label, "label"), ("as", args.called, None)]


def _simulator(store: Store) -> str:
    """Which simulator made a dataset, and from which seed, where that is on record."""
    import json

    from data.dataset_files import SIMULATION

    path = store.path / SIMULATION
    if not path.is_file():
        return ""
    made = json.loads(path.read_text(encoding="utf-8"))
    return f", by simulator {made['simulator'][:12]} with seed {made['plan']['seed']}"


def _train(
    folder: Path, called: str, how: tuple[Shape, Plan], scenes: dict[str, list[LabelledScene]], about: dict[str, Any]
) -> None:  # fmt: skip
    from models.calibrating import calibrated
    from models.run_folder import RunFolder
    from models.training import State, Told, fresh, train
    from models.weights import write_model

    shape, plan = how
    kept = RunFolder(folder, {**about, "shape": shape.to_json(), "plan": plan.as_dict(), "name": called,
                              "scenes": {split: len(held) for split, held in scenes.items()}})  # fmt: skip
    state = fresh(shape, plan, scenes["train"])
    kept.note_splits({sample.scene_key: split for split, held in scenes.items() for sample in held})
    if kept.resume(state):
        print(f"{folder}: goes on after epoch {state.epoch}")
    card = _card(called, shape, about, scenes["train"])
    chosen = _fixed_sample(scenes["validation"])

    def tell(told: Told, state: State) -> None:
        if told.improved:
            write_model(folder / BEST, state.averaged, card)
        kept.keep(told, state)
        judged = sorted(row["iou"] for row in told.rows if row["iou"] == row["iou"])
        middle = judged[len(judged) // 2] if judged else float("nan")
        print(f"epoch {told.epoch:2d}: loss {told.loss:.4f}, validation median IoU {middle:.3f}, {told.seconds:.0f} s"
              + (", the best so far" if told.improved else ""), flush=True)  # fmt: skip

    train(state, plan, (scenes["train"], chosen), tell)
    done = calibrated(folder / BEST, folder, called, {split: scenes[split] for split in ("validation", "test")})
    for split, scores in done.scores.items():
        print(f"{split}: " + ", ".join(f"{metric} {value:.4g}" for metric, value in scores.items()))
    print(f"{folder}: {called} is trained (best epoch {state.best_epoch}); use it: python -m models predict DIR --model {folder}")


def _card(called: str, shape: Shape, about: dict[str, Any], samples: Sequence[LabelledScene]) -> Any:
    from statistics import median

    from models.card import ModelCard

    sides = [sample.pixel_m for sample in samples if sample.pixel_m == sample.pixel_m]
    return ModelCard(
        called, "Guided U-Net" if shape.guided else "U-Net", shape.bands, "band_mean_sd", ("water",), median(sides) if sides else 10.0,
        about["data"], guided=shape.guided,
    )  # fmt: skip


def _fixed_sample(scenes: Sequence[LabelledScene], most: int = 96) -> Sequence[LabelledScene]:
    """As many scenes, evenly spread over lakes and dates, as an epoch can be judged by in a few seconds."""
    step = max(len(scenes) / most, 1.0)
    return [scenes[int(number * step)] for number in range(min(len(scenes), most))]
