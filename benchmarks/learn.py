"""Time of learning: 200 resistances over 400 h and one ramp of the current, all rival laws.

    OMP_NUM_THREADS=1 python benchmarks/learn.py [--draws 800] [--spectra 200]

The data are made by the cell itself (Li | Li6PS5Cl | Li, 5 MPa) with an error of 3 %. What is timed
is the update from resistances to the answer: posteriors and evidences of all rivals, checks, what
changes and what to measure next. Fitting circuits to spectra is timed in `benchmarks/spectra.py`.
"""

from __future__ import annotations

import argparse
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import numpy as np

from anolyte.studies.cell import Cell
from anolyte.studies.learn import Drawn, Ramp, Resistances, learn
from anolyte.studies.learn.rivals import LIBRARY

HOUR = 3600.0


def made(cell: Cell, spectra: int, seed: int = 4) -> list[Resistances | Ramp]:
    """What would be measured of one draw of the cell."""
    rng = np.random.default_rng(seed)
    names = tuple(sorted(LIBRARY.asks(cell).values))
    pick = Drawn(names, 0.8 * rng.standard_normal((1, len(names))))
    device, one = LIBRARY.device(cell, pick), (1.0,) * spectra
    time_ = tuple(map(float, np.linspace(0.0, 400.0 * HOUR, spectra)))
    face = Resistances("interface resistance", one, (0.03,) * spectra, time_, (5e6,) * spectra,
                       (298.15,) * spectra, age=HOUR)  # fmt: skip
    ramp = Ramp("ramp", tuple(float(j) for j in range(1, 21)), survived=20, failed=False,
                pressure=5e6)  # fmt: skip
    return [o.at(o.repeated(o.predict(device, pick, 1), rng)[0]) for o in (face, ramp)]


def main() -> None:
    """Print wall and processor time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=800)
    parser.add_argument("--spectra", type=int, default=200)
    asked = parser.parse_args()
    cell = Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="5 MPa", current="0.5 mA/cm2",
                capacity="0.5 mAh/cm2")  # fmt: skip
    data = made(cell, asked.spectra)
    learn(cell, data, draws=50, propose_next=False)  # compiles
    wall, cpu = time.perf_counter(), time.process_time()
    found = learn(cell, data, draws=asked.draws)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{asked.spectra} spectra, one ramp, {len(found.rivals)} laws, {asked.draws} draws each:")
    print(f"  {wall:.1f} s, {cpu:.1f} s of the processor; {found.law}")
    for number in found.constrained:
        print(f"  {number.words}: {number.shown(number.after)}")


if __name__ == "__main__":
    main()
