r"""What a solid turns into in a gas that gives and takes molecules at fixed partial pressures.

The gases of the atmosphere are reservoirs; every other gas is carried away at a pressure of its
own. The driving force is what the system releases beyond what the solid does by itself,

$$ \Delta\Phi = \min_{x \ge 0,\, y} \Big[ \sum_k G_k x_k - \sum_r G_r(p_r)\, y_r \Big]
   - E_{hull}(b), \qquad \sum_k x_k A_k = b + \sum_r y_r A_r , $$

per atom of the solid. By *exchange* no element changes its oxidation state: only phases that are
neutral with the states of the solid take part, as in hydrolysis and carbonation near room
temperature. With redox, everything that equilibrium allows is counted, however slow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.units import FARADAY, GAS_CONSTANT
from anolyte.laws.gibbs import GibbsPhase, GibbsPhases
from anolyte.materials import formula
from anolyte.materials.charge import STATES
from anolyte.materials.phases import WAYS_TO_ADD
from anolyte.materials.reaction import Reaction
from anolyte.numerics import hull
from anolyte.numerics.hull import NEGLIGIBLE
from anolyte.numerics.reservoir import open_equilibrium

OUT_OF_USE = 30.0
"""eV/atom that keep a phase out of an equilibrium that can do without it."""
DRIVEN = 1e-7
"""eV per atom by which a reaction must be driven to count."""
CHARGE = 0.03
"""Charge per formula unit that a printed solid solution may miss."""
LEAST = 1e-40
"""Pa from which on thresholds are looked for."""
LARGEST_EXPONENT = 600.0
ANIONS = ("N", "O", "F", "Cl", "Br", "I", "S", "Se", "Te")


def oxidation_states(composition: Mapping[str, float]) -> dict[str, float] | None:
    """The oxidation states of a solid: anions lowest, cations highest, or the one that is left.

    Returns:
        Element to state, hydrogen, oxygen and carbon of the air included; None where none balance
        (metals).

    >>> oxidation_states({"Li": 3, "P": 1})["P"]
    -3.0
    >>> oxidation_states({"Li": 1}) is None
    True
    """
    if any(e not in STATES for e in composition) or len(composition) < 2:
        return None
    states = {e: float(STATES[e][0] if e in ANIONS else STATES[e][1]) for e in composition}
    charge = sum(n * states[e] for e, n in composition.items())
    if abs(charge) > CHARGE:
        variable = [e for e in composition if STATES[e][0] != STATES[e][1] and e not in ANIONS]
        variable = [e for e in variable if STATES[e][0] > 0] or variable  # metals give way first
        if len(variable) != 1:
            return None
        (element,) = variable
        state = states[element] - charge / composition[element]
        low, high = STATES[element]
        # An anion such as phosphide has its lowest state; in between lie alloys and Zintl phases.
        if not low <= state <= high or (state < 0.0 and abs(state - low) > CHARGE):
            return None
        states[element] = state
    return {"H": 1.0, "O": -2.0, "C": 4.0} | states


@dataclass(frozen=True)
class Outcome:
    """What became of one formula unit.

    Args:
        driving_force: eV per atom of the solid (<= 0).
        products: Formula units formed; gases by formula.
        released, taken: Molecules of gas.
    """

    driving_force: float
    products: Mapping[str, float]
    released: Mapping[str, float] = field(default_factory=dict)
    taken: Mapping[str, float] = field(default_factory=dict)

    @property
    def driven(self) -> bool:
        """Whether anything happens."""
        return self.driving_force < -DRIVEN

    @property
    def mass_gain(self) -> float:
        """What is taken up less what is given off, kg per mole of the solid."""
        gained = 0.0
        for gases, sign in ((self.taken, 1.0), (self.released, -1.0)):
            gained += sign * sum(
                n * formula.molar_mass(formula.parse(gas)) for gas, n in gases.items()
            )
        return gained

    def reaction(self, text: str) -> Reaction:
        """Balanced, from one formula unit."""
        return Reaction({text: 1.0, **self.taken}, self.products, tuple(self.released))


class Exposure:
    """One solid in touch with some gases of an atmosphere.

    Args:
        phases: With the gases at their pressures.
        composition: Of one formula unit.
        reservoirs: Formulas of the gases that are supplied without limit.
        states: Oxidation states that nothing changes; None: redox is free.

    Raises:
        DataError: A gas that the energies do not hold, or a solid that cannot be balanced.
    """

    def __init__(
        self,
        phases: GibbsPhases,
        composition: Mapping[str, float],
        reservoirs: Sequence[str],
        states: Mapping[str, float] | None = None,
    ) -> None:
        elements = {*composition, *(e for g in reservoirs for e in formula.parse(g))}
        self.table = phases.within(elements)
        assert isinstance(self.table, GibbsPhases)
        self.temperature = phases.temperature
        self.atoms = formula.atoms(composition)
        self.target = self.table.vector(composition)
        self.gases = {p.formula: i for i, p in enumerate(self.table.rows) if p.state == "gas"}
        if lacking := [g for g in reservoirs if g not in self.gases]:
            raise DataError(f"the energies hold no gas {', '.join(lacking)}; {WAYS_TO_ADD}")
        self.reservoirs = [self.gases[g] for g in reservoirs]
        self.barred = np.zeros(len(self.table.rows))
        if states is not None:
            self.barred[[not _neutral(c, states) for c in self.table.compositions]] = OUT_OF_USE

    @property
    def possible(self) -> bool:
        """Whether the gases take part, and the solid and what becomes of it can be balanced."""
        if self.barred[self.reservoirs].any():
            return False  # a hydride has no state in common with water
        try:
            self.outcome()
        except DataError:
            return False
        return True

    def outcome(self, energies: NDArray[np.float64] | None = None) -> Outcome:
        """What happens, with other energies of the rows if given, eV/atom.

        Raises:
            DataError: Nothing balances without a change of oxidation states.
        """
        free = self.table.energies if energies is None else energies
        allowed = self.barred + free
        opened = open_equilibrium(self.table.fractions, allowed, self.target, self.reservoirs)
        if any(self.barred[row] and amount > NEGLIGIBLE for row, amount in opened.amounts.items()):
            raise DataError("no phases balance the solid without a change of oxidation states")
        # By itself the solid may do anything: what is neutral need not hold all of its elements.
        closed = hull.lower_hull(self.table.fractions, free, self.target)
        products: dict[str, float] = {}
        taken: dict[str, float] = {}
        released: dict[str, float] = {}
        for row, amount in opened.amounts.items():
            text = self.table.rows[row].formula
            units = amount * self.atoms / self.table.atoms[row]
            side, gas = (taken, -units) if amount < 0.0 else (products, units)
            side[text] = side.get(text, 0.0) + gas
            if amount > 0.0 and row in self.gases.values():
                released[text] = units
        return Outcome(min(opened.energy - closed.energy, 0.0), products, released, taken)

    def onset(self, gas: str, most: float) -> float | None:
        """Pressure of a reservoir (Pa) from which on the reaction is driven.

        Args:
            gas: One of the reservoirs.
            most: Pressure (Pa) up to which it is looked for.

        Returns:
            Zero where the reaction is driven without this gas; None where it is not up to `most`.
        """
        row = self.gases[gas]
        return _threshold(lambda p: self.outcome(self._with_pressure(row, p)).driven, most)

    def equilibrium_pressure(self, gas: str, outcome: Outcome) -> float:
        r"""Pressure of a released gas at which the whole reaction stands still, Pa.

        $$ p_{eq} = p \exp\frac{-N \Delta\Phi}{\nu\, k_B T} $$

        with the other gases as they are; infinite beyond the largest number.
        """
        phase = self.table.rows[self.gases[gas]]
        assert isinstance(phase, GibbsPhase) and phase.pressure
        released = -outcome.driving_force * self.atoms / outcome.released[gas]
        exponent = released * FARADAY / (GAS_CONSTANT * self.temperature)
        return phase.pressure * math.exp(exponent) if exponent < LARGEST_EXPONENT else math.inf

    def supply(self, outcome: Outcome) -> float:
        """m3 of the atmosphere that carry the gases needed, per mole of the solid."""
        volumes = [0.0]
        for gas, amount in outcome.taken.items():
            phase = self.table.rows[self.gases[gas]]
            assert isinstance(phase, GibbsPhase) and phase.pressure
            volumes.append(amount * GAS_CONSTANT * self.temperature / phase.pressure)
        return max(volumes)

    def _with_pressure(self, row: int, pressure: float) -> NDArray[np.float64]:
        phase = self.table.rows[row]
        assert isinstance(phase, GibbsPhase) and phase.pressure
        energies = self.table.energies.copy()
        change = GAS_CONSTANT * self.temperature * math.log(pressure / phase.pressure)
        energies[row] += change / FARADAY / self.table.atoms[row]
        return energies


def _neutral(composition: Mapping[str, float], states: Mapping[str, float]) -> bool:
    charge = sum(n * states[e] for e, n in composition.items())
    return abs(charge) <= CHARGE


def _threshold(beyond: Callable[[float], bool], most: float) -> float | None:
    """Pressure (Pa) where a condition begins to hold: 0 for all, None for none up to `most`."""
    if beyond(LEAST):
        return 0.0
    if not beyond(most):
        return None
    low, high = math.log10(LEAST), math.log10(most)
    while high - low > 1e-4:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if beyond(10.0**middle) else (middle, high)
    return 10.0**high
