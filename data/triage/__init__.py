"""Triage: what each lake's trend most likely is, computed for all lakes at once, each with the evidence that decided."""

from data.triage.kinds import KINDS, Kind
from data.triage.triage import COLUMNS, VERSION, triage

__all__ = ["COLUMNS", "KINDS", "VERSION", "Kind", "triage"]
