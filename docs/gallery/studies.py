"""Evidence, comparisons, screens, designs, learning."""

from typing import Any

import anolyte


def evidence() -> Any:
    """What was measured, before and after a treatment

    anolyte evidence --electrolyte LLZTO --quantity interfacial_resistance
    """
    return anolyte.figure(anolyte.query(electrolyte="LLZTO", quantity="interfacial_resistance"))


def remedies() -> Any:
    """What remedies gained where they were measured

    anolyte assess LLZO Li --report page.html
    """
    from anolyte.faces.figures.remedies import gains

    return gains(anolyte.assess(anolyte.Interface("LLZO", "Li")))


def electrolytes() -> Any:
    """Classes of electrolytes side by side

    anolyte compare electrolytes
    """
    return anolyte.figure(anolyte.compare_electrolytes())


def silicon() -> Any:
    """Silicon anodes side by side

    anolyte compare silicon
    """
    return anolyte.figure(anolyte.compare_silicon())


def layers() -> Any:
    """Layers between an electrolyte and an anode

    anolyte react Li6PS5Cl Li --all-interlayers --figure layers=layers.html
    """
    names = ["LiF", "LiCl", "LiI", "Li3N", "Al2O3", "Li3PO4", "MgF2", "ZnO", "SnO2", "Sb", "Li2CO3"]
    return anolyte.figure(anolyte.screen("Li6PS5Cl", "Li", names))


def _screen() -> Any:
    from pathlib import Path

    from anolyte.materials.library import default
    from anolyte.materials.phases import embedded
    from anolyte.studies.ledger import Ledger
    from anolyte.studies.screen import study, targets
    from anolyte.studies.screen.sources import Wanted

    salts = "LiF LiCl LiBr LiI Li2O Li2S Li3N Li3P Li3PO4 Li2CO3 Al2O3 MgO MgF2 AlF3 ZnO SnO2"
    Path("mine.txt").write_text("\n".join(salts.split()))
    wanted = Wanted(("mine.txt",), count=40, elements="Li,Al,Mg,O,F,N")
    asked = study.screen(
        "LLZO",
        "Li",
        wanted.sources("LLZO", default(), embedded()),
        lambda known: targets.usual(targets.STANDARD, known),
        through="reactions",
    )
    with Ledger(None) as ledger:
        asked.run(ledger)
        return asked.collect(ledger)


def funnel() -> Any:
    """A screen: what each tier kept

    anolyte screen --electrolyte LLZO --candidates mine.txt --count 40 --report page.html
    """
    from anolyte.faces.figures.screening import funnel

    return funnel(_screen())


def chances() -> Any:
    """The short list and its chances"""
    from anolyte.faces.figures.screening import chances

    return chances(_screen())


def front() -> Any:
    """Two properties of the candidates"""
    from anolyte.faces.figures.screening import front

    return front(_screen())


def _study() -> Any:
    from anolyte.studies import optimise as o

    cell = anolyte.Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="5 MPa")
    knobs = {knob.name: knob for knob in o.KNOBS}
    wanted = {objective.name: objective for objective in o.OBJECTIVES}
    space = o.Space(
        cell,
        (
            o.Range(knobs["stack pressure"], "1 MPa", "20 MPa"),
            o.Range(knobs["electrolyte thickness"], "20 um", "500 um"),
        ),
    )
    return o.Study(space, (wanted["critical current density"], wanted["specific energy"]))


def optimise() -> Any:
    """The best designs

    anolyte optimise study.yaml --plot front.html
    """
    from anolyte.faces.figures.optimise import front_figure
    from anolyte.studies.optimise import optimise

    return front_figure(optimise(_study(), evaluations=300))


def learn() -> Any:
    """What measurements change of a cell

    anolyte learn cell.yaml data/ --plot learned.html
    """
    from anolyte.studies.learn import Resistances, learn

    hours = (0.5, 10.0, 30.0, 60.0, 100.0)
    seen = Resistances(
        "both interfaces",
        value=tuple(46e-4 + 6.5e-4 * hour**0.5 for hour in hours),
        error=(0.05,) * 5,
        time=tuple(3600.0 * hour for hour in hours),
        pressure=(2e6,) * 5,
        temperature=(298.15,) * 5,
        age=600.0,
    )
    cell = anolyte.Cell("LLZO", "Li", thickness="1 mm", pressure="2 MPa")
    return anolyte.figure(learn(cell, [seen], draws=400, propose_next=False))


def parity() -> Any:
    """Every prediction beside its measurement

    anolyte validate --plot scorecard.html
    """
    from anolyte.studies.validate import validate

    return anolyte.figure(validate().records)
