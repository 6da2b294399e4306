"""`make deploy TARGET=connect|shinyapps`: pack a dataset, build the bundle, check it, and send it where there are credentials.

Exit codes: 0 sent (with --build-only: built and good), 1 built and good but not sent since credentials are missing, 2 not good.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import bundle
import check
from targets import TARGETS, Target


def main() -> int:
    """Do it; returns the exit code."""
    args = _arguments()
    target: Target = TARGETS[args.target]
    folder: Path = args.into / args.target
    try:
        with tempfile.TemporaryDirectory() as scratch:
            pack = _packed(args.dataset, Path(scratch) / "pack", args.max_mb)
            bundle.assemble(folder, target, pack, target.origin(os.environ), torch=args.torch)
        bundle.write_manifest(folder)
    except (subprocess.CalledProcessError, OSError, ValueError) as error:
        print(f"error: the bundle cannot be built: {error}", file=sys.stderr)
        return 2
    archive = bundle.packed_as_bundle(folder)
    wrong = check.faults(folder, target, archive, torch=args.torch, least=args.least_lakes)
    if wrong:
        print("\n".join(["The bundle is not sent:", *(f"  {fault}" for fault in wrong)]), file=sys.stderr)
        return 2
    print(f"{folder}: {archive.stat().st_size / 1e6:.0f} MB as it is sent ({target.title} takes {target.most / 1e6:,.0f}); all checks hold")
    return 0 if args.build_only else _sent(folder, target)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make deploy", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--dataset", type=Path, required=True, help="a dataset, which is packed, or a pack")
    parser.add_argument("--into", type=Path, default=bundle.ROOT / "out" / "deploy")
    parser.add_argument("--max-mb", type=float, default=check.MOST_DATASET / 1e6)
    parser.add_argument("--least-lakes", type=int, default=check.LEAST_LAKES)
    parser.add_argument("--torch", action="store_true", help="with PyTorch: the networks can run there")
    parser.add_argument("--build-only", action="store_true")
    return parser.parse_args()


def _packed(dataset: Path, scratch: Path, most_mb: float) -> Path:
    """The pack of a dataset; one that is a pack already must be as it was packed. Raises CalledProcessError where it cannot be made."""
    told = tomllib.loads((dataset / "dataset.toml").read_text(encoding="utf-8"))
    python = [sys.executable, "-m", "data", "pack", str(dataset.resolve())]
    if "pack" in told:
        subprocess.run([*python, "--into", str(dataset.resolve()), "--check"], check=True, cwd=bundle.ROOT)
        return dataset
    subprocess.run([*python, "--into", str(scratch), "--max-mb", f"{most_mb:g}"], check=True, cwd=bundle.ROOT)
    return scratch


def _sent(folder: Path, target: Target) -> int:
    missing = target.missing(os.environ)
    if missing:
        print(f"Not sent to {target.title}: {', '.join(missing)} not set (docs/deploy.md says where to get them).", file=sys.stderr)
        return 1
    bundle.rsconnect("deploy", "manifest", str(folder / "manifest.json"), "--title", "Moraine")
    return 0


if __name__ == "__main__":
    sys.exit(main())
