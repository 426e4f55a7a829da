"""The models: one physics, one file; a model is a frozen dataclass called like a function.

`ALL` is a plain tuple: reading it tells everything that `assess` runs. Order matters only where two
models speak of one concern: the later, more specific one gives the headline. Third parties add
models by the entry point group `anolyte.models`.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any, ClassVar, Protocol

from anolyte.core.result import Concern, Result
from anolyte.materials.library import Library
from anolyte.materials.phases import Phases
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.cell.contact import InterfaceContact, InterphaseAgeing
from anolyte.models.cell.critical import CriticalCurrentDensity
from anolyte.models.passivation import Passivation
from anolyte.models.reactions import Reactions
from anolyte.models.silicon import HostCycling
from anolyte.models.temperature import Temperature
from anolyte.models.transport import Transport
from anolyte.models.volume import VolumeChange
from anolyte.models.window import Window


class Model(Protocol):
    """What every model is; no base class to inherit.

    A model may also say in a class attribute `reads` which parts of a cell its answer depends on
    (`("electrolyte", "anode", "conditions.temperature")`); one that does not reads everything. A
    property `quick` may give a cheaper model with the same findings, for comparisons. A model that
    needs what another one found has a method `given(results)`, which gives the model to ask.
    """

    concern: ClassVar[Concern]
    references: ClassVar[tuple[str, ...]]

    def __call__(self, interface: Interface, conditions: Conditions) -> Result:
        """The answer for one interface at some conditions."""
        ...


ALL: tuple[type[Any], ...] = (
    Window, InterphaseAgeing, Reactions, Passivation, VolumeChange, HostCycling, InterfaceContact,
    CriticalCurrentDensity, Transport, Temperature,
)  # fmt: skip


def installed(phases: Phases | None = None, lib: Library | None = None) -> tuple[Model, ...]:
    """Every model, with the given reference energies and library where it takes any.

    A third party's model that fails to load is left out; `broken()` names it.
    """
    found: list[Model] = []
    for cls in ALL:
        known = getattr(cls, "__dataclass_fields__", {})
        given = {"phases": phases, "lib": lib}
        found.append(cls(**{k: v for k, v in given.items() if k in known}))
    for entry in entry_points(group="anolyte.models"):
        try:
            found.append(entry.load()())
        except Exception:  # a plug-in must never stop the package
            continue
    return tuple(found)


def broken() -> tuple[str, ...]:
    """Third-party models that are installed and do not load, with the reason."""
    found = []
    for entry in entry_points(group="anolyte.models"):
        try:
            entry.load()()
        except Exception as error:  # a plug-in may fail in any way
            found.append(f"{entry.name} ({entry.value}): {error}")
    return tuple(found)
