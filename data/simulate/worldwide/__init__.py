"""A simulated inventory of the whole world: tables only, any number of lakes, made block by block and written in parts.

It is for trying out size. The other simulator (`data.simulate`) invents one range whose images can be painted; this one scatters lakes
along the world's mountains. Names of basins are invented, and everything says that it is simulated.
"""

from data.simulate.worldwide.plan import WorldwidePlan
from data.simulate.worldwide.writing import write_worldwide

__all__ = ["WorldwidePlan", "write_worldwide"]
