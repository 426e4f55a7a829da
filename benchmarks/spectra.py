"""Spectra beside SciPy, impedance.py and pyimpspec: same spectra, same starts, one thread, one run.

    OPENBLAS_NUM_THREADS=1 taskset -c 0 python benchmarks/spectra.py [--rounds 5]
        [--impedance PYTHON] [--pyimpspec PYTHON] [--peer-spectra 10]

200 made spectra of 89 points of an ageing cell, 11 parameters. Ours: circuits from the same poor
start as the others and from their own, the Kramers-Kronig test, and the spectrum of relaxation
times. Plain SciPy fits logarithms of the parameters by `least_squares`, with our derivatives and
with finite differences. Peers run in an interpreter of their own, given as a path or by the
environment (ANOLYTE_IMPEDANCE, ANOLYTE_PYIMPSPEC), and talk by files: pyimpspec is GPL and never
imported here. Times are process CPU time, medians; every code's squared residual is computed here.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy.optimize import least_squares

from anolyte.measure import readers, synthetic
from anolyte.measure.circuits.fit import CircuitFit
from anolyte.measure.circuits.result import FitResult
from anolyte.measure.circuits.search import Search
from anolyte.measure.processes import assign
from anolyte.measure.quality.gate import Gate
from anolyte.measure.relaxation.times import RelaxationTimes

FLOOR = 2e-5
"""Mean squared relative residual below which a fit of this series has reached its noise, 9e-6."""
PLAIN = 20
"""Spectra that the plain fit gets; it is slow."""
PEERS = Path(__file__).parent / "peers"
HOW = {
    "impedance": ("with_impedance.py", "impedance.py", "pip install impedance pandas"),
    "pyimpspec": ("with_pyimpspec.py", "pyimpspec", "pip install pyimpspec"),
}
EXPONENTS = [2, 5, 8]


def model(x: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Impedance for parameters as the circuit has them, (..., 11) to (..., N)."""
    s = 2j * np.pi * f
    v = np.asarray(x, dtype=float)[..., None]
    root = np.sqrt(s * v[..., 10, :])
    z = v[..., 9, :] * np.tanh(root) / root
    for k in (0, 3, 6):
        r, q, n = v[..., k, :], v[..., k + 1, :], v[..., k + 2, :]
        z = z + r / (1.0 + r * q * s**n)
    return z


def misfit(x: np.ndarray, f: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Mean squared relative residual of a part."""
    return np.sum(np.abs((model(x, f) - z) / z) ** 2, axis=-1) / (2 * f.size)


# --- plain SciPy --------------------------------------------------------------------------------


def inner(v: np.ndarray) -> np.ndarray:
    """Logarithms, exponents as they are."""
    out = np.log(v)
    out[EXPONENTS] = v[EXPONENTS]
    return out


def outer(x: np.ndarray) -> np.ndarray:
    """Back from `inner`."""
    out = np.exp(x)
    out[EXPONENTS] = x[EXPONENTS]
    return out


def slopes(x: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Derivatives of the impedance by the inner parameters, (N, 11)."""
    v, s = outer(x), 2j * np.pi * f
    out = np.empty((f.size, 11), dtype=complex)
    for k in (0, 3, 6):
        r, q, n = v[k : k + 3]
        y = r * q * s**n
        d = 1.0 / (1.0 + y)
        z = r * d
        out[:, k], out[:, k + 1], out[:, k + 2] = z * d, -z * y * d, -z * y * d * np.log(s)
    root = np.sqrt(s * v[10])
    th = np.tanh(root)
    out[:, 9] = v[9] * th / root
    out[:, 10] = 0.5 * v[9] * (1.0 - th**2 - th / root)
    return out


def plain(f: np.ndarray, z: np.ndarray, start: np.ndarray, exact: bool) -> np.ndarray:
    """What a person writes: `least_squares` on logarithms."""
    size = np.abs(z)

    def residual(x: np.ndarray) -> np.ndarray:
        r = (model(outer(x), f) - z) / size
        return np.concatenate([r.real, r.imag])

    def jacobian(x: np.ndarray) -> np.ndarray:
        j = slopes(x, f) / size[:, None]
        return np.concatenate([j.real, j.imag])

    low, high = np.full(11, -60.0), np.full(11, 60.0)
    low[EXPONENTS], high[EXPONENTS] = 0.3, 1.0
    way = {"jac": jacobian} if exact else {}
    return outer(least_squares(residual, inner(start), bounds=(low, high), **way).x)


# --- measuring ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """What a code took a spectrum, and how well it fitted."""

    name: str
    seconds: float
    misfits: np.ndarray | None = None
    note: str = ""

    def tell(self, ours: float) -> None:
        """Print it beside our time."""
        text = f"  {self.name:44} {1e3 * self.seconds:9.2f} ms   ratio {self.seconds / ours:8.1f}"
        if self.misfits is not None:
            at = int(np.sum(self.misfits < FLOOR))
            text += f"   at the noise {at}/{self.misfits.size}, median {median(self.misfits):.2g}"
        print(text + (f"   {self.note}" if self.note else ""))


def timed(task: Callable[[], object], rounds: int) -> float:
    """Median CPU time of a task, s."""
    times = []
    for _ in range(rounds):
        begin = time.process_time()
        task()
        times.append(time.process_time() - begin)
    return median(times)


def peer(name: str, python: str | None, made: synthetic.Series, count: int) -> dict | None:
    """What a peer answered for some spectra of the series, or None with a line that says why."""
    script, title, how = HOW[name]
    if not python:
        print(f"  {title} is not timed: {how}, then give that Python by --{name}")
        return None
    chosen = np.linspace(0, len(made) - 1, count).astype(int)
    near = 1.03 * np.array(made.truths[0].values)
    near[EXPONENTS] = np.array(made.truths[0].values)[EXPONENTS]
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "spectra.npz", Path(folder) / "answers.json"
        z = made.impedance[chosen]
        np.savez(given, frequency=made.frequency, impedance=z, circuit=synthetic.CIRCUIT,
                 cold=synthetic.cold_start(), near=near)  # fmt: skip
        done = subprocess.run([python, str(PEERS / script), str(given), str(found)],
                              capture_output=True, text=True, check=False)  # fmt: skip
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            print(f"  {title} failed: {last}")
            return None
        return json.loads(found.read_text(encoding="utf-8")) | {"z": z, "title": title}


def peer_line(answer: dict, task: str, f: np.ndarray, what: str) -> Line | None:
    """A line of one of a peer's tasks."""
    got = answer.get(task)
    if got is None:
        return None
    title = f"{answer['title']} {answer['version']}, {what}"
    if "error" in got:
        print(f"  {title}: {got['error']}")
        return None
    fits = task in ("cold", "near")
    misfits = misfit(np.array(got["answers"]), f, answer["z"]) if fits else None
    return Line(title, median(got["seconds"]), misfits)


# --- the three tasks ----------------------------------------------------------------------------


def circuits(made: synthetic.Series, rounds: int, peers: list[dict]) -> None:
    """200 spectra fitted from one poor start, ours also from no start at all."""
    f, z, cold = made.frequency, made.impedance, np.array(synthetic.cold_start())
    count = len(made)
    single = CircuitFit(synthetic.CIRCUIT, starts=1, most_starts=1, arcs=None)
    whole = CircuitFit(synthetic.CIRCUIT)
    only = Search(single, made.spectra, None, 0)
    box = (np.repeat(only.box.check(cold)[None], count, axis=0), np.arange(count),
           only.box.lower, only.box.upper)  # fmt: skip
    bare = only.problem.solve(single.finish, *box)
    spent = timed(lambda: only.problem.solve(single.finish, *box), rounds)
    ours = spent / count
    values = only.circuit.values(bare.x)
    print(f"circuits: {count} spectra, {f.size} points, 11 parameters, from one poor start")
    print(f"  all of them: {spent:.3f} s (wanted: below 0.3 s)")
    lines: list[Line | None] = [Line("anolyte, the minimisation alone", ours, misfit(values, f, z))]
    got = single(made.spectra, start=cold)
    lines.append(
        Line("anolyte, with intervals and verdicts",
             timed(lambda: single(made.spectra, start=cold), rounds) / count, told(got, f, z))
    )  # fmt: skip
    got = whole(made.spectra)
    few = max(1, rounds // 2)
    lines.append(
        Line("anolyte, no start given, many starts",
             timed(lambda: whole(made.spectra), few) / count, told(got, f, z))
    )  # fmt: skip
    chosen = np.linspace(0, count - 1, PLAIN).astype(int)
    for name, exact in (("SciPy, our derivatives", True), ("SciPy, finite differences", False)):
        times, found = [], []
        for k in chosen:
            begin = time.process_time()
            found.append(plain(f, z[k], cold, exact))
            times.append(time.process_time() - begin)
        lines.append(Line(name, median(times), misfit(np.array(found), f, z[chosen])))
    for answer in peers:
        lines.append(peer_line(answer, "cold", f, "same start"))
        lines.append(peer_line(answer, "near", f, "3 % off the truth of the first"))
    for line in filter(None, lines):
        line.tell(ours)


def told(fits: tuple, f: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Squares of our fits, computed here."""
    return misfit(np.array([fit.values for fit in fits]), f, z)


def gates(made: synthetic.Series, rounds: int, peers: list[dict]) -> None:
    """The Kramers-Kronig test at all orders."""
    gate = Gate()
    ours = timed(lambda: gate(made.spectra), rounds) / len(made)
    noise = median(q.noise for q in gate(made.spectra).spectra)
    print(f"Kramers-Kronig test of {len(made)} spectra (wanted: at most 5 ms each)")
    Line("anolyte", ours, note=f"noise {100 * noise:.3f} % of 0.3 %").tell(ours)
    alone = timed(lambda: [gate(s) for s in made.spectra[:20]], rounds) / 20
    Line("anolyte, one spectrum a call", alone).tell(ours)
    for answer in peers:
        if line := peer_line(answer, "kramers_kronig", made.frequency, "one spectrum a call"):
            line.tell(ours)


def relaxations(made: synthetic.Series, rounds: int, peers: list[dict]) -> None:
    """Spectra of relaxation times."""
    find, banded = RelaxationTimes(resamples=0), RelaxationTimes()
    some = made.spectra[:: max(1, len(made) // 20)]
    find(some[0])
    ours = timed(lambda: [find(s) for s in some], rounds) / len(some)
    print("spectra of relaxation times (wanted: at most 5 ms each, 0.3 s with bands)")
    Line("anolyte, without bands", ours).tell(ours)
    spent = timed(lambda: [banded(s) for s in some], max(1, rounds // 2)) / len(some)
    Line(f"anolyte, with bands of {banded.resamples} resamples", spent).tell(ours)
    for answer in peers:
        if line := peer_line(answer, "drt", made.frequency, "tr-nnls"):
            line.tell(ours)


def decision(made: synthetic.Series, rounds: int) -> None:
    """A new file from the disk to classes: read, gate, fit from the one before, assign."""
    fit, gate = CircuitFit(synthetic.CIRCUIT), Gate()
    with tempfile.TemporaryDirectory() as folder:
        few = synthetic.Series(made.spectra[:6], made.truths[:6])
        paths = synthetic.write(few, folder)
        before = fit(made.spectra[0])

        def decide(path: Path, warm: FitResult | None) -> object:
            (spectrum,) = readers.read(path).spectra
            (quality,) = gate(spectrum).spectra
            found = fit(quality.cleaned(spectrum), warm=warm)
            return assign(found.arcs, made.setup)

        decide(paths[0], before)
        print("a new file to its classes (wanted: below 0.25 s)")
        for name, warm in (("from the fit before", before), ("from nothing", None)):
            spent = median(timed(lambda p=p, w=warm: decide(p, w), rounds) for p in paths)
            print(f"  {name:44} {1e3 * spent:9.1f} ms")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer-spectra", type=int, default=10)
    for name in HOW:
        parser.add_argument(f"--{name}", default=os.environ.get(f"ANOLYTE_{name.upper()}"),
                            help="a Python that has it")  # fmt: skip
    asked = parser.parse_args()
    made = synthetic.ageing()
    answers = [peer(name, getattr(asked, name), made, asked.peer_spectra) for name in HOW]
    known = [a for a in answers if a is not None]
    circuits(made, asked.rounds, known)
    gates(made, asked.rounds, known)
    relaxations(made, asked.rounds, known)
    decision(made, asked.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
