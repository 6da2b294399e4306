"""Work that is killed at random moments: forked from a process that has imported everything already, so that every kill hits the work.

`python -m tests.killing MODULE...` imports the modules, then forks for each order that it reads (a line of JSON) and answers how the work
ended. Half of the kills fall after a random time, whatever C code is at work then; the other half just before a random change of a file,
which is where writing is tender and where a time rarely falls.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.harness import ROOT

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "tempfile.mkstemp", "tempfile.mkdtemp"}
"""What Python's audit hook says of files before it is done; `open` for writing is another."""
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass(frozen=True)
class Ended:
    """How work ended.

    Args:
        seconds: It took.
        changes: Of files, as far as Python makes them; known of work that came to its end.
        killed: Whether it was killed, and did not end by itself before.
        said: What it wrote.
    """

    seconds: float
    changes: int
    killed: bool
    said: str


class Warm:
    """A process that forks for each piece of work.

    Args:
        modules: What it imports beforehand.
    """

    def __init__(self, *modules: str) -> None:
        env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "tests.killing", *modules]
        self._process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate("")

    def run(self, work: str, folder: Path, *, after: float | None = None, change: int | None = None) -> Ended:
        """Do `module:function(folder)`, killed after so many seconds or before that change of a file.

        Raises:
            AssertionError: It failed, and not because it was killed.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([work, str(folder), after, change]) + "\n")
        self._process.stdin.flush()
        ended = Ended(**json.loads(self._process.stdout.readline()))
        assert ended.killed or ended.changes >= 0, f"{work} failed:\n{ended.said}"
        return ended

    def cut(self, work: str, folder: Path, whole: Ended, chance: random.Random) -> Ended:
        """Do it, and kill it at a random moment of what it is when it is left alone."""
        if whole.changes and chance.random() < 0.5:
            return self.run(work, folder, change=chance.randrange(whole.changes))
        return self.run(work, folder, after=chance.uniform(0, whole.seconds))


def _serve(modules: list[str]) -> None:
    for name in modules:
        importlib.import_module(name)
    for line in sys.stdin:
        work, folder, after, change = json.loads(line)
        told, tell = os.pipe()
        said = Path(folder).parent / f".said-{os.getpid()}"
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            _child(work, folder, change, tell, said)
        os.close(tell)
        if after is not None:
            time.sleep(after)
            os.kill(pid, signal.SIGKILL)
        with os.fdopen(told) as pipe:
            answer = pipe.read()
        _, status = os.waitpid(pid, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        ended = Ended(time.monotonic() - began, int(answer or -1), killed, said.read_text(errors="replace") if said.exists() else "")
        said.unlink(missing_ok=True)
        print(json.dumps(vars(ended)), flush=True)


def _child(work: str, folder: str, change: int | None, tell: int, said: Path) -> None:
    """In the fork: never returns."""
    seen = [0]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING):
            if seen[0] == change:
                os.kill(os.getpid(), signal.SIGKILL)
            seen[0] += 1

    handle = os.open(said, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    code = 1
    try:
        module, name = work.split(":")
        function = getattr(importlib.import_module(module), name)
        sys.addaudithook(hook)
        function(Path(folder))
        os.write(tell, str(seen[0]).encode())
        code = 0
    except BaseException:  # noqa: BLE001  told to whoever asked, as what it wrote
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1:])
