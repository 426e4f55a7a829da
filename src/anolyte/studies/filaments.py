"""A filament through a polycrystal, from the names of an electrolyte and an anode.

Numbers of the cell come from the library, with their sources; what nobody measured is assumed, and
the answer names it. The path of a crack and the current at which it runs hang on the flaw, on the
toughness of single grain boundaries and on the resistance of the interface: they are calibrated by
what is given here, not predicted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anolyte.core.progress import Progress, silent
from anolyte.core.result import Result, quantity
from anolyte.models.field.filament import Filament, FilamentState
from anolyte.models.field.microstructure import Phase
from anolyte.numerics.grid import Field, Grid
from anolyte.studies.filament_setup import FilamentSetup
from anolyte.studies.march import Checkpoints, march


@dataclass(frozen=True)
class FilamentResult(Result):
    """How a filament grew.

    Args:
        cell: In words.
        ended: `short`, `time`, or empty where it was stopped.
        time: s, of the model.
        time_to_short: s; None: it did not come to it.
        depth: m, how far it reached from the anode.
        speed: m/s, mean of the tip while it moved.
        pressure: Pa, greatest of the lithium in it.
        overpotential: V, of the flat anode far from the flaw at the beginning.
        critical_overpotential: V, at which this flaw runs by fracture mechanics.
        toughness_ratio: Greatest pressure over that at which the flaw runs by fracture mechanics:
            stress intensity over toughness, at the beginning of its way.
        share: Of the current, into the filament, greatest.
        focusing: Current density at the tip over the mean, greatest.
        length: m, over which it is averaged.
        in_boundaries: Share of the way that lies in grain boundaries; None: there are none.
        grain_size: m, mean intercept that the grains have.
        porosity: Share of the volume that is pores, as the cells have it.
        flaw_size, thickness, spacing: m.
        current_density: A/m2.
        balance: Charge that is not found as lithium, relative.
        contact: Surface of lithium on the electrolyte over the face, walls of the filament counted.
        stored, cracked, dissipated: Where the work of the lithium went: elastic energy, energy of
            new crack, and what a crack that leaps loses; shares, None before there is any work.
        left_in_pores: Share of all plated lithium that lies in pores. If the cell is stripped the
            filament gives back what its walls press out; this is what may stay, dead, at most.
        temperature: K.
        assumed: Numbers that nobody measured.
        sources: Of the others.
        steps: Of time.
        dimensions: 2: a wall; 3: a needle or a leaf.
    """

    cell: str
    ended: str
    time: float = quantity("time")
    time_to_short: float | None = quantity("time", default=None)
    depth: float = quantity("length", default=0.0)
    speed: float = quantity("speed", default=0.0)
    pressure: float = quantity("pressure", default=0.0)
    overpotential: float = quantity("potential", default=0.0)
    critical_overpotential: float = quantity("potential", default=0.0)
    share: float = quantity("fraction", default=0.0)
    focusing: float = quantity("number", default=0.0)
    length: float = quantity("length", default=0.0)
    in_boundaries: float | None = quantity("fraction", default=None)
    grain_size: float | None = quantity("length", default=None)
    porosity: float = quantity("fraction", default=0.0)
    flaw_size: float = quantity("length", default=0.0)
    thickness: float = quantity("length", default=0.0)
    spacing: float = quantity("length", default=0.0)
    current_density: float = quantity("current_density", default=0.0)
    balance: float = quantity("number", default=0.0)
    toughness_ratio: float = quantity("number", default=0.0)
    contact: float = quantity("number", default=1.0)
    stored: float | None = quantity("fraction", default=None)
    cracked: float | None = quantity("fraction", default=None)
    dissipated: float | None = quantity("fraction", default=None)
    left_in_pores: float = quantity("fraction", default=0.0)
    temperature: float = quantity("temperature", default=298.15)
    assumed: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    steps: int = 0
    dimensions: int = 2


@dataclass(frozen=True, eq=False)
class Film:
    """Frames of a run, for a figure.

    Args:
        grid: The cells of a plane.
        times: s.
        lithium: Share of each cell that is metal, for each time.
        potential: V, for each time.
        boundaries: Cells that touch a grain boundary; None: there are none.
        pores, inclusions: Share of each cell.
    """

    grid: Grid
    times: tuple[float, ...]
    lithium: tuple[Field, ...]
    potential: tuple[Field, ...]
    boundaries: np.ndarray | None = None
    pores: Field | None = None
    inclusions: Field | None = None


def filament(
    setup: FilamentSetup,
    *,
    checkpoint: Path | None = None,
    resume: bool = False,
    progress: Progress = silent,
    frames: int = 20,
) -> tuple[FilamentResult, Film]:
    """Run it to a short or to the end of the time.

    Args:
        setup: What is simulated.
        checkpoint: An HDF5 file that holds the whole state now and then.
        resume: Go on from it.
        progress: Told thousandths of the way.
        frames: Kept at most, evenly over the steps.
    """
    process = setup.process()
    seen: list[FilamentState] = []
    course = march(
        process,
        checkpoints=None if checkpoint is None else Checkpoints(checkpoint),
        resume=resume,
        progress=progress,
        seen=_keeper(seen, frames),
    )
    if seen[-1].time < course.state.time:
        seen.append(course.state)
    return (
        _result(setup, process, course.state, course.table, course.ended),
        _film(setup, process, seen),
    )


def _film(setup: FilamentSetup, process: Filament, seen: Sequence[FilamentState]) -> Film:
    """In space, of the plane in which the flaw lies."""
    grid, plane = setup.grid, 0
    if grid.dimensions == 3:
        plane = int(np.argmax(setup.flaws().sum(axis=(0, 2))))
        grid = Grid(grid.shape[::2], grid.spacing[::2], grid.periodic[::2])

    def seen_from(values: np.ndarray) -> np.ndarray:
        return values if values.ndim == 2 else values[:, plane]

    return Film(
        grid,
        tuple(state.time for state in seen),
        tuple(seen_from(process.metal(state.crack)) for state in seen),
        tuple(seen_from(state.potential) for state in seen),
        None if setup.grains is None else seen_from(setup.grains.beside()),
        seen_from(setup.made.share(Phase.PORE)) if setup.porous else None,
        seen_from(setup.made.share(Phase.IMPURITY)) if setup.impure else None,
    )


def _keeper(kept: list[FilamentState], most: int) -> Callable[[FilamentState], None]:
    """Keeps states evenly, and never more than twice as many as wanted."""
    every, count = 1, 0

    def keep(state: FilamentState) -> None:
        nonlocal every, count
        if count % every == 0:
            kept.append(state)
        count += 1
        if len(kept) > 2 * most:
            del kept[1::2]
            every *= 2

    return keep


def _result(
    setup: FilamentSetup, process: Filament, state: FilamentState,
    table: Mapping[str, np.ndarray], ended: str,
) -> FilamentResult:  # fmt: skip
    depth, time = table["depth"], table["time"]
    moving = np.diff(depth) > 1e-3 * setup.grid.spacing[0]
    spent = float(np.diff(time)[moving].sum())
    deposit = state.plated + state.volume - float(table["volume"][0])
    wanted = process.lithium.per_charge * state.charge
    pressure, metal = float(table["pressure"].max()), process.metal(state.crack)
    stored, cracked, dissipated = shares_of_work(table)
    return FilamentResult(
        cell=str(setup.interface),
        ended=ended,
        time=state.time,
        time_to_short=state.time if ended == "short" else None,
        depth=state.depth,
        speed=float(np.diff(depth)[moving].sum()) / spent if spent else 0.0,
        pressure=pressure,
        overpotential=setup.overpotential,
        critical_overpotential=setup.critical_overpotential,
        share=float(table["share"].max()),
        focusing=float(table["focus"].max()),
        length=process.length,
        in_boundaries=_inside(setup, process, state),
        grain_size=None if setup.grains is None else setup.grains.intercept(),
        porosity=setup.made.report().porosity if setup.porous else 0.0,
        flaw_size=setup.number("flaw_size"),
        thickness=setup.thickness,
        spacing=setup.grid.spacing[0],
        current_density=setup.conditions.current_density,
        balance=deposit / wanted - 1.0 if wanted else 0.0,
        toughness_ratio=pressure / setup.critical_pressure,
        contact=float(sum(area.sum() for area in process.surfaces(metal))) / process.face,
        stored=stored,
        cracked=cracked,
        dissipated=dissipated,
        left_in_pores=process.in_pores(metal, state.volume) / wanted if wanted else 0.0,
        temperature=setup.conditions.temperature,
        assumed=setup.assumed,
        sources=setup.sources,
        steps=len(time) - 1,
        dimensions=setup.dimensions,
    )


def shares_of_work(
    table: Mapping[str, np.ndarray],
) -> tuple[float, float, float] | tuple[None, None, None]:
    """Elastic, surface and lost energy over the work of the lithium, the integral of p dV.

    Args:
        table: `pressure`, `volume`, `elastic` and `surface` over the steps.

    A crack that does not move stores all of it:

    >>> pressure = np.array([0.0, 1.0, 2.0])
    >>> still = {"pressure": pressure, "volume": pressure, "elastic": 0.5 * pressure**2}
    >>> shares_of_work(still | {"surface": np.ones(3)})
    (1.0, 0.0, 0.0)
    """
    pressure = table["pressure"]
    between = 0.5 * (pressure[1:] + pressure[:-1])
    work = float((between * np.diff(table["volume"])).sum())
    if work <= 0.0:
        return None, None, None
    stored, cracked = (float(table[k][-1] - table[k][0]) / work for k in ("elastic", "surface"))
    return stored, cracked, 1.0 - stored - cracked


def _inside(setup: FilamentSetup, process: Filament, state: FilamentState) -> float | None:
    """Share of the new crack's middle that lies beside boundaries."""
    if setup.grains is None:
        return None
    new = (state.crack > 0.95) & (process.flaws < 0.5)
    if not new.any():
        return None
    return float(setup.grains.beside()[new].mean())
