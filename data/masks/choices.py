"""What `--values` may say; by itself, so that the command line is read without importing rasters."""

VALUES = ("auto", "binary", "unit", "percent", "byte")
