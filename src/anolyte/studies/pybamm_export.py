r"""The cell as a PyBaMM model: the same laws, with PyBaMM's solvers, experiments and impedance.

The laws are not written a second time: PyBaMM's symbols go through the law objects of a cell, whose
numbers become PyBaMM parameters. PyBaMM's signs hold: a positive current is a discharge, which
strips the named side, the negative electrode; the voltage is that of the counter side, the positive
electrode, against it. So it falls with the current, and is `Run.voltage` with the other sign.

PyBaMM is imported when `SymmetricCell` is first asked for, never with this module.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from anolyte.core.errors import AnolyteError, DataError, MissingProperty
from anolyte.core.units import AVOGADRO, BOLTZMANN, ELEMENTARY_CHARGE, KINDS
from anolyte.laws.extrusion import PorePenetration
from anolyte.laws.fracture import OverpotentialLimit
from anolyte.laws.voids import stripping_speed
from anolyte.models.cell.assembly import Assembly
from anolyte.models.cell.engine import BOUND
from anolyte.models.cell.faces import FaceLaws
from anolyte.models.cell.interior import PlatedMetal
from anolyte.studies.cell import Cell

if TYPE_CHECKING:
    SymmetricCell: Any  # the class of `_model`, made when it is first asked for

SIDES = ("Negative", "Positive")
SIDE = 0.01
"""m; of a face of one square centimetre, so that a current in mA is one in mA/cm2."""
LARGE = 1e30
"""Stands for infinity, whose derivatives are no numbers."""
LEAST_VOID = 1e-15
"""m; contact is looked at from here on: the slope of some laws has no bound at zero."""
LEAST_THICKNESS = 1e-14
"""m; an interphase begins here: the slope of a square root has no bound at zero."""
LITTLE = 0.01
"""C/m2; a bare collector, from which nothing can be stripped, is not exhausted from the start."""
PLENTY = 1e9
"""C/m2; more lithium than any face holds."""
TEMPERATURES = np.arange(200.0, 500.5, 0.5)
"""K at which what a material tells of a temperature is put into a table."""

_LAWS = {
    "voids": "void closing",
    "loss": "contact loss",
    "transfer": "charge transfer",
    "constriction": "constriction",
    "growth": "interphase growth",
    "flaw": "filament",
    "penetration": "pore penetration",
}
"""Fields of `FaceLaws` that are laws, in words; the names of their own fields come behind."""
_NUMBERS = {
    "molar_volume": ("metal molar volume", "molar_volume"),
    "refill": ("refill fraction", "fraction"),
    "interphase_conductivity": ("interphase conductivity", "conductivity"),
    "liquid": ("liquid fraction", "fraction"),
    "attached": ("initial contact fraction", "fraction"),
    "inventory": ("initial lithium inventory", "areal_capacity"),
    "gap": ("initial gap", "length"),
    "isolated": ("isolated fraction", "fraction"),
}
_BARE = {"spacing": "length"}
"""Fields of laws that do not tell their kind."""


# --- names and numbers --------------------------------------------------------------------------


def unit(kind: str) -> str:
    """The unit of a kind of quantity as PyBaMM writes it; energies are in J.mol-1.

    >>> unit("current_density"), unit("energy"), unit("number")
    (' [A.m-2]', ' [J.mol-1]', '')
    """
    if kind == "energy":
        return " [J.mol-1]"
    top, _, bottom = KINDS[kind].si.replace("ohm", "Ohm").partition("/")
    parts = [part.replace("^", "") for part in top.split("*") if part != "1"]
    for part in filter(None, bottom.split("*")):
        name, _, power = part.partition("^")
        parts.append(f"{name}-{power or 1}")
    return f" [{'.'.join(parts)}]" if parts else ""


Take = Callable[[str, str, Any], Any]
"""Name of a parameter, its kind, its number in SI -> what stands in the law."""


def _law(law: Any, head: str, take: Take) -> Any:
    """A law with `take` of every number in it."""
    changed = {}
    for f in fields(law):
        value: Any = getattr(law, f.name)
        name, kind = f"{head} {f.name.replace('_', ' ')}", f.metadata.get("kind", _BARE.get(f.name))
        if isinstance(value, tuple):
            changed[f.name] = tuple(_law(v, f"{head} {k}", take) for k, v in enumerate(value, 1))
        elif isinstance(value, type) or f.name == "lowest":
            continue
        elif is_dataclass(value):
            changed[f.name] = _law(value, head, take)
        elif f.name == "spacing" and not np.any(value):
            continue  # of a void law: a spacing of zero says 'the depth of the void'
        elif kind is not None:
            changed[f.name] = take(name, kind, value)
    return replace(law, **changed)


def _face(laws: FaceLaws, side: str, take: Take) -> FaceLaws:
    """A face's laws with `take` of every number in them; a limit that is not known is far away.

    Raises:
        DataError: An alloy, in which lithium diffuses: it has more than a face's state.
    """
    if not isinstance(laws.interior, PlatedMetal):
        raise DataError("PyBaMM models are made of cells of plated metal, not of alloys or hosts")
    laws = replace(
        laws,
        flaw=laws.flaw or OverpotentialLimit(LARGE),
        penetration=laws.penetration or PorePenetration(LARGE, 0.0),
    )
    changed: dict[str, Any] = {
        name: take(f"{side} {words}", kind, getattr(laws, name))
        for name, (words, kind) in _NUMBERS.items()
    }
    for name, words in _LAWS.items():
        changed[name] = _law(getattr(laws, name), f"{side} {words}", take)
    return replace(laws, **changed)


@dataclass(frozen=True)
class Table:
    """A positive function of temperature, as the logarithm of f T^n over 1/T in straight pieces.

    Exact for Arrhenius' law. Temperatures of which the function knows nothing are left out.

    Args:
        inverse: 1/T, rising, 1/K.
        logarithm: Of the function times T^n.
        power: n.
    """

    inverse: tuple[float, ...]
    logarithm: tuple[float, ...]
    power: float

    @classmethod
    def of(cls, function: Callable[[float], Any], power: float, kelvin: float) -> Table:
        """The table of a function; `kelvin` is among its temperatures."""
        found = []
        for t in np.union1d(TEMPERATURES, [kelvin])[::-1]:
            try:
                found.append((1.0 / t, math.log(float(function(float(t))) * t**power)))
            except (AnolyteError, ValueError):
                continue
        return cls(tuple(x for x, _ in found), tuple(y for _, y in found), power)

    def __call__(self, temperature: Any) -> Any:
        """The function of a PyBaMM symbol."""
        import pybamm

        x, y = np.array(self.inverse), np.array(self.logarithm)
        line = pybamm.Interpolant(x, y, 1.0 / temperature) if x.size > 1 else float(y[0])
        return np.exp(line) / temperature**self.power


def parameter_set(cell: Cell) -> dict[str, Any]:
    """The numbers of a cell by the names of `SymmetricCell`, for `pybamm.ParameterValues`.

    Args:
        cell: Materials, geometry, conditions. Stack pressure and ambient temperature may be
            replaced by functions of time or by `"[input]"`.

    Raises:
        MissingProperty: A number that no law can do without.

    >>> values = parameter_set(Cell("Li6PS5Cl", "Li", pressure="5 MPa"))
    >>> values["Stack pressure [Pa]"], values["Negative refill fraction"] <= 1.0
    (5000000.0, True)
    """
    return _values(cell, cell.assemble())


def _values(cell: Cell, assembly: Assembly) -> dict[str, Any]:
    device, conditions = assembly.device, cell.conditions
    kelvin, area = conditions.temperature, SIDE**2
    found: dict[str, Any] = {
        "Electrode width [m]": SIDE,
        "Electrode height [m]": SIDE,
        "Nominal cell capacity [A.h]": conditions.areal_capacity * area / 3600.0,
        "Current function [A]": conditions.current_density * area,
        "Stack pressure [Pa]": conditions.stack_pressure,
        "Ambient temperature [K]": kelvin,
        "Initial temperature [K]": kelvin,
        "Electrolyte thickness [m]": device.bulk.thickness,
        "Electrolyte conductivity [S.m-1]": Table.of(device.bulk.conductivity, 1.0, kelvin),
        "Open-circuit voltage [V]": -device.rest,
        "Least contact fraction": device.least_contact,
        "Lower voltage cut-off [V]": -BOUND,
        "Upper voltage cut-off [V]": BOUND,
    }

    def keep(name: str, kind: str, value: Any) -> Any:
        found[name + unit(kind)] = _number(value) * (AVOGADRO if kind == "energy" else 1.0)
        return value

    for side, laws, numbers in zip(SIDES, device.faces, assembly.parameters, strict=True):
        _face(laws, side, keep)
        volume, layers = _number(laws.volume_per_charge), laws.layers
        found[f"{side} interphase charge per volume [C.m-3]"] = 1.0 / volume if volume else 0.0
        found[f"{side} layer resistance [Ohm.m2]"] = (
            Table.of(layers, 0.0, kelvin) if layers(kelvin) > 0.0 else 0.0
        )
        found[f"{side} double-layer capacitance [F.m-2]"] = _capacitance(numbers.contact)
    return found


def _number(value: Any) -> float:
    """One finite number."""
    array = np.asarray(value, dtype=float)
    if array.size != 1:
        raise DataError("PyBaMM takes one set of numbers; assemble the cell without draws")
    return float(np.clip(array.reshape(()), -LARGE, LARGE))


def _capacitance(contact: Any) -> float:
    try:
        return contact.need("double_layer_capacitance").si
    except MissingProperty:
        return 0.0


def li6ps5cl_li() -> dict[str, Any]:
    """Lithium on both faces of the argyrodite Li6PS5Cl, 5 MPa, 25 C.

    Each number has its source in the package's data; some are assumed or recalled, and
    `Cell("Li6PS5Cl", "Li").assemble().basis` names those.
    """
    return parameter_set(Cell("Li6PS5Cl", "Li", pressure="5 MPa", thickness="0.5 mm"))


def llzto_li() -> dict[str, Any]:
    """Lithium on both faces of the garnet LLZTO, 5 MPa, 25 C.

    Each number has its source in the package's data; some are assumed or recalled, and
    `Cell("LLZTO", "Li").assemble().basis` names those.
    """
    return parameter_set(Cell("LLZTO", "Li", pressure="5 MPa", thickness="0.5 mm"))


# --- the model ----------------------------------------------------------------------------------


class _Names:
    """What a model is asked for by PyBaMM's own parts (control of voltage, power, current)."""

    def __init__(self) -> None:
        import pybamm

        time: Any = {"Time [s]": pybamm.t}
        self.Q = pybamm.Parameter("Nominal cell capacity [A.h]")
        width, height = (pybamm.Parameter(f"Electrode {x} [m]") for x in ("width", "height"))
        self.A_cc = width * height
        self.current_with_time = pybamm.FunctionParameter("Current function [A]", time)
        self.current_density_with_time = self.current_with_time / self.A_cc
        self.pressure = pybamm.FunctionParameter("Stack pressure [Pa]", time)
        self.temperature = pybamm.FunctionParameter("Ambient temperature [K]", time)
        self.conductivity = self.of_temperature("Electrolyte conductivity [S.m-1]")

    def of_temperature(self, name: str) -> Any:
        """A parameter that may be a function of temperature."""
        import pybamm

        return pybamm.FunctionParameter(name, {"Temperature [K]": self.temperature})


def _symbol(name: str, kind: str, _: Any) -> Any:
    """A parameter in the place of a number."""
    import pybamm

    found = pybamm.Parameter(name + unit(kind))
    return found / AVOGADRO if kind == "energy" else found


@cache
def _model() -> Any:
    """The class `SymmetricCell`."""
    import pybamm

    class SymmetricCell(pybamm.BaseModel):
        """Metal | solid electrolyte | metal: voids, contact, interphase, filaments, pressure.

        Args:
            cell: A `Cell`: its laws make the equations, its numbers the default parameters. None:
                lithium on both faces of Li6PS5Cl.
            double_layer: Each face has a double layer beside its charge transfer, for
                `pybamm.EISSimulation`.
            ends: What ends a cell (a filament, contact lost, lithium exhausted) ends a simulation.
            name: Of the model.
        """

        def __init__(
            self, cell: Cell | None = None, *, double_layer: bool = False, ends: bool = True,
            name: str = "Symmetric cell",
        ) -> None:  # fmt: skip
            super().__init__(name)
            self.cell = cell or Cell("Li6PS5Cl", "Li", pressure="5 MPa", thickness="0.5 mm")
            self.assembly = self.cell.assemble()
            self.options = {"surface form": "differential" if double_layer else "false"}
            self.summary_variables = ["Time [h]", "Throughput capacity [A.h]"]
            self.param = _Names()
            _build(self, double_layer, ends)

        @property
        def default_parameter_values(self) -> Any:
            """The numbers of the model's own cell."""
            return pybamm.ParameterValues(_values(self.cell, self.assembly))

        @property
        def default_solver(self) -> Any:
            """Voids are judged relative to the depth at which they cost contact."""
            return pybamm.IDAKLUSolver(rtol=1e-6, atol=1e-8)

        @property
        def default_quick_plot_variables(self) -> Any:  # pyright: ignore
            """What `plot()` shows."""
            both = ("contact fraction", "interphase thickness [m]")
            pairs = [[f"{side} {name}" for side in SIDES] for name in both]
            return ["Current [A]", "Voltage [V]", *pairs]

    SymmetricCell.__module__, SymmetricCell.__qualname__ = __name__, "SymmetricCell"
    return SymmetricCell


def __getattr__(name: str) -> Any:
    """`SymmetricCell` is made when it is asked for: its base class takes seconds to import."""
    if name == "SymmetricCell":
        return _model()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _build(model: Any, double_layer: bool, ends: bool) -> None:
    """States, rates, variables and events."""
    import pybamm

    names: _Names = model.param
    total, current = names.current_with_time, names.current_density_with_time
    net, both, damage = (
        _state(model, "Discharge capacity [A.h]", names.Q, total / 3600.0),
        _state(model, "Throughput capacity [A.h]", names.Q, abs(total) / 3600.0),
        pybamm.Variable("Damage by pressure"),
    )
    rest = pybamm.Parameter("Open-circuit voltage [V]")
    bulk = current * pybamm.Parameter("Electrolyte thickness [m]") / names.conductivity
    voltage: Any = rest - bulk
    load: Any = pybamm.Scalar(0.0)
    wear: Any = pybamm.Scalar(0.0)
    for face, side, sign in zip(model.assembly.device.faces, SIDES, (1.0, -1.0), strict=True):
        laws = _face(face, side, _symbol)
        stripped = sign * net * 3600.0 / names.A_cc
        left = 0.5 * (both * 3600.0 / names.A_cc + stripped)
        found = _add_face(model, laws, side, sign * current, double_layer)
        reserve = laws.inventory - stripped - laws.isolated * left
        model.variables[f"{side} lithium left [C.m-2]"] = reserve - found["lost"]
        voltage = voltage - sign * found["overpotential"]
        plating = np.maximum(-found["metal"], 0.0)
        load = np.maximum(load, laws.flaw.load(plating, found["share"]))
        wear = np.maximum(wear, laws.penetration.rate(names.pressure, names.temperature))
    model.rhs[damage], model.initial_conditions[damage] = wear + 0.0 * net, pybamm.Scalar(0.0)
    model.variables |= {
        "Time [s]": pybamm.t, "Time [h]": pybamm.t / 3600.0, "Current [A]": total,
        "Current variable [A]": total, "C-rate": total / names.Q,
        "Total current density [A.m-2]": current, "Voltage [V]": voltage,
        "Battery voltage [V]": voltage, "Power [W]": total * voltage,
        "Open-circuit voltage [V]": rest, "Electrolyte overpotential [V]": bulk,
        "Discharge capacity [A.h]": net, "Throughput capacity [A.h]": both,
        "Stack pressure [Pa]": names.pressure, "Ambient temperature [K]": names.temperature,
        "Filament load": load, "Damage by pressure": damage,
    }  # fmt: skip
    model.events = _events(model.variables) if ends else []


def _state(model: Any, name: str, scale: Any, rate: Any, first: Any = 0.0) -> Any:
    """A state of a model."""
    import pybamm

    state = pybamm.Variable(name, scale=scale)
    model.rhs[state], model.initial_conditions[state] = rate, pybamm.convert_to_symbol(first)
    return state


def _add_face(
    model: Any, laws: FaceLaws, side: str, current: Any, double_layer: bool
) -> dict[str, Any]:
    """Put a face's states and variables into a model.

    Args:
        model: The model.
        laws: With symbols.
        side: Its name.
        current: A/m2, positive strips this face.
        double_layer: The overpotential of charge transfer is a state of its own.

    Returns:
        Overpotential of the face, the part of it at the metal itself, the share of the face that
        conducts, and the lithium in the interphase.
    """
    import pybamm

    names, kelvin, loss = model.param, model.param.temperature, laws.loss
    first = np.maximum(loss.void(np.minimum(np.maximum(laws.attached, 1e-3), 1.0)), laws.gap)
    state = _state(model, f"{side} void volume per area [m]", loss.depth, 0.0, first)
    void, seen = np.maximum(state, 0.0), np.maximum(state, LEAST_VOID)
    contact, share = loss(seen), laws.conducting(seen)
    charging = _double_layer if double_layer else _quick
    transfer, faradaic = charging(model, laws, side, current, share)
    opening, filling = (
        stripping_speed(np.maximum(j, 0.0), laws.molar_volume) for j in (faradaic, -faradaic)
    )
    closing = laws.voids.closing(names.pressure, kelvin)
    closing = replace(closing, steady=closing.steady + laws.refill * filling)
    model.rhs[state] = opening - closing(void, contact, names.pressure)
    growth = replace(laws.growth, initial=laws.growth.initial + LEAST_THICKNESS)
    pace = growth.ageing(kelvin) + 0.0 * state  # a rate needs a symbol
    age = _state(model, f"{side} interphase age [s]", growth.reference_time, pace)
    thickness = growth.thickness(age)
    resistance = laws.constriction(share, names.conductivity)
    ohmic = current * (resistance + thickness / (laws.interphase_conductivity * share))
    films = current * names.of_temperature(f"{side} layer resistance [Ohm.m2]")
    lost = thickness * pybamm.Parameter(f"{side} interphase charge per volume [C.m-3]")
    model.variables |= {
        f"{side} void volume per area [m]": state,
        f"{side} contact fraction": contact,
        f"{side} conducting fraction": share,
        f"{side} interphase thickness [m]": thickness,
        f"{side} charge-transfer overpotential [V]": transfer,
        f"{side} ohmic overpotential [V]": ohmic,
        f"{side} layer overpotential [V]": films,
        f"{side} overpotential [V]": transfer + ohmic + films,
        f"{side} interphase lithium [C.m-2]": lost,
    }
    metal = transfer + ohmic
    return {"overpotential": metal + films, "metal": metal, "share": share, "lost": lost}


def _quick(model: Any, laws: FaceLaws, side: str, current: Any, share: Any) -> tuple[Any, Any]:
    """Overpotential of charge transfer and its current, without a double layer."""
    return laws.transfer(current, share, model.param.temperature), current


def _double_layer(
    model: Any, laws: FaceLaws, side: str, current: Any, share: Any
) -> tuple[Any, Any]:
    r"""Overpotential of charge transfer as a state, and its current.

    $$ C a \frac{d\eta}{dt} = j - 2 j_0 a \sinh\frac{e \eta}{2 k_B T} $$
    """
    import pybamm

    kelvin = model.param.temperature
    state = _state(model, f"{side} charge-transfer overpotential [V]", 0.01, 0.0)
    ratio = state * ELEMENTARY_CHARGE / (2.0 * BOLTZMANN * kelvin)
    faradaic = 2.0 * laws.transfer.exchange(kelvin) * share * np.sinh(ratio)
    capacitance = pybamm.Parameter(f"{side} double-layer capacitance [F.m-2]")
    model.rhs[state] = (current - faradaic) / (capacitance * share)
    return state, faradaic


def _events(found: Any) -> list[Any]:
    """What ends a cell, as numbers that fall to zero."""
    import pybamm

    least, low, high = (
        pybamm.Parameter(name)
        for name in ("Least contact fraction", "Lower voltage cut-off [V]",
                     "Upper voltage cut-off [V]")
    )  # fmt: skip
    falling = {
        "Filament": 1.0 - found["Filament load"],
        "Lithium pressed through pores": 1.0 - found["Damage by pressure"],
        "Minimum voltage [V]": found["Voltage [V]"] - low,
        "Maximum voltage [V]": high - found["Voltage [V]"],
    }
    current = found["Total current density [A.m-2]"]
    for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
        falling[f"{side} contact lost"] = found[f"{side} conducting fraction"] - least
        plenty = PLENTY * (sign * current <= 0.0)  # a face that plates is never exhausted
        left = found[f"{side} lithium left [C.m-2]"]
        falling[f"{side} lithium exhausted"] = left + LITTLE + plenty
    return [pybamm.Event(name, expression) for name, expression in falling.items()]
