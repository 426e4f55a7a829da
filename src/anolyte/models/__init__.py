"""The models: one physics, one file; a model is a frozen dataclass called like a function.

`ALL` is a plain tuple: reading it tells everything that `assess` runs. Order matters only where two
models speak of one concern: the later, more specific one gives the headline. Third parties add
models by the entry point group `anolyte.models`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar, Protocol

from anolyte.core import plugins
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

    A third party's model that fails to load is left out; `plug_ins()` names it.
    """
    found: list[Model] = []
    for cls in ALL:
        known = getattr(cls, "__dataclass_fields__", {})
        given = {"phases": phases, "lib": lib}
        found.append(cls(**{k: v for k, v in given.items() if k in known}))
    return (*found, *plug_ins()[0])


@lru_cache(1)
def plug_ins() -> tuple[tuple[Model, ...], tuple[str, ...]]:
    """Models that others have installed, and those that do not load, with the reason."""
    return plugins.load(plugins.offers("anolyte.models"), _checked, "model")


def _checked(made: Any) -> Model:
    """A model from a class or a function without arguments."""
    model: Model = made()
    if not callable(model) or not isinstance(getattr(model, "concern", None), Concern):
        raise TypeError("a model has a concern and is called with interface and conditions")
    if not isinstance(getattr(model, "references", None), tuple):
        raise TypeError("a model names its references: a tuple of citation keys, or empty")
    return model
