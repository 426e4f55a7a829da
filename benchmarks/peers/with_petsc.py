"""Solves the network of a file with PETSc; `benchmarks/poisson.py` starts it.

    PYTHON with_petsc.py NETWORK.npz ANSWER.npz

Debian's `python3-petsc4py` with the system's interpreter. Times are process CPU seconds, from the
matrix in PETSc's own format to the solution: setting up the preconditioner, then iterating.
"""

import glob
import json
import os
import sys
import time

import numpy as np

if "PETSC_DIR" not in os.environ:
    places = sorted(glob.glob("/usr/lib/petscdir/petsc*/*-real"))
    if places:
        os.environ["PETSC_DIR"] = places[-1]
        sys.path.append(os.path.join(places[-1], "lib/python3/dist-packages"))

import petsc4py

petsc4py.init(["-options_left", "no"])
from petsc4py import PETSc  # noqa: E402  (needs init)

ROUNDS = 5


def solved(matrix, right, kind, tolerance):
    """Solution, iterations, seconds of setting up and of iterating."""
    solver = PETSc.KSP().create()
    solver.setOperators(matrix)
    solver.setType("cg")
    solver.setNormType(PETSc.KSP.NormType.UNPRECONDITIONED)
    solver.getPC().setType(kind)
    if kind == "hypre":
        solver.getPC().setHYPREType("boomeramg")
    solver.setTolerances(rtol=tolerance, max_it=2000)
    begin = time.process_time()
    solver.setUp()
    ready = time.process_time()
    out = right.duplicate()
    solver.solve(right, out)
    end = time.process_time()
    return out.getArray().copy(), solver.getIterationNumber(), ready - begin, end - ready


def main(source, target):
    """Every preconditioner, several times; the median of each time."""
    data = np.load(source)
    size = data["right"].size
    rows = (data["indptr"].astype(np.int32), data["indices"].astype(np.int32), data["data"])
    matrix = PETSc.Mat().createAIJ((size, size), csr=rows)
    right = PETSc.Vec().createWithArray(data["right"].copy())
    told, values = {}, {}
    for kind in ("hypre", "gamg"):
        runs = [solved(matrix, right, kind, float(data["tolerance"])) for _ in range(ROUNDS)]
        values[kind] = runs[0][0]
        told[kind] = {
            "iterations": runs[0][1],
            "setup": float(np.median([run[2] for run in runs])),
            "solve": float(np.median([run[3] for run in runs])),
        }
    version = ".".join(map(str, PETSc.Sys.getVersion()))
    np.savez(target, told=json.dumps({"version": version, "runs": told}), **values)


if __name__ == "__main__":
    main(*sys.argv[1:])
