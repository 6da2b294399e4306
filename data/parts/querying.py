"""Questions over all rows of a table, answered by DuckDB without holding them: it asks Arrow for the columns and row groups that it needs.

DuckDB's own reader does not verify page checksums (a flipped bit is read as another number), so the pages come by way of Arrow, which does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as ds

from data.errors import InputError
from data.parts.reading import damaged
from data.parts.writing import SCENE_LAKE

if TYPE_CHECKING:
    import duckdb

MEMORY = "1GB"
"""What DuckDB may hold; what a sort needs beyond goes to a folder."""
BATCH = 131_072


def queried(tables: dict[str, ds.Dataset], sql: str, values: Sequence[Any] = (), *, threads: int = 1) -> pa.Table:
    """The answer to one question.

    Args:
        tables: What may be asked, by the name it has in the question (`data.parts.reading.Parts.scanned`).
        sql: DuckDB's SQL, with ? where values go.
        values: As many.
        threads: At most.

    Raises:
        InputError: The question is not understood.
        DatasetError: A part is missing or damaged.
    """
    import duckdb  # noqa: PLC0415 - 40 MB that only large datasets need

    with _connected(tables, threads) as connection:
        try:
            return connection.sql(sql, params=list(values)).to_arrow_table()
        except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException) as error:
            raise InputError(f"the question is not understood: {error}", "mend the SQL") from error
        except (duckdb.Error, OSError, pa.ArrowException) as error:
            raise damaged(_place(tables), error) from error


def sorted_batches(
    rows: ds.Dataset | pa.RecordBatchReader, order: Sequence[str], spill: Path, lakes: ds.Dataset | None = None
) -> pa.RecordBatchReader:
    """All rows in order, batch by batch; what does not fit in memory goes to files in `spill`.

    Args:
        rows: The table.
        order: Columns; what is empty comes last.
        spill: A folder that the caller removes.
        lakes: Columns scene_key and lake_key of all scenes: rows of masks are told the lake of their scene (SCENE_LAKE).
    """
    connection = _connected({"rows": rows} | ({} if lakes is None else {"lakes": lakes}), threads=1, spill=spill)
    by = ", ".join(f'"{name}" NULLS LAST' for name in order)
    told = f'rows.*, lakes.lake_key AS "{SCENE_LAKE}" FROM rows LEFT JOIN lakes ON rows.scene_key = lakes.scene_key'
    asked = f"SELECT {'* FROM rows' if lakes is None else told} ORDER BY {by}"  # noqa: S608 - names of our own schema
    return connection.sql(asked).to_arrow_reader(BATCH)


def _connected(
    tables: Mapping[str, ds.Dataset | pa.RecordBatchReader], threads: int, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A database of its own, which sees these tables and no file."""
    import duckdb  # noqa: PLC0415

    told: dict[str, Any] = {
        "threads": threads,
        "memory_limit": MEMORY,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(":memory:", config=told)
    if spill is not None:
        connection.execute(f"SET temp_directory = '{str(spill).replace(chr(39), chr(39) * 2)}'")
    for name, table in tables.items():
        connection.register(name, table)
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _place(tables: dict[str, ds.Dataset]) -> Path:
    files = [path for table in tables.values() for path in getattr(table, "files", [])]
    return Path(files[0]).parent if files else Path()
