"""What the device model says of a measured record, without having seen it.

Each predictor takes the record's cell (`device_cells`), runs draws of its parameters and of what
the paper leaves open, and tells the best value with the interval of four draws in five. A record
from a paper that fed a number of the cell is its input, not a prediction.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from anolyte.core.errors import MissingProperty
from anolyte.core.units import show
from anolyte.laws.law import outside
from anolyte.materials import library, references
from anolyte.materials.pairs import spread
from anolyte.materials.protocol import Protocol, Step, cycling
from anolyte.materials.records import Record
from anolyte.materials.stack import Interface
from anolyte.models.cell import engine
from anolyte.models.cell.assembly import Assembly
from anolyte.models.cell.contact import held
from anolyte.studies.validate.device_cells import (
    DRAWS,
    Setting,
    Span,
    assembled,
    drawn,
    fed,
    leans,
    setting,
)
from anolyte.studies.validate.predictions import Prediction, Predictor

LOW, HIGH = 0.1, 0.9
"""Percentiles of the draws between which a measured value is expected four times out of five."""
HOUR = 3600.0
OPEN_HALF_CYCLES = (0.5 * HOUR, HOUR, 2.0 * HOUR)
LEVELS = np.geomspace(0.1, 300.0, 36)
"""A/m2 of the ramp; each level is a quarter above the last."""
OPEN_THICKNESS = (0.2e-3, 0.5e-3, 1.0e-3)
CYCLES = 60
LATER = tuple(h * HOUR for h in (300.0, 1000.0, 3000.0, 10_000.0))
"""s at which a cell that lasts is looked at again; the last is the longest life told."""
TINY = 1e-2

Answer = Callable[[Record, Setting, Assembly], Prediction]


def _asked(answer: Answer) -> Callable[[Record], Prediction | None]:
    """An answer from a record's cell as a predictor, with what it assumes and rests on."""

    def predict(record: Record) -> Prediction | None:
        where = setting(record)
        cell = assembled(where.interface, where.temperature, where.pressure)
        if where.own or leans(record, fed(cell)):
            return None
        found = answer(record, where, cell)
        basis = [name.removeprefix("Li: ") for name in cell.basis]
        notes = [*where.notes, *([found.note] if found.note else [])]
        if basis:
            notes.append(f"assumed or recalled: {', '.join(basis)}")
        stated = where.pressure[0] == where.pressure[2]
        beyond = outside(cell.device.faces[0].voids, pressure=where.pressure[1]) if stated else ()
        hot = any("range of its law" in w for w in cell.warnings)
        return replace(
            found,
            note="; ".join([*notes, *beyond]),
            in_range=found.in_range and not (beyond or hot),
        )

    return predict


def _interval(values: Any, best: float, note: str = "") -> Prediction:
    low, high = np.quantile(values, [LOW, HIGH])
    return Prediction(best, float(min(low, best)), float(max(high, best)), note=note)


_STRIPPING = re.compile(r"critical current of stripping|voids .*begin|onset of void|"
                        r"stripping of lithium", re.IGNORECASE)  # fmt: skip


def of_stripping(record: Record) -> bool:
    """Whether a critical current is the onset of voids, not the end of a ramp."""
    return bool(_STRIPPING.search(record.protocol))


def critical_current(record: Record, where: Setting, cell: Assembly) -> Prediction:
    """Current that a ramp of draws carries, or the onset of voids where that was measured."""
    if of_stripping(record):
        limits = stripping_limit(cell, where)
        return _interval(limits, float(limits[0]), "onset of voids")
    charge = record.areal_capacity.si if record.areal_capacity else None
    if charge is not None:
        reached = carried(where, charge=charge)
        return _interval(reached, float(reached[0]))
    reached = [carried(where, t) for t in OPEN_HALF_CYCLES]
    pooled = np.concatenate([reached[0], reached[2]])
    return _interval(pooled, float(reached[1][0]), "half cycles of 0.5 to 2 h assumed")


def stripping_limit(cell: Assembly, where: Setting) -> np.ndarray[Any, Any]:
    """Current density that is stripped without a growing void, A/m2, one a draw."""
    law: Any = cell.device.faces[0].voids
    return np.broadcast_to(law.limit(drawn(where.pressure), where.temperature), DRAWS)


@lru_cache(maxsize=512)
def _carried(
    interface: Interface, temperature: float, pressure: Span, half: float, charge: float | None
) -> np.ndarray[Any, Any]:
    steps = [
        Step(sign * float(j), duration=half if charge is None else charge / float(j), cycle=k)
        for k, j in enumerate(LEVELS) for sign in (1.0, -1.0)
    ]  # fmt: skip
    cell = assembled(interface, temperature, pressure)
    cells = engine.start(cell.device, drawn(pressure), temperature, 1.0, DRAWS)
    engine.simulate(cell.device, Protocol(tuple(steps)), cells, keep=False, nodes=6)
    below = np.concatenate([[0.5 * LEVELS[0]], LEVELS])  # what was carried before each level
    return below[np.where(cells.end_cycle < 0, LEVELS.size, cells.end_cycle)]


def carried(where: Setting, half_cycle: float = HOUR, charge: float | None = None) -> Any:
    """Highest current density of a ramp that each draw carries, A/m2.

    Args:
        where: The cell.
        half_cycle: Time of a half cycle, s; or
        charge: its charge, C/m2.
    """
    half = HOUR if charge is not None else half_cycle
    return _carried(where.interface, where.temperature, where.pressure, half, charge)


_BOTH = re.compile(r"one (?:or both interfaces|interface or for both)|per interface or both")


def face_resistance(record: Record, where: Setting, cell: Assembly) -> Prediction:
    """Area resistance of one face after an hour under the pressure."""
    total = held(cell, drawn(where.pressure), where.temperature, DRAWS)["total"]
    found = _interval(total, float(total[0]), "one face after 1 h under the pressure")
    if _BOTH.search(record.note):
        found = replace(found, high=2.0 * found.high, note=f"{found.note}; paper may count both")
    return found


def polarised(cell: Assembly, where: Setting, current: float, age: float) -> Any:
    """Voltage of a cell just after a current is switched on, one a draw, V.

    Args:
        cell: Of draws; its thickness is drawn as well.
        where: Its conditions.
        current: A/m2.
        age: Rest before, s.
    """
    thick = replace(cell.device.bulk, thickness=drawn(OPEN_THICKNESS))
    device = replace(cell.device, bulk=thick)
    cells = engine.start(device, drawn(where.pressure), where.temperature, 1.0, DRAWS)
    steps = (Step(0.0, duration=age), Step(current, duration=1.0))
    outcome = engine.simulate(device, Protocol(steps), cells, nodes=3)
    return np.abs(outcome.pieces[-1].voltage[:, -1])


_THICKNESS = "electrolyte of 0.2 to 1 mm assumed"


def cell_resistance(record: Record, where: Setting, cell: Assembly) -> Prediction:
    """Area resistance of both faces and the electrolyte."""
    total = polarised(cell, where, TINY, HOUR) / TINY
    return _interval(total, float(total[0]), _THICKNESS)


def overpotential(record: Record, where: Setting, cell: Assembly) -> Prediction:
    """Voltage of a cell at a current."""
    if record.current is None or record.current.kind != "current_density":
        raise MissingProperty("the current is not stated")
    age = record.duration.si if record.duration else HOUR
    seen = polarised(cell, where, record.current.si, age)
    return _interval(seen, float(seen[0]), _THICKNESS)


def life(record: Record, where: Setting, cell: Assembly) -> Prediction:
    """Time until a cell fails in cycling."""
    if record.current is None or record.current.kind != "current_density":
        raise MissingProperty("the current is not stated")
    half, note = HOUR, "half cycles of 1 h assumed"
    if record.areal_capacity is not None:
        half, note = record.areal_capacity.si / abs(record.current.si), ""
    lives = lasted(where, abs(record.current.si), half)
    if lives[0] >= LATER[-1]:
        note = f"{note}; no end within {show(LATER[-1], 'time')}".lstrip("; ")
    return _interval(lives, float(lives[0]), note)


def lasted(where: Setting, current: float, half_cycle: float) -> Any:
    """Time until each draw fails in cycling, s; cells that last are followed to `LATER`.

    Sixty cycles are carried through; after them only the interphase and the penetration of pores
    go on, and two cycles at each of the later times show what they do.
    """
    return _lasted(where.interface, where.temperature, where.pressure, current, half_cycle)


@lru_cache(maxsize=256)
def _lasted(
    interface: Interface, temperature: float, pressure: Span, current: float, half: float
) -> Any:
    protocol = cycling(current, time=half, cycles=CYCLES)
    done = protocol.duration
    for until in LATER:
        if until > done:
            protocol = protocol + Protocol((Step(0.0, duration=until - done),))
            protocol = protocol + cycling(current, time=half, cycles=2)
            done = until
    cell = assembled(interface, temperature, pressure)
    cells = engine.start(cell.device, drawn(pressure), temperature, 1.0, DRAWS)
    engine.simulate(cell.device, protocol, cells, keep=False, nodes=4)
    return np.minimum(np.where(cells.ended < 0, LATER[-1], cells.end_time), LATER[-1])


def interphase(record: Record, where: Setting, cell: Assembly) -> Prediction:
    """Thickness or charge of an interphase after a time at rest."""
    if record.duration is None:
        raise MissingProperty("the time is not stated")
    if "growth constant" not in cell.used:
        raise MissingProperty("no growth of an interphase is known for this pair")
    laws = cell.device.faces[0]
    thickness = laws.growth(record.duration.si, where.temperature) + np.zeros(DRAWS)
    if record.quantity == "interphase_charge":
        if "interphase volume per charge" not in cell.used:
            raise MissingProperty("no volume of the interphase per charge is known")
        thickness = thickness / laws.volume_per_charge
    return _interval(thickness, float(thickness[0]))


_UPPER = re.compile(r"upper limit|short circuit on pressing", re.IGNORECASE)


def stack_pressure(record: Record, where: Setting, cell: Assembly) -> Prediction:
    """The pressure at which the limit of stripping is the current: its law, solved."""
    if _UPPER.search(f"{record.note} {record.protocol}"):
        raise MissingProperty("an upper limit of pressure, not the pressure that contact needs")
    if record.current is None or record.current.kind != "current_density":
        raise MissingProperty("the current is not stated")
    found = needed_pressure(cell, where.temperature, abs(record.current.si))
    return _interval(found, float(found[0]))


def needed_pressure(cell: Assembly, temperature: float, current: float) -> Any:
    """Stack pressure that keeps voids closed at a current, Pa, one a draw."""
    law: Any = cell.device.faces[0].voids
    free = law.limit(0.0, temperature)
    slope = law.limit(1e6, temperature) - free
    return 1e6 * np.maximum((current - free) / slope, 0.0) ** (1.0 / law.exponent)


SMALL_LOADS = (0.05e6, 0.5e6)
"""Pa between which the slope of a resistance against pressure is taken."""


def pressure_exponent(record: Record) -> Prediction | None:
    """Slope of a face's resistance against the pressure just after pressing on."""
    metal = replace(record, anode=record.anode or "Li")
    where = setting(metal)
    ends = []
    for pressure in SMALL_LOADS:
        cell = assembled(where.interface, where.temperature, (pressure,) * 3)
        if leans(record, fed(cell)):
            return None
        ends.append(pressed_on(cell, where.temperature))
    slopes = np.log(ends[1] / ends[0]) / np.log(SMALL_LOADS[1] / SMALL_LOADS[0])
    return _interval(slopes, float(slopes[0]), "just pressed on; after an hour contact is complete")


def pressed_on(cell: Assembly, temperature: float) -> Any:
    """Area resistance of the named face at once, before anything closes, ohm m2, one a draw."""
    face = cell.device.faces[0]
    kappa = cell.device.bulk.conductivity(temperature)
    share = np.clip(face.attached + np.zeros(DRAWS), 1e-3, 1.0)
    return (
        face.transfer.resistance(share, temperature)
        + face.constriction(share, kappa)
        + face.layers(temperature)
    )


# --- laws of the metal and of gas ---------------------------------------------------------------


def _creep(name: str) -> Callable[[Record], Prediction | None]:
    def predict(record: Record) -> Prediction | None:
        metal = library.default().anode("Li")
        value = metal.need(name)
        if leans(record, frozenset({references.paper(value.source.key)})):
            return None
        if record.anode != metal.name:
            raise MissingProperty("creep is known of lithium only")
        best = value.si
        if name == "creep_rate":
            best = float(best * _stress(record) ** metal.need("creep_exponent").si)
        width = np.exp(1.2816 * spread(value))  # 80 % of a log-normal
        return Prediction(best, best / width, best * width)

    return predict


def _stress(record: Record) -> float:
    if record.stack_pressure is None:
        raise MissingProperty("the stress is not stated")
    return record.stack_pressure.si / 1e6


def gas(record: Record) -> Prediction:
    """Nothing: how far a reaction goes has no law."""
    raise MissingProperty(
        "stoichiometry bounds the gas of a complete reaction; how far it goes has no law"
    )


DEVICE_PREDICTORS: tuple[Predictor, ...] = (
    Predictor("critical current density", "cell", ("critical_current_density",),
              _asked(critical_current), True),
    Predictor("interfacial resistance", "cell", ("interfacial_resistance",),
              _asked(face_resistance), True),
    Predictor("resistance of a cell", "cell", ("cell_resistance",), _asked(cell_resistance),
              True),
    Predictor("overpotential of a cell", "cell", ("overpotential",), _asked(overpotential), True),
    Predictor("life of a symmetric cell", "cell", ("symmetric_cell_life",), _asked(life), True),
    Predictor("growth of interphases", "cell", ("interphase_charge", "interphase_thickness"),
              _asked(interphase), True),
    Predictor("stack pressure that contact needs", "cell", ("critical_stack_pressure",),
              _asked(stack_pressure), True),
    Predictor("resistance against pressure", "contact", ("pressure_exponent",),
              pressure_exponent),
    Predictor("stress exponent of creep", "creep", ("creep_exponent",), _creep("creep_exponent")),
    Predictor("creep rate", "creep", ("creep_rate",), _creep("creep_rate"), True),
    Predictor("gas", "gas", ("gas_per_mass",), gas, True),
)  # fmt: skip
