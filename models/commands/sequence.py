"""`sequence`: train the counting network of the sequence lab, and write what the lab shows."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data.lens.writing import Content
    from data.sequence.manifest import Manifest
    from models.sequence.training import Plan, Sets, Told

NAME = "sequence"
HELP = "Train the network of the sequence lab, which counts how often a curve crosses a band; one core, some minutes."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--into", type=Path, default=Path("out/runs/sequence"), metavar="DIR", help="folder (default: out/runs/sequence)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="what everything random follows from (default 0)")
    parser.add_argument("--epochs", type=int, default=16, metavar="N", help="of the curves that it learns from (default 16)")
    parser.add_argument("--curves", type=int, default=16_384, metavar="N", help="to learn from (default 16,384)")
    parser.add_argument("--held-out", type=int, default=2_000, metavar="N", help="curves to judge by (default 2,000)")
    parser.add_argument("--units", type=int, default=16, metavar="N", help="of each of the three layers (default 16)")


def run(args: Namespace) -> int:
    """Train, write, and say what was reached.

    Raises:
        MoraineError: An option cannot be used.
    """
    from data.errors import InputError
    from data.sequence.writing import write_sequence
    from models.sequence.training import Plan, Sets, Told, train

    bounds = {"seed": (0, 2**31), "epochs": (1, 1000), "curves": (2, 10**6), "held_out": (2, 10**5), "units": (2, 512)}
    for name, (least, beyond) in bounds.items():
        if not least <= getattr(args, name) < beyond:
            raise InputError(
                f"--{name.replace('_', '-')} {getattr(args, name)} cannot be", f"give a whole number from {least} to {beyond - 1}"
            )
    shown = min(200, args.curves, args.held_out)
    plan = Plan(units=args.units, epochs=args.epochs, curves=args.curves, held_out=args.held_out, shown=shown, seed=args.seed)
    sets, told = Sets.of(plan), list[Told]()
    train(plan, sets, lambda each: told.append(_said(each, plan, sets)))
    contents = contents_of(plan, sets, told)
    manifest = write_sequence(args.into, contents, manifest_of(plan, contents, _command(args)))
    for line in summary(manifest, contents):
        print(line)
    print(f"{args.into}: written; runs below out/runs and the folders of MORAINE_RUNS are offered by the Sequence lab")
    return 0


def _command(args: Namespace) -> str:
    usual = {"seed": 0, "epochs": 16, "curves": 16_384, "held_out": 2_000, "units": 16}
    options = (f" --{name.replace('_', '-')} {getattr(args, name)}" for name, value in usual.items() if getattr(args, name) != value)
    return "python -m models sequence" + "".join(options)


def _said(told: Told, plan: Plan, sets: Sets) -> Told:
    exact, near = shares(told.held_out, counts_of(sets.held_out))
    print(f"epoch {told.epoch:2d} of {plan.epochs}: loss {told.loss:.4f}, held out {exact:.1%} exact, {near:.1%} within one, "
          f"{told.seconds:.0f} s ({told.cpu_seconds:.0f} s of processor)", flush=True)  # fmt: skip
    return told


def counts_of(curve: NDArray[np.float32]) -> NDArray[np.int64]:
    """(N, T) → (N,) how often each crosses the band."""
    from models.sequence.curves import running_count

    return running_count(curve)[:, -1]


def shares(told: NDArray[np.float32], count: NDArray[np.int64]) -> tuple[float, float]:
    """The shares of counts that are right once rounded, and that are wrong by one at most."""
    import numpy as np

    off = np.abs(np.rint(told) - count)
    return float((off == 0).mean()), float((off <= 1).mean())


def contents_of(plan: Plan, sets: Sets, told: list[Told]) -> dict[str, Content]:
    """The files of a run."""
    import numpy as np
    import pandas as pd

    from models.sequence.curves import running_count
    from models.sequence.training import loss_of_counts

    shown = np.concatenate([sets.train[: plan.shown], sets.held_out[: plan.shown]])
    final = counts_of(sets.held_out)
    epochs = [{"epoch": each.epoch, "loss": each.loss, "held_out_loss": loss_of_counts(each.held_out, final),
               **dict(zip(("exact", "within_one"), shares(each.held_out, final), strict=True)),
               "seconds": each.seconds, "cpu_seconds": each.cpu_seconds} for each in told]  # fmt: skip
    return {
        "curves.npz": {
            "x": shown.astype(np.float16),
            "count": running_count(shown).astype(np.uint8),
            "held_out": np.repeat(np.array([0, 1], dtype=np.uint8), plan.shown),
        },
        "weights.npz": {name: np.stack([each.weights[name] for each in told]) for name in told[0].weights},
        "training.npz": {"told": np.stack([each.shown for each in told])},
        "epochs.parquet": pd.DataFrame(epochs),
        "units.parquet": pd.concat([_units(each, sets) for each in told], ignore_index=True),
        "held_out.parquet": pd.DataFrame({"count": final.astype(np.int32), "told": told[-1].held_out}),
    }


def _units(told: Told, sets: Sets) -> Any:
    """What the units follow after an epoch, a row each, by the forward pass in numpy."""
    import numpy as np
    import pandas as pd

    from data.sequence.cell import network_of
    from data.sequence.features import followed
    from models.sequence.curves import running_count

    level, count = followed(network_of(told.weights, "the network"), sets.held_out, running_count(sets.held_out))
    layer, unit = (each.ravel().astype(np.int32) + 1 for each in np.indices(level.shape))
    r = {"r_level": level.ravel().astype(np.float32), "r_count": count.ravel().astype(np.float32)}
    return pd.DataFrame({"epoch": np.int32(told.epoch), "layer": layer, "unit": unit, **r})


def manifest_of(plan: Plan, contents: dict[str, Content], command: str) -> Manifest:
    """What the run is of; its files are filled in as they are written."""
    import numpy as np

    from data.sequence.manifest import Manifest
    from models.sequence.curves import BAND, LENGTH

    epochs: Any = contents["epochs.parquet"]
    held: Any = contents["held_out.parquet"]
    most = np.bincount(held["count"])
    last, spent = epochs.iloc[-1], epochs[["seconds", "cpu_seconds"]].sum()
    results = {
        "exact": float(last["exact"]), "within_one": float(last["within_one"]),
        "majority": float(most.max() / most.sum()), "majority_count": int(most.argmax()),
        "seconds": round(float(spent["seconds"]), 1), "cpu_seconds": round(float(spent["cpu_seconds"]), 1),
    }  # fmt: skip
    return Manifest(
        title=f"Counting crossings, seed {plan.seed}", seed=plan.seed, layers=plan.layers, units=plan.units, steps=LENGTH, band=BAND,
        epochs=tuple(range(1, plan.epochs + 1)), plan=plan.as_dict(), results=results, command=command,
    )  # fmt: skip


def summary(manifest: Manifest, contents: dict[str, Content]) -> list[str]:
    """What was reached, in lines."""
    held: Any = contents["held_out.parquet"]
    units: Any = contents["units.parquet"]
    results, last = manifest.results, units[units["epoch"] == manifest.epochs[-1]]
    lines = [
        f"{len(held):,} curves held out: {results['exact']:.1%} exact, {results['within_one']:.1%} within one; "
        f"always {results['majority_count']:g}, the most frequent count, would be right {results['majority']:.1%} of the time",
        f"trained in {results['seconds']:.0f} s, {results['cpu_seconds']:.0f} s of processor, on one core",
    ]
    for column, what in (("r_level", "the level of the curve"), ("r_count", "the running count")):
        best = last.loc[last[column].abs().fillna(0.0).idxmax()]
        lines.append(f"follows {what} most: unit {best['unit']:.0f} of layer {best['layer']:.0f}, |r| {abs(best[column]):.3f}")
    return lines
