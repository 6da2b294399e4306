"""Scenes from STAC catalogues: the clearest of each season about each lake, read in windows, never as whole tiles.

The one part of data/ that reads from the network on a user's behalf, and only when `python -m data stac` is run.
"""
