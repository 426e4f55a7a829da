"""Which numbers carry the time to a short: one at a time, the others as they are."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.result import Result, quantity
from anolyte.studies.filament_setup import FilamentSetup
from anolyte.studies.filaments import filament

LEVERS = {
    "current": "current density",
    "resistance": "resistance of charge transfer",
    "flaw": "depth of the flaw",
    "toughness": "fracture toughness",
    "conductivity": "ionic conductivity",
    "boundary_toughness": "toughness of grain boundaries",
    "boundary_share": "resistance of grain boundaries",
    "pores": "share of pores",
    "inclusions": "share of inclusions",
    "temperature": "temperature, 20 K less and more",
}
WARMER = 20.0
"""K: a temperature is not multiplied."""


@dataclass(frozen=True)
class Effect(Result):
    """What one number does to the answer while the others stay.

    Args:
        name: Of the number.
        factor: By which it is divided and multiplied.
        less, as_is, more: Time to a short, s; None: it did not come to it, or could not be asked.
        refused: Why one of them could not be asked: cells too coarse for a shallower flaw, no cell
            with a deeper one.
    """

    name: str
    factor: float = quantity("number")
    less: float | None = quantity("time", default=None)
    as_is: float | None = quantity("time", default=None)
    more: float | None = quantity("time", default=None)
    refused: str = ""


@dataclass(frozen=True)
class Effects(Result):
    """Which numbers carry the answer.

    Args:
        cell: In words.
        until: s, how long each run lasted at most.
        effects: One for each number.
    """

    cell: str
    until: float = quantity("time")
    effects: tuple[Effect, ...] = ()


def one_at_a_time(
    setup: FilamentSetup,
    names: tuple[str, ...] = (),
    factor: float = 1.5,
    progress: Progress = silent,
) -> Effects:
    """Time to a short with each number divided and multiplied by a factor.

    Args:
        setup: As it is.
        names: Of `LEVERS`; all that the setup has.
        factor: Above one.
        progress: Told after each run.

    Raises:
        DataError: The setup itself cannot be run.
    """
    chosen = names or tuple(name for name in LEVERS if _there(setup, name))
    done, total = 0, 1 + 2 * len(chosen)

    def short(changed: FilamentSetup, name: str) -> tuple[float | None, str]:
        nonlocal done
        why, time = "", None
        try:
            time = filament(changed, frames=1)[0].time_to_short
        except DataError as error:
            why = str(error)
        done += 1
        progress(done, total, name)
        return time, why

    middle, why = short(setup, "as it is")
    if why:
        raise DataError(why)
    found = []
    for name in chosen:
        (less, below), (more, above) = (
            short(_scaled(setup, name, part), LEVERS[name]) for part in (1.0 / factor, factor)
        )
        found.append(Effect(LEVERS[name], factor, less, middle, more, below or above))
    return Effects(str(setup.interface), setup.until, tuple(found))


def _there(setup: FilamentSetup, name: str) -> bool:
    """Whether a setup has what a number is of."""
    if "boundary" in name:
        return setup.grain_size is not None
    return name not in ("pores", "inclusions") or getattr(setup, name) > 0.0


def _scaled(setup: FilamentSetup, name: str, factor: float) -> FilamentSetup:
    """The setup with one number changed."""
    if name == "temperature":
        warmer = setup.conditions.temperature + math.copysign(WARMER, factor - 1.0)
        return replace(setup, conditions=replace(setup.conditions, temperature=warmer))
    if name == "current":
        density = setup.conditions.current_density * factor
        return replace(setup, conditions=replace(setup.conditions, current_density=density))
    known = {"flaw": "flaw_size", "toughness": "fracture_toughness",
             "conductivity": "ionic_conductivity"}  # fmt: skip
    if name == "resistance":
        held = setup.thermal / setup.number("exchange_current_density")
    elif name in known:
        held = setup.number(known[name])
    else:
        held = setup.or_guess(name)
    return replace(setup, **{name: held * factor})
