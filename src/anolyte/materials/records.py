"""What a measurement at the interface is: a quantity, a value, its conditions and its source."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from anolyte.core.provenance import Source
from anolyte.core.result import Concern, Number
from anolyte.core.units import KINDS, habitual


@dataclass(frozen=True, slots=True)
class Quantity:
    """What can be measured at an interface.

    Args:
        kind: The kind of its unit.
        better: +1: more is better; -1: less is; 0: neither.
        concern: The concern it speaks of.
        needs: Columns without which its value means nothing.
    """

    kind: str
    better: int = 0
    concern: Concern | None = None
    needs: tuple[str, ...] = ()


_W, _D, _R = Concern.WETTING, Concern.DENDRITE, Concern.REACTION
_V, _T, _X = Concern.VOLUME, Concern.TRANSPORT, Concern.WINDOW
_CYCLED = ("protocol", "cycle")
QUANTITIES: dict[str, Quantity] = {
    "interfacial_resistance": Quantity("area_resistance", -1, _W),
    "cell_resistance": Quantity("area_resistance", -1, _W),
    "contact_angle": Quantity("angle", -1, _W),
    "critical_size": Quantity("length", 0, _V),
    "fracture_energy": Quantity("surface_energy", 0, _V),
    "work_of_adhesion": Quantity("surface_energy", +1, _W),
    "pressure_exponent": Quantity("number", 0, _W),
    "critical_stack_pressure": Quantity("pressure", -1, _W, ("protocol",)),
    "critical_current_density": Quantity("current_density", +1, _D, ("protocol",)),
    "symmetric_cell_life": Quantity("time", +1, _D, ("protocol", "current_density")),
    "observation_time": Quantity("time", 0, _D),
    "overpotential": Quantity("potential", -1, _W),
    "coulombic_efficiency": Quantity("fraction", +1, _R, ("protocol",)),
    "first_cycle_efficiency": Quantity("fraction", +1, _R, ("protocol",)),
    "interphase_thickness": Quantity("length", -1, _R),
    "interphase_charge": Quantity("areal_capacity", -1, _R, ("protocol",)),
    "growth_constant": Quantity("diffusivity", -1, _R),
    "gas_per_mass": Quantity("specific_volume", -1, _R),
    "capacity_retention": Quantity("fraction", +1, _V, _CYCLED),
    "specific_capacity": Quantity("specific_capacity", +1, _V, _CYCLED),
    "cycles_demonstrated": Quantity("number", +1, _V),
    "pressure_change": Quantity("pressure", -1, _V),
    "film_stress": Quantity("pressure", 0, _V),
    "stress_potential_coupling": Quantity("stress_coupling", 0, _V),
    "thickness_change_per_capacity": Quantity("swelling", 0, _V),
    "volume_expansion": Quantity("fraction", -1, _V),
    "ionic_conductivity": Quantity("conductivity", +1, _T),
    "activation_energy": Quantity("energy", -1, _T),
    "electronic_conductivity": Quantity("electronic_conductivity", -1, _R),
    "reduction_limit": Quantity("electrode_potential", -1, _X),
    "oxidation_limit": Quantity("electrode_potential", +1, _X),
    "decomposition_potential": Quantity("electrode_potential", 0, _X),
    "measured_window": Quantity("potential", +1, _X),
    "charging_limit": Quantity("electrode_potential", +1, _X),
    "electrode_potential": Quantity("electrode_potential"),
    "areal_capacity": Quantity("areal_capacity"),
    "theoretical_capacity": Quantity("specific_capacity"),
    "capacity_ratio_to_graphite": Quantity("number"),
    "specific_energy": Quantity("specific_energy"),
    "creep_exponent": Quantity("number"),
    "creep_rate": Quantity("rate"),
    "yield_strength": Quantity("pressure"),
    "hardness": Quantity("pressure"),
    "youngs_modulus": Quantity("modulus"),
    "fracture_toughness": Quantity("toughness"),
    "diffusivity": Quantity("diffusivity"),
    "temperature_limit": Quantity("temperature"),
    "schottky_barrier": Quantity("energy"),
    "electron_transfer_depth": Quantity("length"),
    "candidate_count": Quantity("number"),
}  # fmt: skip


@dataclass(frozen=True)
class Record:
    """One measurement. Numbers are SI with their kind; texts stand as the file has them.

    Args:
        before: The untreated value of the same paper.
        value: The value; of a treated interface where `strategy` names the treatment.
        bound: exact | approx | at_least | at_most | order | range_low | range_high.
        current: Current density, specific current or rate, where it is one number.
        role: `calibration` (a law may be fitted to it) or `check`.
        file, line: Where it stands.
    """

    id: str
    electrolyte: str
    anode: str
    quantity: str
    value: Number
    source: Source
    bound: str = "exact"
    before: Number | None = None
    layers: tuple[str, ...] = ()
    strategy: str = ""
    as_printed: str = ""
    temperature: Number | None = None
    current: Number | None = None
    current_text: str = ""
    stack_pressure: Number | None = None
    fabrication_pressure: Number | None = None
    areal_capacity: Number | None = None
    cycle: int | None = None
    duration: Number | None = None
    protocol: str = ""
    method: str = "experiment"
    role: str = "check"
    doubt: str = ""
    note: str = ""
    file: str = ""
    line: int = 0

    @property
    def about(self) -> Quantity:
        """What kind of quantity it is."""
        return QUANTITIES[self.quantity]

    @property
    def counts(self) -> bool:
        """Whether it may score a model or rank a remedy: a measurement that is not recalled."""
        return self.source.known != "recalled" and self.method == "experiment"

    @property
    def gain(self) -> float | None:
        """How many times better the treated value is than the untreated one of the same paper."""
        found = None if self.before is None else decades(self, self.before)
        return None if found is None else 10.0**found


def decades(record: Record, before: Number) -> float | None:
    """Decades by which a record's value is better than an untreated one; infinite for a whole cure.

    None where a ratio means nothing: a quantity of which neither more nor less is better, and a
    potential, whose zero is arbitrary. Of an efficiency or a retention what is lost counts: 88 to
    98 % is sixfold.
    """
    if not record.about.better or record.about.kind == "electrode_potential":
        return None
    if record.quantity == "measured_window":
        return None
    untreated, treated, better = before.si, record.value.si, record.about.better
    if record.about.kind == "fraction" and better > 0:
        untreated, treated, better = 1.0 - untreated, 1.0 - treated, -1
    if treated <= 0.0 < untreated and better < 0:
        return math.inf
    if untreated <= 0.0 or treated <= 0.0:
        return None
    return better * math.log10(treated / untreated)


def show_unit(record: Record) -> str:
    """The habitual unit of a record's quantity."""
    return KINDS[record.value.kind].label


def flat(record: Record) -> dict[str, Any]:
    """A record as one row of text and numbers in habitual units."""

    def number(n: Number | None) -> float | None:
        return None if n is None else float(f"{habitual(n.si, n.kind):.10g}")

    row: dict[str, Any] = {
        "id": record.id, "electrolyte": record.electrolyte, "anode": record.anode,
        "layers": "; ".join(record.layers), "strategy": record.strategy,
        "quantity": record.quantity, "bound": record.bound, "before": number(record.before),
        "value": number(record.value), "unit": show_unit(record), "as_printed": record.as_printed,
    }  # fmt: skip
    row |= {
        "temperature [°C]": number(record.temperature), "current": record.current_text,
        "stack pressure [MPa]": number(record.stack_pressure),
        "fabrication pressure [MPa]": number(record.fabrication_pressure),
        "areal capacity [mA h cm⁻²]": number(record.areal_capacity), "cycle": record.cycle,
        "duration [h]": number(record.duration), "protocol": record.protocol,
        "method": record.method, "source": record.source.key, "where": record.source.where,
        "known": record.source.known, "role": record.role, "doubt": record.doubt,
        "note": record.note,
    }  # fmt: skip
    return row
