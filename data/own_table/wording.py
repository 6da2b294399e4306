"""Messages of an import for somebody who has a page and no command line."""

from __future__ import annotations

import re
from pathlib import Path

from data.errors import InputError

REMEDIES = {
    "--crs": "add the coordinate system to the file (a shapefile has it in its .prj)",
    "--area-column": "name the column of areas area_km2 in the file",
    "--area-unit": "name the column of areas by its unit in the file: area_km2, area_m2 or area_ha",
    "--lon": "add an id, or longitude and latitude in degrees, in columns named lake_id, lon and lat",
    "--layer": "hand in one layer",
    "--date": "name the column of dates date, with days as 2020-10-15 or years as 2020",
}
"""Option that a remedy names → what to do on the page."""
OPTION = re.compile(r"\s*\([^()]*--[a-z][^()]*\)|;[^;()]*--[a-z][^;()]*|\s*--[a-z-]+(?: [A-Z]+)*")


def without_options(text: str) -> str:
    """A sentence of a report without the command's options that it mentions."""
    return OPTION.sub("", text)


def on_the_page(error: InputError, folder: Path) -> InputError:
    """The error without the folder, and with a remedy that a visitor can follow."""
    remedy = next((words for option, words in REMEDIES.items() if option in error.remedy), without_options(error.remedy))
    what = without_options(error.what).replace(f"{folder}/", "").replace(str(folder), "the file")
    return InputError(what, remedy.replace(f"{folder}/", ""))
