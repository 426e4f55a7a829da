"""What a cell does over temperature, and what first plating does over its charge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import KINDS, habitual, show
from anolyte.laws.conduction import conductivity
from anolyte.laws.plating import Deposit, PlanarPlating
from anolyte.laws.plating_losses import Cycled, LithiumInventory, PlatingCycle
from anolyte.materials.protocol import Protocol, Step
from anolyte.models.cell import build
from anolyte.models.cell.faces import Array
from anolyte.models.temperature import Temperature
from anolyte.studies.levers.known import ON_COLLECTOR, Islands
from anolyte.studies.levers.run import DRAWS, HOUR, Batch, fine_ramp

if TYPE_CHECKING:
    from anolyte.studies.cell import Cell


def _columns(result: Any) -> list[dict[str, Any]]:
    """The series of a result side by side, in habitual units."""
    series = {
        f"{name} [{KINDS[kind].label}]": [habitual(v, kind) for v in getattr(result, name)]
        for name, f in type(result).__dataclass_fields__.items()
        if (kind := f.metadata.get("kind"))
    }
    return [dict(zip(series, row, strict=True)) for row in zip(*series.values(), strict=True)]


@dataclass(frozen=True)
class TemperatureSweep(Result):
    """A cell from cold to warm.

    Args:
        conductivity: Of the electrolyte, S/m.
        fresh, face, whole: Area resistance of the fresh face, and of the face and the whole cell
            after an hour at rest, ohm m2.
        critical: Highest level of the ramp carried, best values, A/m2.
        low, high: 10th and 90th percentile of the draws.
        doubts: At each temperature, what lies outside a range or above a limit; empty: nothing.
    """

    cell: str
    temperature: tuple[float, ...] = quantity("temperature")
    conductivity: tuple[float, ...] = quantity("conductivity")
    fresh: tuple[float, ...] = quantity("area_resistance")
    face: tuple[float, ...] = quantity("area_resistance")
    whole: tuple[float, ...] = quantity("area_resistance")
    critical: tuple[float, ...] = quantity("current_density")
    low: tuple[float, ...] = quantity("current_density")
    high: tuple[float, ...] = quantity("current_density")
    doubts: tuple[str, ...] = ()
    draws: int = DRAWS
    rests_on: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[None] = None

    def rows(self) -> list[dict[str, Any]]:
        """One row a temperature."""
        return [row | {"doubts": d} for row, d in zip(_columns(self), self.doubts, strict=True)]


CELSIUS = tuple(273.15 + t for t in range(0, 81, 10))


def temperature_sweep(
    cell: Cell,
    temperatures: Sequence[float] = CELSIUS,
    *,
    ramp: Protocol | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> TemperatureSweep:
    """Conductivity, resistances and critical current of a cell over temperature, in one batch.

    Args:
        cell: The cell; its own temperature does not count.
        temperatures: K.
        ramp: For the critical current; None: `fine_ramp()`.
        draws: Sets of parameters at each temperature; the first is the best values.
        seed: Of the draws.

    Raises:
        DataError: No draws, no temperature, or one that is not above absolute zero.
    """
    if draws < 1 or not temperatures or min(temperatures) <= 0.0:
        raise DataError("a temperature sweep needs one draw or more, and temperatures above 0 K")
    count, draw = len(temperatures), build.Draws(draws, seed)
    assembly = cell.assemble(pick=lambda name, value: np.tile(draw(name, value), count))
    kelvin = np.repeat(np.asarray(temperatures, dtype=float), draws)
    pressure = cell.conditions.stack_pressure
    batch = Batch(assembly.device, pressure, kelvin, kelvin.size)
    fresh, _ = batch.resistances(Protocol((Step(0.0, duration=1.0),)))
    face, whole = batch.resistances(Protocol((Step(0.0, duration=HOUR),)))
    reached = batch.critical(ramp or fine_ramp()).reshape(count, draws)
    low, high = np.quantile(reached, [0.1, 0.9], axis=1)

    def first(values: Array) -> tuple[float, ...]:
        return tuple(float(v) for v in values.reshape(-1, draws)[:, 0])

    electrolyte = cell.interface.electrolyte
    return TemperatureSweep(
        cell=f"{cell.interface}, {show(pressure, 'pressure')}",
        temperature=tuple(float(t) for t in temperatures),
        conductivity=tuple(conductivity(electrolyte, float(t)).value for t in temperatures),
        fresh=first(fresh), face=first(face), whole=first(whole), critical=first(reached),
        low=tuple(map(float, low)), high=tuple(map(float, high)),
        doubts=tuple(_heat_doubts(cell, float(t)) for t in temperatures),
        draws=draws, rests_on=assembly.basis, sources=assembly.sources,
    )  # fmt: skip


def _heat_doubts(cell: Cell, kelvin: float) -> str:
    """What lies outside its range at a temperature, in one line."""
    told = []
    if conductivity(cell.interface.electrolyte, kelvin).extrapolated:
        told.append(f"{cell.interface.electrolyte.name}: outside the range of its conductivity law")
    limits = Temperature()(cell.interface, replace(cell.conditions, temperature=kelvin)).limits
    told += [f"{x.material}: above {show(x.temperature, 'temperature')}" for x in limits
             if kelvin >= x.temperature]  # fmt: skip
    return "; ".join(told)


@dataclass(frozen=True)
class FirstPlating(Result):
    """Islands beside an even film on a bare collector, after one plating of each charge.

    Args:
        charge: C/m2.
        islands, film: Covered share of the collector.
        islands_efficiency, film_efficiency: Charge stripped over charge plated.
        side_charge: That the interphase took meanwhile, C/m2; zero where its growth is not known.
    """

    cell: str
    charge: tuple[float, ...] = quantity("areal_capacity")
    islands: tuple[float, ...] = quantity("fraction")
    film: tuple[float, ...] = quantity("fraction")
    islands_efficiency: tuple[float, ...] = quantity("fraction")
    film_efficiency: tuple[float, ...] = quantity("fraction")
    side_charge: tuple[float, ...] = quantity("areal_capacity")
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[None] = None

    def rows(self) -> list[dict[str, Any]]:
        """One row a charge."""
        return _columns(self)


CHARGES = tuple(float(q) for q in 3.6e4 * np.geomspace(1e-3, 5.0, 23))


def first_plating(
    cell: Cell,
    distance: float = 20e-6,
    islands: Islands = ON_COLLECTOR,
    charges: Sequence[float] = CHARGES,
) -> FirstPlating:
    """Coverage and Coulombic efficiency of one plating and stripping, against its charge.

    Args:
        cell: On a bare collector; its current density sets the time in which the interphase grows.
        distance: Of the islands, m.
        islands: Their contact angle, and what a strip cuts off.
        charges: C/m2.
    """
    assembly = cell.assemble()
    laws, kelvin = assembly.device.faces[0], cell.conditions.temperature
    volume = float(np.ravel(laws.molar_volume)[0])
    per = float(np.ravel(laws.volume_per_charge)[0])
    pace = abs(cell.conditions.current_density)

    def side(charge: float) -> float:
        """What the interphase takes while a charge is plated and stripped, C/m2."""
        grown = float(laws.growth(2.0 * charge / pace, kelvin))
        return min(grown / per, charge) if per > 0.0 else 0.0

    def cycled(deposit: Deposit) -> list[Cycled]:
        cycle = PlatingCycle(deposit, islands.isolation)
        return [next(cycle.run(LithiumInventory(q), q, [side(q)])) for q in charges]

    lone, even = cycled(islands.deposit(distance, volume)), cycled(PlanarPlating(volume))
    return FirstPlating(
        cell=str(cell.interface),
        charge=tuple(charges),
        islands=tuple(c.coverage for c in lone),
        film=tuple(c.coverage for c in even),
        islands_efficiency=tuple(c.efficiency for c in lone),
        film_efficiency=tuple(c.efficiency for c in even),
        side_charge=tuple(side(q) for q in charges),
        warnings=assembly.warnings,
        sources=assembly.sources,
    )
