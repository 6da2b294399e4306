"""Hindcasts: rank the lakes by what was known up to a date, and see where those stand that burst later."""
