r"""How the errors of reference energies hang together, and tables of energies drawn from them.

A computed energy is tied to measured ones by the reaction in the column `anchor`, so that the
anchors' errors are in it too. With independent standard normal numbers z, one a composition,

$$ E_k = \bar E_k + r_k z_k + \sum_i y_{ki} \sigma_i z_i, \qquad
   r_k^2 = \sigma_k^2 - \sum_i (y_{ki} \sigma_i)^2 $$

with y the atom fractions of the anchors. The standard deviation of every row stays that of the
table (nothing is counted twice), and an anchor's error cancels in a reaction between the anchor and
what is tied to it. Rows of one composition share one z: an error is not made smaller by entering
more structures, and a hull of polymorphs is not lowered by the least of many draws.

Range: errors of different measured compositions count as independent, though one compilation may
have made the same mistake twice; so do the computed parts of different compositions. Formation
energies have exact elements by convention; in a table of total energies an element's row has one
error a draw, which all reactions share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anolyte.core.memo import kept
from anolyte.materials import formula
from anolyte.materials.phases import Key, Phase, Phases, composition_key

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EnergyErrors:
    """The errors of a table of phases.

    Args:
        phases: The table.
        causes: One formula a composition whose own error enters, in the order of `loading`.
        loading: eV per atom and standard deviation of the cause, (phases, causes).
        assumed: Formulas of the compounds whose standard deviation is not known.
        unknown: What is assumed for them, eV per atom.

    >>> from anolyte.materials.phases import embedded
    >>> errors = energy_errors(embedded().within({"Li", "P", "S"}), 0.025)
    >>> bool(np.allclose(errors.sigma, [p.sigma for p in errors.phases.rows], atol=1e-5))
    True
    """

    phases: Phases
    causes: tuple[str, ...]
    loading: Array
    assumed: tuple[str, ...] = ()
    unknown: float = 0.0

    @property
    def sigma(self) -> Array:
        """Standard deviation of each energy, eV per atom, (phases,)."""
        return np.sqrt((self.loading**2).sum(axis=1))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was assumed, in words."""
        if not self.assumed:
            return ()
        return (
            f"no standard deviation is known for {len(self.assumed)} of the compounds: "
            f"{1000.0 * self.unknown:.0f} meV/atom assumed, and the elements exact",
        )

    @cached_property
    def _rows(self) -> dict[Key, int]:
        """Row of the lowest phase of each composition."""
        found: dict[Key, int] = {}
        for row, composition in enumerate(self.phases.compositions):
            name = composition_key(composition)
            if name not in found or self.phases.energies[row] < self.phases.energies[found[name]]:
                found[name] = row
        return found

    def of(self, amounts: Mapping[str, float]) -> float:
        r"""Standard deviation of a sum of energies, $|\sum_k n_k N_k L_k|$, eV.

        Args:
            amounts: Moles of formula units, products positive, reactants negative.

        Raises:
            KeyError: A formula that the table does not hold.
        """
        total = np.zeros(len(self.causes))
        for text, n in amounts.items():
            composition = formula.parse(text)
            row = self._rows[composition_key(composition)]
            total += n * formula.atoms(composition) * self.loading[row]
        return float(np.sqrt(total @ total))

    def normal(self, draws: int, seed: int) -> Array:
        """Standard normal numbers, (draws, causes).

        A composition's numbers depend on the seed and on itself alone, so that two electrolytes, or
        two tables, are compared under the same errors.
        """
        columns = [
            np.random.default_rng([seed, _fingerprint(formula.parse(f))]).standard_normal(draws)
            for f in self.causes
        ]
        return np.stack(columns, axis=1) if columns else np.zeros((draws, 0))

    def energies(self, normal: Array) -> Array:
        """Energies in eV per atom, (draws, phases)."""
        # Not a product of BLAS: its sums depend on the number of threads in the last bit.
        return self.phases.energies + np.einsum("dc,pc->dp", normal, self.loading)


def energy_errors(phases: Phases, unknown: float) -> EnergyErrors:
    """The errors of a table.

    Args:
        phases: The table; anchors that it does not hold leave their part with the phase itself.
        unknown: Standard deviation of a compound of which none is known, eV per atom; an element
            without one is exact, its error being that of the compounds.
    """
    return kept(phases, "errors", unknown, lambda: _errors(phases, unknown))


def _errors(phases: Phases, unknown: float) -> EnergyErrors:
    keys = [composition_key(c) for c in phases.compositions]
    column = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    first: dict[Key, Phase] = {}
    for phase, key in zip(phases.rows, keys, strict=True):
        if phase.state == "solid" and not phase.anchor:
            first.setdefault(key, phase)
    loading = np.zeros((len(keys), len(column)))
    assumed: dict[str, None] = {}
    for row, (phase, key) in enumerate(zip(phases.rows, keys, strict=True)):
        sigma = phase.sigma
        if sigma is None:
            sigma = unknown if len(key) > 1 else 0.0
            assumed |= {phase.formula: None} if sigma else {}
        parts = {
            other: share * (first[other].sigma or 0.0)
            for other, share in _anchors(phase).items()
            if other in first and other != key
        }
        carried = sum(part * part for part in parts.values())
        # A carried part beyond the whole (a table edited by hand) is scaled down to the whole.
        scale = min(1.0, sigma / np.sqrt(carried)) if carried else 1.0
        for other, part in parts.items():
            loading[row, column[other]] = scale * part
        loading[row, column[key]] = np.sqrt(max(sigma**2 - carried, 0.0))
    used = np.flatnonzero(loading.any(axis=0))
    lowest = [phases.find(phases.compositions[keys.index(key)]) for key in column]
    causes = [phase.formula for phase in lowest if phase is not None]
    named = tuple(causes[i] for i in used)
    return EnergyErrors(phases, named, loading[:, used], tuple(assumed), unknown)


def _anchors(phase: Phase) -> dict[Key, float]:
    """Composition of each anchor and its share of the phase's atoms.

    >>> from anolyte.core.provenance import Source
    >>> row = Phase("Li3P", -0.6, 0.1, Source("x"), anchor="Li3P = 3 Li + P")
    >>> _anchors(row)
    {(('Li', 1.0),): 0.75, (('P', 1.0),): 0.25}
    """
    _, _, right = phase.anchor.partition(" = ")
    found: dict[Key, float] = {}
    for term in filter(None, right.split(" + ")):
        amount, _, text = term.rpartition(" ")
        composition = formula.parse(text)
        share = float(amount or 1.0) * formula.atoms(composition) / formula.atoms(phase.composition)
        found[composition_key(composition)] = share
    return found


def _fingerprint(composition: Mapping[str, float]) -> int:
    """A number that every table and every computer gives to a composition."""
    text = repr(composition_key(composition)).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big")
