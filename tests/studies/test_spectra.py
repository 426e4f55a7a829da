"""From spectra to processes: what was put into made cells comes back, and doubts are said."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.measure import synthetic
from anolyte.measure.circuits import Circuit
from anolyte.measure.quality.answer import Verdict
from anolyte.measure.records import Spectrum
from anolyte.measure.relaxation.times import RelaxationTimes
from anolyte.measure.setup import Setup
from anolyte.studies.spectra import Measured, Series, SpectraResult, SpectraStudy, trends
from anolyte.studies.spectra.parts import spectrum_parts

STUDY = SpectraStudy(synthetic.CIRCUIT, relaxation=RelaxationTimes(resamples=0))


def series_of(made, **setup) -> Series:
    return Series(
        tuple(
            Measured(s, replace(t.setup, **setup), s.time, f"#{k}")
            for k, (s, t) in enumerate(zip(made.spectra, made.truths, strict=True))
        )
    )


@pytest.fixture(scope="module")
def over_temperature() -> SpectraResult:
    return STUDY(series_of(synthetic.temperatures(count=6, low=253.0, high=323.0)))


@pytest.fixture(scope="module")
def over_time() -> SpectraResult:
    return STUDY(series_of(synthetic.ageing(count=8)))


def test_activation_energies_come_back_within_their_intervals(over_temperature):
    found = {t.process: t.law for t in over_temperature.temperatures}
    for process, energy in (("bulk", 0.30), ("grain boundary", 0.45), ("charge transfer", 0.55)):
        law = found[process]
        assert law.energy / ELEMENTARY_CHARGE == pytest.approx(energy, abs=0.012)
        assert abs(law.energy / ELEMENTARY_CHARGE - energy) < 4.0 * law.energy_error / 1.6e-19
    assert found["bulk"].reference_value == pytest.approx(0.05, rel=0.03)  # S/m at 25 C


def test_the_volume_has_a_conductivity_and_a_face_a_typed_resistance(over_temperature):
    trends = {t.process: t for t in over_temperature.temperatures}
    assert trends["bulk"].law.of == "conductivity"
    assert trends["bulk and grain boundary"].law.of == "conductivity"
    assert trends["charge transfer"].law.of == "resistance"
    assert trends["charge transfer"].per_area
    face = trends["charge transfer"].law.reference_value
    assert face == pytest.approx(120.0 * 0.7854e-4 / 2.0, rel=0.05)  # half of both interfaces


def test_growth_comes_back_with_its_exponent_and_constant(over_time):
    (trend,) = over_time.times
    assert trend.process == "charge transfer"
    assert trend.law.best.law == "parabolic"
    assert trend.law.of == "one interface"
    assert trend.law.exponent == pytest.approx(0.5, abs=0.02)
    area = 0.7854e-4 / 2.0
    assert trend.law.best.start.si == pytest.approx(120.0 * area, rel=0.01)
    assert trend.law.best.rate * 60.0 == pytest.approx(24.0 * area, rel=0.01)


def test_a_contact_is_suspected_only_where_the_pressure_says_so():
    contact = STUDY(series_of(synthetic.pressures(-0.5)))
    other = STUDY(series_of(synthetic.pressures(0.0)))
    third = {t.arc: t for t in contact.pressures}["R3"]
    assert third.exponent == pytest.approx(-0.5, abs=0.02)
    assert any("contact geometry" in w for w in contact.warnings)
    assert {t.arc: t for t in other.pressures}["R3"].exponent == pytest.approx(0.0, abs=0.02)
    assert not any("follows stack pressure" in w for w in other.warnings)


def test_without_area_and_electrodes_everything_stays_in_ohm():
    made = synthetic.temperatures(count=4, low=263.0, high=313.0)
    bare = Series(
        tuple(
            Measured(s, Setup(temperature=t.setup.temperature), None, str(k))
            for k, (s, t) in enumerate(zip(made.spectra, made.truths, strict=True))
        )
    )
    found = STUDY(bare)
    assert found.temperatures
    assert all(t.law.of == "resistance" and not t.per_area for t in found.temperatures)
    row = found.rows()[0]
    assert row["conductivity [mS cm⁻¹]"] is None
    assert row["one interface [Ω cm²]"] is None


def test_a_short_is_seen_by_the_total_below_the_bulk_and_spoils_no_other():
    made = synthetic.ageing(count=8)
    spectra = list(made.spectra)
    path = 60.0  # ohm, electrons beside the ions
    z = 1.0 / (1.0 / spectra[-1].impedance + 1.0 / path)
    spectra[-1] = replace(spectra[-1], impedance=z)
    found = STUDY(series_of(replace(made, spectra=tuple(spectra))))
    assert [s.shorted for s in found.spectra] == [False] * 7 + [True]
    processes = found.spectra[0].processes
    assert processes is not None
    assert [p.best for p in processes.processes][:3] == [
        "bulk", "grain boundary", "charge transfer"
    ]  # fmt: skip
    assert found.times[0].law.exponent == pytest.approx(0.5, abs=0.05)
    assert any("short" in w or "below" in w for w in found.warnings)


def test_a_circuit_that_is_too_small_is_never_called_good():
    made = synthetic.ageing(count=2)
    found = SpectraStudy("R0-p(R1,CPE1)")(series_of(made))
    assert found.good == ()
    assert any("noise" in w for w in found.warnings)
    assert found.temperatures == found.times == ()


def test_an_outlier_is_left_out_of_the_fit_and_named():
    made = synthetic.ageing(count=1)
    z = made.spectra[0].impedance.copy()
    z[40] *= 1.1
    spectrum = replace(made.spectra[0], impedance=z)
    found = STUDY(Series((Measured(spectrum, made.setup, label="a"),)))
    study = found.spectra[0]
    assert study.quality.verdict is Verdict.BAD_POINTS
    assert [k for k, used in enumerate(study.used) if not used] == [40]
    assert study.good
    assert study.processes is not None
    assert study.processes.processes[0].resistance == pytest.approx(254.65, rel=0.06)


def test_nothing_readable_is_one_line():
    f = np.logspace(5, 0, 20)
    negative = Spectrum.of(f, -100.0 + 10j * np.ones(20), file="turned.csv")
    with pytest.raises(DataError, match=r"none of 1 spectra can be fitted; turned\.csv"):
        STUDY(Series((Measured(negative, Setup()),)))


def test_the_result_survives_json(over_temperature, over_time):
    for found in (over_temperature, over_time):
        text = json.dumps(found.to_dict(), allow_nan=False)
        back = SpectraResult.from_dict(json.loads(text))
        assert back.to_dict() == found.to_dict()
        assert back.rows() == found.rows()


def test_sentences_that_differ_in_numbers_stand_once(over_time):
    stems = ["".join(c for c in w if not c.isdigit()) for w in over_time.warnings]
    assert len(stems) == len(set(stems))
    assert len(over_time.warnings) < 15


def test_pellets_of_several_thicknesses_part_the_electrolyte_from_its_faces():
    found = STUDY(series_of(synthetic.pellets()))
    assert found.thickness is not None
    area = 0.7854e-4
    assert found.thickness.conductivity == pytest.approx(1e-3 / (314.65 * area), rel=0.01)
    assert found.thickness.faces.value == pytest.approx(120.0 * area, rel=0.02)
    assert [s.label for s in found.spectra] == ["500 µm", "1000 µm", "2000 µm"]
    processes = found.spectra[0].processes
    assert processes is not None
    (boundary,) = processes.named("grain boundary")
    assert boundary.probability > 0.9  # it follows the thickness: a layer would not


def test_published_faces_stand_beside_the_measured_one():
    made = synthetic.ageing(count=1)
    found = STUDY(series_of(made, electrolyte="LLZTO"))
    assert found.published is not None
    assert found.published.records > 5
    assert set(found.published.sources) <= set(found.sources)
    assert STUDY(series_of(made)).published is None


def test_blocking_electrodes_at_several_temperatures_give_the_conductivity():
    circuit = Circuit.of("p(R1,CPE1)-CPE2")
    f = np.logspace(6, 0, 43)
    measured = []
    for k, t in enumerate((298.15, 313.15, 333.15, 313.15)):
        resistance = 500.0 * t / 298.15 * np.exp(0.6 / 8.617333e-5 * (1.0 / t - 1.0 / 298.15))
        z = circuit.impedance([resistance, 2e-10, 0.98, 2e-6, 0.88], f)
        a, b = np.random.default_rng(k).standard_normal((2, f.size))
        spectrum = Spectrum.of(f, z * (1.0 + 0.003 * (a + 1j * b)), file=f"p{k}.csv")
        cell = Setup(area="2 cm2", thickness="100 um", electrodes="SS|SS", temperature=t)
        measured.append(Measured(spectrum, cell, None, f"p{k}.csv"))
    found = SpectraStudy("p(R1,CPE1)-CPE2")(Series(tuple(measured)))
    law = {t.process: t.law for t in found.temperatures}["bulk"]
    assert law.energy / ELEMENTARY_CHARGE == pytest.approx(0.6, abs=0.01)
    assert law.reference_value == pytest.approx(1e-4 / (500.0 * 2e-4), rel=0.02)
    processes = found.spectra[0].processes
    assert processes is not None
    (tail,) = processes.named("double layer")
    assert tail.face is None
    assert tail.total is None
    json.dumps(found.to_dict(), allow_nan=False)
    labels = [s.label for s in found.spectra]
    assert labels[1] != labels[3]  # the same temperature twice: told apart by the file


def test_points_beyond_the_sweep_are_left_out_of_the_line_of_single_fits():
    """The bulk peaks beyond the sweep when hot; together or singly its energy holds the truth."""
    study = replace(STUDY, noise=None)
    found = study(series_of(synthetic.temperatures(False, seed=7001)))
    bulk = next(t.law for t in found.temperatures if t.process == "bulk")
    assert found.joint is not None
    assert bulk.energy_low <= 0.30 * ELEMENTARY_CHARGE <= bulk.energy_high
    single = tuple(s if s.fit is None else replace(s, arcs=s.fit.arcs) for s in found.spectra)
    alone = {t.arc: t.law for t in trends.over_temperature(single)}
    law = alone["R1"]
    assert law.energy_low <= 0.30 * ELEMENTARY_CHARGE <= law.energy_high
    assert law.hottest < 280.0 and len(law.values) < len(found.spectra)
    assert any("left out" in w and "beyond the sweep" in w for w in law.warnings)
    hot = single[5:]
    assert "R1" not in {t.arc for t in trends.over_temperature(hot)}
    assert any("no activation energy is told" in w for w in trends.energies_not_told(hot))


def test_readings_that_scatter_make_no_law():
    """Thermometers and load cells of one setting never show one number twice."""
    made, rng = synthetic.ageing(count=6), np.random.default_rng(0)
    series = Series(tuple(
        Measured(s, replace(t.setup, temperature=298.15 + 0.1 * rng.standard_normal(),
                            stack_pressure=5e6 * (1 + 1e-3 * rng.standard_normal())), s.time)
        for s, t in zip(made.spectra, made.truths, strict=True)
    ))  # fmt: skip
    found = STUDY(series)
    assert found.temperatures == () and found.pressures == () and found.joint is None
    assert found.times  # which a thermometer that scatters does not hide


def test_sources_name_the_methods_too(over_time):
    assert {"boukamp1995linear", "hurvich1989aicc", "golub1979gcv"} <= set(over_time.sources)


def test_arcs_become_the_parts_of_a_voltage():
    made = synthetic.ageing(count=1, seed=1)
    setup = {"area": "0.7854 cm2", "thickness": "1 mm", "electrodes": "Li|Li"}
    study = STUDY(series_of(made, **setup)).spectra[0]
    parts = spectrum_parts(study)
    assert parts.bulk + parts.grain_boundary == pytest.approx(254.65 + 60.0, rel=0.01)
    assert parts.charge_transfer == pytest.approx(120.0, rel=0.01)
    assert parts.interface == 0.0  # and diffusion is no part: it is in what is left
    with pytest.raises(DataError, match="give --area"):
        spectrum_parts(STUDY(series_of(made, area=None, thickness=None)).spectra[0])
    assert study.fit is not None
    with pytest.raises(DataError, match="not to be used"):
        spectrum_parts(replace(study, fit=replace(study.fit, good=False)))
