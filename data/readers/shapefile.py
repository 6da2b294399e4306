"""ESRI shapefiles, plain or zipped. A zip that holds several gives one layer each."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from data.errors import InputError
from data.readers.layer import Layer, ReadOptions
from data.readers.ogr import ogr_layer
from data.shapefile_parts import PARTS
from data.zip_faults import BAD_ZIP

SUFFIXES = (".shp", ".zip")
MAGIC = b"\x00\x00\x27\x0a"
MAX_UNPACKED = 4 << 30


def claims(path: Path) -> int:
    return int(path.suffix.lower() in SUFFIXES)


def read(path: Path, options: ReadOptions) -> list[Layer]:
    """Raises InputError: a part is missing, the content is something else, or it is cut short."""
    if path.suffix.lower() == ".zip":
        return _read_zip(path, options)
    return [_read_shp(path, str(path), options)]


def _read_shp(path: Path, file: str, options: ReadOptions) -> Layer:
    with path.open("rb") as stream:
        if stream.read(4) != MAGIC:
            raise InputError(f"{file} is not a shapefile, whatever its name says", "give it the suffix of its real format")
    for suffix in (".shx", ".dbf"):
        if not any(path.with_suffix(s).exists() for s in (suffix, suffix.upper())):
            raise InputError(f"{file}: its {suffix} file is missing", "keep the .shp, .shx, .dbf and .prj files side by side")
    _require_whole(path, file)
    return ogr_layer(path, file, path.stem, None, options)


def _require_whole(path: Path, file: str) -> None:
    """A cut .shp is read by OGR as rows without geometry, so its own length (16-bit words, bytes 24-27) is compared first."""
    with path.open("rb") as stream:
        stated = int.from_bytes(stream.read(28)[24:28], "big") * 2
    held = path.stat().st_size
    if held < max(stated, 100):
        raise InputError(f"{file} is cut short: {held:,} of {stated:,} bytes", "fetch or export it again")


def _read_zip(path: Path, options: ReadOptions) -> list[Layer]:
    """Members are unpacked by base name into a folder of our own, so no path inside the archive can lead out of it."""
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            return [_read_shp(member, f"{path}/{name}", options) for name, member in _unpacked(archive, path, Path(folder))]
    except (*BAD_ZIP, OSError) as error:
        raise InputError(f"{path} is not a readable zip file: {error}", "fetch or pack it again") from error


def _unpacked(archive: zipfile.ZipFile, path: Path, folder: Path) -> list[tuple[str, Path]]:
    """The archive's shapefiles: their names in it, and where they lie now, each in a folder of its own."""
    members = [info for info in archive.infolist() if PurePosixPath(info.filename).suffix.lower() in PARTS and not _hidden(info)]
    if sum(info.file_size for info in members) > MAX_UNPACKED:
        raise InputError(f"{path} unpacks to more than {MAX_UNPACKED >> 30} GiB", "unpack it and name the .shp files")
    names = sorted(info.filename for info in members if info.filename.lower().endswith(".shp"))
    if not names:
        raise InputError(f"{path} holds no .shp file", "zip the .shp, .shx, .dbf and .prj files together")
    found: list[tuple[str, Path]] = []
    for number, name in enumerate(names):
        own, stem = folder / str(number), PurePosixPath(name).with_suffix("")
        own.mkdir()
        for info in members:
            part = PurePosixPath(info.filename)
            if part.with_suffix("") == stem:
                (own / f"{stem.name}{part.suffix.lower()}").write_bytes(archive.read(info))
        found.append((name, own / f"{stem.name}.shp"))
    return found


def _hidden(info: zipfile.ZipInfo) -> bool:
    """Resource forks that macOS packs beside the files proper."""
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(info.filename).parts)
