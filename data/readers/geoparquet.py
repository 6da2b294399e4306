"""GeoParquet, and plain Parquet as a long table."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import InputError
from data.readers.layer import Layer, ReadOptions, located

SUFFIXES = (".parquet", ".geoparquet")
MAGIC = b"PAR1"
MAX_UNPACKED = 8 << 30


def claims(path: Path) -> int:
    return int(path.suffix.lower() in SUFFIXES)


def read(path: Path, options: ReadOptions) -> list[Layer]:
    """Raises InputError: not Parquet by its first and last bytes, damaged, or its geometry column is not what the metadata says."""
    with path.open("rb") as stream:
        head = stream.read(4)
        stream.seek(max(path.stat().st_size - 4, 4))
        if head != MAGIC or stream.read() != MAGIC:
            raise InputError(f"{path} is not a whole Parquet file", "it may be cut short, or another format: fetch or export it again")
    try:
        described = pq.ParquetFile(path)
        groups = [described.metadata.row_group(n).total_byte_size for n in range(described.metadata.num_row_groups)]
        if sum(groups) > MAX_UNPACKED:
            raise InputError(f"{path} unpacks to more than {MAX_UNPACKED >> 30} GiB", "split it, e.g. by epoch or by region")
        table = described.read()
        # In full: a damaged page may hold text that is no UTF-8, which would only come to light when a cell is read.
        table.validate(full=True)
        if b"geo" not in (described.schema_arrow.metadata or {}):
            return [Layer(str(path), path.stem, table.to_pandas())]
        found = geopandas.read_parquet(path)
    except (OSError, pa.ArrowException, ValueError, TypeError, KeyError, AttributeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is damaged: {str(error)[:200]}", "fetch or export it again") from error
    except Exception as error:
        # shapely's and pyproj's own errors share no root but Exception.
        if type(error).__module__.split(".")[0] not in {"shapely", "pyproj"}:
            raise
        raise InputError(f"{path} is damaged: {str(error)[:200]}", "fetch or export it again") from error
    frame = found.drop(columns=found.geometry.name).reset_index(drop=True)
    return [located(Layer(str(path), path.stem, frame, found.geometry.to_numpy()), found.crs, options)]
