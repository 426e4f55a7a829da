"""Cells relaxed together against ASE, one by one, on a potential that needs no network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("ase", reason="the potential of these tests is ASE's")
pytest.importorskip("pymatgen", reason="structures are handed over as pymatgen's")

from anolyte.atoms import potentials
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.pool import Rest, _Walk, relax
from anolyte.atoms.potentials import FromAse, Point


def emt() -> FromAse:
    from ase.calculators.emt import EMT

    return FromAse(EMT(), "effective medium theory")


def cell(seed: int, symbols: tuple[str, ...] = ("Cu", "Au", "Cu", "Cu")) -> Crystal:
    """A sheared, displaced cell of four atoms."""
    draws = np.random.default_rng(seed)
    corners = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    lattice = 3.8 * np.eye(3) + 0.1 * draws.standard_normal((3, 3))
    return Crystal.of_arrays(lattice, symbols, corners + 0.01 * draws.standard_normal((4, 3)))


def test_the_gradient_is_that_of_the_energy() -> None:
    potential, walk = emt(), _Walk.of(cell(1))
    walk.x = walk.x + 0.02 * np.random.default_rng(2).standard_normal(walk.x.shape)

    def energy(x: np.ndarray) -> float:
        # Unrounded: a crystal keeps six decimals.
        from pymatgen.core import Lattice, Structure

        deformation = x[-3:] / 4.0
        lattice = Lattice(walk.frame @ deformation.T)
        return potential(Structure(lattice, list(walk.start.symbols), x[:-3] @ deformation.T,
                                   coords_are_cartesian=True)).energy  # fmt: skip

    now = walk.crystal()
    gradient = walk.gradient(potential.many([now])[0], now.volume)
    for place in [(0, 0), (2, 1), (4, 0), (4, 1), (5, 2), (6, 0)]:
        step = np.zeros_like(walk.x)
        step[place] = 1e-4
        slope = (energy(walk.x + step) - energy(walk.x - step)) / 2e-4
        assert gradient[place] == pytest.approx(slope, abs=2e-4)


def test_cells_come_to_rest_where_ase_puts_them() -> None:
    cells, potential = [cell(k) for k in range(4)], emt()
    found = dict(relax(cells, potential, fmax=0.005, atoms=8))
    assert sorted(found) == [0, 1, 2, 3]
    for k, crystal in enumerate(cells):
        theirs = potentials.relax(crystal.pymatgen(), potential, fmax=0.005)
        assert not found[k].why
        assert found[k].energy == pytest.approx(theirs.energy, abs=4e-3)
        assert found[k].crystal.volume == pytest.approx(theirs.structure.volume, rel=2e-3)


def test_the_company_of_others_changes_nothing() -> None:
    cells, potential = [cell(k) for k in range(5)], emt()
    alone = dict(relax(cells, potential, atoms=1))
    together = dict(relax(cells, potential, atoms=100))
    assert alone == together


class Broken:
    """A potential that pulls everything apart."""

    model = "broken"

    def many(self, crystals: Any) -> list[Point]:
        return [Point(0.0, np.zeros((len(c.symbols), 3)), -0.5 * np.eye(3)) for c in crystals]


def test_what_is_lost_says_so_and_the_others_go_on() -> None:
    ends = dict(relax([cell(0), cell(1)], Broken(), steps=40))
    assert all(isinstance(e, Rest) and "of its start" in e.why for e in ends.values())
    short = dict(relax([cell(0)], emt(), fmax=1e-9, steps=3))
    assert "after 3 steps" in short[0].why
