"""Midpoints and bands where the pass is known, and beside another program's band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

pytest.importorskip("spglib", reason="symmetry is spglib's")
pytest.importorskip("ase", reason="radii and the oracle are ase's")

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.midpoint import midpoints, rattled
from anolyte.atoms.nudged_band import between, even_distances, passes, settle
from anolyte.atoms.pool import relax
from anolyte.atoms.potentials import FromAse, Point

SIDES = (3.0, 3.3, 3.7)
HOMES = (("Li", 0.0), ("F", 0.5))


@dataclass(frozen=True)
class Waves:
    """Each atom in a periodic field with the period of the cell, lowest where it belongs.

    Args:
        heights: Of the field along each axis, eV; orthogonal cells.
        seconds: Of its second harmonic, eV.
        homes: Fraction at which each element rests.
        period: angstrom.
    """

    heights: tuple[float, float, float]
    period: tuple[float, float, float]
    homes: tuple[tuple[str, float], ...] = (("Li", 0.0),)
    seconds: tuple[float, float, float] = (0.0, 0.0, 0.0)
    model: str = "waves"

    def many(self, crystals: Sequence[Crystal]) -> list[Point]:
        return [self._one(c) for c in crystals]

    def _one(self, crystal: Crystal) -> Point:
        home = dict(self.homes)
        at = np.array(crystal.positions) @ crystal.matrix / np.array(self.period)
        phase = 2.0 * np.pi * (at - np.array([home[s] for s in crystal.symbols])[:, None])
        one, two = 0.5 * np.array(self.heights), 0.5 * np.array(self.seconds)
        energy = (one * (1.0 - np.cos(phase)) + two * (1.0 - np.cos(2.0 * phase))).sum()
        slope = one * np.sin(phase) + 2.0 * two * np.sin(2.0 * phase)
        forces = -slope * 2.0 * np.pi / np.array(self.period)
        return Point(float(energy), forces, np.zeros((3, 3)))


def cell() -> Crystal:
    return Crystal.of_arrays(np.diag(SIDES), ("Li", "F"), np.array([[0, 0, 0], [0.5, 0.5, 0.5]]))


@pytest.mark.parametrize("way", [midpoints, passes])
def test_barriers_of_a_known_field(way: Any) -> None:
    field = Waves((0.3, 0.2, 0.5), SIDES, HOMES)
    found = way(cell(), field, fmax=0.003)
    assert found.why == "" and found.dimensions == 3
    assert found.barriers == pytest.approx((0.2, 0.3, 0.5), abs=2e-3)
    assert found.sites == pytest.approx({0: 0.0}, abs=1e-3)


def test_a_hollow_halfway_is_no_barrier_of_a_midpoint_but_a_pass_of_a_band() -> None:
    heights, seconds = (-0.1, 0.4, 0.4), (0.2, 0.0, 0.0)
    field = Waves(heights, SIDES, HOMES, seconds)
    found = midpoints(cell(), field, fmax=0.01)
    assert found.tops[0].energy is None and "below an end" in found.why
    assert found.barriers[0] is None and found.barriers[2] is None
    x = np.linspace(0.0, 2.0 * np.pi, 4001)
    true = (-0.05 * (1 - np.cos(x)) + 0.1 * (1 - np.cos(2 * x))).max()
    assert passes(cell(), field, fmax=0.01).barriers[0] == pytest.approx(true, abs=2e-3)


class Wild:
    model = "wild"

    def many(self, crystals: Any) -> list[Point]:
        return [Point(0.0, np.full((len(c.symbols), 3), 90.0), np.zeros((3, 3))) for c in crystals]


@pytest.mark.parametrize("way", [midpoints, passes])
def test_what_explodes_or_does_not_end_is_unknown_with_its_reason(way: Any) -> None:
    lost = way(cell(), Wild())
    assert lost.barriers == (None, None, None) and "156 eV/angstrom" in lost.why
    short = way(cell(), Waves((0.3, 0.2, 0.5), SIDES, HOMES), fmax=1e-3, steps=2)
    assert None in short.barriers and "after 2 steps" in short.why


def test_the_same_seed_gives_the_same_barrier() -> None:
    field = Waves((0.3, 0.2, 0.5), SIDES, HOMES)
    assert passes(cell(), field, seed=4) == passes(cell(), field, seed=4)
    assert rattled(cell(), 1) != rattled(cell(), 2)


def test_even_distances_go_around_what_stands_on_the_line() -> None:
    lattice = 12.0 * np.eye(3)
    start = np.array([[4.0, 6.1, 6.0], [6.0, 5.9, 6.0]])
    end = start.copy()
    end[0, 0] = 8.0
    line = np.linspace(start, end, 7)
    bent = even_distances(line, lattice)
    nearest = [np.linalg.norm(p[:, 0] - p[:, 1], axis=1).min() for p in (line, bent)]
    assert nearest[0] < 0.3 and nearest[1] > 1.2
    assert np.allclose(bent[[0, -1]], line[[0, -1]])


def vacant_copper() -> tuple[Crystal, Crystal]:
    a = 3.61
    cells = np.array(list(np.ndindex(2, 2, 2)))
    basis = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    at = (basis[:, None, :] + cells[None, :, :]).reshape(-1, 3) / 2.0
    kept, goal = np.delete(at, 8, axis=0), at[8]  # atom 0 goes to the hole at (1/4, 1/4, 0)
    moved = kept.copy()
    moved[0] = goal
    made = [Crystal.of_arrays(2 * a * np.eye(3), ("Cu",) * 31, p) for p in (kept, moved)]
    return made[0], made[1]


def test_the_band_of_another_program_has_the_same_pass() -> None:
    from ase.calculators.emt import EMT
    from ase.mep import NEB
    from ase.optimize import FIRE
    from pymatgen.io.ase import AseAtomsAdaptor

    potential = FromAse(EMT(), "EMT")
    ends = dict(relax(vacant_copper(), potential, fmax=0.01, cells=False))
    way = np.zeros((31, 3))
    way[0] = [1.805, 1.805, 0.0]
    band = between(ends[0], ends[1], way, images=3)
    [done] = settle([band], potential, fmax=0.03)
    images: list[Any] = [AseAtomsAdaptor.get_atoms(ends[0].crystal.pymatgen()) for _ in range(5)]
    images[-1] = AseAtomsAdaptor.get_atoms(ends[1].crystal.pymatgen())
    theirs = NEB(images, climb=True, method="improvedtangent")
    theirs.interpolate("idpp", mic=True)
    for image in images:
        image.calc = EMT()
    quiet: Any = None
    FIRE(theirs, logfile=quiet).run(fmax=0.03, steps=200)
    top = max(image.get_potential_energy() for image in images) - ends[0].energy
    assert done.why == ""
    assert done.top[0] - ends[0].energy == pytest.approx(top, abs=3e-3)
    assert 0.5 < top < 0.9  # of the order of a vacancy in copper
