"""Voids under lithium that is stripped, resolved in two dimensions, from the names of a cell.

Numbers come from the library, with their sources; what nobody measured is assumed, and the answer
names it. How fast voids close is contested: creep, vacancies and motion along walls are switched
one by one, and the effects of each are told beside the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from anolyte.core.progress import Progress, silent
from anolyte.core.result import Result, quantity
from anolyte.core.units import FARADAY
from anolyte.laws.constriction import Stripes
from anolyte.laws.voids import HyperbolicLoss
from anolyte.models.field.void import StrippedFace, VoidState
from anolyte.numerics.grid import Field, Grid
from anolyte.studies.field_void_setup import StripSetup, round_voids
from anolyte.studies.march import Checkpoints, march

SHARP = 0.1
"""Mean of 4a(1 - a) over the columns below which contact is all or nothing."""
FACTOR = 1.5
WARMER = 20.0
"""K: a temperature is not multiplied."""


@dataclass(frozen=True)
class StripResult(Result):
    """How voids grew.

    Args:
        cell: In words.
        ended: `time`, `contact`, `metal`, or empty where it was stopped.
        time: s, of the model.
        contact_at_start, contact: Contact fraction.
        half_lost: s, until the contact was half of that at the beginning; None: it did not come
            to it.
        overpotential_at_start, overpotential: V, between metal and counter electrode, positive.
        widest, deepest: m, of the voids in the end.
        void_volume: m3/m2, of voids for each area.
        device_contact: Contact fraction that the model of the device has for this volume.
        constriction: ohm m2, what crowding costs in the electrolyte, greatest while columns touch
            wholly or not at all.
        stripes: ohm m2, the closed form for stripes with the contact fraction of that time; None:
            contact was never so sharp.
        focusing: Current density beside the widest void over the mean, greatest.
        length: m, over which it is averaged.
        diffused, crept, sunk: Shares of the stripped lithium that diffusion, creep and sinking of
            the whole metal made up for.
        balance: Stripped lithium that was not found, relative.
        current_density: A/m2; positive strips.
        pressure: Pa.
        temperature: K.
        period, spacing: m, of the field and of its cells.
        steps: Of time.
        assumed: Numbers that nobody measured.
        sources: Of the others.
    """

    cell: str
    ended: str
    time: float = quantity("time")
    contact_at_start: float = quantity("fraction", default=1.0)
    contact: float = quantity("fraction", default=1.0)
    half_lost: float | None = quantity("time", default=None)
    overpotential_at_start: float = quantity("potential", default=0.0)
    overpotential: float = quantity("potential", default=0.0)
    widest: float = quantity("length", default=0.0)
    deepest: float = quantity("length", default=0.0)
    void_volume: float = quantity("length", default=0.0)
    device_contact: float = quantity("fraction", default=1.0)
    constriction: float = quantity("area_resistance", default=0.0)
    stripes: float | None = quantity("area_resistance", default=None)
    focusing: float = quantity("number", default=1.0)
    length: float = quantity("length", default=0.0)
    diffused: float = quantity("fraction", default=0.0)
    crept: float = quantity("fraction", default=0.0)
    sunk: float = quantity("fraction", default=0.0)
    balance: float = quantity("number", default=0.0)
    current_density: float = quantity("current_density", default=0.0)
    pressure: float = quantity("pressure", default=0.0)
    temperature: float = quantity("temperature", default=298.15)
    period: float = quantity("length", default=0.0)
    spacing: float = quantity("length", default=0.0)
    steps: int = 0
    assumed: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class VoidFilm:
    """Frames and the course of a run, for a figure.

    Args:
        grid: Of the electrolyte.
        times: s, of the frames.
        gaps: m, in each column, for each of them.
        currents: A/m2, in each column, positive where stripped.
        potentials: V against the metal.
        table: A number for each step, by name.
    """

    grid: Grid
    times: tuple[float, ...]
    gaps: tuple[Field, ...]
    currents: tuple[Field, ...]
    potentials: tuple[Field, ...]
    table: dict[str, np.ndarray]


def strip(
    setup: StripSetup,
    *,
    checkpoint: Path | None = None,
    resume: bool = False,
    progress: Progress = silent,
    frames: int = 20,
) -> tuple[StripResult, VoidFilm]:
    """Strip to the end of the time, or until contact is lost.

    Args:
        setup: What is simulated.
        checkpoint: An HDF5 file that holds the whole state now and then.
        resume: Go on from it.
        progress: Told thousandths of the way.
        frames: Kept at most, evenly over the steps.
    """
    process = setup.process()
    seen: list[VoidState] = []
    course = march(
        process, checkpoints=None if checkpoint is None else Checkpoints(checkpoint),
        resume=resume, progress=progress, seen=seen.append,
    )  # fmt: skip
    picked = np.unique(np.linspace(0, len(seen) - 1, min(frames, len(seen))).astype(int))
    kept = [seen[k] for k in picked]
    film = VoidFilm(
        setup.grid, tuple(s.time for s in kept), tuple(s.gap for s in kept),
        tuple(-s.current for s in kept), tuple(s.potential for s in kept), course.table,
    )  # fmt: skip
    return _result(setup, process, course.state, course.table, course.ended), film


def _result(
    setup: StripSetup, process: StrippedFace, state: VoidState,
    table: dict[str, np.ndarray], ended: str,
) -> StripResult:  # fmt: skip
    moved = abs(state.charge) * process.molar_volume / FARADAY or 1.0
    contact, volts = table["contact"], np.abs(table["counter"]) + setup.beyond
    # A closed form is of contacts that end at once: asked while columns touch wholly or not at all.
    sharp = table["blur"] < SHARP
    worst = int(np.argmax(np.where(sharp, table["constriction"], -np.inf)))
    touching = float(contact[worst]) if sharp.any() else None
    return StripResult(
        cell=str(setup.interface), ended=ended, time=state.time,
        contact_at_start=float(contact[0]), contact=float(contact[-1]),
        half_lost=fallen(table["time"], contact, 0.5 * float(contact[0])),
        overpotential_at_start=float(volts[0]), overpotential=float(volts[-1]),
        widest=float(table["widest"][-1]), deepest=float(table["deepest"][-1]),
        void_volume=process.volume(state) / setup.period,
        device_contact=float(
            HyperbolicLoss(setup.number("void_depth"))(process.volume(state) / setup.period)
        ),
        constriction=float(table["constriction"][worst]),
        stripes=None if touching is None
        else float(Stripes(setup.period, setup.conductivity)(touching)),
        focusing=float(table["focus"].max()), length=process.length,
        diffused=state.diffused / moved, crept=state.crept / moved,
        sunk=state.sunk / moved,
        balance=process.balance(state),
        current_density=setup.conditions.current_density,
        pressure=setup.conditions.stack_pressure, temperature=setup.conditions.temperature,
        period=setup.period, spacing=setup.grid.spacing[1], steps=len(contact) - 1,
        assumed=setup.assumed, sources=setup.sources,
    )  # fmt: skip


def fallen(times: Field, values: Field, level: float) -> float | None:
    """When values first fell to a level; None: they did not.

    >>> fallen(np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.8, 0.4]), 0.6)
    1.5
    """
    below = np.flatnonzero(values <= level)
    if not below.size:
        return None
    k = int(below[0])
    if k == 0:
        return float(times[0])
    share = (values[k - 1] - level) / (values[k - 1] - values[k])
    return float(times[k - 1] + share * (times[k] - times[k - 1]))


# --- what the answer hangs on -------------------------------------------------------------------


@dataclass(frozen=True)
class StripEffect(Result):
    """What one change does to the contact in the end.

    Args:
        name: Of the change.
        contact: Contact fraction.
        half_lost: s; None: it did not come to it.
        overpotential: V.
    """

    name: str
    contact: float = quantity("fraction")
    half_lost: float | None = quantity("time", default=None)
    overpotential: float = quantity("potential", default=0.0)


@dataclass(frozen=True)
class StripEffects(Result):
    """What each of some changes does, one at a time.

    Args:
        cell: In words.
        until: s, how long each run lasted at most.
        effects: One for each change; the first is none.
    """

    cell: str
    until: float = quantity("time")
    effects: tuple[StripEffect, ...] = ()


def changes(setup: StripSetup) -> dict[str, StripSetup]:
    """The setup with one thing changed at a time, and on cells half as large."""
    at = setup.conditions
    density, pressure, warm = at.current_density, at.stack_pressure, at.temperature
    supply = setup.supply

    def under(**new: float) -> StripSetup:
        return replace(setup, conditions=replace(at, **new))

    return {
        "as it is": setup,
        "current x 1.5": under(current_density=FACTOR * density),
        "current / 1.5": under(current_density=density / FACTOR),
        "pressure x 1.5": under(stack_pressure=FACTOR * pressure),
        "pressure / 1.5": under(stack_pressure=pressure / FACTOR),
        "20 K warmer": under(temperature=warm + WARMER),
        "20 K colder": under(temperature=warm - WARMER),
        "no diffusion": replace(setup, supply=replace(supply, vacancies=False)),
        "no creep": replace(setup, supply=replace(supply, creep=None)),
        "round voids": replace(setup, supply=replace(supply, creep=round_voids)),
        "metal sinks as a whole": replace(setup, supply=replace(supply, sinks=True)),
        "face touches twice as deep": replace(setup, touch=2.0 * setup.touch),
        "cells half as large": replace(setup, cells=2 * setup.cells),
    }


def one_at_a_time(setup: StripSetup, progress: Progress = silent) -> StripEffects:
    """The answers of the setup and of each changed one.

    Args:
        setup: As it is.
        progress: Told after each run.
    """
    asked, found = changes(setup), []
    for name, changed in asked.items():
        progress(len(found), len(asked), name)
        result, _ = strip(changed, frames=1)
        found.append(StripEffect(name, result.contact, result.half_lost, result.overpotential))
    progress(len(asked), len(asked), "")
    return StripEffects(str(setup.interface), setup.until, tuple(found))
