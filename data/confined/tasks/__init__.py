"""Tasks for confined children, one file each (see `data.confined`). Only the process that runs a task imports it."""
