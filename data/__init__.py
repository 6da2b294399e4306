"""Everything Moraine knows about lakes, in pure Python: no shiny, no torch.

Start at `store.Store`; `python -m data --help` lists what can be done from a shell.
"""
