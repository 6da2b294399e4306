"""What Python's `zipfile` raises at an archive that is damaged, encrypted, or packed by a method that it does not know: said once."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib

BAD_ZIP = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError,
)  # fmt: skip
"""Beside OSError, which where the archive lies on another machine means something else."""
