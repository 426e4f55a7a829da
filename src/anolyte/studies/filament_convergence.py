"""How far the numbers of a filament hang on the cells and on the width of its crack.

Two more runs: finer cells with the same width of the crack, and both finer. What changes by more
than a tenth is not converged; a crack that runs by leaps may change more than that, for where it
leaps hangs on every cell of a pattern of grains.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from anolyte.core.progress import Progress, silent
from anolyte.core.result import Result, quantity
from anolyte.studies.filament_setup import FilamentSetup
from anolyte.studies.filaments import FilamentResult, filament

FINER = 1.5
CLOSE = 0.1
"""Relative change that is still called converged."""
NUMBERS = {
    "time_to_short": ("time to a short", "time"),
    "depth": ("reach", "length"),
    "speed": ("speed while it moves", "speed"),
    "pressure": ("greatest pressure", "pressure"),
    "share": ("greatest share of current", "fraction"),
    "focusing": ("focusing at the tip", "number"),
}


@dataclass(frozen=True)
class Refined:
    """One number in three runs.

    Args:
        name: Of the number.
        kind: Of quantity.
        as_is: SI; None: there is none.
        cells: With finer cells, cracks as wide as before.
        width: With finer cells and narrower cracks.
    """

    name: str
    kind: str
    as_is: float | None
    cells: float | None
    width: float | None

    @property
    def change(self) -> float:
        """Greatest relative change; infinite where one run has the number and another has not."""
        known = [x for x in (self.as_is, self.cells, self.width) if x is not None]
        if len(known) == 3 and self.as_is:
            return max(abs(x / self.as_is - 1.0) for x in known)
        return float("inf") if known and any(known) else 0.0

    @property
    def converged(self) -> bool:
        """Whether it hardly changes."""
        return self.change <= CLOSE


@dataclass(frozen=True)
class Convergence(Result):
    """What finer cells and narrower cracks do to the numbers of a filament.

    Args:
        cell: In words.
        spacings: m, cells of the three runs.
        widths: m, of the crack in them.
        numbers: One row a number.
    """

    cell: str
    spacings: tuple[float, ...] = quantity("length")
    widths: tuple[float, ...] = quantity("length")
    numbers: tuple[Refined, ...] = ()

    @property
    def converged(self) -> tuple[str, ...]:
        """Names of the numbers that hardly change."""
        return tuple(n.name for n in self.numbers if n.converged)


def convergence(setup: FilamentSetup, progress: Progress = silent) -> Convergence:
    """Run it three times.

    Args:
        setup: As it is.
        progress: Told after each run.
    """
    cells = round(setup.cells * FINER)
    exact = cells / setup.cells
    setups = (
        setup,
        replace(setup, cells=cells, width_cells=setup.width_cells * exact),
        replace(setup, cells=cells),
    )
    found: list[FilamentResult] = []
    for number, each in enumerate(setups, 1):
        found.append(filament(each, frames=1)[0])
        progress(number, len(setups), "runs")
    rows = tuple(
        Refined(text, kind, *(getattr(result, name) for result in found))
        for name, (text, kind) in NUMBERS.items()
    )  # fmt: skip
    return Convergence(
        str(setup.interface),
        tuple(each.grid.spacing[0] for each in setups),
        tuple(each.width for each in setups),
        rows,
    )
