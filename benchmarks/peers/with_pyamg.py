"""Solves the network of a file with pyamg (MIT); `benchmarks/poisson.py` starts it.

    PYTHON with_pyamg.py NETWORK.npz ANSWER.npz

Any interpreter that has `pip install pyamg`. Times are process CPU seconds, from the matrix in its
own format to the solution: setting up the preconditioner, then iterating.
"""

import json
import sys
import time

import numpy as np
import pyamg
import scipy.sparse as sparse

ROUNDS = 3
MOST = 300


def solved(matrix, right, method, tolerance):
    """Solution, iterations, seconds of setting up and of iterating."""
    begin = time.process_time()
    hierarchy = method(matrix)
    ready = time.process_time()
    left = []
    out = hierarchy.solve(right, tol=tolerance, accel="cg", maxiter=MOST, residuals=left)
    return out, len(left) - 1, ready - begin, time.process_time() - ready


def main(source, target):
    """Both of its methods, several times; the median of each time."""
    data = np.load(source)
    size = data["right"].size
    matrix = sparse.csr_matrix((data["data"], data["indices"], data["indptr"]), (size, size))
    told, values = {}, {}
    for kind, method in (
        ("smoothed aggregation", lambda a: pyamg.smoothed_aggregation_solver(a)),
        ("Ruge-Stueben", lambda a: pyamg.ruge_stuben_solver(a)),
    ):
        runs = [solved(matrix, data["right"], method, float(data["tolerance"]))]
        while len(runs) < ROUNDS and runs[0][1] < MOST:
            runs.append(solved(matrix, data["right"], method, float(data["tolerance"])))
        values[kind.split()[0]] = runs[0][0]
        told[kind] = {
            "iterations": runs[0][1],
            "setup": float(np.median([run[2] for run in runs])),
            "solve": float(np.median([run[3] for run in runs])),
        }
    np.savez(target, told=json.dumps({"version": pyamg.__version__, "runs": told}), **values)


if __name__ == "__main__":
    main(*sys.argv[1:])
