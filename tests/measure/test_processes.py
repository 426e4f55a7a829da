"""Arcs get the process they are, with honest probabilities, and nothing is assumed."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.errors import DataError, MissingProperty
from anolyte.materials import processes as data
from anolyte.measure import synthetic
from anolyte.measure.arcs import Arc
from anolyte.measure.processes import UNDECIDED, ProcessResult, assign
from anolyte.measure.processes.conductivity import (
    Published,
    beside,
    conductivity_by_thickness,
    published,
)
from anolyte.measure.processes.contact_geometry import contact_geometry
from anolyte.measure.processes.evidence import SeriesEvidence, evidence
from anolyte.measure.processes.probabilities import (
    Normalised,
    ProcessSettings,
    capacitance_weight,
    marginals,
)
from anolyte.measure.resistance import CellResistance, FaceResistance
from anolyte.measure.setup import Setup

CELL = Setup(area=math.pi * 0.25e-4, thickness=1e-3, electrodes="Li|Li")
WORDS = "may be contact geometry"


def best(found):
    return tuple(p.best for p in found.processes)


def test_every_arc_of_the_ageing_series_has_its_class():
    for truth in synthetic.ageing().truths:
        assert best(assign(truth.arcs, truth.setup)) == truth.classes


def test_jittered_arcs_have_their_class_too():
    """As fits and relaxation times scatter: 20 % in R, a factor 1.5 in C, and 30 % in time."""
    rng = np.random.default_rng(0)
    for truth in synthetic.ageing(count=100).truths:
        arcs = [
            replace(
                a,
                resistance=a.resistance * math.exp(0.2 * rng.standard_normal()),
                capacitance=a.capacitance * math.exp(0.4 * rng.uniform(-1.0, 1.0)),
                time_constant=a.time_constant * math.exp(0.3 * rng.standard_normal()),
                resistance_error=0.2,
                capacitance_error=0.4,
            )
            for a in truth.arcs
        ]
        assert best(assign(arcs, truth.setup)) == truth.classes


def test_a_diffusion_seen_as_a_peak_is_still_one():
    arcs = [replace(a, shape="arc") for a in synthetic.Pellet().arcs]
    arcs[3] = replace(arcs[3], resistance=34.0, time_constant=12.0, capacitance=12.0 / 34.0)
    assert best(assign(arcs, CELL))[3] == "diffusion"


def test_numbers_of_the_made_cell_come_back():
    found = assign(synthetic.Pellet().arcs, CELL)
    bulk, boundary, transfer, _ = found.processes
    assert bulk.conductivity == pytest.approx(0.05)
    assert bulk.permittivity == pytest.approx(50.3, abs=0.1)
    assert bulk.line_capacitance == pytest.approx(4.456e-10, rel=1e-3)  # 4.5e-12 F/cm
    assert boundary.grain_ratio == pytest.approx(2e-9 / 3.5e-11)
    assert boundary.boundary_conductivity == pytest.approx(boundary.conductivity * 3.5e-11 / 2e-9)
    assert found.with_boundaries == pytest.approx(1e-3 / (314.648 * CELL.area), rel=1e-4)
    assert transfer.face.value == pytest.approx(60.0 * CELL.area)
    assert transfer.total.value == pytest.approx(120.0 * CELL.area)
    assert transfer.area_capacitance == pytest.approx(2 * 2e-6 / CELL.area)


def test_one_blocking_side_leaves_one_interface():
    arcs = synthetic.Pellet().arcs
    two, one = (assign(arcs, replace(CELL, electrodes=e)) for e in ("Li|Li", "Li|Cu"))
    assert one.processes[2].area_capacitance == pytest.approx(two.processes[2].area_capacitance / 2)
    assert one.processes[2].face.value == pytest.approx(2 * two.processes[2].face.value)


@pytest.mark.parametrize("missing", ["area", "thickness"])
def test_without_area_or_thickness_everything_stays_in_ohm_and_farad(missing):
    found = assign(synthetic.Pellet().arcs, replace(CELL, **{missing: None}))
    assert best(found) == (UNDECIDED,) * 4
    assert not found.normalised
    for p in found.processes:
        assert p.conductivity is p.face is p.total is p.line_capacitance is None
        assert p.resistance > 0.0
    assert f"{missing} not given" in found.warnings[0]


def test_without_electrodes_a_face_is_one_of_one_or_two():
    found = assign(synthetic.Pellet().arcs, replace(CELL, electrodes=None))
    assert best(found) == ("bulk", "grain boundary", "charge transfer", "diffusion")
    assert all(p.face is None and p.area_capacitance is None for p in found.processes)
    assert any("electrodes are not given" in w for w in found.warnings)


def test_two_different_electrodes_give_no_face_resistance():
    found = assign(synthetic.Pellet().arcs, replace(CELL, electrodes="Li|Si"))
    assert found.processes[2].face is None
    assert found.processes[2].total is not None
    assert any("cannot be told from the other's" in w for w in found.warnings)


def test_blocking_electrodes_have_a_double_layer_and_no_charge_transfer():
    tail = Arc("Q1", 1e9, 2e-6, 2e3, shape="blocking")
    found = assign([*synthetic.Pellet().arcs[:2], tail], replace(CELL, electrodes="Au|Au"))
    assert best(found) == ("bulk", "grain boundary", "double layer")
    classes = found.processes[2].classes
    assert found.processes[2].probability == pytest.approx(1.0)
    chances = dict(zip(found.processes[1].classes, found.processes[1].probabilities, strict=True))
    assert chances["charge transfer"] == 0.0
    assert "double layer" in classes


def test_a_raw_bulk_capacitance_is_a_second_phase_only_by_mistake():
    """35 pF read at 1/cm would be a second phase; area and thickness make it the bulk."""
    arc = synthetic.Pellet().arcs[0]
    raw = assign([arc], Setup(area=1e-4, thickness=1e-2, electrodes="Li|Li"))
    assert raw.processes[0].best != "bulk"
    assert assign([arc], CELL).processes[0].best == "bulk"


def test_an_impossible_capacitance_is_refused():
    with pytest.raises(DataError, match="arc R1: a capacitance"):
        assign([Arc("R1", 1.0, 0.0, 1.0)], CELL)


# --- series --------------------------------------------------------------------------------------


def series(made):
    return evidence([t.arcs for t in made.truths], [t.setup for t in made.truths])


def both(constriction):
    exponent = -0.5 if constriction else 0.0
    heat = series(synthetic.temperatures(constriction=constriction))
    return heat.joined(series(synthetic.pressures(exponent)))


def test_only_the_copy_that_is_contact_is_called_so():
    arcs, setup = synthetic.Pellet().arcs, replace(CELL, temperature=298.15)
    honest, contact = (assign(arcs, setup, both(c)) for c in (False, True))
    assert not any(WORDS in w for w in honest.warnings)
    assert not any(p.contact_suspected for p in honest.processes)
    said = [w for w in contact.warnings if WORDS in w]
    assert len(said) == 1
    assert said[0].startswith("R3 (charge transfer) has the activation energy of the bulk (0.3 eV")
    assert "exponent of -0.50" in said[0]
    assert [p.contact_suspected for p in contact.processes] == [False, False, True, False]


def test_an_energy_a_little_above_the_bulk_is_no_contact():
    """0.10 eV above is a process of its own, 0.01 eV above is not."""
    for above, suspected in ((0.10, False), (0.01, True)):
        arcs = [
            replace(a, energy=(0.30 + above * (a.name == "R3")) * 1.602176634e-19)
            for a in series(synthetic.temperatures()).arcs
        ]
        found = assign(synthetic.Pellet().arcs, CELL, SeriesEvidence(tuple(arcs)))
        assert found.processes[2].contact_suspected == suspected


@pytest.mark.parametrize("which", ["energy", "pressure"])
def test_each_of_the_first_two_rules_speaks_alone(which):
    made = synthetic.temperatures(True) if which == "energy" else synthetic.pressures(-0.5)
    found = assign(synthetic.Pellet().arcs, CELL, series(made))
    said = [w for w in found.warnings if WORDS in w]
    assert len(said) == 1
    asked = "measure at two pressures" if which == "energy" else "press harder once"
    assert asked in said[0]


def test_a_garnet_without_a_pressure_series_is_suspected_and_others_are_not():
    arcs = synthetic.Pellet().arcs
    said = {}
    for name in ("LLZTO", "LAGP"):
        setup = replace(CELL, electrolyte=name, temperature=298.15)
        said[name] = [w for w in assign(arcs, setup).warnings if WORDS in w]
    assert len(said["LLZTO"]) == 1
    assert "eckhardt2022dynamic" in said["LLZTO"][0]
    assert said["LAGP"] == []
    setup = replace(CELL, electrolyte="LLZTO", temperature=298.15)
    answered = assign(arcs, setup, series(synthetic.pressures(0.0)))
    assert not any(WORDS in w for w in answered.warnings)


def test_series_give_the_slopes_that_were_put_in():
    heat = series(synthetic.temperatures())
    for name, energy in (("R1", 0.30), ("R2", 0.45), ("R3", 0.55)):
        assert heat.of(name).energy / 1.602176634e-19 == pytest.approx(energy, abs=1e-6)
    thick = series(synthetic.pellets())
    for name, slope in (("R1", 1.0), ("R2", 1.0), ("R3", 0.0)):
        assert thick.of(name).thickness == pytest.approx(slope, abs=1e-9)
    assert series(synthetic.pressures()).of("R3").pressure == pytest.approx(-0.5)
    aged = synthetic.ageing(count=20)
    grown = evidence(
        [t.arcs for t in aged.truths], [t.setup for t in aged.truths],
        [s.time for s in aged.spectra],
    )  # fmt: skip
    assert grown.of("R1").rise == pytest.approx(0.0, abs=1e-9)
    assert grown.of("R3").rise > 0.5
    assert thick.varied == ("thickness",)


def test_thickness_tells_a_boundary_from_a_layer():
    """2 nF in 1 mm: 63 % boundary by capacitance alone; pellets of several thicknesses decide."""
    arcs = synthetic.Pellet().arcs
    before = assign(arcs, CELL).processes[1]
    after = assign(arcs, CELL, series(synthetic.pellets())).processes[1]
    assert before.probability < 0.8 < 0.95 < after.probability
    assert "two thicknesses" in before.decided_by
    layer = tuple(
        replace(a, thickness=0.0) if a.name == "R2" else a for a in series(synthetic.pellets()).arcs
    )
    turned = assign(arcs, CELL, SeriesEvidence(layer)).processes[1]
    assert turned.best == "interphase"
    assert turned.thinnest < turned.thickest


def test_an_arc_that_is_missing_somewhere_is_told():
    arcs = synthetic.Pellet().arcs
    with pytest.raises(DataError, match="arc R1 is missing"):
        evidence([arcs, arcs[1:]], [CELL, CELL])


def test_one_spectrum_with_its_arcs_exchanged_does_not_spoil_the_series():
    made = synthetic.temperatures()
    arcs = [list(t.arcs) for t in made.truths]
    one, two = arcs[10][1:3]
    arcs[10][1:3] = [replace(two, name="R2"), replace(one, name="R3")]
    found = evidence(arcs, [t.setup for t in made.truths])
    for name, energy in (("R2", 0.45), ("R3", 0.55)):
        assert found.of(name).energy / 1.602176634e-19 == pytest.approx(energy, abs=0.005)


def test_errors_of_the_fit_make_slopes_uncertain():
    made = synthetic.pressures(-0.5)
    arcs = [[replace(a, resistance_error=0.5) for a in t.arcs] for t in made.truths]
    found = evidence(arcs, [t.setup for t in made.truths]).of("R3")
    assert found.pressure_error > 0.1


# --- probabilities -------------------------------------------------------------------------------


def drawn(rng, classes, count):
    """Classes by their priors, and a capacitance inside each band with soft edges."""
    priors = np.array([c.prior for c in classes])
    which = rng.choice(len(classes), size=count, p=priors / priors.sum())
    out = []
    for k in which:
        low, high = classes[k].band
        out.append((int(k), rng.uniform(low, high) + classes[k].width * rng.standard_normal()))
    return out


def test_probabilities_are_as_often_right_as_they_say():
    """Single arcs of random class in a random pellet: of those called 60 %, 60 % are right."""
    rng = np.random.default_rng(0)
    names = ("bulk", "second phase", "grain boundary", "constriction", "interphase",
             "charge transfer")  # fmt: skip
    classes = [data.read().named(n) for n in names]
    said, right, brier = [], [], []
    for k, x in drawn(rng, classes, 4000):
        area, thickness = 1e-4 * rng.uniform(0.2, 2.0), 10.0 ** rng.uniform(-4.0, -2.7)
        volume = classes[k].normalised_by == "volume"
        c = 10.0**x * (area / thickness if volume else area / 2.0)
        n = Normalised(c * thickness / area, 2.0 * c / area)
        w = np.array([[c.prior * capacitance_weight(c, n, ProcessSettings()) for c in classes]])
        p = marginals(w, range(len(classes)), ProcessSettings())[0]
        said.append(p.max())
        right.append(int(np.argmax(p)) == k)
        brier.append(p[k])
    said, right = np.array(said), np.array(right)
    for low, high in ((0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        m = (said >= low) & (said < high)
        assert m.sum() > 50
        spread = math.sqrt(0.25 / m.sum())
        assert right[m].mean() == pytest.approx(said[m].mean(), abs=3.0 * spread)
    assert 0.6 < right.mean() < 0.95  # capacitance alone does not always tell


def test_marginals_are_the_sum_over_all_chains():
    rng = np.random.default_rng(1)
    s, orders = ProcessSettings(), [0, 1, 1, 2]
    w = rng.uniform(0.1, 1.0, (3, 4))
    total = np.zeros((3, 4))
    for a, b, c in np.ndindex(4, 4, 4):
        chance = w[0, a] * w[1, b] * w[2, c]
        for one, two in ((a, b), (b, c)):
            step = orders[two] - orders[one]
            chance *= 1.0 if step > 0 else s.again if step == 0 else s.backwards
        for k, which in enumerate((a, b, c)):
            total[k, which] += chance
    assert marginals(w, orders, s) == pytest.approx(total / total.sum(axis=1, keepdims=True))


def test_an_odd_capacitance_is_never_certain():
    found = assign([Arc("R1", 1.0, 1e6, 1.0)], CELL).processes[0]
    assert found.probability < 0.8


def test_order_in_time_tells_two_arcs_of_one_band_apart():
    """Two arcs of 2 nF: the slower one is a layer, for one grain boundary there is already."""
    fast, slow = Arc("R2", 60.0, 2e-9, 1.2e-7), Arc("R3", 6e3, 2e-9, 1.2e-5)
    found = assign([slow, fast], CELL).processes
    assert [p.name for p in found] == ["R2", "R3"]
    assert [p.best for p in found] == ["grain boundary", "interphase"]


# --- the electrolyte ----------------------------------------------------------------------------


def test_a_conductivity_far_from_the_reports_is_told():
    near = assign(synthetic.Pellet().arcs, replace(CELL, electrolyte="LLZTO", temperature=298.15))
    assert isinstance(near.published, Published)
    assert not any("times below" in w for w in near.warnings)
    thick = replace(CELL, electrolyte="LLZTO", temperature=298.15, area=CELL.area * 20)
    far = assign(synthetic.Pellet().arcs, thick)
    assert any("times below the published" in w for w in far.warnings)


def test_reports_are_asked_only_where_they_can_answer():
    assert "no electrolyte" in published(Setup())
    assert "no temperature" in published(Setup(electrolyte="LLZTO"))
    assert "no published" in published(Setup(electrolyte="Li99Xx", temperature=300.0))
    told = Published("X", "as measured", (), False, 0.1, 0.05, 0.2, 298.15)
    assert beside(0.017, told) == beside(0.59, told) == ""
    assert "below" in beside(0.016, told)
    assert "above" in beside(0.61, told)


def test_an_intercept_is_the_bulk_where_no_arc_is():
    arcs = synthetic.Pellet().arcs[1:]
    found = assign(arcs, CELL, intercept=CellResistance(254.65, 1.0))
    assert found.bulk == pytest.approx(0.05, rel=1e-3)
    assert any("intercept" in w for w in found.warnings)
    beside_arc = assign(synthetic.Pellet().arcs, CELL, intercept=CellResistance(40.0))
    assert beside_arc.bulk == pytest.approx(0.05, rel=1e-3)
    assert any("is not counted" in w for w in beside_arc.warnings)


def test_several_thicknesses_give_the_electrolyte_without_its_faces():
    rng = np.random.default_rng(0)
    inside, draws = 0, 200
    cells = [Setup(area=1e-4, thickness=t) for t in (0.5e-3, 1e-3, 1.5e-3, 2e-3, 3e-3)]
    for _ in range(draws):
        made = []
        for cell in cells:
            r = cell.thickness / (0.05 * 1e-4) + 30.0
            made.append(CellResistance(r * (1.0 + 0.02 * rng.standard_normal()), 0.02 * r))
        found = conductivity_by_thickness(made, cells)
        inside += found.low <= 0.05 <= found.high
    assert 0.84 <= inside / draws <= 0.96
    with pytest.raises(DataError, match="different thickness"):
        conductivity_by_thickness(made[:1], cells[:1])
    with pytest.raises(MissingProperty, match="area"):
        conductivity_by_thickness(made[:2], [Setup(thickness=1e-3), Setup(thickness=2e-3)])


def test_contact_that_would_make_a_face_resistance():
    """N spots of radius a: R = 1/(4 sigma a N), here 10 um on cells of 56 um: 16 ohm cm2 at 10 %"""
    spacing = math.sqrt(math.pi * 1e-10 / 0.1)
    found = contact_geometry(FaceResistance(16e-4), 0.05, spacing)
    contacts = dict(zip(found.laws, found.contacts, strict=True))
    assert contacts["Holm"] == pytest.approx(0.1, rel=0.05)
    assert all(c <= contacts["Holm"] for c in contacts.values())
    with pytest.raises(DataError, match="spacing"):
        contact_geometry(FaceResistance(16e-4), 0.05, 0.0)


def test_a_result_goes_through_json():
    setup = replace(CELL, electrolyte="LLZTO", temperature=298.15)
    found = assign(synthetic.Pellet().arcs, setup, both(True))
    assert ProcessResult.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    row = found.rows()[2]
    assert row["best"] == "charge transfer"
    assert row["face"] == "47.1 Ω cm² (one interface)"
    again = SeriesEvidence.from_dict(json.loads(json.dumps(both(True).to_dict())))
    assert again == both(True)


def test_bands_are_those_of_the_table():
    table = data.read()
    assert table.named("grain boundary").band == pytest.approx((-9.0, -6.0))  # F/m
    assert table.named("charge transfer").band == pytest.approx((-3.0, -1.0))  # F/m2
    assert table.decide("interphase", "grain boundary")
    assert {c.known for c in table.classes} <= {"second_hand", "recalled"}
