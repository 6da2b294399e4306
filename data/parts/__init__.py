"""A large table as a folder of Parquet files of the same name: parts in order of lakes, and beside them an index of what lies where.

Whatever reads Parquet reads such a folder; names that begin with `_` are passed over. docs/large-datasets.md has the format.
"""
