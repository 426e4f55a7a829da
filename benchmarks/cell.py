"""Speed and error of the cell's stepper beside scipy and PyBaMM: same laws, same ramp, one run.

    OMP_NUM_THREADS=1 python benchmarks/cell.py [--points 2000] [--map 100000] [--rounds 5]

A ramp of 40 half cycles of an hour, 0.1 to 2 mA/cm2, at many stack pressures, for two closures of
voids: the fitted limit of the library (Li | Li6PS5Cl) and creep. The truth is scipy's LSODA at a
relative tolerance of 1e-10 on the same law objects. Every code is timed at the loosest tolerance of
its own that keeps the voltage at the end of each half cycle within 0.1 mV of the truth; times are
medians of process CPU time a point, with everything built and warm. PyBaMM runs as it is fastest:
its current as an interpolant, points as a list of inputs, end points stored; once interpreted as it
comes and, where a C compiler is found, compiled. Without PyBaMM the rest runs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")

import numpy as np
from scipy.integrate import solve_ivp

from anolyte.laws.voids import CreepClosing, stripping_speed
from anolyte.materials.protocol import current_ramp, cycling
from anolyte.models.cell import build, engine
from anolyte.models.cell.critical import NODES
from anolyte.studies.cell import Cell

RAMP = current_ramp("0.1 mA/cm2", "2 mA/cm2", "0.1 mA/cm2")
HOUR, KELVIN, WITHIN = 3600.0, 298.15, 1e-4
WANTED = 50
JUDGED = 24  # pressures at which errors are judged; the truth is slow
PYBAMM_POINTS = 64
STEP = 1e-3  # s in which an interpolated current turns


@dataclass(frozen=True)
class Case:
    """A cell and the pressures at which it goes through the ramp."""

    name: str
    cell: Cell
    low: float
    high: float

    @property
    def device(self) -> engine.Device:
        """Its laws; contact never counts as lost, so that all go to the end."""
        return replace(self.cell.assemble().device, least_contact=0.0)

    def pressures(self, count: int) -> np.ndarray:
        """Stack pressures, Pa."""
        return np.geomspace(self.low, self.high, count)


def cases() -> list[Case]:
    """The fitted limit and creep; nothing starts a filament or ends a cell."""
    laws = {"flaw": None, "penetration": None}
    cell = Cell("Li6PS5Cl", "Li", pressure="3 MPa", thickness="0.5 mm", laws=laws)
    creep = CreepClosing(build.metal_creep(cell.assemble().parameters[0]))
    creeping = replace(cell, laws=(*cell.laws, ("voids", creep)))
    return [Case("fitted limit", cell, 1e6, 8e6), Case("creep", creeping, 0.3e6, 3e6)]


# --- scipy: the plain reference -----------------------------------------------------------------


def by_scipy(device: engine.Device, pressure: float, rtol: float, method: str) -> np.ndarray:
    """Voltage at the end of each half cycle, one face after the other, V."""
    kappa = float(device.bulk.conductivity(KELVIN))
    currents = np.array([s.current_density for s in RAMP.steps])
    times = HOUR * np.arange(1, len(currents) + 1)
    voltage = currents * float(device.bulk.resistance(KELVIN))
    for face, sign in zip(device.faces, (1.0, -1.0), strict=True):
        voids = stepped(face, sign * currents, pressure, rtol, method)
        share, thickness = face.conducting(voids), face.growth(times, KELVIN)
        ohmic = face.constriction(share, kappa) + thickness / (face.interphase_conductivity * share)
        own = face.transfer(sign * currents, share, KELVIN) + sign * currents * ohmic
        voltage = voltage + sign * own
    return voltage


def stepped(face, currents: np.ndarray, pressure: float, rtol: float, method: str) -> np.ndarray:
    """Void at the end of each half cycle, m."""
    depth, bare = face.loss.depth, face.voids.closing(pressure, KELVIN)
    void, found = float(face.loss.void(np.clip(face.attached, 1e-3, 1.0))), []
    for current in currents:
        opening = stripping_speed(max(current, 0.0), face.molar_volume)
        filling = stripping_speed(max(-current, 0.0), face.molar_volume) * face.refill
        closing = replace(bare, steady=bare.steady + filling)

        def rate(_, y, opening=opening, closing=closing):
            h = max(float(y[0]), 0.0) * depth
            return [(opening - closing(h, face.loss(h), pressure)) / depth]

        run = solve_ivp(rate, (0.0, HOUR), [void / depth], method, rtol=rtol, atol=1e-2 * rtol)
        void = max(float(run.y[0, -1]), 0.0) * depth
        found.append(void)
    return np.array(found)


# --- the two batch codes ------------------------------------------------------------------------


def ours(device: engine.Device, pressures: np.ndarray, tolerance: float, keep: bool):
    """Our stepper on all points at once, as maps use it (or every step kept)."""
    cells = engine.start(device, pressures, KELVIN, 1.0, pressures.size)
    return engine.simulate(device, RAMP, cells, keep=keep, nodes=NODES, tolerance=tolerance)


def our_voltage(device: engine.Device, pressures: np.ndarray, tolerance: float) -> np.ndarray:
    """Voltage at the end of each half cycle, shape (points, half cycles)."""
    pieces = ours(device, pressures, tolerance, True).pieces
    return np.array([p.voltage[:, -1] for p in pieces]).T


def in_pybamm(case: Case, rtol: float, compiled: bool) -> Callable[[np.ndarray], np.ndarray]:
    """A function from pressures to voltages in PyBaMM, built and warm."""
    import pybamm

    from anolyte.studies import pybamm_export

    model = pybamm_export.SymmetricCell(case.cell, ends=False)
    values = model.default_parameter_values
    currents = np.repeat([s.current_density * 1e-4 for s in RAMP.steps], 2)
    ends = HOUR * np.arange(len(RAMP) + 1)
    corners = np.ravel([(t + STEP * (t > 0.0), t + HOUR) for t in ends[:-1]])
    values["Current function [A]"] = pybamm.Interpolant(corners, currents, pybamm.t)
    values["Stack pressure [Pa]"] = "[input]"
    solver = pybamm.IDAKLUSolver(rtol=rtol, atol=1e-2 * rtol, output_variables=["Voltage [V]"],
                                 options={"compile": compiled})  # fmt: skip
    simulation = pybamm.Simulation(model, parameter_values=values, solver=solver)

    def solve(pressures: np.ndarray) -> np.ndarray:
        inputs = [{"Stack pressure [Pa]": float(p)} for p in pressures]
        found = simulation.solve(t_eval=corners, t_interp=ends, inputs=inputs)
        at = np.searchsorted(found[0].t, ends[1:] - 0.5 * STEP)
        return -np.array([s["Voltage [V]"].data[at] for s in found])

    solve(case.pressures(2))
    return solve


# --- measuring ----------------------------------------------------------------------------------


def seconds(task: Callable[[], object], rounds: int) -> float:
    """Median CPU time of a task."""
    times = []
    for _ in range(rounds):
        begin = time.process_time()
        task()
        times.append(time.process_time() - begin)
    return median(times)


def loosest(errors: dict[float, float]) -> float:
    """The loosest tolerance whose error is small enough."""
    good = [tolerance for tolerance, error in errors.items() if error <= WITHIN]
    if not good:
        raise SystemExit(f"no tolerance keeps within {WITHIN} V: {errors}")
    return max(good)


def told(name: str, errors: dict[float, float]) -> None:
    """One line of tolerances and errors."""
    pairs = ", ".join(f"{t:.0e}: {e * 1e3:.2g}" for t, e in errors.items())
    print(f"  {name:28} error in mV by tolerance  {pairs}")


def compare(case: Case, points: int, rounds: int) -> dict[str, float]:
    """CPU time a point of each code at equal accuracy, ms."""
    device, judged = case.device, case.pressures(JUDGED)
    truth = np.array([by_scipy(device, p, 1e-10, "LSODA") for p in judged])
    print(f"{case.name}: |V| up to {np.abs(truth).max():.3f} V at the ends of half cycles")
    other = np.abs(by_scipy(device, judged[2], 1e-8, "Radau") - truth[2]).max()
    print(f"  truth: LSODA and Radau differ by {other * 1e3:.1e} mV at one pressure")
    costs: dict[str, float] = {}

    errors = {t: float(np.abs(our_voltage(device, judged, t) - truth).max())
              for t in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)}  # fmt: skip
    told("anolyte", errors)
    everywhere, tolerance = case.pressures(points), loosest(errors)
    ours(device, everywhere, tolerance, False)
    batch = seconds(lambda: ours(device, everywhere, tolerance, False), rounds)
    costs["anolyte"] = 1e3 * batch / points

    errors = {}
    for t in (1e-2, 1e-3, 1e-4, 1e-5, 1e-6):
        found = np.array([by_scipy(device, p, t, "LSODA") for p in judged])
        errors[t] = float(np.abs(found - truth).max())
    told("scipy LSODA", errors)
    tolerance = loosest(errors)
    one = seconds(lambda: [by_scipy(device, p, tolerance, "LSODA") for p in judged], 1)
    costs["scipy LSODA"] = 1e3 * one / JUDGED
    for name, compiled in pybamm_ways():
        costs[name] = pybamm_cost(case, name, compiled, truth, rounds)
    return costs


def pybamm_ways() -> list[tuple[str, bool]]:
    """The ways in which PyBaMM can run here."""
    try:
        import pybamm
    except ImportError:
        print("  PyBaMM is not installed: pip install 'anolyte[pybamm]'")
        return []
    name = f"PyBaMM {pybamm.__version__}"
    compiled = [(name + ", compiled", True)] if shutil.which("cc") else []
    return [(name, False), *compiled]


def pybamm_cost(case: Case, name: str, compiled: bool, truth: np.ndarray, rounds: int) -> float:
    """CPU time a point of PyBaMM, ms, at the fastest of the tolerances that are good enough."""
    judged, points = case.pressures(JUDGED), case.pressures(PYBAMM_POINTS)
    errors, costs = {}, {}
    for rtol in (1e-2, 1e-3, 1e-4):
        solve = in_pybamm(case, rtol, compiled)
        errors[rtol] = float(np.abs(solve(judged) - truth).max())
        if errors[rtol] <= WITHIN:
            costs[rtol] = seconds(lambda solve=solve: solve(points), rounds)
    told(name, errors)
    loosest(errors)
    return 1e3 * min(costs.values()) / PYBAMM_POINTS


def interactive(rounds: int) -> None:
    """One cell, warm, from the laws' assembly to the result."""
    cell = Cell("Li6PS5Cl", "Li", pressure="8 MPa", thickness="0.5 mm", laws={"flaw": None})
    tasks = {"40 half cycles of the ramp": RAMP,
             "20 half cycles": cycling("0.2 mA/cm2", charge="0.2 mAh/cm2", cycles=10)}  # fmt: skip
    for name, protocol in tasks.items():
        if cell.run(protocol).end is not None:
            raise SystemExit(f"the run of {name} should go to its end")
        spent = seconds(lambda protocol=protocol: cell.run(protocol), max(rounds, 5))
        print(f"one run, warm, {name}: {1e3 * spent:.0f} ms of CPU (wanted: below 50 ms)")


MAP = """
import resource, time
from anolyte.studies.cell import Cell
cell = Cell("Li6PS5Cl", "Li", thickness="0.5 mm")
ends = {{"current": ("0.1 mA/cm2", "2 mA/cm2"), "pressure": ("1 MPa", "20 MPa")}}
cell.map(**ends, n=128, draws=64)
wall, cpu = time.perf_counter(), time.process_time()
found = cell.map(**ends, n={count}, draws=64)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
print(f"map of {{found.runs}} runs of 20 half cycles: {{cpu:.0f}} s of CPU, {{wall:.0f}} s of wall "
      f"time (wanted: below 60 s on two cores), peak memory {{peak:.0f}} MB, "
      f"{{found.unknown}} unknown")
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--map", type=int, default=100_000, help="runs of the map; 0: none")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    for case in cases():
        costs = compare(case, asked.points, asked.rounds)
        for name, cost in costs.items():
            ratio = cost / costs["anolyte"]
            print(f"  {name:28} {cost:9.3f} ms of CPU a point   ratio {ratio:7.1f}")
        print(f"  (wanted: ratio to PyBaMM {WANTED}, below 0.5 ms a point)")
    interactive(asked.rounds)
    if asked.map:
        return subprocess.call([sys.executable, "-c", MAP.format(count=asked.map)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
