r"""What air does to an electrolyte: hydrolysis, carbonation and oxidation.

The solid is in touch with gases of fixed partial pressure; what it turns into is the mixture of
least grand potential (Zhu and Mo 2020 take the same view of moisture). Gases that are not in the
atmosphere are carried away at a trace pressure. Water and carbon dioxide act by exchange, without
a change of oxidation states, where the solid has such states; with oxygen everything that
equilibrium allows is counted. Thermodynamics says nothing of rates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from anolyte.core.errors import AnolyteError, DataError, MissingProperty
from anolyte.core.result import Result, quantity
from anolyte.core.units import ELEMENTARY_CHARGE, GAS_CONSTANT, ZERO_CELSIUS, habitual
from anolyte.laws import gibbs
from anolyte.laws.weathering import Exposure, Outcome, oxidation_states
from anolyte.materials import formula, library
from anolyte.materials.atmosphere import Atmosphere, atmosphere, dew_point, saturated
from anolyte.materials.borders import named
from anolyte.materials.criteria import criteria
from anolyte.materials.energy_errors import EnergyErrors, energy_errors
from anolyte.materials.entries import as_phases
from anolyte.materials.phases import Phases, embedded
from anolyte.materials.schema import Material
from anolyte.materials.stack import Conditions
from anolyte.materials.thermal import STANDARD
from anolyte.numerics import hull

EV = ELEMENTARY_CHARGE
TRACE = 0.1
"""Pa (1 ppm of a bar): what a flow leaves of a gas that forms."""
MOLAR_VOLUME = GAS_CONSTANT * ZERO_CELSIUS / 1e5
"""m3/mol of an ideal gas at 0 °C and 1 bar."""
CASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("water", ("H2O",)),
    ("water and carbon dioxide", ("H2O", "CO2")),
    ("oxygen", ("O2",)),
    ("air", ("H2O", "CO2", "O2")),
)
EXCHANGE = ("water", "water and carbon dioxide")
METASTABLE = 5e-4
"""eV per atom above the hull that is worth a word."""
ELEMENTS_OF_AIR = frozenset("HCNO")
HALIDES = {"Cl", "Br", "I"}


@dataclass(frozen=True)
class Release:
    """A gas that is given off.

    Args:
        gas: Formula.
        amount: Molecules per formula unit of the solid.
        volume: At 0 °C and 1 bar, m3 per kg of the solid, if the reaction runs to its end.
        sigma: Standard deviation of `volume` from the energies.
        likelihood: Share of the drawn energies with which it is released.
        pressure: Its pressure at which the whole reaction stands still, Pa.
    """

    gas: str
    amount: float = quantity("number")
    volume: float = quantity("specific_volume")
    sigma: float = quantity("specific_volume")
    likelihood: float = quantity("fraction")
    pressure: float = quantity("pressure")


@dataclass(frozen=True)
class Attack:
    """What some gases of the atmosphere do, given time without end.

    Args:
        case: Which gases.
        exchange: Whether oxidation states are kept.
        driving_force: J per atom of the solid, beyond what it does by itself (<= 0).
        sigma: Its standard deviation from the energies.
        per_formula_unit: The same driving force, J per formula unit.
        likelihood: Share of the drawn energies with which anything happens.
        reaction: Balanced, from one formula unit.
        products: Formula to formula units.
        taken: Molecules of gas taken up, per formula unit.
        releases: Gases given off.
        mass_gain: Of what stays solid or liquid, per mass of the solid.
        onset: Partial pressure of water (of the first gas) from which on it is driven, Pa; zero:
            driven without it; None: not below saturation (1 bar).
        onset_dew_point: The same as a dew point, K; nan below -73 °C.
        supply: Volume of the atmosphere that carries the gas needed, m3 per kg of the solid.
        estimated: Substances of the reaction whose entropy is estimated, with what it was made of.
    """

    case: str
    exchange: bool
    driving_force: float = quantity("energy_per_atom")
    sigma: float = quantity("energy_per_atom")
    per_formula_unit: float = quantity("energy")
    likelihood: float = quantity("fraction")
    reaction: str = ""
    products: Mapping[str, float] = field(default_factory=dict)
    taken: Mapping[str, float] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()
    mass_gain: float = quantity("fraction", default=0.0)
    onset: float | None = quantity("pressure", default=None)
    onset_dew_point: float | None = quantity("temperature", default=None)
    supply: float = quantity("specific_volume", default=0.0)
    estimated: tuple[str, ...] = ()


@dataclass(frozen=True)
class AirResult(Result):
    """What an atmosphere does to a solid.

    Args:
        material: Name.
        formula: Composition.
        atmosphere: Its name.
        temperature: K.
        pressures: Partial pressures of its gases, formula to Pa.
        dew_point: Of its water, K.
        product_pressure: Of every other gas, Pa.
        energy_above_hull: What the solid releases by itself, J per atom; None: it is not in the
            energies.
        attacks: One a choice of gases.
        missing: Known compounds of solid and air that the energies lack.
    """

    material: str
    formula: str
    atmosphere: str
    temperature: float = quantity("temperature")
    pressures: Mapping[str, float] = field(default_factory=dict)
    dew_point: float = quantity("temperature", default=math.nan)
    product_pressure: float = quantity("pressure", default=TRACE)
    energy_above_hull: float | None = quantity("energy_per_atom", default=None)
    attacks: tuple[Attack, ...] = ()
    missing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    energies: str = ""
    energies_digest: str = ""

    def attack(self, case: str) -> Attack:
        """The attack of some gases: water, water and carbon dioxide, oxygen, air."""
        for found in self.attacks:
            if found.case == case:
                return found
        raise KeyError(case)

    def rows(self) -> list[dict[str, Any]]:
        """One row a choice of gases."""
        return [
            {
                "gases": a.case,
                "keeps oxidation states": a.exchange,
                "driving force [eV/atom]": habitual(a.driving_force, "energy_per_atom"),
                "sigma [eV/atom]": habitual(a.sigma, "energy_per_atom"),
                "driving force [eV/f.u.]": habitual(a.per_formula_unit, "energy"),
                "likelihood": a.likelihood,
                "released [cm3/g]": "; ".join(
                    f"{r.gas} {habitual(r.volume, 'specific_volume'):.4g}" for r in a.releases
                ),
                "mass gain [%]": habitual(a.mass_gain, "fraction"),
                "onset of the first gas [Pa]": a.onset,
                "reaction": a.reaction,
            }
            for a in self.attacks
        ]


@dataclass(frozen=True)
class Air:
    """The attack of an atmosphere on a solid.

    Args:
        atmosphere: Gases and humidity.
        phases: Reference energies (enthalpies); None: the embedded table.
        product_pressure: Of gases that form and are not in the atmosphere, Pa.
        draws: How often energies are drawn within their errors.
        seed: Of the draws.
    """

    atmosphere: Atmosphere
    phases: Phases | None = None
    product_pressure: float = TRACE
    draws: int = 100
    seed: int = 0

    references = ("mcbride2002nasa", "chase1998janaf", "morris2019freed")

    def __call__(self, material: Material, conditions: Conditions) -> AirResult:
        """Every choice of gases that the atmosphere holds.

        Raises:
            MissingProperty: A solid without a formula, or an organic one.
            MissingPhases: Energies that do not cover the chemistry.
        """
        text, composition = material.formula or "", material.composition
        if not text or {"C", "H"} <= set(composition):
            raise MissingProperty(
                f"{material.name} has no formula of an inorganic solid: phase equilibria do not "
                "describe it"
            )
        temperature = conditions.temperature
        pressures = self.atmosphere.pressures(temperature)
        table = (self.phases or embedded()).within({*composition, *ELEMENTS_OF_AIR})
        table.require(composition)
        reactive = {g: p for g, p in pressures.items() if any(g in gases for _, gases in CASES)}
        phases = gibbs.at(table, temperature, reactive, self.product_pressure)
        cases = [c for c in CASES if all(g in pressures for g in c[1])]
        attacks = [self._attack(phases, text, composition, *case) for case in cases]
        above = _above_hull(phases, composition)
        return AirResult(
            material=material.name,
            formula=text,
            atmosphere=self.atmosphere.name,
            temperature=temperature,
            pressures=pressures,
            dew_point=dew_point(pressures["H2O"]),
            product_pressure=self.product_pressure,
            energy_above_hull=above,
            attacks=tuple(attacks),
            missing=table.coverage({*composition, "H", "O", "C"}).missing,
            warnings=_warnings(composition, above) + _errors(phases).warnings,
            sources=_sources(phases, attacks) + self.references,
            energies=f"{phases.kind} ({phases.origin})",
            energies_digest=phases.digest,
        )

    def _attack(
        self,
        phases: gibbs.GibbsPhases,
        text: str,
        composition: Mapping[str, float],
        case: str,
        gases: tuple[str, ...],
    ) -> Attack:
        exposure, exchange = _exposure(phases, composition, case, gases)
        outcome = exposure.outcome()
        drawn = self._drawn(exposure)
        molar_mass = formula.molar_mass(composition)
        forces = [d.driving_force for d in drawn]
        first = gases[0]
        most = saturated(phases.temperature) if first == "H2O" else STANDARD
        onset = exposure.onset(first, most * (1.0 - 1e-9))
        involved = {text, *outcome.products, *outcome.taken}
        return Attack(
            case=case,
            exchange=exchange,
            driving_force=outcome.driving_force * EV if outcome.driven else 0.0,
            sigma=float(np.std(forces)) * EV if forces else 0.0,
            per_formula_unit=(
                outcome.driving_force * EV * exposure.atoms if outcome.driven else 0.0
            ),
            likelihood=float(np.mean([d.driven for d in drawn])) if drawn else math.nan,
            reaction=str(outcome.reaction(text)) if outcome.driven else "",
            products=dict(outcome.products) if outcome.driven else {},
            taken=dict(outcome.taken) if outcome.driven else {},
            releases=_releases(exposure, outcome, drawn, molar_mass),
            mass_gain=outcome.mass_gain / molar_mass if outcome.driven else 0.0,
            onset=onset,
            onset_dew_point=dew_point(onset) if onset and first == "H2O" else None,
            supply=exposure.supply(outcome) / molar_mass if outcome.driven else 0.0,
            estimated=phases.estimated(involved) if outcome.driven else (),
        )

    def _drawn(self, exposure: Exposure) -> list[Outcome]:
        """What happens with energies drawn within their errors; those of air are certain.

        Water drawn apart from its vapour would rain.
        """
        table = exposure.table
        errors = _errors(table)
        sure = [set(amounts) <= ELEMENTS_OF_AIR for amounts in table.compositions]
        energies = errors.energies(errors.normal(self.draws, self.seed))
        energies[:, sure] = table.energies[sure]
        drawn = []
        for row in energies:
            try:
                drawn.append(exposure.outcome(row))
            except DataError:  # some draws balance by a change of oxidation states only
                continue
        return drawn


def _errors(table: Phases) -> EnergyErrors:
    return energy_errors(table, criteria()["energy_sigma_unknown"] / EV)


def _exposure(
    phases: gibbs.GibbsPhases, composition: Mapping[str, float], case: str, gases: tuple[str, ...]
) -> tuple[Exposure, bool]:
    """By exchange where the case and the solid allow it, else with redox."""
    states = oxidation_states(composition) if case in EXCHANGE else None
    if states is not None:
        exposure = Exposure(phases, composition, gases, states)
        if exposure.possible:
            return exposure, True
    return Exposure(phases, composition, gases), False


def _releases(
    exposure: Exposure, outcome: Outcome, drawn: list[Outcome], molar_mass: float
) -> tuple[Release, ...]:
    found = []
    for gas, amount in outcome.released.items() if outcome.driven else ():
        amounts = [d.released.get(gas, 0.0) for d in drawn]
        found.append(
            Release(
                gas=gas,
                amount=amount,
                volume=amount * MOLAR_VOLUME / molar_mass,
                sigma=float(np.std(amounts)) * MOLAR_VOLUME / molar_mass if drawn else 0.0,
                likelihood=float(np.mean([a > 0.0 for a in amounts])) if drawn else math.nan,
                pressure=exposure.equilibrium_pressure(gas, outcome),
            )
        )
    return tuple(found)


def _above_hull(phases: gibbs.GibbsPhases, composition: Mapping[str, float]) -> float | None:
    """J per atom that the solid releases by itself; None where it is not in the energies."""
    own = phases.find(composition)
    if own is None:
        return None
    table = phases.within(composition)
    ground = hull.lower_hull(table.fractions, table.energies, table.vector(composition))
    return max(own.energy - ground.energy, 0.0) * EV


def _sources(phases: gibbs.GibbsPhases, attacks: list[Attack]) -> tuple[str, ...]:
    products = dict.fromkeys(f for a in attacks for f in a.products)
    found = (phases.find(formula.parse(f)) for f in products)
    return tuple(dict.fromkeys(p.source.key for p in found if p is not None))


def _warnings(composition: Mapping[str, float], above: float | None) -> tuple[str, ...]:
    found = ["equilibrium only: how fast it happens, and whether a film stops it, is not in it"]
    if above is None:
        found.append("the phase itself is not in the energies: it stands on the hull")
    elif above > METASTABLE * EV:
        found.append(
            f"metastable by {1000.0 * above / EV:.0f} meV/atom: what it releases by itself is not "
            "counted here"
        )
    if HALIDES & set(composition):
        found.append(
            "of the hydrates of halides only LiCl(H2O) is in the energies, and no solution: water "
            "may be taken up earlier than stated"
        )
    if {"Li", "La", "O"} <= set(composition):
        found.append(
            "the exchange of lithium for protons that keeps the framework is not among the phases: "
            "it comes first in garnets"
        )
    return tuple(found)


def air(
    material: Any,
    within: str | Atmosphere = "ambient",
    *,
    temperature: float | str = 298.15,
    phases: Any = None,
) -> AirResult:
    """What an atmosphere does to a solid.

    Args:
        material: A name, a formula, a material, or an object with a composition.
        within: One of the named ones (ambient, dry room, glovebox, wet), or an object.
        temperature: K, or with its unit.
        phases: Reference energies; None: the embedded table; also what `read_entries` takes.

    >>> air("Li3PS4", "dry room").attack("water").reaction
    'Li3PS4 + 4 H2O → Li3PO4 + 4 H2S(g)'
    """
    gases = atmosphere(within) if isinstance(within, str) else within
    material = named(material)
    solid = solid_of(library.default(), material) if isinstance(material, str) else material
    return Air(gases, as_phases(phases))(solid, Conditions(temperature=temperature))


def solid_of(lib: library.Library, name: str, *, as_printed: bool = False) -> Material:
    """An electrolyte, an anode, an interlayer, or a formula, in this order."""
    for kind in (lib.electrolyte, lib.anode, lib.interlayer):
        try:
            found = kind(name, as_printed=as_printed)
        except AnolyteError:
            continue
        if found.origin != "formula":
            return found
    return lib.electrolyte(name, as_printed=as_printed)
