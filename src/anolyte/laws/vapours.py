r"""Gases over an electrolyte at an electrode potential: which one, at which pressure.

With lithium held at a potential, what the solid has become keeps every gas at the pressure

$$ \frac{p_g}{p} = \exp\frac{\min_\mu \sum_i n_{gi}\mu_i - G_g(T, p)}{k_B T} , $$

below which the gas leaves it. The least value over all chemical potentials that the phases allow
is a directional derivative of the hull energy,
$-\mathrm{d}E_{hull}(b - \epsilon n_g)/\mathrm{d}\epsilon$.
Range: ideal gases; nothing about rates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.units import FARADAY, GAS_CONSTANT
from anolyte.laws.equilibrium import LITHIUM
from anolyte.laws.gibbs import GibbsPhase, GibbsPhases
from anolyte.materials.phases import Phases
from anolyte.numerics import hull

STEP = 1e-5
"""Share of the closed elements taken away for a derivative; the hull is flat on this scale."""


def gas_pressures(
    phases: Phases, composition: Mapping[str, float], potential: float
) -> dict[str, float]:
    """Pressure of every gas over a composition open to lithium, from high to low, Pa.

    Args:
        phases: Gibbs energies at a temperature.
        composition: Element amounts of one formula unit.
        potential: V vs Li/Li+.

    Raises:
        DataError: The energies are enthalpies.

    >>> from anolyte.laws.gibbs import at
    >>> from anolyte.materials.phases import embedded
    >>> found = gas_pressures(at(embedded(), 298.15), {"Li": 1.0, "Cl": 1.0}, 3.9)
    >>> next(iter(found)), 100.0 < found["Cl2"] < 1000.0
    ('Cl2', True)
    """
    if not isinstance(phases, GibbsPhases):
        raise DataError("gas pressures need Gibbs energies at a temperature; see --temperature")
    table = phases.within({*composition, LITHIUM})
    lithium = table.elements.index(LITHIUM)
    metal = hull.lower_hull(table.fractions, table.energies, np.eye(len(table.elements))[lithium])
    fractions, potentials = hull.grand_potential(
        table.fractions, table.energies, lithium, metal.energy - potential
    )
    target = np.array([composition.get(e, 0.0) for e in table.elements], dtype=np.float64)
    target[lithium] = 0.0
    if not target.any():
        return {}  # lithium metal: nothing closed that a gas could be made of
    target /= target.sum()
    ground = hull.lower_hull(fractions, potentials, target).energy
    found = {}
    for row, phase in enumerate(table.rows):
        if not isinstance(phase, GibbsPhase) or not phase.pressure or table.fractions[row, lithium]:
            continue
        step = STEP * target[fractions[row] > 0.0].min()
        lower = hull.lower_hull(fractions, potentials, target - step * fractions[row]).energy
        excess = ((ground - lower) / step - potentials[row]) * table.atoms[row]
        exponent = excess * FARADAY / (GAS_CONSTANT * phases.temperature)
        found[phase.formula] = phase.pressure * math.exp(exponent)
    return dict(sorted(found.items(), key=lambda item: -item[1]))
