"""What somebody might do who has taken over a child: each kind is tried in earnest, and the answer says how far it came."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from data.errors import DatasetError

Attempt = Callable[[dict[str, Any], Path], Any]


def echo(arguments: dict[str, Any], folder: Path) -> Any:
    np.save(folder / "made.npy", np.arange(3))
    return arguments["say"]


def settings(_: dict[str, Any], folder: Path) -> Any:
    return {
        "environment": dict(os.environ), "here": str(Path.cwd()), "empty": not list(Path.cwd().iterdir()),
        "temporary": tempfile.gettempdir(),
        "open": [handle for handle in range(4096) if is_open(handle) and os.fstat(handle).st_rdev != os.stat(os.devnull).st_rdev],
        "nowhere": [os.fstat(handle).st_rdev == os.stat(os.devnull).st_rdev for handle in range(3)], "parent": os.getppid(),
    }  # fmt: skip


def is_open(handle: int) -> bool:
    try:
        os.fstat(handle)
    except OSError:
        return False
    return True


def raises(arguments: dict[str, Any], folder: Path) -> Any:
    raise DatasetError(arguments["what"], "do this")


def bug(arguments: dict[str, Any], folder: Path) -> Any:
    return {}["no such key"]


def allocate(arguments: dict[str, Any], folder: Path) -> Any:
    return float(np.ones((arguments["mb"], 2**17)).sum())


def swallowed(arguments: dict[str, Any], folder: Path) -> Any:
    """Memory that was refused, wrapped as a reader would wrap any failure of its library."""
    try:
        return float(np.ones((arguments["mb"], 2**17)).sum())
    except MemoryError as error:
        raise DatasetError("it is damaged", "fetch it again") from error


def share(arguments: dict[str, Any], folder: Path) -> Any:
    """Memory that is none of this process alone, so that no limit of data counts it."""
    held = mmap.mmap(-1, arguments["mb"] * 2**20)
    for place in range(0, len(held), 4096):
        held[place] = 1
    time.sleep(1)
    return len(held)


def spin(_: dict[str, Any], folder: Path) -> Any:
    while True:
        pass


def sleep(_: dict[str, Any], folder: Path) -> Any:
    (folder / "begun").touch()
    time.sleep(600)


def abort(_: dict[str, Any], folder: Path) -> Any:
    os.abort()


def segfault(_: dict[str, Any], folder: Path) -> Any:
    ctypes.string_at(0)


def leave(_: dict[str, Any], folder: Path) -> Any:
    os._exit(0)


def talk(_: dict[str, Any], folder: Path) -> Any:
    return "x" * 2**25


def lie(_: dict[str, Any], folder: Path) -> Any:
    """An answer that is none, past the code that writes it."""
    for handle in range(256):
        with contextlib.suppress(OSError):
            os.write(handle, b"[" * 10**6)
    os._exit(0)


def files(arguments: dict[str, Any], folder: Path) -> Any:
    """Which of these it can read, and where it can write."""
    read, wrote = {}, {}
    for name in arguments["read"]:
        try:
            read[name] = Path(name).read_text()[:100]
        except OSError as error:
            read[name] = type(error).__name__
    for name in arguments["write"]:
        try:
            Path(name, "planted").write_text("x")
            wrote[name] = "yes"
        except OSError as error:
            wrote[name] = type(error).__name__
    return {"read": read, "wrote": wrote}


def links(arguments: dict[str, Any], folder: Path) -> Any:
    """What would lead whoever opens it later somewhere else, or nowhere."""
    said = {}
    for name, make in (("link", lambda: (folder / "l").symlink_to("/etc/passwd")), ("pipe", lambda: os.mkfifo(folder / "p"))):
        try:
            make()
            said[name] = "made"
        except OSError as error:
            said[name] = type(error).__name__
    return said


def network(arguments: dict[str, Any], folder: Path) -> Any:
    """By Python, and by the C library past Python."""
    said = {}
    try:
        with socket.create_connection(("127.0.0.1", arguments["port"]), 2):
            said["python"] = "connected"
    except OSError as error:
        said["python"] = type(error).__name__
    library = ctypes.CDLL(None, use_errno=True)
    handle = library.socket(2, 1, 0)
    address = (2).to_bytes(2, "little") + int(arguments["port"]).to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    said["c"] = "connected" if library.connect(handle, address, 16) == 0 else os.strerror(ctypes.get_errno())
    datagram = library.socket(2, 2, 0)
    said["datagram"] = "sent" if library.sendto(datagram, b"x", 1, 0, address, 16) == 1 else "refused"
    return said


def execute(_: dict[str, Any], folder: Path) -> Any:
    said = {}
    try:
        subprocess.run(["/bin/true"], check=True)
        said["python"] = "ran"
    except OSError as error:
        said["python"] = type(error).__name__
    library = ctypes.CDLL(None, use_errno=True)
    script = folder / "script"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    ends = [library.execv(str(path).encode(), (ctypes.c_char_p * 2)(b"x", None)) for path in ("/bin/true", script)]
    said["c"] = f"{ends} {os.strerror(ctypes.get_errno())}"
    return said


def kill(arguments: dict[str, Any], folder: Path) -> Any:
    """The process it was forked from, and the app."""
    said = {}
    for name, pid in (("parent", os.getppid()), ("app", arguments["app"])):
        try:
            os.kill(pid, signal.SIGTERM)
            said[name] = "killed"
        except OSError as error:
            said[name] = type(error).__name__
    return said


def write(arguments: dict[str, Any], folder: Path) -> Any:
    """More than a file may hold: sparse, so that the disk of whoever runs the test is none the poorer."""
    with (folder / "large").open("wb") as file:
        file.seek(arguments["gb"] * 2**30)
        file.write(b"x")
    return "written"


def fork(arguments: dict[str, Any], folder: Path) -> Any:
    """Children of the child that would outlive it, each with memory of its own; past Python, which would refuse."""
    made = 0
    for _ in range(arguments["many"]):
        found = ctypes.CDLL(None).fork()
        if found == 0:
            held = np.ones((arguments["mb"], 2**17))
            time.sleep(60)
            os._exit(len(held) & 0)
        made += found > 0
    time.sleep(arguments["waits"])
    return made


def memory(arguments: dict[str, Any], folder: Path) -> Any:
    """Memory that belongs to no process: files in memory, and shared memory."""
    library = ctypes.CDLL(None, use_errno=True)
    return [int(library.memfd_create(b"x", 0)), int(library.shmget(0, 2**20, 0o1600))]


def threads(_: dict[str, Any], folder: Path) -> Any:
    """What it needs: threads of its own."""
    said: list[int] = []
    mine = [threading.Thread(target=said.append, args=(number,)) for number in range(4)]
    for each in mine:
        each.start()
    for each in mine:
        each.join()
    return sorted(said)


ATTEMPTS: dict[str, Attempt] = {
    attempt.__name__: attempt
    for attempt in (
        echo, settings, raises, bug, allocate, swallowed, share, spin, sleep, abort, segfault, leave, talk, lie, files, links,
        network, execute, kill, write, fork, memory, threads,
    )
}  # fmt: skip


def run(arguments: dict[str, Any], folder: Path) -> dict[str, Any]:
    return {"said": ATTEMPTS[arguments["do"]](arguments, folder)}
