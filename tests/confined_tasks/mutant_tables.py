"""A changed inventory, looked at and made a dataset of as a visitor's own table; or a changed table of a dataset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from data.cache import fingerprint, read_table
from data.checks import dataset_faults
from data.own_table.answers import Answers
from data.own_table.look import look
from data.own_table.make import make
from data.readers import readers
from tests.mutants import outcome

readers()


def run(arguments: dict[str, Any], folder: Path) -> dict[str, Any]:
    path, managed = Path(arguments["path"]), arguments["managed"]
    return outcome(lambda: _read(path, managed=managed))


def _read(path: Path, *, managed: bool) -> dict[str, Any]:
    if managed:
        held = read_table(path)
        return {"held": fingerprint(str(held.schema.names), held.to_pandas().to_csv())}
    found = look(path.parent, [path.name])
    json.dumps(found)
    answers = Answers(found["date"]["guess"], found["id"]["guess"])
    make(path.parent, [path.name], answers, Path.cwd() / "made")
    faults = dataset_faults(Path("made"))
    return {"failed": str(faults[0])} if faults else {"held": "imported"}
