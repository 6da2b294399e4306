"""Importing lake inventories: columns, dates, outlines, matching, merging, reporting.

`inventory.import_inventories` is the way in; `python -m data import` is its shell.
"""
