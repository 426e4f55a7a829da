"""Electronic leakage: exact profiles, currents, thresholds, lithium at depth, balances."""

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.models.field.conduction import Conductor
from anolyte.models.field.leakage import Electrodes, Leakage, Lithium, Sites
from anolyte.numerics.grid import Field, Grid

FARADAY, MOLAR, TENSION = 96485.33212, 13.0e-6, 0.5
LITHIUM = Lithium(MOLAR, TENSION)
SIGMA, SIGMA_E, RESISTANCE, CURRENT = 0.01, 1e-6, 1e-3, 10.0
SHAPES = [(24, 8), (12, 6, 8)]


def case(
    shape, *, sites=None, current=CURRENT, electronic: Field | float = SIGMA_E, equilibrium=0.0
):
    """A cell of lithium electrodes driven as by this current."""
    grid = Grid.cubic(shape, 1e-6, periodic=(False,) + (True,) * (len(shape) - 1))
    voltage = current * (2.0 * RESISTANCE + grid.lengths[0] / SIGMA) + equilibrium
    ions = Conductor(grid, np.full(shape, SIGMA))
    electrons = Conductor(grid, np.broadcast_to(electronic, shape).astype(float))
    electrodes = Electrodes(voltage, equilibrium, RESISTANCE)
    return Leakage(ions, electrons, electrodes, LITHIUM, sites)


@pytest.mark.parametrize("shape", SHAPES)
def test_without_sites_the_drive_falls_from_plus_to_minus_the_overpotential(shape):
    leakage = case(shape)
    leak, grid = leakage(), leakage.grid
    eta, height = CURRENT * RESISTANCE, grid.lengths[0]
    expected = eta * (1.0 - 2.0 * grid.mesh()[0] / height)
    assert np.abs(leak.drive - expected).max() < 1e-8 * eta
    section = grid.cells * grid.cell_volume / height
    exact = SIGMA_E * leakage.electrodes.voltage / height * section
    assert leak.leaking == pytest.approx(exact, rel=1e-10)
    assert leak.through == pytest.approx(CURRENT * section, rel=1e-10)


def test_a_full_cell_falls_to_minus_its_voltage_less_the_ohmic_drop():
    leakage = case((24, 8), equilibrium=4.0)
    leak, grid = leakage(), leakage.grid
    eta, share = CURRENT * RESISTANCE, grid.mesh()[0] / grid.lengths[0]
    expected = eta - (4.0 + 2.0 * eta) * share
    assert np.abs(leak.drive - expected).max() < 1e-8 * 4.0


def test_nothing_forms_below_the_threshold():
    eta = CURRENT * RESISTANCE
    small = TENSION * MOLAR / FARADAY / eta  # m, the radius that eta just opens in two dimensions
    closed = case((24, 8), sites=Sites(1e15, 0.9 * small, 1.0))()
    opened = case((24, 8), sites=Sites(1e15, 1.3 * small, 1.0))()
    assert closed.source.max() == 0.0
    assert opened.source[0].min() > 0.0
    assert opened.source[12:].max() == 0.0
    pressed = Sites(1e15, 1.3 * small, 1.0, pressure=eta * FARADAY / MOLAR)
    assert case((24, 8), sites=pressed)().source.max() == 0.0


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("exchange", [1e-3, 1.0, 1e4])
def test_currents_add_up_through_every_plane(shape, exchange):
    density = 1e14 if len(shape) == 2 else 1e20
    leakage = case(shape, sites=Sites(density, 5e-8, exchange))
    leak, volume = leakage(), leakage.grid.cell_volume
    both = leak.through + leak.leaking
    assert np.ptp(both) < 1e-9 * both.mean()
    formed = float(leak.source.sum()) * volume
    assert formed > 0.0
    assert leak.through[-1] - leak.through[0] == pytest.approx(formed, rel=1e-6)


def path(shape, depth):
    """sigma_e with a column that conducts electrons, from the anode to a depth."""
    electronic = np.full(shape, SIGMA_E)
    electronic[:depth, ..., shape[-1] // 2] = 1.0
    return electronic


def test_a_connected_path_makes_depth_possible():
    shape, sites = (24, 8), Sites(1e12, 5e-7, 1e-2)
    even = case(shape, sites=sites)()
    column = case(shape, sites=sites, electronic=path(shape, 16))()
    cut = path(shape, 16)
    cut[1:4] = SIGMA_E
    deep = slice(12, 16)
    assert even.source[deep].max() == 0.0
    assert column.source[deep].max() > 0.0
    assert column.source[deep].sum() > case(shape, sites=sites, electronic=cut)().source[deep].sum()


@pytest.mark.parametrize("exchange", [1e-3, 1e3, 1e7])
@pytest.mark.parametrize("electronic", [1e-9, 1e-3, 1.0])
def test_the_search_arrives_however_stiff(exchange, electronic):
    leak = case((24, 8), sites=Sites(1e14, 5e-8, exchange), electronic=electronic)()
    both = leak.through + leak.leaking
    assert np.ptp(both) < 1e-9 * both.mean()
    assert 0 < leak.steps < 40


def test_deposit_is_the_charge_that_is_lost():
    leakage = case((24, 8), sites=Sites(1e13, 5e-7, 10.0), electronic=path((24, 8), 16))
    leak, duration = leakage(), 100.0
    volume = float(leakage.deposited(leak, duration).sum()) * leakage.grid.cell_volume
    lost = float(leak.through[-1] - leak.through[0]) * duration
    brought = float(leak.leaking[0] - leak.leaking[-1]) * duration
    assert volume == pytest.approx(MOLAR / FARADAY * lost, rel=1e-10)
    assert volume == pytest.approx(MOLAR / FARADAY * brought, rel=1e-10)


def test_the_start_does_not_matter():
    leakage = case((24, 8), sites=Sites(1e13, 5e-7, 10.0), electronic=path((24, 8), 16))
    cold = leakage()
    other = case((24, 8), current=-500.0)()
    assert leakage(other).source == pytest.approx(cold.source, rel=1e-6, abs=1e-9)


def test_bad_input():
    with pytest.raises(DataError, match="radius"):
        Sites(1.0, 0.0, 1.0)
    with pytest.raises(DataError, match="negative"):
        Sites(-1.0, 1.0, 1.0)
    first, second = case((24, 8)), case((12, 8))
    with pytest.raises(DataError, match="grid"):
        Leakage(first.ions, second.electrons, first.electrodes, LITHIUM)
