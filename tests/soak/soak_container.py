"""The Dockerfile's own steps without an engine, and the app that comes of them: as a user who may write into two folders alone."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.asgi import finished
from tests.container import Step, copied, steps
from tests.harness import ROOT, Figures
from tests.load.client import visiting

READY_WITHIN = 120.0
UNCOMPILED = {"PIP_NO_COMPILE": "no"}
"""pip reads its options that begin with no- by what is switched off, so no is what --no-compile says."""
PLACES = ("venv", "moraine", "baked", "state", "build", "tmp")
"""Folders at the root of the image that stand for themselves in a folder here."""


def run_steps(_: int, scale: float) -> Figures:
    """Build as the Dockerfile says, serve as it says, ask for health as it says, and visit. A sample leaves it to the app to compile."""
    found = steps((ROOT / "Dockerfile").read_text())
    user = next(step.words for step in found if step.name == "USER")
    python = _python(user)
    if python is None:
        return {"not run": "it takes root, setpriv, and a Python 3.11 that every user may run"}
    scratch = Path(tempfile.mkdtemp(prefix="moraine-image-"))
    try:
        scratch.chmod(0o755)
        began = time.monotonic()
        _build(found, scratch, python, int(user), UNCOMPILED if scale < 1 else {})
        built, before = time.monotonic() - began, _files(scratch)
        with _served(found, scratch, user) as url:
            sentence = finished(_visited(url))
        assert "would have shown" in sentence, sentence
        changed = sorted(name for name, _ in _files(scratch).items() ^ before.items())
        assert changed == [], "written beside the sources"
        tools = [name for name in ("pip", "pytest", "playwright", "caddy") if (scratch / "venv" / "bin" / name).exists()]
        assert tools == [], "the image holds what is not served"
        size = sum(size for size, _ in before.values())
        return {"build_s": round(built), "files": len(before), "mb": round(size / 1e6), "written_elsewhere": 0}
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _as(user: str) -> list[str]:
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs", "--bounding-set=-all"]


def _python(user: str) -> str | None:
    """A Python of the image's version that the image's user may run."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return None
    ask = "import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != (3, 11))"
    for candidate in (sys.executable, "/usr/local/bin/python3.11", "/usr/bin/python3.11"):
        command = [*_as(user), str(Path(candidate).resolve()), "-c", ask]
        if subprocess.run(command, cwd="/", capture_output=True, check=False).returncode == 0:
            return str(Path(candidate).resolve())
    return None


def _here(words: str, scratch: Path) -> str:
    """The same command with the image's folders in a folder of this machine."""
    return re.sub(rf"(?<![\w.])/({'|'.join(PLACES)})(?=[/:;\s\"']|$)", lambda match: f"{scratch}/{match[1]}", words)


def _build(found: list[Step], scratch: Path, python: str, user: int, more: dict[str, str]) -> None:
    for place in (*PLACES, "bin"):
        (scratch / place).mkdir()
    (scratch / "bin" / "python").symlink_to(python)
    shutil.copy(ROOT / "requirements.txt", scratch / "build")
    env = {"PATH": f"{scratch / 'bin'}:/usr/bin:/bin", "HOME": str(scratch / "build"), "PIP_ROOT_USER_ACTION": "ignore"}
    env |= {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name.lower().endswith("_proxy")} | more
    runs = [step for step in found if step.name == "RUN"]
    for step in (step for step in runs if step.stage == 0):
        _shell(_here(step.words, scratch), scratch / "build", env)
    copied(found, scratch, {})
    # Debian's packages and the user's name are left to this machine.
    for step in (step for step in runs if step.stage == 1 and "apt-get" not in step.words):
        _shell(_here(step.words, scratch), scratch / "moraine", env)
    for place in ("state", "tmp"):
        os.chown(scratch / place, user, user)


def _shell(words: str, folder: Path, env: dict[str, str]) -> None:
    answer = subprocess.run(["sh", "-ec", words], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, f"{words}\n{answer.stdout[-2000:]}\n{answer.stderr[-2000:]}"


@contextmanager
def _served(found: list[Step], scratch: Path, user: str) -> Generator[str]:
    """The address of the app, once the image's own health check says that it is well."""
    said = {step.name: step.words for step in found if step.stage == 1}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    pairs = [word.split("=", 1) for step in found if step.name == "ENV" for word in shlex.split(_here(step.words, scratch))]
    env = {name: value.replace("$PATH", "/usr/bin:/bin") for name, value in pairs}
    env |= {"HOME": "/nonexistent", "TMPDIR": str(scratch / "tmp"), "MORAINE_SCENES": "no"}

    def command(words: str) -> list[str]:
        program, *rest = json.loads(words.replace("8000", port))
        return [*_as(user), str(scratch / "venv" / "bin" / program), *rest]

    with (scratch / "log").open("wb") as log:
        process = subprocess.Popen(command(said["CMD"]), cwd=scratch / "moraine", env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        began, check = time.monotonic(), command(said["HEALTHCHECK"].split(" CMD ")[1])
        while subprocess.run(check, cwd=scratch / "moraine", env=env, capture_output=True, check=False).returncode != 0:
            assert process.poll() is None, (scratch / "log").read_text()[-3000:]
            assert time.monotonic() - began < READY_WITHIN, (scratch / "log").read_text()[-3000:]
            time.sleep(1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


async def _visited(url: str) -> str:
    async with visiting(url, "?lake=5", plots=()) as visitor:
        await visitor.opened()
        _, said = await visitor.next_lake()
        return said


def _files(scratch: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file of the product and its libraries."""
    paths = (path for folder in ("moraine", "venv", "baked") for path in (scratch / folder).rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in paths}


SUITES = {"container.steps": run_steps}
