"""The review's claims as checks of sign and order: pass, fail, or untestable with today's models.

A check asks a model, never the record that the claim came from. A claim that no model can speak to
is untestable, and so is one that would hang on a recalled number; both say why.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from anolyte.core.errors import AnolyteError, MissingProperty
from anolyte.core.result import Result
from anolyte.core.units import ZERO_CELSIUS
from anolyte.laws.conduction import conductivity
from anolyte.laws.contact_products import ContactProducts, contact_products
from anolyte.laws.potential import anode_potential
from anolyte.materials import library
from anolyte.materials.library import DATA
from anolyte.materials.phases import embedded
from anolyte.materials.schema import Electrolyte, Material
from anolyte.materials.stack import Cell, Conditions, Interface
from anolyte.materials.strategy import find as strategy_named
from anolyte.models.passivation import Passivation
from anolyte.models.reactions import products_against_potential
from anolyte.models.temperature import Temperature
from anolyte.models.window import WindowResult, window
from anolyte.studies.validate.device_claims import DEVICE_CHECKS
from anolyte.studies.validate.silicon_claims import CLAIMS as SILICON

ROOM, WARM, COLD = 298.15, 333.15, 253.15
OUT_OF_REACH = {
    "kinetic": "no check yet: the models of kinetics, contact and growth do not decide it",
    "mechanical": "no check yet: the models of stress, creep and fracture do not decide it",
    "wetting": "no check yet: the models of wetting and contact do not decide it",
    "electronic": "needs electronic levels, which no model here gives",
    "statistical": "no learned model yet",
    "ranking": "a statement on the field or on several models at once, of which some do not exist",
    "limits": "a statement on the limits of methods",
    "transport": "no model of this part of transport yet",
    "thermodynamic": "no model of this part of thermodynamics yet",
    "electrochemical": "no model of a sweep yet",
}


@dataclass(frozen=True)
class Claim:
    """One claim of the review, in the project's words, and the test that it would take."""

    id: str
    claim: str
    kind: str
    test: str
    systems: tuple[str, ...]
    sources: tuple[str, ...]
    doubt: str = ""


@dataclass(frozen=True)
class Verdict:
    """A claim beside the models: pass | fail | untestable, and why."""

    claim: Claim
    outcome: str
    because: str


@dataclass(frozen=True)
class ClaimScorecard(Result):
    """Every claim with its verdict."""

    verdicts: tuple[Verdict, ...]

    def count(self, outcome: str) -> int:
        """How many claims came out so."""
        return sum(v.outcome == outcome for v in self.verdicts)

    def rows(self) -> list[dict[str, Any]]:
        """One row a claim."""
        return [
            {"id": v.claim.id, "outcome": v.outcome, "claim": v.claim.claim,
             "because": v.because, "systems": ", ".join(v.claim.systems)}
            for v in self.verdicts
        ]  # fmt: skip


@lru_cache(maxsize=1)
def claims() -> tuple[Claim, ...]:
    """The claims as the package holds them."""
    with (DATA / "claims.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Claim(
                id=row["id"], claim=row["claim"], kind=row["kind"], test=row["test"],
                systems=_list(row["systems"]), sources=_list(row["sources"]), doubt=row["doubt"],
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


def _list(text: str) -> tuple[str, ...]:
    return tuple(x.strip() for x in text.split(";") if x.strip())


Check = Callable[[], tuple[bool, str]]


# --- shorthands ---------------------------------------------------------------------------------


def _material(name: str) -> Material:
    lib = library.default()
    for find in (lib.electrolyte, lib.interlayer):
        material = find(name, as_printed=True)
        if material.origin != "formula":
            return material
    return lib.electrolyte(name, as_printed=True)


@lru_cache(maxsize=64)
def _window(name: str) -> WindowResult:
    return window(library.default().electrolyte(name, as_printed=True))


def _sure(*names: str) -> None:
    """Refuse to test a claim by windows that hang on recalled energies."""
    for name in names:
        if recalled := _window(name).recalled:
            raise MissingProperty(f"the window of {name} hangs on a recalled {recalled[0]}")


def _not_recalled(name: str, *properties: str) -> None:
    """Refuse to test a claim by a recalled number."""
    for text in properties:
        if _material(name).need(text).source.known == "recalled":
            raise MissingProperty(f"hangs on a recalled {text.replace('_', ' ')} of {name}")


def _at(name: str, anode: str = "Li") -> ContactProducts:
    return contact_products(_material(name), library.default().anode(anode), embedded())


def _sigma(name: str, temperature: float = ROOM) -> float:
    return conductivity(library.default().electrolyte(name), temperature).value


def _of_class(family: str) -> list[Electrolyte]:
    return [m for m in library.default().all(Electrolyte) if m.family == family]


def _median(values: list[float]) -> float:
    import statistics

    return statistics.median(values)


# --- thermodynamics -----------------------------------------------------------------------------


def _sulfide_reduced() -> tuple[bool, str]:
    made = _at("Li3PS4")
    return {"Li2S", "Li3P"} <= set(made.products), f"at 0 V: {made.reaction}"


def _sulfide_oxidised() -> tuple[bool, str]:
    _sure("Li3PS4", "Li6PS5Cl", "LGPS")
    limits = {n: _window(n).oxidation_limit for n in ("Li3PS4", "Li6PS5Cl", "LGPS")}
    text = ", ".join(f"{n} {v:.2f} V" for n, v in limits.items())
    return all(v < 2.5 for v in limits.values()), f"oxidation limits {text}; claimed below 2.5 V"


def _halide_protect() -> tuple[bool, str]:
    found = Passivation()(Interface("Li6PS5Cl", "Li"), Conditions())
    names = {p.formula for p in found.products}
    holds = names == {"Li3P", "LiCl", "Li2S"} and found.character == "passivating"
    return holds, f"products {', '.join(sorted(names))}: {found.character}"


def _halide_reduced() -> tuple[bool, str]:
    _sure("Li3YCl6", "Li3InCl6", "Li2ZrCl6")
    limits = {n: _window(n).reduction_limit for n in ("Li3YCl6", "Li3InCl6", "Li2ZrCl6")}
    text = ", ".join(f"{n} {v:.2f} V" for n, v in limits.items())
    return all(v > 0.0 for v in limits.values()), f"reduction limits {text}"


def _sb_alloy() -> tuple[bool, str]:
    made = _at("Sb")
    return made.energy < 0.0 and "Li3Sb" in made.products, (
        f"{made.reaction}, {made.energy:.2f} eV per atom of Sb; the resistance has no model yet"
    )


def _li3n_liin() -> tuple[bool, str]:
    limit = _window("Li3N").reduction_limit
    return limit <= 1e-6, f"Li3N is reduced below {limit:.2f} V; plating has no model yet"


def _stable_three() -> tuple[bool, str]:
    stable = {n: _window(n).reduction_limit for n in ("LiF", "Li3N", "Li2O")}
    others = [m.name for m in library.default().all(Electrolyte) if m.formula and not m.repeat_unit]
    unstable, known = 0, 0
    for name in others:
        try:
            limit = _window(name).reduction_limit
        except AnolyteError:
            continue
        known += 1
        unstable += limit > 1e-6
    holds = all(v <= 1e-6 for v in stable.values()) and unstable >= 0.9 * known
    return holds, f"LiF, Li3N, Li2O stable at 0 V; {unstable} of {known} electrolytes are reduced"


def _ti_reduced() -> tuple[bool, str]:
    _sure("LLTO", "LATP")
    ours = {"LLTO": 1.7, "LATP": 2.4}
    limits = {n: _window(n).reduction_limit for n in ours}
    text = ", ".join(f"{n} {limits[n]:.2f} V (stated {v} V)" for n, v in ours.items())
    return all(abs(limits[n] - v) <= 0.3 for n, v in ours.items()), f"{text}; within 0.3 V asked"


@lru_cache(maxsize=4)
def _silicon(electrolyte: str) -> dict[str, tuple[float, float]]:
    return products_against_potential(electrolyte, "Si", low=0.0, high=2.0)


def _si_p_driven() -> tuple[bool, str]:
    found = {**_silicon("Li3PS4"), **_silicon("Li6PS5Cl")}
    wanted = ("SiP2", "SiP", "Li5SiP3")
    text = ", ".join(f"{p} {found[p][0]:.2f}-{found[p][1]:.2f} V" for p in wanted if p in found)
    return all(p in found for p in wanted), f"found {text or 'none'} of {', '.join(wanted)}"


def _si_p_irreversible() -> tuple[bool, str]:
    found = {p: v for p, v in _silicon("Li6PS5Cl").items() if p in ("SiP2", "SiP", "Li5SiP3")}
    lowest = min((v[0] for v in found.values()), default=math.nan)
    return lowest > 0.4, f"lowest potential of {', '.join(found)}: {lowest:.2f} V; claimed > 0.4 V"


def _sulfide_table() -> tuple[bool, str]:
    energies = {n: _at(n).energy for n in ("Li3PS4", "Li6PS5Cl", "LGPS", "Li7P3S11")}
    text = ", ".join(f"{n} {e:.2f}" for n, e in energies.items())
    return all(e < 0.0 for e in energies.values()), (
        f"eV per atom other than Li at 0 V: {text}; dendrites have no model yet"
    )


def _llzto_better() -> tuple[bool, str]:
    _sure("LLZTO", "LLZO")
    doped, plain = _window("LLZTO"), _window("LLZO")
    sigma = _sigma("LLZTO") > _sigma("LLZO")
    wider = (
        doped.oxidation_limit - doped.reduction_limit
        > plain.oxidation_limit - plain.reduction_limit
    )
    return sigma and wider, (
        f"conductivity {_sigma('LLZTO') / _sigma('LLZO'):.1f} times that of LLZO; windows "
        f"{doped.reduction_limit:.2f}-{doped.oxidation_limit:.2f} V against "
        f"{plain.reduction_limit:.2f}-{plain.oxidation_limit:.2f} V"
    )


def _doping_limits() -> tuple[bool, str]:
    _sure("Li6PS5Cl", "Li6PS5Br", "Li6PS5I", "Li5.5PS4.5Cl1.5", "LGPS", "Li10SnP2S12")
    names = ("Li6PS5Cl", "Li6PS5Br", "Li6PS5I", "Li5.5PS4.5Cl1.5", "LGPS", "Li10SnP2S12")
    widths = {n: _window(n).oxidation_limit - _window(n).reduction_limit for n in names}
    gain = max(widths.values()) - min(widths.values())
    return gain < 0.5, f"windows of six substituted sulfides differ by {gain:.2f} V in width"


def _f_sei() -> tuple[bool, str]:
    made = _at("LiBF2C2O4")
    return "LiF" in made.products, f"{made.reaction}"


def _no_plating_on_silicon() -> tuple[bool, str]:
    at = anode_potential(library.default().anode("Si"), embedded())
    return at.lowest > 0.0, f"silicon stays at or above {at.lowest:.2f} V vs Li/Li+ ({at.basis})"


# --- transport ----------------------------------------------------------------------------------


def _peo_limits() -> tuple[bool, str]:
    _not_recalled("PEO", "vtf_prefactor", "vtf_activation_energy", "vtf_temperature")
    value = _sigma("PEO") / 100.0
    return value < 1e-4, f"PEO at 25 C: {value:.1e} S/cm; claimed below 1e-4"


def _polymer_slows() -> tuple[bool, str]:
    _not_recalled("PEO", "vtf_prefactor", "vtf_activation_energy", "vtf_temperature")
    ratio = _sigma("PEO", WARM) / _sigma("PEO")
    oxide = _sigma("LLZO", WARM) / _sigma("LLZO")
    return ratio > oxide, f"60 C over 25 C: PEO {ratio:.0f} times, LLZO {oxide:.1f} times"


def _class_conductivity(family: str, least: float) -> tuple[bool, str]:
    values = [_sigma(m.name) / 100.0 for m in _of_class(family) if m.has("ionic_conductivity")]
    return max(values) >= least, (
        f"{sum(v >= least for v in values)} of {len(values)} {family}s reach {least:g} S/cm at 25 C"
    )


def _oxide_cond() -> tuple[bool, str]:
    return _class_conductivity("oxide", 1e-4)


def _sulfide_cond() -> tuple[bool, str]:
    holds, text = _class_conductivity("sulfide", 1e-3)
    barrier = {
        f: _median(
            [m.need("activation_energy").si for m in _of_class(f) if m.has("activation_energy")]
        )
        for f in ("sulfide", "oxide")
    }
    lower = barrier["sulfide"] < barrier["oxide"]
    return holds and lower, f"{text}; median activation energy lower than that of oxides: {lower}"


def _wide_temperature() -> tuple[bool, str]:
    ratios = {n: _sigma(n, WARM) / _sigma(n, COLD) for n in ("LLZO", "Li6PS5Cl", "Li3InCl6")}
    text = ", ".join(f"{n} {r:.0f}" for n, r in ratios.items())
    return all(r < 100.0 for r in ratios.values()), f"60 C over -20 C: {text} times"


# --- limits -------------------------------------------------------------------------------------


def _soft_tradeoff() -> tuple[bool, str]:
    _not_recalled("PEO", "temperature_limit")
    hot = Conditions(temperature="80 C")
    bare = Cell(Interface("LLZTO", "Li"), hot)
    layered = strategy_named("crystalline_peo_interlayer").apply(bare)
    limits = [
        Temperature()(cell.interface, hot).limits[0].temperature - ZERO_CELSIUS
        for cell in (bare, layered)
    ]
    return limits[1] < limits[0], (
        f"lowest temperature limit {limits[0]:.0f} C bare, {limits[1]:.0f} C with a PEO layer"
    )


CHECKS: dict[str, Check] = {
    "c_sulfide_reduced": _sulfide_reduced,
    "c_sulfide_oxidised": _sulfide_oxidised,
    "c_halide_protect": _halide_protect,
    "c_halide_reduced": _halide_reduced,
    "c_sb_alloy": _sb_alloy,
    "c_li3n_liin": _li3n_liin,
    "c_stable_three": _stable_three,
    "c_ti_reduced": _ti_reduced,
    "c_si_p_driven": _si_p_driven,
    "c_si_p_irreversible": _si_p_irreversible,
    "c_sulfide_table": _sulfide_table,
    "c_llzto_better": _llzto_better,
    "c_doping_limits": _doping_limits,
    "c_f_sei": _f_sei,
    "c_si_no_dendrite": _no_plating_on_silicon,
    "c_peo_limits": _peo_limits,
    "c_rt_polymer": _polymer_slows,
    "c_oxide_cond": _oxide_cond,
    "c_sulfide_cond": _sulfide_cond,
    "c_wide_temperature": _wide_temperature,
    "c_soft_tradeoff": _soft_tradeoff,
}
"""Claim to its check; a claim that is not here is untestable today."""


def check_claims() -> ClaimScorecard:
    """Every claim with its verdict."""
    return ClaimScorecard(tuple(_verdict(c) for c in claims()))


def _verdict(claim: Claim) -> Verdict:
    check = (CHECKS | SILICON | DEVICE_CHECKS).get(claim.id)
    if check is None:
        why = OUT_OF_REACH.get(claim.kind, "no model speaks of it yet")
        return Verdict(claim, "untestable", why)
    try:
        holds, because = check()
    except AnolyteError as error:
        return Verdict(claim, "untestable", str(error))
    return Verdict(claim, "pass" if holds else "fail", because)
