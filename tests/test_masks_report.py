"""What a run says: nothing that was assumed, moved or left out goes unsaid."""

from __future__ import annotations

from data.masks.report import lines
from data.masks.wish import Outcome
from data.problems import Problem


def outcome() -> Outcome:
    return Outcome(
        "unet", "masks/unet",
        fresh={"a": "from a; resampled (nearest) from 5 × 5 px of 10 m; p_pred.tif agrees", "b": "from b; q_pred.tif differs in 3 of 9 px"},
        held={"c": "from c; no area: the lake has no outline", "d": ""},
        areas_only=["d"], assumed={"prob": "floats: probabilities 0 to 1", "": "binary"},
        problems=[Problem("e", "ambiguous", "two lakes"), Problem("f", "unmatched", "no lake"), Problem("g", "refused", "cut short")],
        left=["scene.tif"], threshold=0.35,
    )  # fmt: skip


def test_every_list_is_said() -> None:
    said = "\n".join(lines(outcome()))
    for words in (
        "unet: 4 masks (2 taken in, 2 there already)",
        "Values of _prob: floats: probabilities 0 to 1",
        "Values of the masks: binary",
        "series and trends use 0.35",
        "Brought onto the grid of their scene: 1\n  a: resampled (nearest) from 5 × 5 px of 10 m",
        "differ from their _prob file: 1\n  b: q_pred.tif differs in 3 of 9 px",
        "No area: 1\n  c: no area: the lake has no outline",
        "no scene to show them on (python -m data scenes adds one): 1\n  d",
        "Ambiguous, not taken: 1\n  e: two lakes",
        "Unmatched, not taken: 1\n  f: no lake",
        "Refused: 1\n  g: cut short",
        "Left alone, by their names: 1\n  scene.tif",
    ):
        assert words in said


def test_what_is_empty_is_not_said() -> None:
    assert lines(Outcome("unet", "masks/unet")) == ["unet: 0 masks (0 taken in, 0 there already)"]


def test_long_lists_are_cut_on_screen_and_not_in_the_file() -> None:
    held = Outcome("unet", "masks/unet", left=[f"{n:03d}.tif" for n in range(40)])
    assert lines(held)[-1] == "  … and 28 more (--report FILE lists all)"
    assert lines(held, None)[-1] == "  039.tif"
