"""A dataset made small enough to travel: all tables, and as many scenes with their masks as fit, as 8-bit previews."""
