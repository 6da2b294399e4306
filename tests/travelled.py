"""A bundle run as a host would run it: by an ordinary user, in a Python of its own, from a sealed folder, in an empty home."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.browser.server import _free_port

NOBODY = 65534
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc", "/proc", "/sys", "/dev")
OPENED = re.compile(r"(?:open|openat)\(.* = \d+<(/[^>]*)>$")
READY_WITHIN = 180.0


def ordinary() -> dict[str, Any]:
    """What makes `Popen` run something as an ordinary user, where we are root."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def own_python(folder: Path, requirements: Path) -> Path:
    """A virtual environment with these requirements and nothing else, of a Python that everybody can run."""
    bases = [sys._base_executable, "/usr/bin/python3.11", "/usr/bin/python3", "/usr/local/bin/python3"]  # pyright: ignore[reportAttributeAccessIssue]
    for base in bases:
        try:
            version = subprocess.check_output([base, "-c", "import sys; print(sys.version_info >= (3, 11))"], text=True, **ordinary())
        except (OSError, subprocess.CalledProcessError):
            continue
        if version.strip() == "True":
            break
    else:
        raise RuntimeError(f"none of {', '.join(bases)} is a Python 3.11 or newer that an ordinary user can run: install python3.11")
    subprocess.run([base, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "pip", "--python", python, "install", "-q", "-r", requirements], check=True)
    return python


def sealed(folder: Path) -> None:
    """Take everybody's leave to write, and let everybody read."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)


def unsealed(folder: Path) -> None:
    """Give it back, so that the folder can be removed."""
    for path in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        path.chmod(0o755)


@contextmanager
def run_as_hosted(bundle: Path, python: Path, home: Path, trace: Path | None, *, as_ordinary: bool = True) -> Iterator[str]:
    """The address of a bundle that runs; nothing of our environment reaches it.

    Args:
        bundle: The folder; sealed meanwhile.
        python: Of an environment.
        home: An empty folder.
        trace: Where each file is told that it or what it starts has opened (needs strace); None: nowhere.
        as_ordinary: Whether as an ordinary user; root's own Python, which only root can run, cannot be.

    Raises:
        RuntimeError: It ended, or does not answer.
    """
    sealed(bundle)
    for folder in (home, home / "tmp"):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        if os.geteuid() == 0 and as_ordinary:
            os.chown(folder, NOBODY, NOBODY)
    before = ["strace", "-f", "-qq", "-y", "-s", "4096", "-e", "trace=open,openat", "-o", str(trace)] if trace else []
    if trace:
        trace.touch()
        trace.chmod(0o666)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "TMPDIR": str(home / "tmp"), "LANG": "C.UTF-8"}
    if not as_ordinary:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"  # root may write anywhere
    port = _free_port()
    process = subprocess.Popen(
        [*before, str(python), "-m", "shiny", "run", "--host", "127.0.0.1", "--port", str(port), "app.py"],
        cwd=bundle, env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=(log := (home.parent / "log").open("w")),
        start_new_session=True, **(ordinary() if as_ordinary else {}),
    )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}/", process, Path(log.name))
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)
        log.close()
        unsealed(bundle)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    began = time.monotonic()
    while time.monotonic() - began < READY_WITHIN and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                answer.read()
                return
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"the bundle answers {error.code}:\n{log.read_text()[-4000:]}") from error
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the bundle does not run (exit code {process.poll()}):\n{log.read_text()[-4000:]}")


def strangers(trace: Path, *known: Path) -> set[str]:
    """Files that were opened and lie neither in these folders nor in the system's own."""
    places = (*(str(path.resolve()) for path in known), *SYSTEM)
    opened = {found[1] for line in trace.read_text(errors="replace").splitlines() if (found := OPENED.search(line))}
    return {path for path in opened if not any(path == place or path.startswith(f"{place}/") for place in places) and path != "/"}


def cannot_write(python: Path, folder: Path) -> bool:
    """Whether an ordinary user is refused a new file in a folder."""
    code = "import sys\ntry: open(sys.argv[1], 'w')\nexcept OSError: print('refused')"
    return (
        subprocess.run([python, "-c", code, folder / "new"], capture_output=True, text=True, check=False, **ordinary()).stdout.strip()
        == "refused"
    )


def has_strace() -> bool:
    """Whether opened files can be traced."""
    return shutil.which("strace") is not None
