"""Masks that somebody else made, taken into a dataset: predictions become a source like any segmenter, references a source of labels."""
