"""What a process and all that it starts change on the disk: by Python's audit hook in each of them, and by how folders look afterwards.

The hook sees what Python does, worker processes included; the looks see what C code does (SQLite, GDAL, Arrow).
"""

from __future__ import annotations

import os
from pathlib import Path

HOOK = """import os, sys
_told, _busy = %r, []
_first = {"os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.chown", "os.truncate", "os.utime", "sqlite3.connect", "os.setxattr"}
_both = {"os.rename", "os.link", "os.symlink"}
def _hook(event, arguments):
    if _busy:
        return
    if event == "open":
        name, mode, flags = arguments
        changes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        paths = [name] if changes else []
    else:
        paths = arguments[:1] if event in _first else arguments[:2] if event in _both else []
    paths = [os.fsdecode(path) for path in paths if isinstance(path, (str, bytes))]
    if not paths:
        return
    _busy.append(event)
    try:  # opened each time: a confined child closes what it inherits, and may write where it was told to alone
        beside = arguments[-1]  # shutil.rmtree names files beside an open folder
        if event in {"os.mkdir", "os.remove", "os.rmdir"} and isinstance(beside, int) and beside >= 0:
            paths = [os.path.join(os.readlink(f"/proc/self/fd/{beside}"), path) for path in paths]
        with open(_told, "a", encoding="utf-8", errors="surrogateescape") as file:
            file.writelines(event + "\\t" + os.path.abspath(path).replace("\\n", "?") + "\\n" for path in paths)
    except OSError:
        pass
    finally:
        _busy.pop()
sys.addaudithook(_hook)
"""


def environment(folder: Path) -> dict[str, str]:
    """Variables under which each Python process tells what it changes to `told(folder)`; `folder` is made."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(HOOK % str(folder / "told"))
    return {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


def told(folder: Path) -> list[tuple[str, Path]]:
    """(event, path) of each change, in order."""
    lines = (folder / "told").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    return [(event, Path(path)) for event, path in (line.split("\t", 1) for line in lines)]


Look = dict[str, tuple[int, int]]


def look(*folders: Path) -> Look:
    """Every file below these: size and time of change; folders: that they are there. Compiled files of Python are left out."""
    seen: Look = {}
    for folder in folders:
        for top, names, files in os.walk(folder):
            names[:] = [name for name in names if name != "__pycache__"]
            seen |= dict.fromkeys((os.path.join(top, name) for name in names), (0, 0))
            for path in (os.path.join(top, name) for name in files):
                found = os.lstat(path)
                seen[path] = (found.st_size, found.st_mtime_ns)
    return seen
