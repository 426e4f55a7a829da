"""Half cells that were run, summed up for people: charge in and out, potentials, growth, stress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from anolyte.core.units import habitual, show
from anolyte.models.cell.run import Run

MET = 1e-5
"""V; so close to the voltage that is held it is met."""
PLATED = 1e-3
"""V vs Li/Li+; the potential of plated metal stays nearer to zero than this."""
OPENING = 0.005
"""Share of the charge at the start of a run that figures do not scale their axes by: an empty
host begins far above what it is cycled at."""
MOST_STEPS, MOST_CYCLES = 16, 12
"""Rows of a table in a terminal; of longer ones the beginning and the end are shown."""


def is_host(run: Run) -> bool:
    """Whether the named side holds its lithium inside, at a potential of its own.

    A full host may stand at zero; but its face is never quite full, as metal's and an alloy's is.
    """
    moves = any(abs(v) > PLATED for v in run.potential)
    return moves or max(run.face_lithium, default=1.0) < 1.0


def inside(run: Run) -> np.ndarray[Any, Any]:
    """Charge that has gone into the named side since the start, C/m2, at each time."""
    time, current = np.array(run.time), np.array(run.current_density)
    return np.concatenate([[0.0], -np.cumsum(np.diff(time) * current[1:])])


def settled(run: Run) -> np.ndarray[Any, Any]:
    """Which times lie after the opening of a run, by whose values axes are scaled."""
    passed = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(inside(run))))])
    most = float(passed[-1])
    return passed >= OPENING * most


def drawn(run: Run) -> np.ndarray[Any, Any]:
    """Which times figures show: of a held voltage only those at which it is met.

    A hold is a row of short stretches of constant current that meet the voltage once each.
    """
    current, steps, volts = (np.array(x) for x in (run.current_density, run.steps, run.voltage))
    shown = np.ones(steps.size, dtype=bool)
    for n in set(run.steps):
        own = steps == n
        if np.ptp(current[own]) > 0.0:
            shown[own] = np.abs(volts[own] - volts[own][-1]) < MET
            shown[np.flatnonzero(own)[-1]] = True
    return shown


@dataclass(frozen=True)
class Half:
    """Steps one after the other that all fill the host, or all empty it.

    Args:
        filling: Lithium goes in.
        charge: That has passed, C/m2.
        voltage, potential: Means over the charge: of the cell, and of the host vs Li/Li+, V.
        step: Number of the last of its steps.
    """

    filling: bool
    charge: float
    voltage: float
    potential: float
    step: int


def halves(run: Run) -> tuple[Half, ...]:
    """The half cycles of a run; rests between them count for nothing."""
    found: list[Half] = []
    moved = np.diff(inside(run))
    signs = np.sign(moved)
    busy = np.flatnonzero(signs)
    if not busy.size:
        return ()
    cuts = np.flatnonzero(np.diff(signs[busy])) + 1
    for part in np.split(busy, cuts):
        share = moved[part] / moved[part].sum()
        cell, host = (
            float(share @ (0.5 * (np.array(v)[part] + np.array(v)[part + 1])))
            for v in (run.voltage, run.potential)
        )
        charge, last = float(abs(moved[part].sum())), run.steps[int(part[-1]) + 1]
        found.append(Half(bool(signs[part[0]] > 0), charge, cell, host, last))
    return tuple(found)


def cycles(run: Run) -> list[tuple[Half, Half]]:
    """Each filling with the emptying after it; one in which the cell ended does not count."""
    broken = None if run.end is None else run.end.step
    found = [(a, b) for a, b in pairwise(halves(run)) if a.filling and not b.filling]
    return [(a, b) for a, b in found if broken not in (a.step, b.step)]


# --- rows for a terminal --------------------------------------------------------------------------


def numbers(run: Run) -> list[tuple[str, str]]:
    """What matters of a host: name and text."""
    rows: list[tuple[str, str]] = []
    found = halves(run)
    into = sum(h.charge for h in found if h.filling)
    out = sum(h.charge for h in found if not h.filling)
    if found:
        rows.append(("lithium in and out",
                     f"{_charge(into)} in, {_charge(out)} out"))  # fmt: skip
    if pairs := cycles(run):
        rows.append(("first-cycle efficiency", _efficiency(*pairs[0])))
        if len(pairs) > 1:
            rows.append(("last-cycle efficiency", _efficiency(*pairs[-1])))
        a, b = pairs[0]
        rows.append(
            ("mean potentials", f"{a.potential:.3f} V in, {b.potential:.3f} V out (vs Li/Li⁺); "
             f"hysteresis {1e3 * (b.potential - a.potential):.0f} mV, "
             f"{1e3 * (b.voltage - a.voltage):.0f} mV in the voltage of the cell")
        )  # fmt: skip
    rows.append(
        ("lithium at its face", f"{100 * min(run.face_lithium):.1f} to "
         f"{100 * max(run.face_lithium):.1f} % of full, "
         f"{100 * run.face_lithium[-1]:.1f} % at the end")
    )  # fmt: skip
    rows.append(("growth of the electrode", f"at most {_length(max(run.growth))}, "
                 f"{_length(run.growth[-1])} at the end"))  # fmt: skip
    if any(run.host_stress):
        least, most = min(run.host_stress), max(run.host_stress)
        rows.append(("stress in its plane", f"{show(least, 'pressure')} to "
                     f"{show(most, 'pressure')} (negative: pressed)"))  # fmt: skip
    return rows


def ended(run: Run) -> str:
    """What ended a half cell, and on which of its sides."""
    end = run.end
    if end is None:
        return "carried through to the end"
    told = f"ended by {end.kind} after {lasted(end.time)}"
    counter = end.kind == "crack" or run.counter_contact[-1] < run.contact[-1]
    return f"{told}, at the counter electrode" if counter else told


def _efficiency(into: Half, out: Half) -> str:
    share = 100.0 * out.charge / into.charge
    lost = into.charge - out.charge
    told = f"{share:.1f} % of {_charge(into.charge)}"
    return f"{told}; {_charge(lost)} stays inside" if lost > 5e-4 * into.charge else told


def cycle_rows(run: Run) -> list[tuple[str, ...]]:
    """A row a cycle, where there are several: charges, their quotient, mean potentials."""
    pairs = cycles(run)
    if len(pairs) < 2:
        return []
    rows = [
        (str(n + 1), f"{_plain(a.charge)}", f"{_plain(b.charge)}",
         f"{100.0 * b.charge / a.charge:.1f}", f"{a.potential:.3f}", f"{b.potential:.3f}",
         f"{1e3 * (b.potential - a.potential):.0f}",
         f"{_ended(run, a.step)}; {_ended(run, b.step)}")
        for n, (a, b) in enumerate(pairs)
    ]  # fmt: skip
    return _ends_of(rows, MOST_CYCLES)


CYCLE_HEAD = ("cycle", "in", "out", "%", "V in", "V out", "apart mV", "what ended them")


def step_rows(run: Run) -> list[tuple[str, ...]]:
    """A row a step: what was done, how long it lasted, what ended it."""
    rows: list[tuple[str, ...]] = []
    numbers_, time, begin = np.array(run.steps), np.array(run.time), 0.0
    spectra: tuple[Any, ...] = run.spectra
    for n in dict.fromkeys(run.steps):
        inside_ = np.flatnonzero(numbers_ == n)
        end = float(time[inside_[-1]])
        current = [run.current_density[int(k)] for k in inside_]
        what = "impedance" if any(abs(s.time - end) < 1.0 for s in spectra) else _done(current)
        rows.append((str(n + 1), what, lasted(end - begin), _ended(run, n),
                     f"{run.voltage[int(inside_[-1])]:.3f} V"))  # fmt: skip
        begin = end
    return _ends_of(rows, MOST_STEPS)


STEP_HEAD = ("step", "what", "lasted", "ended by", "at")


def _done(current: Sequence[float]) -> str:
    """What a step did, from its current."""
    last = current[-1]
    if not any(current):
        return "rested"
    verb = "lithiated" if sum(current) < 0.0 else "delithiated"
    most = habitual(max(map(abs, current)), "current_density")
    if max(current) - min(current) <= 1e-6 * abs(last):
        return f"{verb} at {show(abs(last), 'current_density')}"
    return f"held, {verb} at {most:.3g} to {show(abs(last), 'current_density')}"


def _ended(run: Run, step: int) -> str:
    """What ended a step, in a word."""
    found = [e.kind for e in run.events if e.step == step]
    return found[-1] if found else "its time or charge"


def _ends_of(rows: list[tuple[str, ...]], most: int) -> list[tuple[str, ...]]:
    """The first and the last of many rows."""
    if len(rows) <= most:
        return rows
    half = most // 2
    gap = ("...", *("" for _ in rows[0][1:]))
    return [*rows[:half], gap, *rows[-half:]]


def lasted(seconds: float) -> str:
    """A time in hours, a short one in seconds."""
    return f"{seconds / 3600:.3g} h" if seconds >= 360.0 else f"{seconds:.3g} s"


def _charge(value: float) -> str:
    return f"{_plain(value)} mA h cm⁻²"


def _plain(value: float) -> str:
    return f"{habitual(value, 'areal_capacity'):.3g}"


def _length(metres: float) -> str:
    from anolyte.faces import views

    return views.thickness(metres) if metres >= 1e-6 else f"{metres * 1e9:.3g} nm"
