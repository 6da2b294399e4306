"""A simulated inventory: an invented mountain range whose lakes grow, shrink, drain or stay, and the truth about each.

`write_simulated` is what one calls. Everything says that it is simulated: `dataset.toml`, the title, the ids (`SIM…`), the source.
"""

from data.simulate.plan import Plan
from data.simulate.tables import SOURCE, write_simulated

__all__ = ["SOURCE", "Plan", "write_simulated"]
