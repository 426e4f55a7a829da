"""Turned by 0, 17 and 45 degrees a case gives the same numbers; a penny crack opens."""

import math

import numpy as np
import pytest

from anolyte.models.field.crack_surface import Surface
from anolyte.models.field.fracture import Fracture
from anolyte.models.field.microstructure import Crack, Layer, Microstructure, Phase
from anolyte.models.field.shapes import Ellipsoid
from anolyte.numerics.elasticity import Solid, lame
from anolyte.numerics.elasticity_sides import Free
from anolyte.numerics.grid import Grid
from anolyte.numerics.multigrid import Hierarchy, Network, Stop, solve

YOUNG, POISSON, PRESSURE = 150e9, 0.26, 1e8
MODULUS = YOUNG / (1.0 - POISSON**2)


def hindered(angle):
    """What an insulating ellipse three times as long as wide takes from a current along z.

    Over its share of the area; cosines of the angle weigh its two values, 1 + 1/3 and 1 + 3.
    """
    from anolyte.models.field.conduction import Conductor

    grid = Grid.cubic((128, 128), 1.0, periodic=(False, True))
    pore = Ellipsoid((64.0, 64.0), (18.0, 6.0), angle)
    share = Microstructure.of(grid, [Layer(Phase.PORE, pore)]).share(Phase.PORE)
    conductor = Conductor(grid, np.ones(grid.shape), np.maximum(1.0 - share, 1e-12))
    faces = conductor.faces(anode=True, counter=True)
    right = np.zeros(grid.shape)
    right[-1] = faces[0][-1]
    network = Network(grid, faces, np.zeros(grid.shape))
    found = solve(Hierarchy(network), right, stop=Stop(1e-10)).values
    current = float((faces[0][0] * found[0]).sum())
    return (1.0 - current) / float(share.mean())


@pytest.mark.parametrize("degrees", [0.0, 17.0, 45.0, 90.0])
def test_an_ellipse_hinders_the_current_by_its_angle(degrees):
    angle = math.radians(degrees)
    exact = (1.0 + 1.0 / 3.0) * math.cos(angle) ** 2 + (1.0 + 3.0) * math.sin(angle) ** 2
    assert hindered(angle) == pytest.approx(exact, rel=0.05)


def opened(degrees, half):
    """Volume of a pressed crack in a square of eight of its lengths, over that in a plane."""
    edge = 1e-6 / half
    cells = 12 * half + 1
    grid = Grid.cubic((cells, cells), edge)
    first, shear = (np.full(grid.shape, modulus) for modulus in lame(YOUNG, POISSON))
    solid = Solid(grid, first, shear, ((Free(), Free()), (Free(), Free())))
    fracture = Fracture(solid, Surface(grid, np.full(grid.shape, 6.0), 4.0 * edge))
    angle, middle = math.radians(degrees), 0.5 * cells * edge
    mouth = (middle - 1e-6 * math.cos(angle), middle - 1e-6 * math.sin(angle))
    crack = fracture.surface.least(Crack(mouth, 2e-6, angle).seed(grid).astype(float))
    volume = fracture.opened(crack, fracture.deformed(crack, PRESSURE))
    return volume / (2.0 * math.pi * 1e-12 * PRESSURE / MODULUS)


def test_a_turned_crack_opens_as_far_and_the_better_the_finer_the_cells():
    spreads = []
    for half in (8, 16):
        found = [opened(degrees, half) for degrees in (0.0, 17.0, 45.0)]
        assert min(found) > 1.0  # a body is softer than a plane, and a crack has a width
        spreads.append((max(found) - min(found)) / np.mean(found))
    assert spreads[0] < 0.15
    assert spreads[1] < 0.6 * spreads[0]


def test_a_penny_crack_opens_as_sneddon_found():
    """16 p a^3/(3 E') in an endless body, a by the area that the energy of the crack tells."""
    cells, radius = 40, 6.5
    grid = Grid.cubic((cells + 1, cells, cells), 1e-6)
    first, shear = (np.full(grid.shape, modulus) for modulus in lame(YOUNG, POISSON))
    solid = Solid(grid, first, shear, ((Free(), Free()),) * 3)
    fracture = Fracture(solid, Surface(grid, np.full(grid.shape, 6.0), 2.0e-6))
    z, y, x = grid.mesh()
    middle = 0.5 * cells * 1e-6
    flat = np.abs(z - middle - 0.5e-6) < 0.1e-6
    seed = (flat & (np.hypot(y - middle, x - middle) < radius * 1e-6)).astype(float)
    crack = fracture.surface.least(seed)
    size = math.sqrt(fracture.surface.energy(crack) / 6.0 / math.pi)
    assert size == pytest.approx(radius * 1e-6, rel=0.2)
    volume = fracture.opened(crack, fracture.deformed(crack, PRESSURE))
    assert volume == pytest.approx(16.0 * PRESSURE * size**3 / (3.0 * MODULUS), rel=0.1)
