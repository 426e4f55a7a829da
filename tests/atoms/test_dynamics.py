"""Dynamics where the answer is known: a well, free particles, a wave; and a run that is stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import i0

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.diffusion import (
    Diffusivity,
    NearPore,
    NearSurface,
    arrhenius,
    diffusivity,
    drift_free,
    ratio,
    slab_and_bulk,
)
from anolyte.atoms.dynamics import ACCELERATION, BOLTZMANN, Settings, Start, Trajectory, run
from anolyte.atoms.forces import Forces
from anolyte.atoms.potentials import Point
from anolyte.core.errors import DataError

LITHIUM = 6.94


@dataclass(frozen=True)
class Waves:
    """Each atom in a periodic field with the period of the cell, lowest where it belongs.

    Args:
        heights: Of the field along each axis, eV; orthogonal cells.
        period: angstrom.
    """

    heights: tuple[float, float, float]
    period: tuple[float, float, float]
    model: str = "waves"

    def many(self, crystals: Sequence[Crystal]) -> list[Point]:
        return [self._one(c) for c in crystals]

    def _one(self, crystal: Crystal) -> Point:
        at = np.array(crystal.positions) @ crystal.matrix / np.array(self.period)
        phase = 2.0 * np.pi * (at)
        one = 0.5 * np.array(self.heights)
        energy = (one * (1.0 - np.cos(phase))).sum()
        slope = one * np.sin(phase)
        forces = -slope * 2.0 * np.pi / np.array(self.period)
        return Point(float(energy), forces, np.zeros((3, 3)))


@dataclass(frozen=True)
class Springs:
    """Each atom tied to a point of its cell; stiffness 0 leaves it free."""

    stiffness: float
    home: tuple[float, float, float] = (0.5, 0.5, 0.5)
    model: str = "springs"

    def many(self, crystals: Sequence[Crystal]) -> list[Point]:
        return [self._one(c) for c in crystals]

    def _one(self, crystal: Crystal) -> Point:
        away = np.array(crystal.positions) - np.array(self.home)
        away = (away - np.rint(away)) @ crystal.matrix
        energy = 0.5 * self.stiffness * float((away**2).sum())
        return Point(energy, -self.stiffness * away, np.zeros((3, 3)))


def atoms(count: int, length: float = 12.0, symbol: str = "Li") -> Crystal:
    at = np.full((count, 3), 0.5)
    return Crystal.of_arrays(length * np.eye(3), (symbol,) * count, at)


def test_a_well_holds_its_share_of_the_heat() -> None:
    stiffness, temperature = 2.0, 600.0
    [t] = run([Start(atoms(60), temperature)], Springs(stiffness), Settings(2500, 2.0, 0.02))
    settled = t.frames[100:] - 6.0
    assert (settled**2).mean() == pytest.approx(BOLTZMANN * temperature / stiffness, rel=0.05)
    assert t.temperatures[100:].mean() == pytest.approx(temperature, rel=0.04)
    assert 2.0 * t.energies[100:].mean() / 180 == pytest.approx(BOLTZMANN * temperature, rel=0.05)


def test_free_particles_diffuse_as_einstein_says() -> None:
    friction, temperature = 0.05, 800.0
    [t] = run([Start(atoms(80), temperature)], Springs(0.0), Settings(3000, 2.0, friction))
    found = diffusivity(t, (200.0, 800.0))
    exact = BOLTZMANN * temperature * ACCELERATION / (LITHIUM * friction) * 1e-5
    assert found.resolved and found.value == pytest.approx(exact, rel=0.1)
    assert abs(found.value - exact) < 4.0 * found.error
    assert found.error < 0.1 * exact


def test_hopping_over_a_wave_rises_with_its_height() -> None:
    height, period, friction = 0.3, 3.0, 0.12
    field = Waves((height,) * 3, (period,) * 3)
    cells = np.array(list(np.ndindex(4, 4, 4))) / 4.0
    crystal = Crystal.of_arrays(12.0 * np.eye(3), ("Li",) * 64, cells)
    heats = (800.0, 1050.0, 1500.0)
    runs = run([Start(crystal, t) for t in heats], field, Settings(5000, 2.0, friction))
    found = [diffusivity(t, (600.0, 1500.0), skip=500.0) for t in runs]
    # Overdamped motion over a cosine: D = kT / (m gamma) / I0(V/2kT)^2.
    kt = BOLTZMANN * np.array(heats)
    exact = kt * ACCELERATION / (LITHIUM * friction) / i0(height / 2.0 / kt) ** 2 * 1e-5
    assert [f.value for f in found] == pytest.approx(exact, rel=0.25)
    slope = -np.polyfit(1.0 / kt, np.log(exact), 1)[0]
    line = arrhenius(found)
    assert line.energy == pytest.approx(slope, abs=max(3.0 * line.error, 0.03))
    assert line.agrees(slope, 0.02) and not line.agrees(2.0, 0.02)


def test_what_sits_still_is_not_resolved_but_bounded() -> None:
    field = Waves((2.0,) * 3, (3.0,) * 3)
    cells = np.array(list(np.ndindex(4, 4, 4))) / 4.0
    crystal = Crystal.of_arrays(12.0 * np.eye(3), ("Li",) * 64, cells)
    [t] = run([Start(crystal, 500.0)], field, Settings(600, 2.0, 0.05))
    found = diffusivity(t, (50.0, 150.0), skip=100.0)
    assert not found.resolved and found.bound > 0.0 and "not resolved below" in str(found)
    # No jump of 2 angstrom among 64 atoms in 1.1 ps: 3 a^2 / (2 d N t).
    assert found.bound >= 0.9 * 3 * 4.0 / (6 * 64 * 1100.0) * 1e-5
    line = arrhenius([found] * 3)
    assert (
        line.energy is None and "resolved at 0 of 3" in line.why and line.agrees(0.3, 0.1) is None
    )


def test_a_stopped_run_goes_on_as_if_it_had_not_been_stopped(tmp_path: Path) -> None:
    field, starts = Springs(1.0), [Start(atoms(3), 300.0), Start(atoms(4), 700.0)]
    whole = run(starts, field, Settings(300, chunk=100))
    place = tmp_path / "state.npz"
    first = run(starts, field, Settings(100, chunk=100), checkpoint=place)
    reports: list[tuple[int, int]] = []
    second = run(starts, field, Settings(300, chunk=100), checkpoint=place,
                 progress=lambda done, total, what: reports.append((done, total)))  # fmt: skip
    assert reports == [(1, 3), (2, 3), (3, 3)]
    for a, b in zip(whole, second, strict=True):
        assert np.array_equal(a.frames, b.frames) and np.array_equal(a.energies, b.energies)
    assert np.array_equal(first[0].frames, whole[0].frames[:20])
    with pytest.raises(DataError, match="another file"):
        run(starts, field, Settings(300, chunk=100, seed=1), checkpoint=place)
    place.write_bytes(b"nothing")
    with pytest.raises(DataError, match="no state of a run"):
        run(starts, field, Settings(300, chunk=100), checkpoint=place)


def test_an_explosion_ends_one_crystal_and_not_the_others() -> None:
    held = Waves((5.0,) * 3, (0.2,) * 3)  # forces of 78 eV/angstrom on a slope
    away = Crystal.of_arrays(12.0 * np.eye(3), ("Li",), np.full((1, 3), 0.05 / 12.0))
    calm = Crystal.of_arrays(12.0 * np.eye(3), ("Li",), np.zeros((1, 3)))
    wild, quiet = run([Start(away, 1.0), Start(calm, 1.0)], held, Settings(100, 0.05))
    assert "eV/angstrom" in wild.why and len(wild.frames) == 0
    assert quiet.why == "" and len(quiet.frames) == 20
    with pytest.raises(DataError, match="ended early"):
        diffusivity(wild, (1.0, 2.0))


def made(frames: np.ndarray, symbols: tuple[str, ...], length: float = 20.0) -> Trajectory:
    start = Start(Crystal.of_arrays(length * np.eye(3), symbols, frames[0] / length), 500.0)
    none: Any = np.zeros(len(frames))
    return Trajectory(start, 10.0, frames, none, none, "made", 0)


def test_drift_and_regions() -> None:
    rng = np.random.default_rng(5)
    frames = np.zeros((4000, 12, 3))
    frames[0] = [[10.0, 10.0, z] for z in (4, 5, 6, 9, 10, 11, 14, 15, 16, 4, 10, 16)]
    steps = np.zeros((3999, 12, 3))
    steps[:, [0, 2, 6, 8], :2] = 0.05 * rng.standard_normal((3999, 4, 2))  # outer ones walk
    frames[1:] = frames[0] + np.cumsum(steps, axis=0)
    frames += np.cumsum(rng.standard_normal((4000, 1, 3)) * 0.1, axis=0)  # all drift together
    t = made(frames, ("Li",) * 9 + ("O",) * 3)
    assert np.allclose(drift_free(t)[:, 9:], drift_free(t)[:1, 9:])
    near = diffusivity(t, (50.0, 300.0), region=NearSurface(3.0), axes=(0, 1))
    deep = diffusivity(t, (50.0, 300.0), region=NearSurface(3.0, inside=True), axes=(0, 1))
    # Four of six near a face walk: 2/3 of 0.05^2 / (2 x 10 fs).
    assert near.value == pytest.approx(2 / 3 * 0.05**2 / 20.0 * 1e-5, rel=0.15)
    assert near.resolved and not deep.resolved and deep.value == pytest.approx(0.0, abs=1e-16)
    told = ratio(near, deep)
    assert told.value is None and told.low > 1.0 and "above" in str(told)
    pore = diffusivity(t, (50.0, 300.0), region=NearPore((0.5, 0.5, 0.5), 2.0), axes=(0, 1))
    assert pore.value == pytest.approx(0.0, abs=1e-16)


def test_ratios_have_an_interval_or_a_bound() -> None:
    one = Diffusivity(900.0, 4e-9, 4e-10, 50.0, 5e-9, True)
    other = Diffusivity(900.0, 2e-9, 2e-10, 50.0, 3e-9, True)
    found = ratio(one, other)
    assert found.value == 2.0 and found.low < 2.0 < found.high
    assert found.low * found.high == pytest.approx(4.0)
    none = Diffusivity(900.0, 0.0, 1e-10, 0.0, 4e-10, False)
    assert str(ratio(none, none)) == "not resolved at 900 K"
    assert ratio(none, one).high == pytest.approx(4e-10 / (4e-9 * np.exp(-0.196)))


def test_too_short_a_run_says_so() -> None:
    [t] = run([Start(atoms(2), 300.0)], Springs(1.0), Settings(100))
    with pytest.raises(DataError, match="run longer"):
        diffusivity(t, (10.0, 1000.0))
    with pytest.raises(DataError, match="divide"):
        Settings(100, every=7)


def test_a_slab_and_its_bulk_lack_the_same_share_of_lithium() -> None:
    pytest.importorskip("pymatgen", reason="slabs are pymatgen's")
    h = 2.31
    oxide = Crystal(((0.0, h, h), (h, 0.0, h), (h, h, 0.0)), ("O", "Li", "Li"),
                    ((0.0, 0.0, 0.0), (0.25, 0.25, 0.25), (0.75, 0.75, 0.75)))  # fmt: skip
    slab, bulk = slab_and_bulk(oxide, (1, 0, 0), thickness=6.0, width=5.5)
    for crystal in (slab, bulk):
        lack = 2 * crystal.symbols.count("O") - crystal.symbols.count("Li")
        assert lack == round(crystal.symbols.count("O") / 8)
        assert np.allclose(crystal.matrix[:2, 2], 0.0, atol=1e-5)
    assert np.allclose(slab.matrix[:2], bulk.matrix[:2], atol=1e-3)
    heights = np.array(slab.positions) @ slab.matrix
    assert (
        12.0 < np.ptp(heights[:, 2]) + 6.0 < slab.volume / abs(np.linalg.det(slab.matrix[:2, :2]))
    )
    with pytest.raises(DataError, match="no slab"):
        slab_and_bulk(oxide, (1, 1, 0), thickness=6.0)


def test_passes_of_a_bearable_size_and_without_stress_where_there_is_such() -> None:
    asked: list[list[int]] = []

    class Recorded(Springs):
        def forces(self, crystals: Sequence[Crystal]) -> list[Point]:
            asked.append([len(c.symbols) for c in crystals])
            return self.many(crystals)

    crystals = [atoms(n) for n in (60, 60, 60, 200, 10)]
    found = Forces(Recorded(1.0)).many(crystals)
    assert asked == [[60, 60], [60], [200], [10]]
    assert [len(p.forces) for p in found] == [60, 60, 60, 200, 10]
    assert len(Forces(Springs(1.0)).many(crystals)) == 5
