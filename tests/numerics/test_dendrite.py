"""A dendrite beside the plain equation: balance of heat, symmetry, restart, order of the tip."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.numerics.dendrite import Dendrite
from anolyte.numerics.grid import Grid


def beside(name: str):
    """A module of this folder."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


given = beside("phase_field_problems")


def plain_dendrite(model: Dendrite, melt, step: float, steps: int):
    """The same equation with angles, on whole arrays."""
    phi, heat, h = melt.phase.copy(), melt.heat.copy(), model.grid.spacing[0]

    def flow(along, across, turn):
        angle = turn * np.arctan2(across, along)
        w = 1.0 + model.anisotropy * np.cos(4.0 * angle)
        slope = -4.0 * model.anisotropy * np.sin(4.0 * angle)
        return w**2 * along - turn * w * slope * across

    for _ in range(steps):
        p, u = np.pad(phi, 1, mode="edge"), np.pad(heat, 1, mode="edge")
        x = flow((p[1:-1, 1:] - p[1:-1, :-1]) / h,
                 (p[2:, 1:] + p[2:, :-1] - p[:-2, 1:] - p[:-2, :-1]) / (4.0 * h), 1.0)  # fmt: skip
        y = flow((p[1:, 1:-1] - p[:-1, 1:-1]) / h,
                 (p[1:, 2:] + p[:-1, 2:] - p[1:, :-2] - p[:-1, :-2]) / (4.0 * h), 1.0)  # fmt: skip
        angle = np.arctan2(p[2:, 1:-1] - p[:-2, 1:-1], p[1:-1, 2:] - p[1:-1, :-2])
        melting = 1.0 - phi**2
        rate = (np.diff(x, axis=1) + np.diff(y, axis=0)) / h
        rate += (phi - model.coupling * heat * melting) * melting
        grown = step * rate / (1.0 + model.anisotropy * np.cos(4.0 * angle)) ** 2
        laplacian = np.diff(u[1:-1], n=2, axis=1) + np.diff(u[:, 1:-1], n=2, axis=0)
        heat = heat + step * model.diffusivity * laplacian / h**2 + 0.5 * grown
        phi = phi + grown
    return phi, heat


def test_dendrite_is_the_equation_with_angles():
    model = given.dendrite(24.0, 0.8)
    melt = model.seed(8.0)
    end = model.run(melt, 0.012, 50)
    phi, heat = plain_dendrite(model, melt, 0.012, 50)
    np.testing.assert_allclose(end.phase, phi, atol=1e-13)
    np.testing.assert_allclose(end.heat, heat, atol=1e-13)


def test_pieces_of_solid_anywhere_are_the_equation():
    """Where nothing melts is left out, row by row; here rows end in turn far and near."""
    model = given.dendrite(24.0, 0.8)
    phase = np.full(model.grid.shape, -1.0)
    for row, columns in ((3, 25), (4, 25), (8, 4), (12, 28), (13, 2), (16, 12), (29, 9)):
        phase[row, columns - 2 : columns] = 0.7
    melt = replace(model.seed(8.0), phase=phase)
    for steps in (1, 4):
        end = model.run(melt, 0.012, steps)
        phi, heat = plain_dendrite(model, melt, 0.012, steps)
        np.testing.assert_allclose(end.phase, phi, atol=1e-13)
        np.testing.assert_allclose(end.heat, heat, atol=1e-13)


def test_dendrite_keeps_heat_and_symmetry_and_goes_on():
    """Heat of melting goes nowhere; both arms are the same bits; a stop changes none."""
    model = given.dendrite(120.0, 1.0)
    melt = model.seed(8.0)
    end = model.run(melt, 0.02, 1001)

    def stored(m):
        return float(np.mean(m.heat - 0.5 * m.phase))

    assert stored(end) == pytest.approx(stored(melt), abs=1e-14)
    assert np.array_equal(end.phase, end.phase.T)
    again = model.run(model.run(melt, 0.02, 500), 0.02, 501)
    assert np.array_equal(again.phase, end.phase) and np.array_equal(again.heat, end.heat)
    assert end.time == pytest.approx(again.time)
    assert model.tip(end) > model.tip(melt) + 4.0


def test_tip_converges_with_the_grid():
    """Edges of 1, 0.8 and 0.64: order of the tip and of the solid, steps with the square."""
    tips, solids = [], []
    for edge in (1.0, 0.8, 0.64):
        model = given.dendrite(128.0, edge)
        count = round(20.0 / (0.8 * model.longest_step))
        melt = model.run(model.seed(8.0), 20.0 / count, count)
        tips.append(model.tip(melt))
        solids.append(melt.solid)
    for found in (tips, solids):
        assert np.log(given.ratios(found)[0]) / np.log(1.25) == pytest.approx(2.0, abs=0.5)


def test_bad_dendrites_are_refused():
    with pytest.raises(DataError, match="1/15"):
        Dendrite(Grid.cubic((8, 8), 1.0), anisotropy=0.1)
    with pytest.raises(DataError, match="closed sides"):
        Dendrite(Grid.cubic((8, 8), 1.0, periodic=(True, False)))
    with pytest.raises(DataError, match="square cells"):
        Dendrite(Grid((8, 8), (1.0, 2.0), (False, False)))
    model = given.dendrite(16.0, 1.0)
    with pytest.raises(DataError, match="stable up to"):
        model.run(model.seed(4.0), 1.0, 1)
