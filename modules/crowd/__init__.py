"""Plots of more lakes than a browser should hold: for the view on screen the server counts the lakes of each cell, and names those alone.

What travels is then as large as the screen, however many lakes there are. Counts, picking and brushing are exact over all of them.
"""
