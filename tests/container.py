"""What the Dockerfile would make, without an engine: its instructions, the build context, and the image's files in a folder."""

from __future__ import annotations

import fnmatch
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.harness import ROOT


@dataclass(frozen=True)
class Step:
    """An instruction.

    Args:
        stage: Number of its stage, from 0.
        name: In capitals.
        words: What follows it, lines joined.
    """

    stage: int
    name: str
    words: str


def steps(text: str) -> list[Step]:
    """The instructions of a Dockerfile."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found: list[Step] = []
    for line in filter(None, joined.splitlines()):
        name, words = line.split(maxsplit=1)
        stage = sum(step.name == "FROM" for step in found) - (name != "FROM")
        found.append(Step(stage, name, words))
    return found


def is_sent(path: str, rules: list[str]) -> bool:
    """Whether a file is in the build context: the last rule of .dockerignore that matches it, or a folder above it, decides."""
    parts = path.split("/")
    above = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    sent = True
    for rule in rules:
        pattern = rule.removeprefix("!")
        # `*` stays within a folder, `**/` stands for any number of folders.
        ends = [pattern.removeprefix("**/")] if pattern.startswith("**/") else []
        if any(_matches(each, pattern) for each in above) or any(fnmatch.fnmatch(part, end) for part in parts for end in ends):
            sent = rule.startswith("!")
    return sent


def _matches(path: str, pattern: str) -> bool:
    mine, its = path.split("/"), pattern.split("/")
    return len(mine) == len(its) and all(fnmatch.fnmatchcase(part, piece) for part, piece in zip(mine, its, strict=True))


def context(root: Path = ROOT) -> Iterator[str]:
    """The files that a build would be sent."""
    rules = [line for line in (root / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    for top in sorted(root.iterdir()):
        if top.name in {".git", ".venv"}:  # a hundred thousand files, which the rules leave out
            assert not is_sent(f"{top.name}/any", rules)
            continue
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_file() and is_sent(name, rules):
                yield name


def copied(found: list[Step], into: Path, arguments: dict[str, str], root: Path = ROOT) -> None:
    """Do what the last stage's COPY instructions do, from the build context.

    Args:
        found: The instructions.
        into: Takes the place of `/`.
        arguments: What `--build-arg` said.
        root: The project.

    Raises:
        AssertionError: One copies what the context does not hold.
    """
    sent, here = list(context(root)), Path()
    last = max(step.stage for step in found)
    said = {}
    for step in (step for step in found if step.stage == last):
        if step.name == "WORKDIR":
            here = into / step.words.lstrip("/")
        elif step.name == "ARG":
            name, _, default = step.words.partition("=")
            said[name] = arguments.get(name, default)
        elif step.name == "COPY" and not step.words.startswith("--from"):
            *sources, target = re.sub(r"\$\{(\w+)\}", lambda match: said[match[1]], step.words).split()
            place = into / target.lstrip("/") if target.startswith("/") else here / target
            for source in sources:
                _copy(source, place, is_folder=target.endswith("/"), sent=sent, root=root)


def _copy(source: str, place: Path, *, is_folder: bool, sent: list[str], root: Path) -> None:
    inside = [name for name in sent if name.startswith(f"{source}/")]
    assert inside or source in sent, f"{source} is not in the build context"
    for name in inside or [source]:
        end = place / (name.removeprefix(f"{source}/") if inside else Path(source).name if is_folder else "")
        end.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, end)
