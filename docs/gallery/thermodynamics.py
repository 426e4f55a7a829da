"""Windows, reactions, products."""

from typing import Any

import anolyte


def driving_force() -> Any:
    """What drives an electrolyte apart, against potential

    anolyte window Li6PS5Cl --figure force=force.html
    """
    return anolyte.figure(anolyte.window("Li6PS5Cl"))


def ladder() -> Any:
    """The whole ladder of reactions

    anolyte assess Li6PS5Cl Li --report page.html
    """
    from anolyte.faces.figures.window import ladder

    return ladder(anolyte.window("Li6PS5Cl"))


def band() -> Any:
    """The same with the errors of the energies

    anolyte window Li6PS5Cl --draws 300 --figure force=force.html
    """
    from anolyte.faces.figures.window_uncertainty import driving_force

    unsure = anolyte.window_uncertainty("Li6PS5Cl", draws=300)
    return driving_force(unsure, anolyte.window("Li6PS5Cl"))


def three_windows() -> Any:
    """Thermodynamic, kinetic and measured window (a made voltammogram)

    anolyte window Li6PS5Cl --three --cv FILE --electrodes "C|Li" --area "1 cm2"
    """
    from anolyte.faces.figures.three_windows import three_windows
    from anolyte.measure.traces.sweeps import made_sweep
    from anolyte.measure.traces.voltammetry import ElectrodeKind, voltammetry

    cell = anolyte.Setup(area="1 cm2", electrodes="C|Li")
    scan = voltammetry(made_sweep(onset=2.5), cell, ElectrodeKind.BARE_METAL)
    return three_windows(anolyte.three_windows("Li6PS5Cl", scan))


def reaction() -> Any:
    """Reaction of two solids at every ratio

    anolyte react LLZO Al2O3
    """
    from anolyte.faces.figures.mixing import mixing

    return mixing(anolyte.react("LLZO", "Al2O3"))


def junctions() -> Any:
    """Reactions of every junction of a cell

    anolyte assess Li6PS5Cl Si --interlayer LiF --report page.html
    """
    return anolyte.figure(anolyte.react("Li6PS5Cl", "Si", layers=["LiF:50 nm"]))


def phases() -> Any:
    """Stable and metastable phases of three elements

    python -c "import anolyte; anolyte.figure(...).show()"
    """
    return anolyte.figure(anolyte.stability_map(("Li", "P", "S"), ["Li3PS4"]))


def potentials() -> Any:
    """Which phases can stand which potential

    anolyte window Li6PS5Cl --figure map=map.html
    """
    from anolyte.faces.figures.stability_map import potentials

    return potentials(anolyte.stability_map(("Li", "P", "S"), ["Li3PS4"]))


def products() -> Any:
    """What the interphase is made of, and what of it conducts electrons

    anolyte assess LGPS Li --report page.html
    """
    from anolyte.models.passivation import Passivation

    return anolyte.figure(Passivation()(anolyte.Interface("LGPS", "Li"), anolyte.Conditions()))


def volume_change() -> Any:
    """How much room the products take

    anolyte assess Li6PS5Cl Li --report page.html
    """
    from anolyte.faces.figures.volume_change import volume_changes
    from anolyte.models.volume import VolumeChange

    model, at = VolumeChange(), anolyte.Conditions()
    names = ("Li6PS5Cl", "LGPS", "LLZO", "LATP")
    return volume_changes(*(model(anolyte.Interface(name, "Li"), at) for name in names))


def temperature_limits() -> Any:
    """How warm each material may become

    anolyte assess LLZO Li --interlayer Sb --report page.html
    """
    from anolyte.models.temperature import Temperature

    cell = anolyte.Interface("LLZO", "Li", layers=["Sb:20 nm"])
    return anolyte.figure(Temperature()(cell, anolyte.Conditions()))
