"""Cells under current, pressure and time."""

from typing import Any

import anolyte


def run() -> Any:
    """A run: current, voltage, contact, voids

    anolyte simulate protocol cell.yaml --plot run.html
    """
    cell = anolyte.Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="3 MPa")
    steps = ("Strip at 0.5 mA/cm2 for 1 h", "Rest for 2 h at 20 MPa", "Plate at 0.5 mA/cm2 for 1 h")
    return anolyte.figure(cell.run(*steps))


def critical_current() -> Any:
    """A critical current with its interval and what ends it

    anolyte simulate ccd Li6PS5Cl Li --pressure "3 MPa" --plot ccd.html
    """
    cell = anolyte.Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="3 MPa")
    return anolyte.figure(cell.critical_current(draws=100))


def safe_map() -> Any:
    """Where a cell lasts

    anolyte map Li6PS5Cl Li --current "0.05 to 5 mA/cm2" --pressure "1 to 20 MPa" --plot map.html
    """
    cell = anolyte.Cell("Li6PS5Cl", "Li", thickness="0.5 mm")
    axes = {"current": ("0.05 mA/cm2", "5 mA/cm2"), "pressure": ("1 MPa", "20 MPa")}
    return anolyte.figure(cell.map(**axes, n=25_600, draws=64))


def impedance() -> Any:
    """Spectra under load

    anolyte simulate protocol cell.yaml --plot run.html
    """
    from anolyte.faces.figures import figures

    cell = anolyte.Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="3 MPa")
    steps = [
        anolyte.Step(current, duration=1800.0, impedance=(0.1, 1e6)) for current in (0.0, 2.0, 5.0)
    ]
    return figures(cell.run(anolyte.Protocol(tuple(steps))))[-1]


def contact() -> Any:
    """What a face resists, by its parts

    anolyte assess LLZO Li --report page.html
    """
    from anolyte.models.cell.contact import InterfaceContact

    return anolyte.figure(InterfaceContact()(anolyte.Interface("LLZO", "Li"), anolyte.Conditions()))


def ageing() -> Any:
    """Growth of the interphase at rest

    anolyte assess Li6PS5Cl Li --report page.html
    """
    from anolyte.models.cell.contact import InterphaseAgeing

    cell = anolyte.Interface("Li6PS5Cl", "Li")
    return anolyte.figure(InterphaseAgeing()(cell, anolyte.Conditions()))


def host() -> Any:
    """Stress of silicon over a cycle

    anolyte assess Li6PS5Cl Si --report page.html
    """
    from anolyte.models.silicon import HostCycling

    cell = anolyte.Interface("Li6PS5Cl", "Si", form=anolyte.Form(shape="particles", size="1 um"))
    return anolyte.figure(HostCycling()(cell, anolyte.Conditions()))


def half_cell() -> Any:
    """A silicon film as a half cell

    anolyte simulate cycle Li6PS5Cl Si --counter LiIn --shape film --size "1 um" --plot half.html
    """
    film = anolyte.Interface("Li6PS5Cl", "Si", form=anolyte.Form(shape="film", size="1 um"))
    at = anolyte.Conditions(stack_pressure="20 MPa")
    steps = (
        "Lithiate at 0.1 mA/cm2 for 20 h or until -0.6 V",
        "Delithiate at 0.1 mA/cm2 for 20 h or until 0.9 V",
    )
    return anolyte.figure(anolyte.Cell(film, at, counter="LiIn").run(*steps))


def lever() -> Any:
    """One factor, from less to more

    anolyte lever "stack pressure" Li6PS5Cl Li --amount 2 --amount 4 --amount 8 --plot lever.html
    """
    from anolyte.studies.levers import PRESSURE, lever_curve

    cell = anolyte.Cell("Li6PS5Cl", "Li", pressure="2 MPa", current="0.5 mA/cm2")
    return anolyte.figure(lever_curve(cell, PRESSURE, (2.0, 4.0, 8.0), draws=16))


def levers() -> Any:
    """Every factor, without and with

    anolyte lever all Li6PS5Cl Li --plot levers.html
    """
    from anolyte.studies.levers import levers

    cell = anolyte.Cell("Li6PS5Cl", "Li", pressure="2 MPa", current="0.5 mA/cm2")
    return anolyte.figure(levers(cell, draws=8))


def temperature() -> Any:
    """A cell over temperature

    anolyte lever temperature Li6PS5Cl Li --plot temperature.html
    """
    from anolyte.studies.levers.sweeps import temperature_sweep

    cell = anolyte.Cell("Li6PS5Cl", "Li", pressure="5 MPa", current="0.5 mA/cm2")
    return anolyte.figure(temperature_sweep(cell, draws=16))


def first_plating() -> Any:
    """The first plating on a bare collector

    anolyte lever "first plating" Li6PS5Cl anode-free --plot plating.html
    """
    from anolyte.studies.levers.sweeps import first_plating

    return anolyte.figure(first_plating(anolyte.Cell("Li6PS5Cl", "anode-free", pressure="5 MPa")))


def sensitivity() -> Any:
    """Which numbers a critical current hangs on

    anolyte sensitivity Li6PS5Cl Li --pressure "3 MPa" --plot sensitivity.html
    """
    from anolyte.studies.sensitivity import quick_sensitivity

    cell = anolyte.Cell("Li6PS5Cl", "Li", pressure="3 MPa")
    return anolyte.figure(quick_sensitivity(cell, draws=8))


def sobol() -> Any:
    """The same by indices of Sobol

    anolyte sensitivity Li6PS5Cl Li --pressure "3 MPa" --sobol --plot sobol.html
    """
    cell = anolyte.Cell("Li6PS5Cl", "Li", pressure="3 MPa")
    return anolyte.figure(cell.sensitivity(n=64))
