"""Explicit Allen-Cahn steps beside NumPy, JAX, py-pde and FiPy: one run, one thread, equal answers.

    OPENBLAS_NUM_THREADS=1 taskset -c 0 python benchmarks/stencils.py [--peers PYTHON] [--rounds 7]

A field of 512 x 512 numbers of 64 bit, periodic, dn/dt = kappa lap n - g'(n), explicit Euler. Peers
run in an interpreter of their own that has `pip install jax py-pde fipy numba`, given as a path or
by ANOLYTE_STENCIL_PEERS; ours and NumPy run there too, in turns with them, so that all ratios come
from one process. A peer that is missing is left out. Times are process CPU time, medians of
rounds; before any is taken, every code must agree with NumPy after the same steps. Beside them
stands the copy of an array, in cache and at 8192 x 8192, as what memory allows at best: by a
compiled loop, and by `numpy.copyto`, which writes around the cache.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).parent / "peers" / "with_stencils.py"


def main() -> None:
    """Run the comparison in the interpreter of the peers, or here without them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--peers", default=os.environ.get("ANOLYTE_STENCIL_PEERS", ""))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--large", type=int, default=8192, help="edge of the large field; 0: none")
    given = parser.parse_args()
    if not given.peers:
        print("no interpreter of peers (--peers PYTHON): ours beside NumPy alone")
    one = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")}
    one |= {"JAX_PLATFORMS": "cpu", "NPROC": "1", "JAX_ENABLE_X64": "1"}
    one["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    source = Path(__file__).parents[1] / "src"
    environment = {**os.environ, **one, "PYTHONPATH": str(source)}
    command = [given.peers or sys.executable, str(PEERS), str(given.rounds), str(given.large)]
    sys.exit(subprocess.call(command, env=environment))


if __name__ == "__main__":
    main()
