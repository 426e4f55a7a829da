"""Bond-valence landscapes against a plain sum, symmetry, and another program's barriers."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("ase", reason="radii are those of ase")

from anolyte.atoms.bond_valence import COULOMB, SCREENING, landscape, pairs
from anolyte.atoms.crystal import Crystal
from anolyte.core.errors import AnolyteError, DataError, MissingProperty


def salt(anion: str, length: float) -> Crystal:
    """Rock salt, primitive cell."""
    h = length / 2.0
    return Crystal(((0.0, h, h), (h, 0.0, h), (h, h, 0.0)), ("Li", anion),
                   ((0.0, 0.0, 0.0), (0.5, 0.5, 0.5)))  # fmt: skip


def antifluorite(anion: str, length: float) -> Crystal:
    h = length / 2.0
    return Crystal(((0.0, h, h), (h, 0.0, h), (h, h, 0.0)), (anion, "Li", "Li"),
                   ((0.0, 0.0, 0.0), (0.25, 0.25, 0.25), (0.75, 0.75, 0.75)))  # fmt: skip


# Barriers of bvlain 0.25.1 (its own k = 100, bisection to 0.02 eV) on the same cells, eV.
OTHERS = [(salt("F", 4.026), 0.5957), (salt("Cl", 5.140), 0.625), (salt("I", 6.000), 0.5176),
          (antifluorite("O", 4.619), 0.3418), (antifluorite("S", 5.710), 0.3809)]  # fmt: skip


@pytest.mark.parametrize(("crystal", "theirs"), OTHERS, ids=lambda x: getattr(x, "formula", ""))
def test_barriers_are_those_of_another_program(crystal: Crystal, theirs: float) -> None:
    # Both grids of 0.2 angstrom miss the bottleneck by some hundredths of an eV.
    assert landscape(crystal).barriers[2] == pytest.approx(theirs, abs=0.04)


def test_the_landscape_is_the_plain_sum_of_its_pairs() -> None:
    from ase.data import atomic_numbers, covalent_radii

    lattice = np.array([[5.1, 0.0, 0.0], [0.8, 5.6, 0.0], [-0.4, 0.9, 6.3]])
    symbols = ("Li", "P", "O", "O", "O", "O", "Li", "Li")
    positions = np.random.default_rng(1).random((8, 3))
    crystal = Crystal.of_arrays(lattice, symbols, positions)
    got = landscape(crystal, spacing=0.9, cutoff=6.0).energy
    point = np.array([2, 3, 1])
    where = (point / np.array(got.shape)) @ crystal.matrix
    pair, total = pairs()["O"], 0.0
    rho = SCREENING * sum(covalent_radii[atomic_numbers[e]] for e in ("Li", "P"))
    cells = np.array(list(np.ndindex(7, 7, 7))) - 3
    for symbol, fraction in zip(symbols, crystal.positions, strict=True):
        for r in np.linalg.norm((np.array(fraction) + cells) @ crystal.matrix - where, axis=1):
            if r > 6.0 or symbol == "Li":
                continue
            if symbol == "O":
                total += 0.5 * pair.d0 * ((math.exp(pair.alpha * (pair.r_min - r)) - 1) ** 2 - 1)
            else:
                q = COULOMB * (1 / math.sqrt(2.0)) * (5 / math.sqrt(3.0))
                total += q / r * math.erfc(r / rho)
    assert got[tuple(point)] == pytest.approx(total, rel=1e-9)


def test_a_supercell_and_a_shift_change_nothing() -> None:
    one = salt("Cl", 5.14)
    cells = np.array(list(np.ndindex(2, 2, 2)))
    many = np.concatenate([(cells + p) / 2.0 for p in one.positions])
    symbols = tuple(s for s in one.symbols for _ in range(8))
    double = Crystal.of_arrays(2.0 * one.matrix, symbols, many + 0.25)
    spacing = np.linalg.norm(one.matrix[0]) / 20 + 1e-9  # the same points in both
    low, high = landscape(one, spacing), landscape(double, spacing)
    assert high.energy.shape == (40, 40, 40) and low.energy.shape == (20, 20, 20)
    assert high.barriers == pytest.approx(low.barriers, abs=1e-6)


def test_what_has_no_parameters_says_so() -> None:
    with pytest.raises(MissingProperty, match="no lithium to move"):
        landscape(Crystal(salt("F", 4.0).lattice, ("Na", "F"), salt("F", 4.0).positions))
    with pytest.raises(AnolyteError, match="no anion"):
        landscape(antifluorite("P", 5.0))
    with pytest.raises(DataError, match="grid points are too many"):
        landscape(salt("F", 100.0), spacing=0.2)
    with pytest.raises(DataError, match="do not balance"):
        landscape(salt("O", 4.2))
