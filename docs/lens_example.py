"""A lens of a network that is not ours: `python -m docs.lens_example out/foreign`, then `MORAINE_RUNS=out/foreign make run`."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from data.lens.manifest import Layer, Manifest
from data.lens.writing import write_lens
from models.lens.fields import fields_of
from models.lens.layers import bottleneck_of, layers_of, mean_of, watching


class Block(nn.Module):
    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1, self.relu = nn.Conv2d(before, after, 3, stride, 1), nn.BatchNorm2d(after), nn.ReLU(inplace=True)
        self.conv2, self.bn2, self.short = nn.Conv2d(after, after, 3, 1, 1), nn.BatchNorm2d(after), nn.Conv2d(before, after, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))) + self.short(x))


def write_example(folder: Path, net: nn.Module, images: Tensor, classes: Tensor) -> Manifest:
    layers, seen = layers_of(net, [images[:1]]), fields_of(net, [images[:1]])
    means: dict[str, list[np.ndarray]] = {layer.name: [] for layer in layers}
    with watching(net.eval(), layers, lambda name, value: means[name].append(mean_of(value))), torch.inference_mode():
        scores = torch.cat([net(batch) for batch in images.split(64)])  # (N, classes)
    scenes = pd.DataFrame({"scene_key": range(len(images)), "iou": (scores.argmax(1) == classes).float().numpy()})  # right: 1
    told = [Layer(x.name, x.channels, x.height, x.width, seen[x.name].stride, seen[x.name].field, x.block) for x in layers]
    files = {"scenes.parquet": scenes, "features.npz": {name: np.concatenate(parts) for name, parts in means.items()}}
    return write_lens(folder / "lens", files, Manifest(folder.name, "resnet", "A small ResNet", tuple(told), bottleneck_of(layers)))


if __name__ == "__main__":
    net = nn.Sequential(nn.Conv2d(3, 8, 7, 2, 3), Block(8, 8, 1), Block(8, 16, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 4))
    write_example(Path(sys.argv[1]) / "resnet", net, torch.rand(200, 3, 64, 64), torch.randint(0, 4, (200,)))
