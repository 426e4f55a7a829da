"""A filament through a garnet with grains, mechanics on, to 200 s of model time: cost and balances.

    OPENBLAS_NUM_THREADS=1 python benchmarks/filament.py [--cells 512] [--until 200]

50 um of LLZO, grains of 5 um, a flaw of 8 um, 1 mA/cm2, 100 ohm cm2 of charge transfer: enough for
the flaw to run, so that the crack moves through most of the time (with the library's resistance it
stays, and the run is several times cheaper). Wall and processor time, steps, the highest memory of
the process, and what did not balance. The peer of a filament run is the run itself without windows
around the tip (--without-windows), on few cells.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import fields

from anolyte.materials.stack import Conditions, Interface
from anolyte.models.field import crack_span
from anolyte.studies.filament_setup import FilamentSetup
from anolyte.studies.filaments import filament


def main() -> None:
    """Run it and say what it cost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cells", type=int, default=512)
    parser.add_argument("--until", type=float, default=200.0, help="s of model time")
    parser.add_argument("--resistance", type=float, default=100.0, help="ohm cm2")
    parser.add_argument("--without-windows", action="store_true")
    given = parser.parse_args()
    if given.without_windows:
        crack_span.SHARE = 0.0
    setup = FilamentSetup(
        Interface("LLZO", "Li"), Conditions(current_density=10.0), 50e-6, given.cells,
        grain_size=5e-6, flaw=8e-6, resistance=1e-4 * given.resistance, until=given.until,
    )  # fmt: skip
    setup.process().begin()  # compiles
    wall, spent = time.perf_counter(), time.process_time()
    result, _ = filament(setup)
    wall, spent = time.perf_counter() - wall, time.process_time() - spent
    print(f"{given.cells} x {given.cells} cells, {result.time:.4g} s of model time: {result.ended}")
    print(f"wall {wall:.0f} s, processor {spent:.0f} s, {result.steps} steps")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    print(f"memory at most {peak:.0f} MB, {1e6 * peak / given.cells**2:.0f} bytes a cell")
    for field in fields(result):
        if field.name in ("depth", "pressure", "share", "balance", "stored", "cracked",
                          "dissipated"):  # fmt: skip
            print(f"{field.name}: {getattr(result, field.name):.4g}")


if __name__ == "__main__":
    main()
