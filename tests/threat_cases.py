"""Files that reach for what is not theirs: a file of this machine, or an address, by every way that GDAL, PROJ and pickle know."""

from __future__ import annotations

import io
import json
import os
import pickle
import socket
import sqlite3
import threading
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas
import shapely

SECRET = "words of another file"


class Listening:
    """An address that counts who comes.

    Args:
        port: Of this machine.
    """

    def __init__(self, server: socket.socket) -> None:
        self._server = server
        self.port = int(server.getsockname()[1])
        self.asked = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.asked += 1
            connection.close()


@contextmanager
def listening() -> Generator[Listening]:
    """Somebody who waits to be asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Listening(server)


def raster_lures(secret: Path, port: int) -> dict[str, bytes]:
    """What opens as a raster and reads something else, by what it is."""
    url = f"http://127.0.0.1:{port}/a.tif"

    def vrt(source: str) -> bytes:
        return (
            f'<VRTDataset rasterXSize="64" rasterYSize="64"><VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename>'
            f"{source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
        ).encode()

    raw = (
        f'<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Byte" band="1" subClass="VRTRawRasterBand">'
        f"<SourceFilename>{secret}</SourceFilename></VRTRasterBand></VRTDataset>"
    )
    python = (
        '<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Byte" band="1" subClass="VRTDerivedRasterBand">'
        f"<PixelFunctionLanguage>Python</PixelFunctionLanguage><PixelFunctionType>f</PixelFunctionType><PixelFunctionCode><![CDATA["
        f"open({str(secret)!r}, 'a').write('x')]]></PixelFunctionCode></VRTRasterBand></VRTDataset>"
    )
    wms = f'<GDAL_WMS><Service name="TMS"><ServerUrl>{url}</ServerUrl></Service></GDAL_WMS>'
    return {
        "a VRT of a file": vrt(str(secret)), "a VRT of an address": vrt(f"/vsicurl/{url}"), "a VRT of bytes": raw.encode(),
        "a VRT with a program": python.encode(), "a map service": wms.encode(), "an address": f"/vsicurl/{url}".encode(),
        "assets of a catalogue": json.dumps({"stac_version": "1.0.0", "assets": {"a": {"href": url}}}).encode(),
    }  # fmt: skip


def vector_lures(secret: Path, port: int) -> dict[str, bytes]:
    """What opens as a table of lakes and reads something else, by what it is."""
    url = f"http://127.0.0.1:{port}/a.json"

    def vrt(source: str) -> bytes:
        return f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>".encode()

    def geojson(crs: object) -> bytes:
        feature = {"type": "Feature", "properties": {"lake_id": "A"}, "geometry": {"type": "Point", "coordinates": [86, 28]}}
        return json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}).encode()

    def named(name: str) -> bytes:
        return geojson({"type": "name", "properties": {"name": name}})

    return {
        "a VRT of a file": vrt(str(secret)), "a VRT of an address": vrt(f"/vsicurl/{url}"),
        "a feature service": f"<OGRWFSDataSource><URL>{url}</URL></OGRWFSDataSource>".encode(),
        "a link": json.dumps({"type": "FeatureCollection", "links": [{"href": url, "rel": "self"}], "features": []}).encode(),
        "a linked reference system": geojson({"type": "link", "properties": {"href": url, "type": "proj4"}}),
        "a reference system at an address": named(url), "a reference system in a file": named(str(secret)),
        "a grid in a file": named(f"+proj=longlat +datum=WGS84 +nadgrids={secret} +type=crs"),
        "a grid at an address": named(f"+proj=longlat +ellps=WGS84 +nadgrids={url} +type=crs"),
        "definitions in a file": named(f"+init={secret}:1"),
    }  # fmt: skip


def lured_geopackage(path: Path, secret: Path) -> Path:
    """A GeoPackage with a table that SQLite would take from another file, and one that would load a library."""
    geopandas.GeoDataFrame({"lake_id": ["A"]}, geometry=[shapely.box(86, 28, 86.01, 28.01)], crs=4326).to_file(path, layer="lakes")
    with sqlite3.connect(path) as held:
        columns = "(type, name, tbl_name, rootpage, sql)"
        held.execute("PRAGMA writable_schema = 1")
        for name, module in (("ogr", f"VirtualOGR('{secret}')"), ("shape", f"VirtualShape('{secret}', 'utf-8', 4326)")):
            made = f"CREATE VIRTUAL TABLE {name} USING {module}"
            held.execute(f"INSERT INTO sqlite_master {columns} VALUES ('table', ?, ?, 0, ?)", (name, name, made))
            held.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)", (name, name))
        held.execute(f"CREATE VIEW loads AS SELECT load_extension('{secret}') AS lake_id")
        held.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('loads', 'attributes', 'loads')")
    held.close()
    return path


def zipped(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    """A zip of these; `links` are members that are symbolic links."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
        for name, target in (links or {}).items():
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, 0o120777 << 16
            archive.writestr(info, target)
    return made.getvalue()


class Bomb:
    """Whoever unpickles it makes a folder.

    Args:
        folder: Which.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._folder),)


def pickled(folder: Path) -> bytes:
    """A pickle that makes a folder."""
    return pickle.dumps(Bomb(folder))
