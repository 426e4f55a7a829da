"""The exported model in PyBaMM's solvers beside our own stepper: two codes, one set of laws."""

from __future__ import annotations

import importlib
import os
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anolyte.laws import constriction, fracture, voids
from anolyte.materials.protocol import Protocol, Step, current_ramp
from anolyte.models.cell import build, engine
from anolyte.models.cell.run import RunEvent, resistance
from anolyte.studies import pybamm_export as export
from anolyte.studies.cell import Cell

os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")
pybamm = pytest.importorskip(
    "pybamm", reason="PyBaMM is the oracle of this file: pip install 'anolyte[pybamm]'"
)

AREA = export.SIDE**2
DRIVEN = ("Current function [A]", "Stack pressure [Pa]", "Ambient temperature [K]")
MILLIVOLT = 1e-3
pytestmark = [pytest.mark.pybamm, pytest.mark.filterwarnings("ignore")]


def cell(**options) -> Cell:
    """Lithium on both faces, with nothing that would end it."""
    given = {"pressure": "3 MPa", "thickness": "0.5 mm", "laws": {"flaw": None}}
    return Cell("Li6PS5Cl", "Li", **(given | options))


def ours(which: Cell, protocol: Protocol, **options) -> engine.Outcome:
    """Our stepper, every step kept, contact never counting as lost."""
    conditions, device = which.conditions, replace(which.assemble().device, least_contact=0.0)
    cells = engine.start(device, conditions.stack_pressure, conditions.temperature, 1.0, 1)
    return engine.simulate(device, protocol, cells, **options)


def theirs(which: Cell, pieces: list[engine.Piece], names: list[str], **changed) -> list[dict]:
    """PyBaMM through the same steps, looked at at the same times."""
    model = export.SymmetricCell(which, ends=False, double_layer=bool(changed))
    values = model.default_parameter_values
    values.update(dict.fromkeys(DRIVEN, "[input]") | changed)
    solver = pybamm.IDAKLUSolver(rtol=1e-9, atol=1e-11)
    simulation = pybamm.Simulation(model, parameter_values=values, solver=solver)
    found = []
    for piece in pieces:
        driven = (piece.current[0] * AREA, piece.pressure[0], piece.temperature[0])
        solution = simulation.step(
            float(piece.times[0, -1]), save=False, t_interp=piece.times[0],
            inputs=dict(zip(DRIVEN, map(float, driven), strict=True)),
        )  # fmt: skip
        found.append({name: solution[name].entries for name in names})
    return found


def misfits(which: Cell, protocol: Protocol, **options) -> tuple[np.ndarray, np.ndarray]:
    """Differences of the voltage, V: at the end of each step, and the largest in each step."""
    outcome = ours(which, protocol, **options)
    found = theirs(which, outcome.pieces, ["Voltage [V]"])
    assert len(found) == len(protocol)
    # the positive electrode of PyBaMM is our counter side, so the sign turns
    differ = [
        np.abs(p.voltage[0] + f["Voltage [V]"]) for p, f in zip(outcome.pieces, found, strict=True)
    ]
    return np.array([d[-1] for d in differ]), np.array([d.max() for d in differ])


def test_forty_half_cycles_of_a_ramp():
    protocol = current_ramp("0.1 mA/cm2", "2 mA/cm2", "0.1 mA/cm2")
    outcome = ours(cell(), protocol)
    assert len(outcome.pieces) == 40
    assert min(p.faces[0].contact.min() for p in outcome.pieces) < 0.1  # it is no easy ride
    ends, nodes = misfits(cell(), protocol)
    assert ends.max() < 0.1 * MILLIVOLT
    assert nodes.max() < 0.1 * MILLIVOLT
    assert nodes.max() < 2e-6  # what our tolerance leaves; misses of physics are larger


def wandering() -> Protocol:
    """Steps whose current, pressure and temperature all change."""
    points = [(0.5, 0.4e6, 298.15), (2.0, 2e6, 313.15), (1.0, 0.3e6, 283.15)]
    steps = [Step(sign * j, duration=3600.0, pressure=p, temperature=t)
             for j, p, t in points for sign in (1.0, -1.0)]  # fmt: skip
    return Protocol((*steps, Step(0.0, duration=7200.0, pressure=5e6), Step(1.0, duration=600.0)))


def rivals() -> dict[str, dict]:
    """Laws to put in the place of the usual ones."""
    assembly = cell().assemble()
    face, numbers = assembly.device.faces[0], assembly.parameters[0]
    creep, depth = build.metal_creep(numbers), face.loss.depth
    spacing = face.constriction.spacing
    return {
        "as in the library": {},
        "exponential loss": {"loss": voids.ExponentialLoss(depth)},
        "caps": {"loss": voids.CapLoss(2.0 * depth), "voids": voids.CreepClosing(creep)},
        "creep over a length": {"voids": voids.CreepClosing(creep, 1e-7)},
        "together": {"voids": build.together(face, numbers, 1e-5).voids},
        "stripes": {"constriction": build.Constriction(constriction.Stripes, spacing)},
        "flux tubes": {"constriction": build.Constriction(constriction.FluxTube, spacing)},
        "a liquid": {"liquid": 0.3},
        "a rough face": {"gap": 3e-7},
        "linear growth": {"growth": replace(face.growth, exponent=1.0, lag=0.0)},
    }


@pytest.mark.parametrize("name", list(rivals()))
def test_every_law_under_changing_pressure_and_temperature(name):
    which = cell(attach_pressure="20 MPa", laws={"flaw": None} | rivals()[name])
    ends, nodes = misfits(which, wandering())
    assert ends.max() < 2e-6
    assert nodes.max() < 2e-6


def test_layers_and_another_temperature_than_the_conditions():
    which = Cell("LLZTO", "Li", interlayer="Li3N:100 um", thickness="1 mm", pressure="5 MPa",
                 laws={"flaw": None})  # fmt: skip
    assert float(which.assemble().device.faces[0].layers(298.15)) > 0.0
    ends, _ = misfits(which, wandering())
    assert ends.max() < 2e-6


def test_the_states_are_the_same_too():
    outcome = ours(cell(), wandering(), tolerance=1e-7)
    names = [f"{side} {what}" for side in export.SIDES
             for what in ("contact fraction", "interphase thickness [m]")]  # fmt: skip
    for piece, found in zip(outcome.pieces, theirs(cell(), outcome.pieces, names), strict=True):
        for side, trace in zip(export.SIDES, piece.faces, strict=True):
            contact, thickness = (found[f"{side} {what}"] for what in
                                  ("contact fraction", "interphase thickness [m]"))  # fmt: skip
            assert np.allclose(contact, trace.contact[0], rtol=1e-6)
            assert np.allclose(thickness, trace.interphase[0], rtol=1e-6, atol=1e-13)


def ended(which: Cell, current: float) -> tuple[RunEvent, object]:
    """What ends a cell at a current in A/m2: our event, and PyBaMM's solution."""
    run = which.run(Step(current, duration=3.6e6))
    assert run.end is not None
    model = export.SymmetricCell(which)
    values = model.default_parameter_values
    values["Current function [A]"] = current * AREA
    return run.end, pybamm.Simulation(model, parameter_values=values).solve([0.0, 3.6e6])


def test_contact_is_lost_at_the_same_time():
    event, solution = ended(cell(), 30.0)
    assert event.kind == engine.Event.CONTACT_LOSS
    assert solution.termination == "event: Negative contact lost"
    assert solution.t[-1] == pytest.approx(event.time, rel=1e-3)


def test_a_filament_starts_at_the_same_time_as_the_interphase_grows():
    laws = {"flaw": fracture.OverpotentialLimit(3e-3)}
    event, solution = ended(cell(pressure="9 MPa", laws=laws), -10.0)
    assert event.kind == engine.Event.CRACK
    assert solution.termination == "event: Filament"
    assert event.time > 3600.0
    assert solution.t[-1] == pytest.approx(event.time, rel=1e-3)


def test_an_experiment_of_two_cycles():
    cycle = (
        "Discharge at 0.2 mA for 1 hour",
        "Rest for 10 minutes",
        "Charge at 0.2 mA for 1 hour or until 0.5 V",
        "Hold at 0.01 V for 5 minutes",
    )
    model = export.SymmetricCell()
    simulation = pybamm.Simulation(model, experiment=pybamm.Experiment([cycle] * 2))
    solution = simulation.solve()
    assert solution.termination == "final time"
    assert len(solution.cycles) == 2
    assert list(solution.summary_variables["Throughput capacity [A.h]"])[1] > 0.8e-3
    discharge = solution.cycles[1].steps[0]
    assert discharge["Voltage [V]"].entries[-1] < 0.0 < discharge["Current [A]"].entries[-1]
    hold = solution.cycles[1].steps[3]
    assert np.allclose(hold["Voltage [V]"].entries, 0.01, atol=1e-6)
    assert (hold["Current [A]"].entries < 0.0).all()


def test_steps_of_an_experiment_have_their_temperature_and_cut_off():
    steps = ["Discharge at 1 mA for 5 hours or until -0.03 V",
             pybamm.step.string("Rest for 1 hour", temperature="60 oC")]  # fmt: skip
    solution = pybamm.Simulation(export.SymmetricCell(cell()), experiment=steps).solve()
    first, second = solution.cycles
    assert first["Voltage [V]"].entries[-1] == pytest.approx(-0.03, abs=1e-5)
    assert first.t[-1] < 5 * 3600.0
    grown = second["Negative interphase thickness [m]"].entries
    assert second["Ambient temperature [K]"].entries[-1] == pytest.approx(333.15)
    assert grown[-1] > grown[0]


def test_a_bare_collector_is_plated_and_stripped_until_nothing_is_left():
    which = Cell("LLZTO", "Cu", pressure="5 MPa", thickness="0.5 mm")
    steps = ["Charge at 0.05 mA for 1 hour", "Discharge at 0.05 mA for 2 hours"]
    solution = pybamm.Simulation(export.SymmetricCell(which), experiment=steps).solve()
    assert "Negative lithium exhausted" in solution.termination
    assert 3600.0 < solution.t[-1] < 7210.0


def test_impedance_is_the_resistance_at_rest_and_an_arc():
    which = cell(attach_pressure="1 MPa", laws={})
    assembly = which.assemble()
    device, numbers = assembly.device, assembly.parameters[0]
    model = export.SymmetricCell(which, double_layer=True)
    values = model.default_parameter_values
    found = pybamm.EISSimulation(model, parameter_values=values)
    frequencies = np.logspace(-1, 9, 41)
    z = found.solve(frequencies).impedance * AREA
    cells = engine.start(device, 3e6, 298.15, 1.0, 1)
    assert z[0].real == pytest.approx(resistance(device, cells), rel=1e-5)
    face, share = device.faces[0], float(device.faces[0].attached)
    arc = 2.0 * float(face.transfer.resistance(share, 298.15))
    assert z[0].real - z[-1].real == pytest.approx(arc, rel=1e-3)
    tau = 0.5 * arc * numbers.pair("double_layer_capacitance") * share
    expected = z[-1].real + arc / (1.0 + 2j * np.pi * frequencies * tau)
    assert np.allclose(z, expected, rtol=1e-6)


def test_double_layers_do_not_change_what_is_slow():
    protocol = Protocol((Step(2.0, duration=3600.0), Step(-2.0, duration=3600.0)))
    outcome = ours(cell(), protocol)
    large = {f"{side} double-layer capacitance [F.m-2]": 10.0 for side in export.SIDES}
    found = theirs(cell(), outcome.pieces, ["Voltage [V]"], **large)
    for piece, seen in zip(outcome.pieces, found, strict=True):
        assert seen["Voltage [V]"][-1] == pytest.approx(-piece.voltage[0, -1], abs=2e-6)


@pytest.mark.parametrize("make", [export.li6ps5cl_li, export.llzto_li])
def test_parameter_sets_fit_the_model(make):
    values = pybamm.ParameterValues(make())
    solution = pybamm.Simulation(export.SymmetricCell(ends=False), parameter_values=values).solve(
        [0.0, 600.0]
    )
    assert np.isfinite(solution["Voltage [V]"].entries).all()
    assert (solution["Voltage [V]"].entries < 0.0).all()


def test_pressure_may_be_a_function_of_time():
    values = pybamm.ParameterValues(export.parameter_set(cell()))
    values["Current function [A]"] = 1e-3
    values["Stack pressure [Pa]"] = lambda t: 1e6 + 1e3 * t
    solution = pybamm.Simulation(export.SymmetricCell(ends=False), parameter_values=values).solve(
        [0.0, 3600.0]
    )
    assert solution["Stack pressure [Pa]"].entries[-1] == pytest.approx(4.6e6)


def test_entry_points_of_the_project_lead_here():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    groups = project["project"]["entry-points"]
    for group, names in (("pybamm_models", {"SymmetricCell"}),
                         ("pybamm_parameter_sets", {"Li6PS5Cl_Li", "LLZTO_Li"})):  # fmt: skip
        assert names <= set(groups[group])
        for target in groups[group].values():
            module, _, name = target.partition(":")
            assert callable(getattr(importlib.import_module(module), name))
