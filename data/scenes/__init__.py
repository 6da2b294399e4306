"""Scenes that somebody has as files: found, named, scaled, matched to lakes and written into a dataset; and labelled chips as datasets."""
