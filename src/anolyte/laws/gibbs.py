r"""Reference energies at a temperature: Gibbs energies of phases and of gases at a pressure.

To the energy of a phase k (an enthalpy of formation at 298.15 K) is added what tabulated thermal
functions say of it and of its elements, all at 1 bar, and for gases their partial pressure,

$$ G_k(T) = H_k + \frac{1}{N_k}\Big[ g_k(T) - \sum_e n_{ke}\, g_e(T)
   + \nu_k RT \ln \frac{p_k}{p^\circ} \Big], \qquad g(T) = G(T) - H(298.15\ \mathrm{K}) . $$

A solid without a function is given the functions of the solids that it would fall apart into at
lowest energy (no entropy of reaction, the rule of Neumann and Kopp), corrected to its own entropy
at 298.15 K where that is known. The result is another kind of energy, so one hull never mixes it
with enthalpies.

Range: 200 to 1500 K, ideal gases. Vibrations of solid solutions, configurational entropy and
defects are left out. Source: NASA Glenn coefficients (McBride, Zehe and Gordon 2002), NIST-JANAF
and FREED tables.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.memo import kept
from anolyte.core.units import FARADAY, GAS_CONSTANT
from anolyte.materials import formula, thermal
from anolyte.materials.phases import Phase, Phases, embedded
from anolyte.materials.thermal import HIGHEST, LOWEST, REFERENCE, STANDARD, ThermalFunction
from anolyte.numerics import hull

TABULATED, KNOWN, COMPOUNDS, ELEMENTS = (
    "tabulated", "entropy at 298 K", "estimated from compounds", "estimated with elements",
)  # fmt: skip
SIGMA_ENTROPY = {TABULATED: 0.8, KNOWN: 0.8, COMPOUNDS: 2.5, ELEMENTS: 5.5}
"""J/(K mol of atoms): two tables against each other; estimates against measured entropies."""
BY_COMPOUNDS = ("H", "N", "O", "F", "Cl", "Br", "I")
"""Elements whose own entropy says nothing of a solid: the median of what their binaries imply."""
SIGMA_GAS = 0.01
"""eV/atom; of a gas that the enthalpies do not list."""
LAST_RESORT = 10.0
"""eV/atom by which an element is kept out of an estimate as long as compounds balance it."""
MOST_PRESSURE = 1e8
"""Pa; beyond, no gas is ideal."""


@dataclass(frozen=True, slots=True)
class GibbsPhase(Phase):
    """A phase at a temperature.

    Args:
        entropy: How its entropy is known: tabulated | entropy at 298 K | estimated from compounds |
            estimated with elements.
        constituents: What an estimate was made of, as text.
        pressure: Of a gas, Pa.
    """

    entropy: str = TABULATED
    constituents: str = ""
    pressure: float | None = None


@dataclass(frozen=True)
class GibbsPhases(Phases):
    """A table of Gibbs energies at one temperature.

    Args:
        temperature: K.
        pressures: Of the gases that are not at 1 bar, formula to Pa.
    """

    temperature: float = REFERENCE
    pressures: Mapping[str, float] = field(default_factory=dict)

    def gas(self, text: str) -> GibbsPhase | None:
        """The gas of exactly this molecule."""
        wanted = thermal.key(formula.parse(text), "gas")
        for phase in self.rows:
            if phase.state == "gas" and thermal.key(phase.composition, "gas") == wanted:
                assert isinstance(phase, GibbsPhase)
                return phase
        return None

    def estimated(self, formulas: Iterable[str] | None = None) -> tuple[str, ...]:
        """Those whose entropy is estimated, with what it was made of."""
        wanted = None if formulas is None else set(formulas)
        found = (
            f"{p.formula} = {p.constituents}"
            for p in self.rows
            if isinstance(p, GibbsPhase)
            and p.entropy in (COMPOUNDS, ELEMENTS)
            and (wanted is None or p.formula in wanted)
        )
        return tuple(dict.fromkeys(found))


def at(
    phases: Phases,
    temperature: float,
    gases: Mapping[str, float] | None = None,
    others: float = STANDARD,
) -> GibbsPhases:
    """The table at a temperature.

    Args:
        phases: Enthalpies of formation at 298 K, or energies that stand for them (the user's own).
        temperature: K, 200 to 1500.
        gases: Partial pressure of gases by formula, Pa.
        others: Of every other gas, Pa.

    Raises:
        DataError: A temperature or pressure out of range, a gas without a table, or phases that
            are Gibbs energies already.

    >>> from anolyte.materials.phases import embedded
    >>> salt = at(embedded().within({"Li", "Cl"}), 298.15).find({"Li": 1.0, "Cl": 1.0})
    >>> round(2 * 96.485 * salt.energy, 1)
    -384.3
    """
    _check(phases, temperature)
    stated = {formula.write(formula.parse(g)): p for g, p in (gases or {}).items()}
    for text, pressure in (stated | {"other gases": others}).items():
        if not 0.0 < pressure <= MOST_PRESSURE:
            raise DataError(
                f"{text}: a partial pressure of {pressure:g} Pa is not in 0 < p <= 1 kbar"
            )
    key = (temperature, others, tuple(sorted(stated.items())))
    return kept(phases, "gibbs", key, lambda: _at(phases, temperature, stated, others))


def _check(phases: Phases, temperature: float) -> None:
    if isinstance(phases, GibbsPhases):
        raise DataError(
            f"these energies stand at {phases.temperature:g} K already; start from enthalpies"
        )
    if not LOWEST <= temperature <= HIGHEST:
        raise DataError(
            f"{temperature:g} K: thermal functions reach from {LOWEST:g} to {HIGHEST:g} K"
        )


def _at(
    phases: Phases, temperature: float, gases: Mapping[str, float], others: float
) -> GibbsPhases:
    table = kept(phases, "vapours", None, lambda: _gases_with_functions(phases))
    molecules = {formula.write(p.composition) for p in table.rows if p.state == "gas"}
    if unknown := sorted(set(gases) - molecules):
        raise DataError(
            f"{', '.join(unknown)}: no gas of that formula has a thermal function (or the energies "
            "lack an element of it)"
        )
    origins = kept(table, "origins", None, lambda: _origins(table))
    increments = _increments(table, origins, temperature)
    elements = _elements(table.elements, temperature)
    rows = []
    for phase, origin, own in zip(table.rows, origins, increments, strict=True):
        composition = phase.composition
        count = formula.atoms(composition)
        change = own - sum(n * elements[e] for e, n in composition.items()) / count
        pressure = gases.get(formula.write(composition), others) if phase.state == "gas" else None
        if pressure is not None:
            change += GAS_CONSTANT * temperature * math.log(pressure / STANDARD) / count
        rows.append(_row(phase, origin, change / FARADAY, temperature, pressure, table))
    stated = "".join(f", {g} {p / STANDARD:.4g} bar" for g, p in sorted(gases.items()))
    if others != STANDARD:
        stated += f", other gases {others / STANDARD:.4g} bar"
    kind = f"Gibbs energy at {temperature:g} K{stated} from {phases.kind}"
    return GibbsPhases(tuple(rows), kind, phases.origin, temperature, gases)


def _row(
    phase: Phase,
    origin: _Origin,
    change: float,
    temperature: float,
    pressure: float | None,
    table: Phases,
) -> GibbsPhase:
    """The phase with `change` (eV/atom) added, and what the entropy adds to its uncertainty."""
    reference = len(phase.composition) == 1 and origin.how == TABULATED
    entropy = 0.0 if reference else temperature * SIGMA_ENTROPY[origin.how] / FARADAY
    sigma = None if phase.sigma is None else math.hypot(phase.sigma, entropy)
    parts = [(p if isinstance(p, str) else table.rows[p].formula, x) for p, x in origin.parts]
    own = {f.name: getattr(phase, f.name) for f in fields(Phase)}
    return GibbsPhase(
        **own | {"energy": float(phase.energy + change), "sigma": sigma},
        entropy=origin.how,
        constituents=_spelled(phase.composition, parts),
        pressure=pressure,
    )


def _spelled(composition: Mapping[str, float], parts: list[tuple[str, float]]) -> str:
    """Formula units that one formula unit is taken to consist of, from shares of atoms."""
    count = formula.atoms(composition)
    terms = [(x * count / formula.atoms(formula.parse(text)), text) for text, x in parts]
    return " + ".join(f"{n:.4g} {text}".removeprefix("1 ") for n, text in terms)


# --- How the entropy of each phase is known -------------------------------------------------------


class _Origin(NamedTuple):
    """Of one phase: its function, its own entropy (J/(K mol of atoms)), and shares of others.

    `parts` are atom fractions of rows of the table, or of elements as compounds hold them.
    """

    how: str
    function: ThermalFunction | None = None
    entropy: float | None = None
    parts: tuple[tuple[int | str, float], ...] = ()


def _gases_with_functions(phases: Phases) -> Phases:
    """The table with every gas that has a function, and no other gas.

    Gases join only where the zero of the energies is known to be that of the functions.
    """
    found = {thermal.key(p.composition, "gas"): p for p in phases.rows if p.state == "gas"}
    rows = [p for p in phases.rows if p.state != "gas"]
    for key, (function, *_) in thermal.functions().items():
        inside = set(formula.parse(function.formula)) <= set(phases.elements)
        if key in found:
            rows.append(found[key])
        elif function.state == "gas" and inside and phases.kind == embedded().kind:
            energy = function.enthalpy / FARADAY / function.atoms
            rows.append(Phase(function.formula, energy, SIGMA_GAS, function.source, state="gas"))
    return replace(phases, rows=tuple(rows))


def _origins(table: Phases) -> tuple[_Origin, ...]:
    """How each row's entropy is known; estimates never rest on estimates."""
    found: dict[int, _Origin] = {}
    for i, phase in enumerate(table.rows):
        composition = phase.composition
        function = thermal.find(composition, phase.state, phase.name)
        own = thermal.entropies().get(thermal.key(composition, phase.state))
        if function is not None:
            found[i] = _Origin(TABULATED, function)
        elif own is not None and phase.state != "gas":
            found[i] = _Origin(KNOWN, entropy=own)
    pool = _Pool(table, [i for i, origin in found.items() if origin.function is not None])
    for i, origin in found.items():
        if origin.how == KNOWN:
            found[i] = origin._replace(parts=pool.split(table.compositions[i])[0])
    pool = _Pool(table, found)
    for i in set(range(len(table.rows))) - set(found):
        parts, elements = pool.split(table.compositions[i])
        found[i] = _Origin(ELEMENTS if elements else COMPOUNDS, parts=parts)
    return tuple(found[i] for i in range(len(table.rows)))


class _Pool:
    """The solids that estimates are made of, and the elements as a last resort."""

    def __init__(self, table: Phases, rows: Iterable[int]) -> None:
        usable = [
            i for i in rows if table.rows[i].state == "solid" and len(table.compositions[i]) > 1
        ]
        self.names: list[int | str] = [*usable]
        self.elements = table.elements
        energies = [table.rows[i].energy for i in usable]
        for element in table.elements:
            pure = table.find({element: 1.0})
            held = pure is not None and element not in BY_COMPOUNDS
            self.names.append(table.rows.index(pure) if held else element)
            energies.append(LAST_RESORT)
        self.fractions = np.vstack([table.fractions[usable], np.eye(len(table.elements))])
        self.energies = np.array(energies)
        self.compounds = len(usable)

    def split(
        self, composition: Mapping[str, float]
    ) -> tuple[tuple[tuple[int | str, float], ...], bool]:
        """Shares of atoms of lowest energy, and whether elements are among them."""
        count = formula.atoms(composition)
        target = np.array([composition.get(e, 0.0) / count for e in self.elements])
        mixture = hull.lower_hull(self.fractions, self.energies, target).mixture
        shares = [*zip(mixture.phases, mixture.amounts, strict=True)]
        parts = tuple((self.names[i], float(x)) for i, x in shares)
        return parts, any(i >= self.compounds for i, _ in shares)


# --- Increments at a temperature ------------------------------------------------------------------


def _elements(elements: Iterable[str], temperature: float) -> dict[str, float]:
    """G(T) - H(298 K) of the reference states, J per mole of atoms."""
    found = {}
    for element in elements:
        gas = element in ("H", "N", "O", "F", "Cl")
        composition = {element: 2.0 if gas else 1.0}
        function = thermal.find(composition, "gas" if gas else "condensed")
        if function is None:
            raise DataError(
                f"{element} has no thermal function: no Gibbs energies of its compounds"
            )
        found[element] = function.increment(temperature) / function.atoms
    return found


def _increments(
    table: Phases, origins: tuple[_Origin, ...], temperature: float
) -> NDArray[np.float64]:
    """G(T) - H(298 K) of every row, J per mole of atoms.

    At 298.15 K itself it is -TS: that is how an estimate is corrected to a known entropy.
    """
    now = _tabulated(table, origins, temperature)
    then = _tabulated(table, origins, REFERENCE)
    for how in (KNOWN, COMPOUNDS, ELEMENTS):
        for i, origin in enumerate(origins):
            if origin.how != how:
                continue
            now[i] = sum(x * now[part] for part, x in origin.parts)
            then[i] = sum(x * then[part] for part, x in origin.parts)
            if origin.entropy is not None:
                now[i] -= temperature * (origin.entropy + then[i] / REFERENCE)
                then[i] = -REFERENCE * origin.entropy
    return np.array([now[i] for i in range(len(origins))])


def _tabulated(
    table: Phases, origins: tuple[_Origin, ...], temperature: float
) -> dict[int | str, float]:
    """The same of rows with a function, and of elements as compounds hold them."""
    elements = _elements(table.elements, temperature)
    found: dict[int | str, float] = {}
    implied: dict[str, list[float]] = {e: [] for e in BY_COMPOUNDS}
    for i, origin in enumerate(origins):
        if origin.function is None:
            continue
        found[i] = origin.function.increment(temperature) / origin.function.atoms
        amounts = table.compositions[i]
        special = [e for e in amounts if e in BY_COMPOUNDS]
        if len(amounts) == 2 and len(special) == 1 and table.rows[i].state == "solid":
            (other,) = set(amounts) - set(special)
            left = found[i] * formula.atoms(amounts) - amounts[other] * elements[other]
            implied[special[0]].append(left / amounts[special[0]])
    for element in table.elements:
        values = implied.get(element)
        found[element] = statistics.median(values) if values else elements[element]
    return found
