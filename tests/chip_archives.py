"""Archives of labelled chips in the layouts of the public benchmarks, small, and what is in them."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rasterio.io import MemoryFile

from data import examples
from data.__main__ import main
from tests.conftest import ROOT
from tests.range_server import RangeServer, serving

TOP = "Glacial_Lake_Bench"
SPLITS = ("train", "val", "test")
ZIP = "Glacial_Lake_Bench.zip"
SIZE = 24
ENTRY = '[{name}]\nlayout = "{layout}"\nrecord = "{url}"\narchives = ["*.zip"]\npace = {pace}\n\n'
RUN = """
import sys
from pathlib import Path
from data import examples
from data.__main__ import main
examples.REGISTRY = Path(sys.argv[1])
sys.exit(main(sys.argv[2:]))
"""


def packed(files: Mapping[str, bytes], comment: bytes = b"", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 12, 1, 10, 20, 30)), body, method)
        archive.comment = comment
    return held.getvalue()


def tiff(values: np.ndarray) -> bytes:
    """(B, H, W) as a GeoTIFF that lies nowhere on the ground, as the benchmark's do."""
    with MemoryFile() as memory:
        with memory.open(driver="GTiff", count=len(values), height=SIZE, width=SIZE, dtype=values.dtype.name) as dataset:
            dataset.write(values)
        return bytes(memory.read())


@lru_cache(maxsize=4)
def bench_files(each: int = 10, regions: tuple[str, ...] = ("SA", "SAW", "ACS")) -> dict[str, bytes]:
    """Files of a small Glacial-Lake-Bench, image folders first: `each` chips of each region and split, half as many hard ones."""
    rng = np.random.default_rng(5)
    images, masks = dict[str, bytes](), dict[str, bytes]()
    for part in (*SPLITS, "hard"):
        count = each if part != "hard" else each // 2
        for name in (f"{region}_{n}.tif" for region in regions for n in range(count)):
            image, mask = (f"img_dir/{part}", f"ann_dir/{part}") if part != "hard" else ("image", "mask")
            images[f"{TOP}/{image}/{name}"] = tiff(rng.random((11, SIZE, SIZE)).astype(np.float32))
            masks[f"{TOP}/{mask}/{name}"] = tiff((rng.random((1, SIZE, SIZE)) < 0.3).astype(np.uint8))
    return {f"{TOP}/readme.txt": b"what it is", **images, **masks}


def picture(values: np.ndarray) -> bytes:
    """(H, W, 3) or (H, W) bytes as a PNG."""
    held = io.BytesIO()
    Image.fromarray(values).save(held, "PNG")
    return held.getvalue()


def glid_files(count: int = 6) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Images and masks of a small GLID."""
    rng = np.random.default_rng(6)
    images = {f"images/{n}.png": picture(rng.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)) for n in range(count)}
    masks = {f"masks/{n}.png": picture((rng.random((SIZE, SIZE)) < 0.4).astype(np.uint8) * 255) for n in range(count)}
    return images, masks


def unpack(files: Mapping[str, bytes], root: Path) -> Path:
    """The files in a folder."""
    for name, body in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(body)
    return root


def registry(url: str, pace: float = 0.0) -> str:
    """The examples `bench` and `glid`, both of one record."""
    layouts = {"bench": "glacial-lake-bench", "glid": "glid"}
    return "".join(ENTRY.format(name=name, layout=layout, url=url, pace=pace) for name, layout in layouts.items())


def started(known: Path, into: Path, choice: Sequence[str]) -> subprocess.Popen[bytes]:
    """`examples fetch bench` in a process of its own, with a state folder beside the dataset."""
    words = [sys.executable, "-c", RUN, str(known), "examples", "fetch", "bench", "--into", str(into), *choice]
    environment = {**os.environ, "MORAINE_STATE_DIR": str(into.parent / "state")}
    return subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def tree(folder: Path) -> dict[str, str]:
    """Digest of each file of a dataset."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()
    }


@contextmanager
def bench_server(home: Path, patch: pytest.MonkeyPatch) -> Generator[RangeServer, None, None]:
    """A registry of `bench` and `glid`, both on this server; it has the archive of the former."""
    with serving({ZIP: packed(bench_files())}) as made:
        (home / "registry.toml").write_text(registry(made.url))
        patch.setattr(examples, "REGISTRY", home / "registry.toml")
        patch.setenv("MORAINE_STATE_DIR", str(home / "state"))
        yield made


def fetch(into: Path, *more: str, name: str = "bench") -> int:
    """`examples fetch` in this process; its exit code."""
    return main(["examples", "fetch", name, "--into", str(into), *more])
