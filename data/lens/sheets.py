"""Whether a sheet of thumbnails is the picture that it should be: told by its head, without unpacking it."""

from __future__ import annotations

import io
import warnings

KINDS = {"scenes.jpg": "JPEG", "outcomes.png": "PNG"}


def sheet_fault(file: str, body: bytes, tile: int, columns: int, scenes: int) -> str:
    """What is wrong with a sheet, in words; empty where nothing is, or it is no sheet.

    Args:
        file: Its name.
        body: Its bytes.
        tile, columns: px of a thumbnail on a side, and how many stand in a row.
        scenes: How many it shows.
    """
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  heavy, and few read sheets

    if file not in KINDS:
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # nothing is unpacked
            size = Image.open(io.BytesIO(body), formats=[KINDS[file]]).size
    except Image.DecompressionBombError:
        return "the picture is larger than may be"
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        return f"it is no {KINDS[file]} picture: {str(error)[:80].partition(' <')[0]}"
    wanted = (tile * columns, tile * -(-scenes // max(columns, 1)))
    if size == wanted:
        return ""
    told, lacks = (" × ".join(f"{side:,}" for side in each) for each in (size, wanted))
    return f"the picture is {told} px, where {scenes:,} thumbnails of {tile} px, {columns} a row, take {lacks}"
