"""Barriers by a potential as estimates: a value, its error and a class, or why not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("spglib", reason="symmetry is spglib's")
pytest.importorskip("ase", reason="radii are ase's")

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.potentials import Point
from anolyte.core.units import ELEMENTARY_CHARGE as EV
from anolyte.studies.screen.candidates import Candidate
from anolyte.studies.screen.estimates import Judged
from anolyte.studies.screen.estimators.passes import Bands, Midpoints


class Wave:
    """Atoms in a cosine along each axis; the lithium at 0, the rest at a half."""

    model = "wave"

    def __init__(self, heights: tuple[float, float, float]) -> None:
        self.heights = np.array(heights)

    def many(self, crystals: Any) -> list[Point]:
        return [self._one(c) for c in crystals]

    def _one(self, crystal: Crystal) -> Point:
        sides = np.array([3.0, 3.3, 3.7])
        home = np.array([0.0 if s == "Li" else 0.5 for s in crystal.symbols])[:, None]
        phase = 2 * np.pi * (np.array(crystal.positions) @ crystal.matrix / sides - home)
        energy = float((0.5 * self.heights * (1 - np.cos(phase))).sum())
        return Point(energy, -np.pi * self.heights * np.sin(phase) / sides, np.zeros((3, 3)))


def judged(symbol: str = "Li") -> Judged:
    at = np.array([[0, 0, 0], [0.5, 0.5, 0.5]])
    crystal = Crystal.of_arrays(np.diag([3.0, 3.3, 3.7]), (symbol, "F"), at)
    return Judged(Candidate("made", crystal.formula, "test", crystal=crystal))


@pytest.mark.parametrize("kind", [Midpoints, Bands])
def test_barriers_come_with_error_and_class(kind: Any) -> None:
    [found] = kind(Wave((0.9, 0.1, 0.4)))([judged()])
    easy, all_ways = found.best("migration_barrier"), found.best("migration_barrier_3d")
    assert easy is not None and all_ways is not None
    assert easy.value == pytest.approx(0.1 * EV, abs=0.03 * EV) and easy.note.startswith("fast")
    assert all_ways.value == pytest.approx(0.9 * EV, abs=0.03 * EV)
    assert all_ways.note.startswith("slow") and all_ways.sigma == kind(Wave((1, 1, 1))).sigma
    assert kind.name in easy.method and "seed 0" in easy.note
    assert 0.14 * EV < all_ways.sigma < 0.21 * EV
    assert kind(Wave((1, 1, 1))).grade(0.45 * EV) == "unknown"


def test_what_has_no_barrier_says_why() -> None:
    potential = Wave((0.9, 0.15, 0.4))
    none, bare = judged("Na"), Judged(Candidate("bare", "LiF", "test"))
    for j, why in ((none, "no lithium"), (bare, "no structure")):
        [found] = Midpoints(potential)([j])
        best = found.best("migration_barrier")
        assert best is not None and best.value is None and why in best.note
    assert Midpoints(potential).digest != Bands(potential).digest
    assert Midpoints(potential).digest != Midpoints(potential, seed=1).digest
