"""`Cell`: how it is made, what it runs, what it refuses."""

import pytest

import anolyte
from anolyte.core.errors import AnolyteError, DataError, MissingProperty, UnknownMaterial
from anolyte.laws.voids import ExponentialLoss, HyperbolicLoss
from anolyte.materials.library import Library
from anolyte.materials.protocol import Protocol, Step, cycling
from anolyte.materials.stack import Conditions, Interface, Layer
from anolyte.studies.cell import Cell


@pytest.fixture(scope="module")
def cell() -> Cell:
    return Cell("Li6PS5Cl", "Li", thickness="0.5 mm", pressure="5 MPa")


def test_texts_and_numbers_make_the_same_cell(cell) -> None:
    same = Cell("Li6PS5Cl", "Li", thickness=5e-4, pressure=5e6)
    assert same == cell and hash(same.interface) == hash(cell.interface)
    assert cell.interface.sample.thickness == 5e-4 and cell.conditions.stack_pressure == 5e6
    told = Cell("LLZTO", "Li", temperature="60 C", current="0.2 mA/cm2", capacity="1 mAh/cm2",
                attach_pressure="25 MPa")  # fmt: skip
    assert told.conditions.temperature == pytest.approx(333.15)
    assert told.conditions.current_density == pytest.approx(2.0)
    assert told.conditions.areal_capacity == pytest.approx(3.6e4)
    assert told.attach_pressure == 25e6


def test_whole_parts_make_a_cell() -> None:
    interface, conditions = Interface("Li6PS5Cl", "Li"), Conditions(stack_pressure=2e6)
    made = Cell(interface, conditions)
    assert made.interface == interface and made.conditions == conditions
    assert Cell(interface=interface, conditions=conditions) == made
    thinner = Cell(interface, thickness="100 um", pressure="7 MPa")
    assert thinner.interface.sample.thickness == pytest.approx(1e-4)
    assert thinner.conditions.stack_pressure == 7e6


def test_layers_are_texts_or_layers_one_or_several() -> None:
    for layers in ("LiF:50 nm", Layer("LiF", 50e-9), ["LiF:50 nm"]):
        made = Cell("Li6PS5Cl", "Li", interlayer=layers)
        assert [x.material.name for x in made.interface.layers] == ["LiF"]
    two = Cell("Li6PS5Cl", "Li", interlayer=["LiF:50 nm", "Li3N:20 nm"])
    assert str(two.interface) == "Li6PS5Cl | LiF | Li3N | Li"


def test_sentences_steps_and_protocols_run_alike(cell) -> None:
    by_text = cell.run("Strip at 0.1 mA/cm2 for 1 h", "Plate at 0.1 mA/cm2 for 1 h")
    by_steps = cell.run(Step(1.0, duration=3600.0), Step(-1.0, duration=3600.0))
    by_protocol = cell.run(Protocol((Step(1.0, duration=3600.0), Step(-1.0, duration=3600.0))))
    assert by_text.voltage == by_steps.voltage == by_protocol.voltage
    assert by_text.end is None and by_text.balance is not None and by_text.balance.charge < 1e-9


def test_progress_is_told(cell) -> None:
    told = []
    cell.run(cycling(1.0, time=60.0, cycles=2), progress=lambda *x: told.append(x[:2]))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_bare_collector_is_against_lithium() -> None:
    found = Cell("Li6PS5Cl", "anode-free").run("Plate at 0.1 mA/cm2 for 1 h")
    assert found.cell.endswith("| Li") and not found.events
    stripped = Cell("Li6PS5Cl", "anode-free").run("Strip at 0.1 mA/cm2 for 1 h")
    assert [e.kind for e in stripped.events] == ["lithium exhausted"]


def test_lithium_can_stand_against_a_bare_collector() -> None:
    """The mirror image: what is plated on lithium must come from the collector, which has none."""
    mirror = Cell("Li6PS5Cl", "Li", counter="anode-free")
    found = mirror.run("Plate at 0.1 mA/cm2 for 1 h")
    assert [e.kind for e in found.events] == ["lithium exhausted"]
    assert found.cell.endswith("| anode-free")


def test_rival_laws_are_passed_by_name_and_change_the_answer(cell) -> None:
    sharp = Cell("Li6PS5Cl", "Li", pressure="3 MPa", laws={"loss": ExponentialLoss(0.5e-6)})
    mild = Cell("Li6PS5Cl", "Li", pressure="3 MPa", laws=(("loss", HyperbolicLoss(0.5e-6)),))
    ends = [c.run("Strip at 1 mA/cm2 for 3 h").time[-1] for c in (sharp, mild)]
    assert ends[0] < 0.5 * ends[1]
    assert sharp != mild


def test_attach_pressure_counts_and_defaults_to_the_stack_pressure() -> None:
    low, default, high = (
        Cell("Li6PS5Cl", "Li", pressure="3 MPa", attach_pressure=p).run("Rest for 1 s")
        for p in ("1 MPa", None, "25 MPa")
    )
    assert low.contact[0] < default.contact[0] < high.contact[0]
    same = Cell("Li6PS5Cl", "Li", pressure="3 MPa", attach_pressure="3 MPa").run("Rest for 1 s")
    assert same.contact == default.contact


PAIR = """\
name: mine
electrolyte: [{electrolyte}]
anode: [Li]
properties:
  {name}:
    - {{value: {value}, source: zhu2015, known: read}}
"""


@pytest.fixture
def own(tmp_path):
    """A library with one pair file of one's own."""

    def call(electrolyte, name, value):
        (tmp_path / "interfaces").mkdir(exist_ok=True)
        text = PAIR.format(electrolyte=electrolyte, name=name, value=value)
        (tmp_path / "interfaces" / f"{electrolyte}.yaml").write_text(text)
        return Library((tmp_path,))

    return call


def test_an_interphase_that_thermodynamics_calls_conducting_grows_without_bound(own) -> None:
    """Same constant, and one grows with time, the other with its square root."""
    film = {}
    for name in ("LAGP", "LLZO"):
        lib = own(name, "growth_constant", "1e-18 m^2/s")
        found = Cell(name, "Li", lib=lib).run("Rest for 100 h", "Rest for 9900 h")
        times = list(found.time)
        early = found.interphase[next(i for i, t in enumerate(times) if t >= 3.6e5)]
        film[name] = found.interphase[-1] / early
    assert film["LAGP"] == pytest.approx(100.0, rel=1e-3)
    assert film["LLZO"] == pytest.approx(10.0, rel=0.05)


def test_ones_own_pair_file_is_heard(own) -> None:
    lib, step = own("Li6PS5Cl", "void_depth", "5 um"), "Strip at 1 mA/cm2 for 30 h"
    ours = Cell("Li6PS5Cl", "Li", pressure="3 MPa").run(step)
    theirs = Cell("Li6PS5Cl", "Li", pressure="3 MPa", lib=lib).run(step)
    assert theirs.end.time == pytest.approx(10.0 * ours.end.time, rel=0.1)
    assert "zhu2015" in theirs.sources and "zhu2015" not in ours.sources


def test_critical_current_of_a_cell_is_that_of_its_parts() -> None:
    found = Cell("Li6PS5Cl", "Li", pressure="3 MPa").critical_current(draws=20, seed=3)
    again = Cell("Li6PS5Cl", "Li", pressure="3 MPa").critical_current(draws=20, seed=3)
    assert found == again and found.low <= found.high
    assert found.stack_pressure == found.attach_pressure == 3e6


def test_results_are_saved_and_read_back(cell, tmp_path) -> None:
    found = cell.run("Strip at 0.1 mA/cm2 for 1 h")
    anolyte.save(found, tmp_path / "r.json")
    assert anolyte.load(tmp_path / "r.json") == found


REFUSED = {
    "no names": (lambda: Cell(), DataError, "two names"),
    "no anode": (lambda: Cell("Li6PS5Cl"), DataError, "two names"),
    "unknown electrolyte": (lambda: Cell("Li6PS5Cll", "Li"), UnknownMaterial, "did you mean"),
    "unknown anode": (lambda: Cell("Li6PS5Cl", "Silicn"), UnknownMaterial, "did you mean"),
    "unknown counter": (lambda: Cell("Li6PS5Cl", "Li", counter="Xx"), UnknownMaterial, "Xx"),
    "lithium as electrolyte": (lambda: Cell("Li", "Li"), DataError, "lithium metal"),
    "negative thickness": (lambda: Cell("Li6PS5Cl", "Li", thickness=-1e-4), AnolyteError, ""),
    "no thickness": (lambda: Cell("Li6PS5Cl", "Li", thickness="0 mm"), DataError, "positive"),
    "thickness of pressure": (
        lambda: Cell("Li6PS5Cl", "Li", thickness="5 MPa"), AnolyteError, "length"
    ),
    "negative pressure": (lambda: Cell("Li6PS5Cl", "Li", pressure="-1 MPa"), DataError, "negative"),
    "absolute zero": (lambda: Cell("Li6PS5Cl", "Li", temperature="0 K"), AnolyteError, ""),
    "negative attach pressure": (
        lambda: Cell("Li6PS5Cl", "Li", attach_pressure="-1 MPa"), AnolyteError, "attach"
    ),
    "negative capacity": (
        lambda: Cell("Li6PS5Cl", "Li", capacity="-1 mAh/cm2"), AnolyteError, "capacity"
    ),
    "nothing to run": (lambda: Cell("Li6PS5Cl", "Li").run(), DataError, "run what"),
    "no such step": (lambda: Cell("Li6PS5Cl", "Li").run("Melt it"), DataError, "begins with"),
    "no potential": (lambda: Cell("Li6PS5Cl", "Mg").run("Rest for 1 h"), MissingProperty, "plated"),
    "unknown law": (
        lambda: Cell("Li6PS5Cl", "Li", laws={"frictoin": 1}).run("Rest for 1 h"), AnolyteError,
        "frictoin",
    ),
    "no conductivity": (
        lambda: Cell("Li4Ti5O12", "Li").run("Rest for 1 h"), AnolyteError, ""
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_are_refused_in_one_line(name) -> None:
    make, kind, part = REFUSED[name]
    with pytest.raises(kind) as caught:
        make()
    assert part in str(caught.value) and "\n" not in str(caught.value)
