"""How a claim on a metal anode is put to the laws of a cell: two runs with shared draws.

Both share their draws of every number, recalled ones included, and a sign must hold in all of them;
where it holds in some only, the claim hangs on numbers that nobody has read and is untestable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anolyte.core.errors import MissingProperty
from anolyte.core.provenance import Value
from anolyte.core.units import show
from anolyte.laws.fracture import FilledFlaw
from anolyte.materials import library
from anolyte.materials.protocol import Protocol, Step
from anolyte.materials.stack import Conditions, Form, Interface, Surface
from anolyte.models.cell import build, engine
from anolyte.models.cell.assembly import Assembly, assemble
from anolyte.models.cell.faces import columned, trace

Check = Callable[[], tuple[bool, str]]
Answer = tuple[bool, str]

DRAWS = build.Draws(64)
CURRENT, HOUR = 5.0, 3600.0
"""A/m2, 0.5 mA/cm2, for an hour a half cycle: what the runs do unless they say otherwise."""
PRESSURE, ROOM, WARM = 1e6, 298.15, 333.15
LONG = 1000 * HOUR
TINY, FAR = 1e-3, 1e9
GARNET, ARGYRODITE = "LLZO", "Li6PS5Cl"
CLEAN = Surface(cleaned=True)


@dataclass(frozen=True)
class Seen:
    """One run, an entry a draw.

    Args:
        contact: Share of the named face in contact after stripping.
        load: Largest load of flaws while plating; NaN: no limit of filaments is known.
        resistance: Area resistance of the named face after stripping, ohm m2.
        transfer, ohmic: Its parts.
        lost: Lithium in the interphases, C/m2.
    """

    contact: Any
    load: Any
    resistance: Any
    transfer: Any
    ohmic: Any
    lost: Any


def assembled(
    electrolyte: str = GARNET, *, surface: Surface = CLEAN, layers: tuple[str, ...] = (),
    pressure: float = PRESSURE, temperature: float = ROOM, conducts: bool = False,
    form: Form | None = None, laws: dict[str, Any] | None = None,
) -> Assembly:  # fmt: skip
    """A cell of draws that nothing ends: loads are counted on, contact may fall to nothing."""
    interface = Interface(electrolyte, "Li", layers, surface=surface, form=form or Form())
    conditions = Conditions(stack_pressure=pressure, temperature=temperature)
    cell = assemble(interface, conditions, pick=DRAWS, conducts=conducts, laws=laws)
    one, other = (replace(face, flaw=_endless(face.flaw)) for face in cell.device.faces)
    device = replace(cell.device, faces=(one, other), least_contact=0.0)
    return replace(cell, device=device)


def _endless(flaw: Any) -> Any:
    """The same limit so far away that its load never reaches one."""
    if isinstance(flaw, FilledFlaw):
        return replace(flaw, toughness=FAR * flaw.toughness)
    return None if flaw is None else replace(flaw, limit=FAR * flaw.limit)


def start(cell: Assembly, pressure: float, temperature: float, scale: Any = 1.0) -> engine.Cells:
    """Cells that were just put together; `scale` multiplies the current of each draw."""
    return engine.start(cell.device, pressure, temperature, scale, DRAWS.cells)


def look(cell: Assembly, cells: engine.Cells) -> Seen:
    """A face as it stands."""
    device, state = cell.device, cells.states[0]
    laws = columned(device.faces[0])
    walk = engine.Walk(device, cells, engine.Outcome(device, cells), False, 1e-4, np.zeros(1))
    thickness = laws.growth.thickness(state.age[:, None])
    tiny = np.full(DRAWS.cells, TINY)
    seen = trace(laws, state.void[:, None], thickness, tiny, walk.around)
    parts = (seen.overpotential, seen.transfer, seen.ohmic)
    total, transfer, ohmic = (part[:, 0] / TINY for part in parts)
    lost = cells.states[0].lost + cells.states[1].lost
    return Seen(seen.contact[:, 0], cells.most_load.copy(), total, transfer, ohmic, lost)


def fresh(cell: Assembly, pressure: float = PRESSURE, temperature: float = ROOM) -> Seen:
    """A face that was just put together."""
    return look(cell, start(cell, pressure, temperature))


def driven(
    cell: Assembly, *, current: float = CURRENT, pressure: float = PRESSURE,
    temperature: float = ROOM, scale: Any = 1.0,
) -> Seen:  # fmt: skip
    """A face after an hour of stripping; its load while the same is plated again."""
    cells = start(cell, pressure, temperature, scale)
    engine.simulate(cell.device, Protocol((Step(current, duration=HOUR),)), cells, keep=False)
    stripped = look(cell, cells)
    engine.simulate(cell.device, Protocol((Step(-current, duration=HOUR),)), cells, keep=False)
    return replace(stripped, load=cells.most_load.copy())


def rises(low: Any, high: Any) -> Any:
    """In which draws a quantity does not fall, and rises at the best values."""
    low, high = np.broadcast_arrays(np.asarray(low, float), np.asarray(high, float))
    return (high >= low * (1.0 - 1e-9)) & (high[0] > low[0])


def judged(holds: Any, text: str) -> Answer:
    """Pass where the sign holds in all draws, fail where in none.

    Raises:
        MissingProperty: It holds in some: the claim hangs on numbers that nobody has read.
    """
    count, draws = int(np.sum(holds)), int(np.size(holds))
    if 0 < count < draws:
        raise MissingProperty(
            f"{text}: so in {count} of {draws} draws only; hangs on assumed or recalled numbers"
        )
    return count == draws, f"{text} (in all {draws} draws)" if count else text


def drawn(name: str, value: Value) -> Any:
    """Draws of a number."""
    return DRAWS(name, value)


def pair(electrolyte: str, name: str) -> Any:
    """Draws of a number of lithium on an electrolyte."""
    lib = library.default()
    return build.Parameters(lib.electrolyte(electrolyte), lib.anode("Li"), pick=DRAWS).pair(name)


def of_lithium(name: str) -> Any:
    """Draws of a number of lithium."""
    return drawn(name, library.default().anode("Li").need(name))


def ohm(value: Any) -> str:
    """The best value of an area resistance in words."""
    return show(float(np.ravel(value)[0]), "area_resistance")
