"""The Shiny part of Moraine: with `app.py`, the only place that imports shiny."""

import os

# Before numpy is loaded: beside other work, threads of BLAS that wait for each other burn ten times what one thread takes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Before Arrow is loaded: its own allocator keeps what each thread freed, 70 MB after thirty visits.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
