"""Whether weights are those of the run that holds them: two scenes are judged again, and must lose what the run noted at that epoch."""

from __future__ import annotations

from collections.abc import Sequence

from data.errors import InputError
from data.records import LabelledScene
from models.lens.snapshots import REMEDY, Run
from models.training import judged

SCENES = 2
OFF, SHARE = 0.005, 0.02
"""By how much a loss may be off: weights are kept as fp16. Over the runs that Moraine comes with it is off by .0014 at most."""


def witnesses(run: Run) -> dict[int, dict[int, float]]:
    """scene_key → epoch → loss of a few scenes that the run was judged by; empty, and a trouble noted, where it noted none."""
    table = run.table("scenes")
    noted: dict[int, dict[int, float]] = {}
    if table is not None:
        for key, epoch, loss in zip(table["scene_key"].tolist(), table["epoch"].tolist(), table["loss"].tolist(), strict=True):
            if key in noted or len(noted) < SCENES:
                noted.setdefault(key, {})[epoch] = loss
    return noted


def keep_own(run: Run, noted: dict[int, dict[int, float]], samples: Sequence[LabelledScene]) -> None:
    """Leave out, and name, each snapshot that does not lose on these scenes what the run noted.

    Raises:
        InputError: None is left: the snapshots are another run's, or the images and labels are not what they were.
    """
    for epoch in list(run.snapshots):
        net = run.net(epoch)
        for sample in samples:
            loss, said = judged(net, sample)["loss"], noted[sample.scene_key].get(epoch)
            if said is not None and not abs(loss - said) <= OFF + SHARE * said:
                what = f"on scene {sample.scene_key} it loses {loss:.3f}, where the run noted {said:.3f}"
                run.troubles.append(f"epoch {epoch} is left out: {run.snapshots[epoch].name} is not of this run, or was changed: {what}")
                del run.snapshots[epoch]
                break
    if not run.snapshots:
        raise InputError(f"no snapshot of {run.folder} is its own, or the dataset's images have changed: {run.troubles[-1]}", REMEDY)
