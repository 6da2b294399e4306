"""Zip archives that lie on a server, read member by member: 1 of 44 GB costs 1 GB."""
