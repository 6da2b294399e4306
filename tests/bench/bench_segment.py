"""The shipped network on one thread: against itself as plain eager torch, against ONNX Runtime, and on a scene of 1024² px.

128² chips of 6 bands, BATCH at a time, best of ROUNDS taken in turns. The bars: 1.3 × eager, .85 × ONNX Runtime, 4 s for 1024².
"""

from __future__ import annotations

import functools
import io
import time
from collections.abc import Callable

import numpy as np
import torch

from models.card import SHIPPED, read_card
from models.chips import Chip
from models.tiling import segment_whole
from models.trained import Trained
from models.unet import UNet
from models.weights import read_net
from tests.harness import Figures

NAME = "unet"
BATCH, SIDE, ROUNDS = 4, 128, 16
"""Four chips have the pixels of a scene of 256², what the network mostly gets. One at a time reached .84 × ONNX Runtime, eight .90."""


def _best(work: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds, the least of ROUNDS, all in turns: what else the machine does falls on each alike."""
    least = dict.fromkeys(work, float("inf"))
    for _ in range(ROUNDS):
        for name, each in work.items():
            began = time.perf_counter()
            each()
            least[name] = min(least[name], time.perf_counter() - began)
    return least


def _net() -> UNet:
    return read_net(SHIPPED, read_card(SHIPPED, NAME))


def _onnx(net: UNet) -> Callable[[], object]:
    import onnxruntime

    image = torch.rand(BATCH, 6, SIDE, SIDE)
    body = io.BytesIO()
    torch.onnx.export(net, (image,), body, input_names=["image"], dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(body.getvalue(), options, providers=["CPUExecutionProvider"])
    return functools.partial(session.run, None, {"image": image.numpy()})


@functools.cache
def _chips_per_second() -> dict[str, float]:
    torch.set_num_threads(1)
    image = torch.rand(BATCH, 6, SIDE, SIDE)
    plain, ours = _net(), Trained(_net()).net
    laid = image.contiguous(memory_format=torch.channels_last)

    def inferred(net: UNet, given: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            return net(given)

    work: dict[str, Callable[[], object]] = {
        "eager": functools.partial(inferred, plain, image), "ours": functools.partial(inferred, ours, laid), "onnx": _onnx(_net()),
    }  # fmt: skip
    for each in work.values():
        each()
    return {name: BATCH / seconds for name, seconds in _best(work).items()}


def _against(peer: str, told: str) -> Figures:
    speed = _chips_per_second()
    return {
        "value": speed["ours"], "unit": "chips/s", "peer": f"{told}, {NAME}, batch {BATCH} of {SIDE}² × 6",
        "peer_value": speed[peer], "ratio": speed["ours"] / speed[peer],
    }  # fmt: skip


def large_scene() -> Figures:
    """Seconds for a scene of 1040² px in tiles with 32 px of overlap, and of 1024² px in one piece."""
    torch.set_num_threads(1)
    segment = Trained(_net())
    values = np.random.default_rng(0).uniform(0, 0.4, (6, 1040, 1040)).astype(np.float32)
    bands = segment.net.shape.bands
    tiled, whole = Chip(values, bands, 10.0), Chip(values[:, :1024, :1024], bands, 10.0)
    segment(Chip(values[:, :64, :64], bands, 10.0))
    took: list[float] = []
    for chip in (tiled, whole):
        began = time.perf_counter()
        segment_whole(segment, chip)
        took.append(time.perf_counter() - began)
    return {"value": took[0], "unit": "s", "peer": "1024² in one piece", "peer_value": took[1]}


BENCHMARKS = {
    "segment.against_eager": lambda: _against("eager", "plain eager torch"),
    "segment.against_onnx_runtime": lambda: _against("onnx", "ONNX Runtime"),
    "segment.scene_1040": large_scene,
}
