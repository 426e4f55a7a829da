r"""Equilibrium of a composition in touch with reservoirs that give and take phases without limit.

A reservoir is a row of the phase table, a gas in a flow for instance, whose amount may be negative:

$$ \Phi(b) = \min_{x, y} \sum_k E_k x_k \quad \text{where} \quad \sum_k x_k A_{ki} = b_i, \;
   x_k \ge 0 \text{ except for reservoirs} . $$

A negative amount is taken up. The least energy is that of the system with its uptake valued at the
reservoirs' energies, and the dual variables are the chemical potentials: those of a reservoir's
elements add up to its energy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from anolyte.core.errors import NotConverged
from anolyte.numerics.hull import NEGLIGIBLE
from anolyte.numerics.phase_table import Array, restricted, validated, validated_target
from anolyte.numerics.simplex import minimise


@dataclass(frozen=True, slots=True)
class OpenEquilibrium:
    """Ground state of a composition in touch with reservoirs.

    Attributes:
        amounts: moles of atoms by row of the table; negative: taken from a reservoir.
        chemical_potentials: (m,), nan for elements that are absent.
        energy: of the amounts, what is taken up counted negative.
    """

    amounts: dict[int, float]
    chemical_potentials: Array
    energy: float


def open_equilibrium(
    compositions: ArrayLike, energies: ArrayLike, target: ArrayLike, reservoirs: Sequence[int]
) -> OpenEquilibrium:
    """Ground state of `target` in touch with `reservoirs`.

    Args:
        compositions: fractions of the elements in each phase, (N, m).
        energies: per atom, (N,).
        target: amounts of the elements, (m,).
        reservoirs: rows of the table that may be taken up without limit.

    Raises:
        MissingReference: an element of the target or of a reservoir has no pure phase.
        NotConverged: the reservoirs react with each other for ever.
        ValueError: a reservoir whose energy is infinite (it would be taken for its neighbour).

    >>> table = [[1, 0], [0, 1], [0.5, 0.5]], [0.0, -0.2, -1.0]
    >>> result = open_equilibrium(*table, [1.0, 0.0], [1])
    >>> result.amounts, round(result.energy, 12)
    ({1: -1.0, 2: 2.0}, -1.8)
    """
    compositions, energies = validated(compositions, energies)
    target = validated_target(target, compositions)
    present = (target > 0.0) | (compositions[list(reservoirs)] > 0.0).any(axis=0)
    table = restricted(compositions, energies, present)
    if not np.isin(reservoirs, table.rows).all():
        raise ValueError("a reservoir without a finite energy gives and takes nothing")
    giving, size = np.searchsorted(table.rows, reservoirs), table.rows.size
    amounts = np.vstack([table.compositions, -table.compositions[giving]])
    costs = np.concatenate([table.energies, -table.energies[giving]])
    inside = target[table.elements]
    try:
        basis = minimise(amounts, costs, inside, table.pure())
    except NotConverged as error:
        raise NotConverged(f"{error}; do the reservoirs react with each other?") from None
    found: dict[int, float] = {}
    for column, amount in zip(basis.columns.tolist(), inside @ basis.inverse, strict=True):
        row = int(table.rows[column if column < size else giving[column - size]])
        if amount > NEGLIGIBLE:
            found[row] = found.get(row, 0.0) + float(amount if column < size else -amount)
    potentials = np.full(target.size, np.nan)
    potentials[table.elements] = basis.prices
    return OpenEquilibrium(dict(sorted(found.items())), potentials, float(inside @ basis.prices))
