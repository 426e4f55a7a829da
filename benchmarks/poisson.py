"""Currents through a conductor with islands, beside PETSc, pyamg and SciPy: one matrix, one thread.

    python benchmarks/poisson.py [--petsc PYTHON] [--pyamg PYTHON]

A plate of metal with five fingers and 25 islands in an electrolyte, smoothed over about three
cells; relative residual 1e-8. Times are process CPU time, setting up and iterating, medians; ratios
to ours. Peers run in an interpreter of their own, which gets the matrix by a file and starts its
clock when it has it: PETSc is Debian's `python3-petsc4py` with the system's interpreter, pyamg
wants `pip install pyamg`. A peer that is missing is left out and named. Answers are compared by the
current through the plate.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import numpy as np
import scipy.sparse as sparse
import scipy.sparse.linalg as direct

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "numerics"))

from test_multigrid import islands  # pyright: ignore[reportMissingImports]

from anolyte.numerics.multigrid import Hierarchy, Network, Stop, solve

PEERS = Path(__file__).parent / "peers"
ROUNDS = 7
TOLERANCE = 1e-8


def assembled(network: Network) -> sparse.csr_matrix:
    """The operator as a sparse matrix."""
    shape = network.grid.shape
    index = np.arange(network.grid.cells).reshape(shape)
    rows, columns, values = [index.ravel()], [index.ravel()], [network.diagonal().ravel()]
    for axis, coupling in enumerate(network.couplings()):
        there = np.roll(index, -1, axis)
        kept = coupling.ravel() > 0.0
        a, b, g = index.ravel()[kept], there.ravel()[kept], coupling.ravel()[kept]
        rows += [a, b]
        columns += [b, a]
        values += [-g, -g]
    entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
    return sparse.csr_matrix(entries, (network.grid.cells,) * 2)


def ours(network: Network, right: np.ndarray) -> tuple[np.ndarray, int, float, float]:
    """Answer, iterations, seconds of setting up and of iterating."""
    runs = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        cycle = Hierarchy(network)
        ready = time.process_time()
        found = solve(cycle, right, stop=Stop(TOLERANCE))
        runs.append((ready - begin, time.process_time() - ready))
    return found.values, found.iterations, *(median(part) for part in zip(*runs, strict=True))


def peer(interpreter: str, script: str, source: Path) -> tuple[dict, dict[str, np.ndarray]] | None:
    """What another code says of the same file, or nothing if it is not there."""
    target = source.with_name(script + ".npz")
    command = [interpreter, str(PEERS / script), str(source), str(target)]
    bare = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False, env=bare)
    except OSError as error:
        print(f"left out: {script}: {error}")
        return None
    if run.returncode:
        print(f"left out: {script}: {run.stderr.strip().splitlines()[-1]}")
        return None
    data = np.load(target)
    told = json.loads(str(data["told"]))
    values = [data[name] for name in data.files if name != "told"]
    return told, dict(zip(told["runs"], values, strict=True))


def beside(cells: int, contrast: float, interpreters: dict[str, str]) -> None:
    """One case, all codes."""
    network, right = islands(cells, contrast)
    cells_held = network.faces[0][-1]
    answer, iterations, setup, work = ours(network, right)
    whole = setup + work
    current = float((cells_held * (1.0 - answer[-1])).sum())
    print(f"\n{cells} x {cells}, contrast {contrast:g}: ours {iterations} iterations, "
          f"{1e3 * setup:.0f} + {1e3 * work:.0f} ms")  # fmt: skip
    matrix = assembled(network)
    begin = time.process_time()
    exact = direct.spsolve(matrix.tocsc(), right.ravel()).reshape(right.shape)
    print(f"  SciPy SuperLU: {(time.process_time() - begin) / whole:.1f} times")
    truth = float((cells_held * (1.0 - exact[-1])).sum())
    print(f"  current: ours {current / truth - 1.0:+.1e} from SuperLU's")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "network.npz"
        np.savez(source, data=matrix.data, indices=matrix.indices, indptr=matrix.indptr,
                 right=right.ravel(), tolerance=TOLERANCE)  # fmt: skip
        for script, interpreter in interpreters.items():
            if (told := peer(interpreter, script, source)) is None:
                continue
            for name, run in told[0]["runs"].items():
                theirs = told[1][name].reshape(right.shape)
                off = float((cells_held * (1.0 - theirs[-1])).sum()) / truth - 1.0
                seconds = run["setup"] + run["solve"]
                print(f"  {script[5:-3]} {told[0]['version']} {name}: {run['iterations']} "
                      f"iterations, {seconds / whole:.2f} times, current {off:+.1e}")  # fmt: skip


def chosen_cases(quick: bool) -> list[tuple[int, float]]:
    """Cells along an edge, and contrasts."""
    if quick:
        return [(512, 1e4)]
    return [(256, 1e4), (512, 1e4), (1024, 1e4), (512, 1e2), (512, 1e6), (512, 1e9)]


def main() -> None:
    """Every size and contrast."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--petsc", default="/usr/bin/python3", help="interpreter with petsc4py")
    parser.add_argument("--pyamg", default=os.environ.get("ANOLYTE_PYAMG", sys.executable))
    parser.add_argument("--quick", action="store_true", help="one case")
    chosen = parser.parse_args()
    interpreters = {"with_petsc.py": chosen.petsc, "with_pyamg.py": chosen.pyamg}
    ours(*islands(64, 1e4))  # compile
    for cells, contrast in chosen_cases(chosen.quick):
        beside(cells, contrast, interpreters)


if __name__ == "__main__":
    main()
