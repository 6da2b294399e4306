"""*Why this point?*: what the verdict on one lake rests on, and how far each part of it could be moved. One file a question."""

from data.why.estimate import Estimate
from data.why.reasons import Why, why

__all__ = ["Estimate", "Why", "why"]
