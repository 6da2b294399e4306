"""The commands of `python -m models`, one file each: a new file here is a new command (see `data.command_line`)."""
