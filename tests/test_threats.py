"""The threats of docs/threats.md, attacked. What other tests attack is named there; this file holds that they exist."""

from __future__ import annotations

import ast
import contextlib
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.cache import read_table, write_table
from data.confined.lane import ENVIRONMENT, KEPT
from data.errors import InputError, LensError, MoraineError, RasterError
from data.importing.inventory import import_inventories
from data.importing.options import ImportOptions
from data.lens.arrays import unpacked_arrays
from data.rasters.reading import read as read_raster
from data.readers import ReadOptions, read
from data.scenes.wish import Options
from data.uploads import read_upload
from tests import threat_cases
from tests.conftest import ROOT
from tests.threat_cases import SECRET, Bomb, Listening, listening, pickled, zipped

DOC = ROOT / "docs" / "threats.md"
VECTORS = ("geojson", "json", "shp", "gpkg", "csv", "zip", "parquet")


@pytest.fixture
def address() -> Generator[Listening]:
    with listening() as found:
        yield found


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere" / "secret"
    path.parent.mkdir()
    path.write_text(f"lake_id,lon,lat\n{SECRET},86,28\n")
    return path


def refused(attempt: Callable[[], Any], *kinds: type[MoraineError]) -> str:
    """What a refusal says."""
    with pytest.raises(kinds) as raised:
        attempt()
    assert raised.value.remedy
    return str(raised.value)


@pytest.mark.parametrize("kind", threat_cases.raster_lures(Path("x"), 1))
def test_a_raster_reads_nothing_but_itself(kind: str, secret: Path, address: Listening, tmp_path: Path) -> None:
    path = tmp_path / "lake.tif"
    path.write_bytes(threat_cases.raster_lures(secret, address.port)[kind])
    said = refused(lambda: read_raster(path), RasterError)
    said += refused(lambda: read_upload(path, "lake.tif", Options(), tmp_path), RasterError)
    assert SECRET not in said
    assert secret.read_text().endswith("86,28\n"), "a program in it did not run"
    assert address.asked == 0


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [
        (kind, suffix)
        for kind in threat_cases.vector_lures(Path("x"), 1)
        for suffix in (VECTORS if "reference" not in kind else ("geojson",))
    ],
)
def test_a_table_reads_nothing_but_itself(kind: str, suffix: str, secret: Path, address: Listening, tmp_path: Path) -> None:
    body = threat_cases.vector_lures(secret, address.port)[kind]
    path = tmp_path / f"lakes.{suffix}"
    path.write_bytes(zipped({f"lakes.{part}": body for part in ("shp", "shx", "dbf", "prj")}) if suffix == "zip" else body)
    try:
        found = str([layer.frame.to_dict() for layer in read(path, ReadOptions())])
    except InputError as error:
        found = str(error)
    assert SECRET not in found
    assert address.asked == 0


def test_a_geopackage_reads_nothing_but_itself(secret: Path, tmp_path: Path) -> None:
    path = threat_cases.lured_geopackage(tmp_path / "lakes.gpkg", secret)
    for layer in (None, "ogr", "shape", "loads"):
        try:
            found = str([each.frame.to_dict() for each in read(path, ReadOptions(layer=layer))])
        except InputError as error:
            found = str(error)
        assert SECRET not in found


def test_the_members_of_a_zip_stay_where_they_are_put(secret: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    inside = zipped(
        {f"../../elsewhere/secret.{part}": b"x" * 200 for part in ("shp", "shx", "dbf")}, {"a.shp": str(secret), "a.dbf": str(secret)}
    )
    (folder / "lakes.zip").write_bytes(inside)
    before = sorted(path for path in tmp_path.rglob("*"))
    assert SECRET not in refused(lambda: read(folder / "lakes.zip", ReadOptions()), InputError)
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_a_zip_that_would_fill_the_disk_is_not_unpacked(tmp_path: Path) -> None:
    """Its directory says 5 GB, or it says little and holds much."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in ("shp", "shx", "dbf"):
            archive.writestr(f"a.{part}", bytes(10_000_000))
    raw = bytearray(body.getvalue())
    declared = (10_000_000).to_bytes(4, "little")
    for told, words in ((0x7FFFFFFF, "unpacks to more than"), (10, "not a readable zip file")):
        (tmp_path / "a.zip").write_bytes(raw.replace(declared, told.to_bytes(4, "little")))
        assert words in refused(lambda: read(tmp_path / "a.zip", ReadOptions()), InputError)


DRIVERS = """
import json, sys
import {first}
import {second}
import rasterio, rasterio.env, pyogrio
with rasterio.Env() as env:
    held = sorted(env.drivers())
print(json.dumps([held, sorted(pyogrio.list_drivers())]))
def opened(open):
    try:
        open()
    except Exception as error:
        return type(error).__name__
    return "opened"
for url in sys.argv[1:]:
    print(opened(lambda: rasterio.open(url)), opened(lambda: pyogrio.read_dataframe(url)))
"""


@pytest.mark.parametrize(
    ("modules", "confined"),
    [
        (("data.rasters", "data.readers.ogr"), False),
        (("data.readers.ogr", "data.rasters"), False),
        (("data.stac.remote", "data.readers.ogr"), True),
    ],
)
def test_neither_gdal_has_drivers_that_open_other_files_or_addresses(modules: tuple[str, str], confined: bool, address: Listening) -> None:
    env = {name: os.environ[name] for name in KEPT if name in os.environ} | ENVIRONMENT if confined else dict(os.environ)
    local = f"127.0.0.1:{address.port}"
    urls = [f"/vsicurl/http://{local}/a.tif", f"/vsicurl/http://{local}/a.geojson", f"/vsizip//vsicurl/http://{local}/a.zip/a.shp"]
    code = DRIVERS.format(first=modules[0], second=modules[1])
    done = subprocess.run([sys.executable, "-c", code, *urls], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    drivers, *tried = done.stdout.splitlines()
    rasters, vectors = json.loads(drivers)
    assert "GTiff" in rasters
    assert {"GPKG", "ESRI Shapefile"} <= set(vectors)
    assert {"VRT", "GTI", "HTTP", "WMS", "WCS", "WMTS", "STACIT", "STACTA", "EEDAI", "DAAS"} & set(rasters) == set()
    assert {"VRT", "OGR_VRT", "GDALG", "WFS", "HTTP", "OAPIF", "OGCAPI", "EEDA", "CSW"} & set(vectors) == set()
    assert "Unable to find driver" not in done.stderr, "it would be said at every start"
    assert [line for line in tried if "opened" in line] == []
    assert address.asked == 0


def _object_array(folder: Path) -> bytes:
    made = io.BytesIO()
    np.save(made, np.array([Bomb(folder)], dtype=object), allow_pickle=True)
    return made.getvalue()


def _pickled_parquet(folder: Path) -> bytes:
    made = io.BytesIO()
    field = pa.field(
        "lake_id", pa.string(), metadata={b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": pickled(folder)}
    )
    pq.write_table(pa.table([pa.array(["A"])], schema=pa.schema([field], metadata={b"pandas": pickled(folder)})), made)
    return made.getvalue()


UNPICKLING: dict[str, tuple[Callable[[Path], bytes], Callable[[Path], Any]]] = {
    "an array of a lens": (_object_array, lambda path: unpacked_arrays(zipped({"a.npy": path.read_bytes()}))),
    "a lens": (pickled, lambda path: unpacked_arrays(path.read_bytes())),
    "a table": (pickled, read_table),
    "a table with a pickle for metadata": (_pickled_parquet, lambda path: read_table(path).to_pandas()),
    "an inventory": (_pickled_parquet, lambda path: read(path, ReadOptions())),
    "an inventory that is a pickle": (pickled, lambda path: read(path, ReadOptions())),
}


@pytest.mark.parametrize("kind", UNPICKLING)
def test_nothing_is_unpickled(kind: str, tmp_path: Path) -> None:
    make, use = UNPICKLING[kind]
    planted = tmp_path / "planted"
    (tmp_path / "a.parquet").write_bytes(make(planted))
    with contextlib.suppress(MoraineError, LensError, ValueError):  # refused or read: what is asked is that nothing runs
        use(tmp_path / "a.parquet")
    assert not planted.exists()


def test_weights_are_neither_unpickled_nor_taken_without_their_digest(tmp_path: Path) -> None:
    """A pickle, and what torch.save writes (a zip with one), whether or not the card was made to name them."""
    from models.card import SHIPPED, read_card
    from models.weights import read_net, weights_path

    planted, card = tmp_path / "planted", read_card(SHIPPED, "unet")
    for body in (pickled(planted), zipped({"archive/data.pkl": pickled(planted), "archive/version": b"3\n"})):
        weights_path(tmp_path, "unet").write_bytes(body)
        for told in (card, replace(card, weights_sha256=hashlib.sha256(body).hexdigest())):
            refused(lambda told=told: read_net(tmp_path, told), InputError)
    assert not planted.exists()


FORBIDDEN = re.compile(
    r"\b(c?pickle|joblib|shelve|marshal|dill|cloudpickle|read_pickle|torch\.load|os\.system|eval|exec|HTML|markdown)\b|allow_pickle|shell="
)
"""Names that would unpickle, run text, or take text for markup."""


def _used(tree: ast.AST) -> Generator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.name for alias in node.names)
            yield str(getattr(node, "module", ""))
        elif isinstance(node, ast.keyword) and ast.unparse(node.value) != "False":
            yield f"{node.arg}="


WIRE = [ROOT / "data" / "spreading" / f"{name}.py" for name in ("afar", "cluster", "raising")]


def test_nothing_of_the_product_unpickles_runs_text_or_takes_it_for_markup() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in (*(path for floor in ("data", "models", "modules") for path in (ROOT / floor).rglob("*.py")), ROOT / "app.py")
        if FORBIDDEN.search(text := path.read_text(encoding="utf-8"))
        for name in _used(ast.parse(text))
        if FORBIDDEN.search(name)
        and not (path.is_relative_to(ROOT / "models") and name.endswith(".eval"))  # of a network
        # Between a command and its own workers, never of a file, a visitor or a dataset; the app does without (below).
        and not (path in WIRE and "pickle" in name)
    ]
    assert found == []
    served = [path for path in (*(ROOT / "modules").rglob("*.py"), ROOT / "app.py") if "spreading" in path.read_text(encoding="utf-8")]
    assert served == []


FORMULAS = ["=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1"]


def test_what_was_set_aside_holds_no_formula(tmp_path: Path) -> None:
    rows = "".join(f'"{text}","{text}",86,28,"{text}",1\n' for text in FORMULAS)
    path = tmp_path / "=lakes.csv"
    path.write_text(f"lake_id,name,lon,lat,date,area_km2\n{rows}good,good,86.5,28.5,2020-10-01,1\n")
    done = import_inventories([path], tmp_path / "out", ImportOptions())
    assert done.refused == len(FORMULAS)
    cells = [cell for row in csv.reader(io.StringIO((tmp_path / "out" / "refused.csv").read_text(encoding="utf-8"))) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_one_flipped_bit_of_a_table_is_never_read_as_other_data(tmp_path: Path) -> None:
    chance = np.random.default_rng(5)
    table = pa.table({"lake_key": np.arange(3000), "area_km2": chance.random(3000)})
    write_table(tmp_path / "a.parquet", table)
    raw = (tmp_path / "a.parquet").read_bytes()
    said = 0
    for place in chance.choice(len(raw), 150, replace=False):
        flipped = bytearray(raw)
        flipped[place] ^= 1 << int(chance.integers(8))
        (tmp_path / "a.parquet").write_bytes(flipped)
        try:
            found = read_table(tmp_path / "a.parquet")
        except MoraineError:
            said += 1
            continue
        assert found.select(["lake_key", "area_km2"]).equals(table), place
    assert said > 100


def test_every_threat_names_tests_that_there_are() -> None:
    rows = [line for line in DOC.read_text(encoding="utf-8").splitlines() if line.startswith("| ") and "`tests/" in line]
    assert len(rows) >= 12
    for row in rows:
        for file, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row):
            assert (ROOT / file).is_file(), file
            names = {
                node.name for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
            }
            assert not name or name in names, f"{file}::{name}"
