"""Measured files; all of these are made."""

from typing import Any

import numpy as np

import anolyte
from anolyte.measure import synthetic

CIRCUIT = "p(R1,CPE1)-p(R2,CPE2)-p(R3,CPE3)-Ws1"
CELL = {"area": "0.7854 cm2", "electrodes": "Li|Li"}


def _spectra() -> Any:
    synthetic.write(synthetic.temperatures(count=5, low=263.0, high=323.0), "made")
    return anolyte.fit_spectra("made", CIRCUIT, **CELL)


def arrhenius() -> Any:
    """Activation energies of a pellet

    anolyte fit arrhenius made --area "0.7854 cm2" --electrodes "Li|Li" --report page.html
    """
    return anolyte.figure(_spectra())


def nyquist() -> Any:
    """Spectra beside their fits"""
    from anolyte.faces.figures.spectra import nyquist

    return nyquist(_spectra())


def bode() -> Any:
    """The same over frequency"""
    from anolyte.faces.figures.spectra import bode

    return bode(_spectra())


def relaxation() -> Any:
    """Relaxation times"""
    from anolyte.faces.figures.spectra import relaxation

    return relaxation(_spectra())


def residuals() -> Any:
    """What the fit leaves, beside the noise"""
    from anolyte.faces.figures.spectra import residuals

    return residuals(_spectra())


def growth() -> Any:
    """An interphase that grows, from spectra

    anolyte fit eis aged --area "0.7854 cm2" --electrodes "Li|Li" --report page.html
    """
    from anolyte.faces.figures.spectra import growth

    synthetic.write(synthetic.ageing(count=8), "aged")
    return growth(anolyte.fit_spectra("aged", CIRCUIT, **CELL))


def ramp() -> Any:
    """A critical current from a measured ramp

    anolyte fit ccd ramp.csv --area "0.7854 cm2" --temperature "25 C" --pressure "5 MPa"
    """
    from anolyte.measure.traces.ramp import critical_current

    cell = anolyte.Setup(area="0.7854 cm2", temperature="25 C", stack_pressure="5 MPa")
    return anolyte.figure(critical_current(synthetic.ramp()[0], cell))


def symmetric_life() -> Any:
    """Life of a symmetric cell

    anolyte fit cycling ramp.csv --electrodes "Li|Li" --area "0.7854 cm2"
    """
    from anolyte.measure.traces.polarisation import symmetric_life

    return anolyte.figure(symmetric_life(synthetic.ramp()[0], anolyte.Setup(area="0.7854 cm2")))


def voids() -> Any:
    """Voltages that bend as voids grow"""
    from anolyte.measure.traces.voids import find_voids

    made = synthetic.ramp(shorts=())[0]
    return anolyte.figure(find_voids(made, anolyte.Setup(area="0.7854 cm2")))


def overpotential() -> Any:
    """The parts of a voltage

    anolyte fit cycling ramp.csv --spectrum FILE --area "0.7854 cm2"
    """
    from anolyte.measure.traces.overpotential import SpectrumParts, split_overpotential

    parts = SpectrumParts(bulk=254.65, grain_boundary=60.0, charge_transfer=60.0)  # ohm
    cell = anolyte.Setup(area="0.7854 cm2", temperature="25 C", electrodes="Li|Li")
    return anolyte.figure(split_overpotential(synthetic.ramp(shorts=())[0], parts, cell))


def retention() -> Any:
    """Capacity that fades, with a knee

    anolyte fit cycling full.csv --until "80 %"
    """
    from anolyte.measure.traces.retention import fade

    cycle = np.arange(1, 101)
    noise = 1e-3 * np.random.default_rng(0).standard_normal(100)
    return anolyte.figure(
        fade((cycle, 1 - 1e-3 * cycle - 4e-3 * np.maximum(0, cycle - 60) + noise))
    )


def efficiency() -> Any:
    """Coulombic efficiency on a collector

    anolyte fit cycling licu.csv --electrodes "Cu|Li"
    """
    from anolyte.measure.traces.efficiency import plating_efficiency

    current = np.concatenate([np.repeat([-1e-3, 1e-3], [1000, 950 + 4 * n]) for n in range(8)])
    made = anolyte.Trace(np.arange(1.0, current.size + 1), 50 * current, current)
    return anolyte.figure(plating_efficiency(made, anolyte.Setup(area="1 cm2", electrodes="Cu|Li")))


def inventory() -> Any:
    """Where the lithium of a full cell goes"""
    from anolyte.measure.records import CycleTable
    from anolyte.measure.traces.efficiency import lithium_inventory

    cycle = np.arange(1, 101)
    fading = np.exp(-1e-3 * cycle)
    return anolyte.figure(lithium_inventory(CycleTable(cycle, 1.01 * fading, fading)))


def voltammogram() -> Any:
    """Onsets of a voltammogram

    anolyte fit cv cv.csv --area "1 cm2" --electrodes "C|Li" --electrode carbon
    """
    from anolyte.measure.traces.sweeps import made_sweep
    from anolyte.measure.traces.voltammetry import ElectrodeKind, voltammetry

    cell = anolyte.Setup(area="1 cm2", electrodes="C|Li")
    scan = voltammetry(made_sweep(onset=2.4, turns=1), cell, ElectrodeKind.CARBON_COMPOSITE)
    return anolyte.figure(scan)


def filament_images() -> Any:
    """Filaments in pictures of a microscope

    anolyte fit images FOLDER --scale "0.2 um"
    """
    from anolyte.measure.images.filaments import FilamentGrowth, FilamentImage

    seen = tuple(
        FilamentImage(f"{t:g}.png", True, None, 0.5, 9.0, 0.0, 0, t, length, 2e-7)
        for t, length in ((100.0, 9e-6), (200.0, 21e-6), (300.0, 30e-6), (400.0, 41e-6))
    )
    return anolyte.figure(FilamentGrowth(seen, 2e-7, 1.05e-7, 0.95e-7, 1.15e-7))
