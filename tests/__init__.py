"""Moraine's tests: flat, one file a source file; browser/ drives the app, bench/ and soak/ are run by hand.

One thread for numerics, set before anything imports numpy: sums over several threads need not repeat to the last
bit, and timings compare like with like.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[_name] = "1"
