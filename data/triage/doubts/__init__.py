"""The doubts. Each file of this folder that exports `DOUBT` is one; a broken one stops the program at import."""

from __future__ import annotations

from data.discovery import discovered
from data.triage.doubt import Doubt

DOUBTS: dict[str, Doubt] = discovered(__name__, __path__, "DOUBT", Doubt, every=True)
"""By name."""
