"""FiPy as a referee: the potential in a patchy electrolyte between lithium and a held side."""

import numpy as np
import pytest

from anolyte.models.field.charge_transfer import ButlerVolmer
from anolyte.models.field.conduction import Conductor
from anolyte.models.field.potential import Held, Problem, Surface
from anolyte.numerics.grid import Grid

fipy = pytest.importorskip("fipy", reason="needs FiPy, which the extra `test` brings")

CELLS, EDGE = 48, 1e-6
SMALL = 1e-6
"""V, at which charge transfer is linear to nine digits."""


def patchy():
    """S/m: grains of five conductivities, an insulating bar and a metal-like one."""
    draw = np.random.default_rng(3)
    grains = draw.choice([0.01, 0.02, 0.05, 0.1, 0.2], (8, 8))
    sigma = np.kron(grains, np.ones((CELLS // 8, CELLS // 8)))
    sigma[20:23, 5:30] = 1e-6
    sigma[30:33, 20:45] = 1e3
    return sigma


def by_fipy(sigma, resistance):
    """V, with z along FiPy's x."""
    mesh = fipy.Grid2D(nx=CELLS, ny=CELLS, dx=EDGE, dy=EDGE)
    phi = fipy.CellVariable(mesh=mesh, value=0.0)
    conducts = fipy.CellVariable(mesh=mesh, value=sigma.T.ravel())  # x runs fastest
    phi.constrain(SMALL, mesh.facesRight)
    z = mesh.cellCenters[0].value
    transfer = np.where(z < EDGE, 1.0 / (resistance * EDGE), 0.0)
    equation = fipy.DiffusionTerm(coeff=conducts.harmonicFaceValue) == fipy.ImplicitSourceTerm(
        coeff=fipy.CellVariable(mesh=mesh, value=transfer)
    )
    equation.solve(var=phi, solver=fipy.LinearLUSolver(tolerance=1e-14, iterations=20))
    return phi.value.reshape(CELLS, CELLS).T


def test_potential_in_a_patchy_electrolyte_is_that_of_fipy():
    grid, law, resistance = Grid.cubic((CELLS, CELLS), EDGE), ButlerVolmer(), 1e-4
    sigma = patchy()
    area = np.zeros(grid.shape)
    area[0] = grid.face_area(0)
    surface = Surface(area, law.thermal / resistance)
    ours = Problem(Conductor(grid, sigma), surface, law, Held(SMALL))()
    theirs = by_fipy(sigma, resistance)
    assert np.ptp(theirs) > 0.5 * SMALL  # something to see
    assert ours.potential == pytest.approx(theirs, rel=0.0, abs=1e-8 * SMALL)
