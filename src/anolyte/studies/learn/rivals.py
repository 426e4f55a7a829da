"""Rival laws of a cell, between which measurements decide.

A rival is a whole cell that differs from the library's in one law. Which are compared depends on
what was measured: spectra over time say how the interphase grows, a ramp how voids close.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from anolyte.core.errors import MissingProperty
from anolyte.laws.voids import ExponentialLoss
from anolyte.models.cell import build
from anolyte.models.cell.assembly import Assembly
from anolyte.models.cell.engine import Device
from anolyte.studies.learn.numbers import Asked

if TYPE_CHECKING:
    from anolyte.studies.cell import Cell
    from anolyte.studies.learn.observations import Observation

GROWS, FAILS = "growth", "failure"
"""What a law decides: how resistances grow, at which current a cell fails."""


@dataclass(frozen=True)
class Rival:
    """A cell with one law exchanged.

    Args:
        name: In words.
        about: Which observations tell it from the library's: `GROWS` or `FAILS`; empty: any.
        options: Of `Cell.assemble`.
        change: Exchanges laws of a device that was assembled; None: nothing.
    """

    name: str
    about: str = ""
    options: tuple[tuple[str, Any], ...] = ()
    change: Callable[[Assembly], Device] | None = None

    def device(self, cell: Cell, pick: Any) -> Device:
        """The cell's laws with numbers that are picked.

        Raises:
            MissingProperty: A number that the rival cannot do without.
        """
        made = cell.assemble(pick=pick, **dict(self.options))
        return made.device if self.change is None else self.change(made)

    def asks(self, cell: Cell) -> Asked:
        """The uncertain numbers that it rests on."""
        asked = Asked()
        self.device(cell, asked)
        return asked


def _faces(change: Callable[[Any, build.Parameters], Any]) -> Callable[[Assembly], Device]:
    """A change of both faces of an assembly."""

    def changed(made: Assembly) -> Device:
        one, other = (
            change(face, p) for face, p in zip(made.device.faces, made.parameters, strict=True)
        )
        return replace(made.device, faces=(one, other))

    return changed


def _exponential(face: Any, _: build.Parameters) -> Any:
    return replace(face, loss=ExponentialLoss(face.loss.depth))


LIBRARY = Rival("as the library has it")
RIVALS: tuple[Rival, ...] = (
    LIBRARY,
    Rival("the interphase conducts electrons and never passivates", GROWS, (("conducts", True),)),
    Rival("the interphase passivates", GROWS, (("conducts", False),)),
    Rival("contact falls exponentially with voids", FAILS, change=_faces(_exponential)),
    Rival("creep and diffusion close voids", FAILS, change=_faces(build.together)),
)


def rivals_for(
    cell: Cell, observations: Sequence[Observation], rivals: Sequence[Rival] = RIVALS
) -> tuple[Rival, ...]:
    """The rivals that these observations can tell apart, and whose numbers are known, each once."""
    spoken = {o.about for o in observations}
    found: list[Rival] = []
    devices: list[Device] = []
    for rival in rivals:
        if rival.about and rival.about not in spoken:
            continue
        try:
            device = rival.device(cell, build.best)
        except MissingProperty:
            continue
        if not any(_alike(device, other) for other in devices):
            found.append(rival)
            devices.append(device)
    return tuple(found)


def _alike(one: Device, other: Device) -> bool:
    return all(same_laws(a, b) for a, b in zip(one.faces, other.faces, strict=True))


def same_laws(one: Any, other: Any) -> bool:
    """Whether laws are the same, their numbers too; fields may be arrays over cells."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and bool((one == other).all())
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same_laws, one, other))
    if names := getattr(one, "__dataclass_fields__", None):
        return all(same_laws(getattr(one, n), getattr(other, n)) for n in names)
    return bool(one == other)
