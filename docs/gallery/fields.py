"""Fields on a grid; small ones."""

from typing import Any

import anolyte


def filament() -> Any:
    """A filament in a garnet

    anolyte simulate filament LLZO Li --flaw "10 um" --thickness "30 um" --plot filament.html
    """
    from anolyte.faces.figures.field import film_figure
    from anolyte.studies.filament_setup import FilamentSetup
    from anolyte.studies.filaments import filament

    at = anolyte.Conditions(current_density="10 mA/cm2")
    cell = anolyte.Interface("LLZO", "Li")
    setup = FilamentSetup(cell, at, 30e-6, 48, flaw=8e-6, resistance=100e-4, until=5.0)
    result, film = filament(setup, frames=6)
    return film_figure(film, result)


def void() -> Any:
    """A void under stripped lithium

    anolyte simulate strip LLZO Li --field --current "1 mA/cm2" --for "1 h" --plot void.html
    """
    from anolyte.faces.figures.field_void import void_figure
    from anolyte.studies.field_void_setup import StripSetup
    from anolyte.studies.field_voids import strip

    at = anolyte.Conditions(current_density="1 mA/cm2")
    result, film = strip(StripSetup(anolyte.Interface("LLZO", "Li"), at, 3600.0))
    return void_figure(film, result)


def stress() -> Any:
    """Lithium that is plated into a scratch

    anolyte simulate stress LAGP Li --depth "4 um" --width "1 um" --pressure "5 MPa" --plot s.html
    """
    from anolyte.faces.figures.field_stress import stress_figure
    from anolyte.studies.plating_stress import PlatingStressSetup, Scratch

    at = anolyte.Conditions(stack_pressure="5 MPa")
    setup = PlatingStressSetup(anolyte.Interface("LAGP", "Li"), at, Scratch(4e-6, 1e-6), cells=2)
    result, stresses = setup()
    return stress_figure(stresses, result)


def leak() -> Any:
    """Electrons that leak along grain boundaries

    anolyte simulate leak LLZO Li --plot leak.html
    """
    from anolyte.faces.figures.field_leak import leak_figure
    from anolyte.studies.leaking import LeakSetup

    result, fields = LeakSetup(anolyte.Interface("LLZO", "Li"), cells=64)()
    return leak_figure(fields, result)
