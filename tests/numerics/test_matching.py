"""Common cells of plane lattices: known ones, and that nothing small is missed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from anolyte.numerics.matching import matches

SQUARE = np.eye(2)
HEXAGON = np.array([[1.0, 0.0], [-0.5, np.sqrt(3.0) / 2.0]])


def turned(lattice: np.ndarray, angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return lattice @ np.array([[c, s], [-s, c]])


def test_a_turned_copy_fits_without_strain() -> None:
    best = matches(3.1 * HEXAGON, turned(3.1 * HEXAGON, 0.3), area=10.0)[0]
    assert best.strain < 1e-9 and best.area == pytest.approx(3.1**2 * np.sqrt(3) / 2)


def test_root_two_and_root_three_cells_are_found() -> None:
    root2 = matches(SQUARE, turned(np.sqrt(2.0) * SQUARE, np.pi / 4), area=2.1)[0]
    assert root2.strain < 1e-9 and abs(round(np.linalg.det(root2.first))) == 2
    root3 = matches(HEXAGON, turned(np.sqrt(3.0) * HEXAGON, np.pi / 6), area=2.7)[0]
    assert root3.strain < 1e-9 and abs(round(np.linalg.det(root3.first))) == 3


def test_the_stretch_brings_one_cell_onto_the_other_up_to_a_turn() -> None:
    draws = np.random.default_rng(5)
    first = 3.0 * np.eye(2) + 0.3 * draws.standard_normal((2, 2))
    second = 4.0 * np.eye(2) + 0.3 * draws.standard_normal((2, 2))
    found = matches(first, second, area=150.0, strain=0.03)
    assert found
    for match in found[:20]:
        a = match.first @ first @ match.stretch
        b = match.second @ second
        assert a @ a.T == pytest.approx(b @ b.T, abs=1e-8)  # equal lengths and angle
        assert abs(np.linalg.det(b)) == pytest.approx(match.area)
        u = np.linalg.eigvalsh(match.stretch) - 1.0
        assert match.strain == pytest.approx(0.5 * np.abs(u).max())


def test_no_common_cell_of_less_strain_is_missed() -> None:
    draws = np.random.default_rng(11)
    for _ in range(4):
        first = 2.0 * np.eye(2) + 0.4 * draws.standard_normal((2, 2))
        second = 2.0 * np.eye(2) + 0.4 * draws.standard_normal((2, 2))
        area = 4.5 * abs(np.linalg.det(second))
        found = matches(first, second, area, strain=0.08)
        least = min((m.strain for m in found), default=np.inf)
        assert least == pytest.approx(brute(first, second, area, 0.08), abs=1e-9)


def brute(first: np.ndarray, second: np.ndarray, area: float, most: float) -> float:
    """The least shared strain over all integer matrices of small entries."""
    matrices = [np.array(v).reshape(2, 2) for v in itertools.product(range(-4, 5), repeat=4)]
    matrices = np.array([m for m in matrices if round(float(np.linalg.det(m))) > 0])
    a, b = matrices @ first, matrices @ second
    b = b[np.abs(np.linalg.det(b)) <= area + 1e-9]
    length, tilt = np.linalg.norm(b, axis=2), np.abs((b[:, 0] * b[:, 1]).sum(axis=1))
    b = b[(length[:, 0] <= length[:, 1] + 1e-9) & (tilt <= 0.5 * length[:, 0] ** 2 + 1e-9)]
    a = a[np.abs(np.linalg.det(a)) <= area * 1.4]
    best = np.inf
    for other in b:
        gradient = np.linalg.inv(a) @ other
        good = np.linalg.det(gradient) > 0.0
        u = np.sqrt(np.linalg.eigvalsh(np.swapaxes(gradient, 1, 2) @ gradient)[good])
        if len(u):
            best = min(best, float(0.5 * np.abs(u - 1.0).max(axis=1).min()))
    return best if best <= most else np.inf
