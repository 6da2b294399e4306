"""A changed inventory, imported as a visitor's; or a changed table of a dataset."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

from data.cache import fingerprint, read_table
from data.checks import dataset_faults
from data.errors import MoraineError
from data.importing.inventory import import_inventories
from data.importing.options import ImportOptions
from data.readers import readers

readers()


def run(arguments: dict[str, Any], folder: Path) -> dict[str, Any]:
    path = Path(arguments["path"])
    try:
        if arguments["managed"]:
            held = read_table(path)
            return {"held": fingerprint(str(held.schema.names), held.to_pandas().to_csv())}
        import_inventories([path], Path("made"), ImportOptions())
        faults = dataset_faults(Path("made"))
    except MoraineError as error:
        return {"refused": error.what, "remedy": error.remedy}
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  what is no named error is what is looked for
        return {"failed": traceback.format_exc()}
    return {"failed": str(faults[0])} if faults else {"held": "imported"}
