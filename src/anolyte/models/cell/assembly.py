"""From an interface and its conditions to a cell that can run: its laws and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anolyte.core.errors import DataError, MissingProperty
from anolyte.core.provenance import Value
from anolyte.core.units import show
from anolyte.laws.law import outside
from anolyte.materials.criteria import criteria
from anolyte.materials.host_potentials import hosts
from anolyte.materials.library import Library, default
from anolyte.materials.schema import Anode
from anolyte.materials.stack import Conditions, Interface
from anolyte.models.cell import build, engine
from anolyte.models.cell.faces import FaceLaws
from anolyte.models.cell.host_face import host_face, is_host, reference_face

LEAST_CONDUCTIVITY = 1e-15
"""S/m; less is no conduction."""
SIDES = ("named", "counter")
CONDUCTING = ("mixed-conducting",)
"""Characters of an interphase (`Passivation`) through which electrons feed its growth."""


@dataclass(frozen=True)
class Assembly:
    """A cell ready to run: its laws, and the numbers they rest on.

    Args:
        device: The laws.
        parameters: Numbers of the named and the counter side, with their sources.
        warnings: What is missing or assumed.
    """

    device: engine.Device
    parameters: tuple[build.Parameters, build.Parameters]
    warnings: tuple[str, ...] = ()

    @property
    def used(self) -> Mapping[str, Value]:
        """Every number that was asked for."""
        return self.parameters[1].used | self.parameters[0].used

    @property
    def sources(self) -> tuple[str, ...]:
        """Citation keys of the numbers."""
        return tuple(dict.fromkeys(v.source.key for v in self.used.values() if v.source.key))

    @property
    def basis(self) -> tuple[str, ...]:
        """The numbers that nobody has read at their source, in words."""
        doubtful = [
            name
            for name, v in self.used.items()
            if v.source.known == "recalled" or v.source.how == "assumed"
        ]
        return tuple(dict.fromkeys(doubtful))


def assemble(
    interface: Interface,
    conditions: Conditions,
    *,
    counter: Anode | None = None,
    lib: Library | None = None,
    pick: build.Pick = build.best,
    attach_pressure: Any = None,
    conducts: bool = False,
    laws: Mapping[str, Any] | None = None,
) -> Assembly:
    """The laws of a cell from its materials.

    Args:
        interface: Electrolyte | layers | anode, the named side.
        conditions: Stack pressure and temperature at the start.
        counter: Metal of the other side; None: the same as the named side (a symmetric cell), or
            lithium against a collector.
        lib: Where materials and pairs are looked up.
        pick: How numbers are taken from sourced values (`build.best`, or `build.Draws`).
        attach_pressure: Pressure at which the metal was attached, Pa; None: the stack pressure.
        conducts: The interphase is known to conduct electrons.
        laws: Rivals to put in the place of a face's laws, by field of `FaceLaws`; a field of one
            side alone as "named.interior", "counter.voids".

    Raises:
        MissingProperty: A number that no law can do without.
    """
    own = interface.anode
    own_metal = own.plated and own.family != "current collector"
    other = counter or (own if own_metal else default().anode("Li"))
    pressure = conditions.stack_pressure if attach_pressure is None else attach_pressure
    if not np.all(np.asarray(pressure) >= 0.0):
        raise DataError("the pressure at which the metal is attached must not be negative")
    _conducts(interface, conditions)
    named = _parameters(interface, interface.anode, lib, pick)
    opposite = build.Parameters(interface.electrolyte, other, lib, pick)
    if other.name == interface.anode.name and "Li" in other.composition and not _metal(other):
        one = reference_face(interface, named)  # both sides hold their lithium at one potential
    else:
        one = _face(interface, named, pressure, conditions, conducts=conducts)
    far = replace(interface, anode=other, form=type(interface.form)())
    if interface.anode.name != other.name:
        far = replace(far, layers=())
    opposite = opposite if far.layers == () else _parameters(far, other, lib, pick)
    if _metal(other):
        two = build.metal_face(far, opposite, pressure, conducts=conducts)
    elif "Li" in other.composition:
        two = reference_face(far, opposite)
    else:
        raise MissingProperty(
            f"{other.name}: a counter electrode is plated metal (Li) or holds lithium at a steady "
            "potential (LiIn); swap the sides, or name its lithiated form"
        )
    one, two = (_with(face, laws or {}, side) for face, side in zip((one, two), SIDES, strict=True))
    device = engine.Device(
        build.bulk(interface, named), (one, two), least_contact=criteria()["contact_lost"]
    )
    warnings: dict[str, None] = dict.fromkeys(
        [*_lacking(named),
         *build.LayerStack(interface).unknown(conditions.temperature),
         *outside(one.voids, pressure=conditions.stack_pressure),
         *([] if one.penetration is None else
           outside(one.penetration, pressure=conditions.stack_pressure)),
         *_extrapolated(interface, conditions)]
    )  # fmt: skip
    return Assembly(device, (named, opposite), tuple(warnings))


def _face(
    interface: Interface, p: build.Parameters, pressure: Any, conditions: Conditions, *,
    conducts: bool,
) -> FaceLaws:  # fmt: skip
    """The face of the named side: of plated metal, of an alloy or of a host."""
    anode = interface.anode
    if _metal(anode):
        return build.metal_face(interface, p, pressure, conducts=conducts)
    if build.is_alloy(anode):
        return build.alloy_face(interface, p, pressure)
    if is_host(anode):
        return host_face(interface, p, conditions)
    raise MissingProperty(
        f"{anode.name}: this model speaks of plated metal (Li, anode-free), of alloys whose "
        f"diffusivity is known, and of hosts whose potential is known ({', '.join(hosts())})"
    )


_TOLD = {
    "critical_overpotential": "no plating limit is known for this pair, so no filament starts",
    "growth_constant": "no growth of an interphase is known for this pair; none is counted",
    "interphase_conductivity": "the interphase's resistance is not known and not counted",
    "diffusivity": "how fast lithium diffuses in the host is not known; it is taken as no limit",
}


def _lacking(parameters: build.Parameters) -> tuple[str, ...]:
    """What the answer leaves out for want of a number."""
    return tuple(_TOLD[name] for name in parameters.missing if name in _TOLD)


def _metal(anode: Anode) -> bool:
    return anode.plated or anode.family == "current collector"


def _conducts(interface: Interface, conditions: Conditions) -> None:
    """Refuse a temperature at which the electrolyte's law has come to nothing."""
    if build.conductivity(interface.electrolyte, conditions.temperature).value < LEAST_CONDUCTIVITY:
        raise DataError(
            f"{interface.electrolyte.name} does not conduct at "
            f"{show(conditions.temperature, 'temperature')}; ask for a warmer cell"
        )


def _with(face: FaceLaws, laws: Mapping[str, Any], side: str) -> FaceLaws:
    """A face with rivals in the place of some laws: of both sides, or of its own alone."""
    chosen: dict[str, Any] = {}
    for name, law in laws.items():
        where, dot, bare = name.partition(".")
        if (dot and where not in SIDES) or (bare or where) not in FaceLaws.__dataclass_fields__:
            known = ", ".join(FaceLaws.__dataclass_fields__)
            raise DataError(f"no law called {name}; a face has {known}; one side: 'counter.voids'")
        if not dot or where == side:
            chosen[bare or where] = law
    return replace(face, **chosen)


def _parameters(
    interface: Interface, anode: Anode, lib: Library | None, pick: build.Pick
) -> build.Parameters:
    """The numbers of what the metal touches, and of the electrolyte behind it."""
    electrolyte = interface.electrolyte
    if not interface.layers:
        return build.Parameters(electrolyte, anode, lib, pick)
    return build.Parameters(interface.layers[-1].material, anode, lib, pick, electrolyte)


def _extrapolated(interface: Interface, conditions: Conditions) -> tuple[str, ...]:
    found = build.conductivity(interface.electrolyte, conditions.temperature)
    name = interface.electrolyte.name
    told = f"{name}: {show(conditions.temperature, 'temperature')} is outside the range of its law"
    return (told,) if found.extrapolated else ()
