"""A changed inventory, looked at and made a dataset of as a visitor's own table; or a changed table of a dataset."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

from data.cache import fingerprint, read_table
from data.checks import dataset_faults
from data.errors import MoraineError
from data.own_table.answers import Answers
from data.own_table.look import look
from data.own_table.make import make
from data.readers import readers

readers()


def run(arguments: dict[str, Any], folder: Path) -> dict[str, Any]:
    path = Path(arguments["path"])
    try:
        if arguments["managed"]:
            held = read_table(path)
            return {"held": fingerprint(str(held.schema.names), held.to_pandas().to_csv())}
        found = look(path.parent, [path.name])
        json.dumps(found)
        answers = Answers(found["date"]["guess"], found["id"]["guess"])
        make(path.parent, [path.name], answers, Path.cwd() / "made")
        faults = dataset_faults(Path("made"))
    except MoraineError as error:
        return {"refused": error.what, "remedy": error.remedy}
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  what is no named error is what is looked for
        return {"failed": traceback.format_exc()}
    return {"failed": str(faults[0])} if faults else {"held": "imported"}
