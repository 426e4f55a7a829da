"""Gibbs energies: the tables' own numbers, independent tables, and laws that bind them together."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import DataError
from anolyte.core.units import FARADAY, GAS_CONSTANT
from anolyte.laws.equilibrium import lithium_ladder
from anolyte.laws.gibbs import (
    COMPOUNDS,
    ELEMENTS,
    KNOWN,
    SIGMA_ENTROPY,
    TABULATED,
    GibbsPhase,
    GibbsPhases,
    _origins,
    _Pool,
    at,
)
from anolyte.materials import formula, thermal
from anolyte.materials.phases import embedded

EV = 96.485332  # kJ/mol


def formation(table: GibbsPhases, text: str, state: str = "") -> float:
    """kJ per mole of formula units."""
    phase = table.gas(text) if state == "gas" else table.find(formula.parse(text))
    assert phase is not None
    return phase.energy * EV * formula.atoms(phase.composition)


@pytest.fixture(scope="module")
def room() -> GibbsPhases:
    return at(embedded(), 298.15)


@pytest.mark.parametrize(
    ("text", "temperature", "value", "within"),
    [  # NIST-JANAF, delta-f G in kJ/mol; ours are Gurvich's functions and enthalpies
        ("Li2O", 298.15, -562.102, 1.2),
        ("Li2O", 600.0, -522.248, 1.2),
        ("LiCl", 298.15, -384.019, 0.5),
        ("LiCl", 600.0, -359.202, 0.5),
    ],
)
def test_formation_agrees_with_an_independent_table(text, temperature, value, within):
    assert formation(at(embedded(), temperature), text) == pytest.approx(value, abs=within)


def test_water(room):
    assert formation(room, "H2O") == pytest.approx(-237.14, abs=0.05)
    assert formation(room, "H2O", "gas") == pytest.approx(-228.58, abs=0.05)


def test_decomposition_voltages_and_their_slope(room):
    """Li2O against oxygen and LiCl against chlorine at 1 bar."""
    warm = at(embedded(), 308.15)
    for text, electrons, gas in (("Li2O", 2, "O"), ("LiCl", 1, "Cl")):
        voltage = -formation(room, text) / EV / electrons
        assert voltage == pytest.approx({"Li2O": 2.91, "LiCl": 3.98}[text], abs=0.01)
        slope = (-formation(warm, text) / EV / electrons - voltage) / 10.0
        # dE/dT = Delta S / nF with the tables' own entropies.
        solid, metal = (thermal.find(formula.parse(t), "solid") for t in (text, "Li"))
        molecule = thermal.find({gas: 2.0}, "gas")
        change = solid.entropy() - electrons * metal.entropy() - 0.5 * molecule.entropy()
        assert slope == pytest.approx(change / electrons / FARADAY, rel=0.02)


def test_boudouard_and_limestone():
    """2 CO = C + CO2 turns at about 970 K; CaCO3 gives off 1 bar of CO2 near 1160 K."""

    def boudouard(t):
        table = at(embedded(), t)
        return 2 * formation(table, "CO", "gas") - formation(table, "CO2", "gas")

    def limestone(t):
        table = at(embedded(), t)
        return (formation(table, "CaO") + formation(table, "CO2", "gas")) - formation(
            table, "CaCO3"
        )

    assert zero(lambda t: boudouard(t), 900.0, 1050.0) == pytest.approx(973.0, abs=8.0)
    assert zero(limestone, 1050.0, 1250.0) == pytest.approx(1165.0, abs=15.0)


def zero(function, low, high):
    sign = function(low) > 0.0
    while high - low > 0.1:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if (function(middle) > 0.0) == sign else (low, middle)
    return low


@pytest.mark.parametrize("temperature", [298.15, 450.0, 800.0])
def test_gibbs_helmholtz_for_every_function(temperature):
    """d(G/T)/dT = -H/T^2, by finite difference, and S = -dG/dT."""
    step = 1e-3
    for chains in thermal.functions().values():
        for f in chains:
            if any(abs(i.high - temperature) < 1.0 for i in f.intervals):
                continue
            low, high = (f.increment(temperature + s) for s in (-step, step))
            assert -(high - low) / (2 * step) == pytest.approx(
                f.entropy(temperature), rel=1e-4, abs=2e-3
            ), f.formula


def test_chains_join_and_start_where_the_enthalpies_do():
    """G is continuous at each transition; at 298.15 K it is H - TS with the source's own H."""
    for chains in thermal.functions().values():
        for f in chains:
            start = f.increment(298.15) + 298.15 * f.entropy(298.15)
            assert abs(start) < 60.0, f.formula
            for first, second in zip(f.intervals, f.intervals[1:], strict=False):
                t = first.high
                jump = [i.enthalpy(t) - t * i.entropy(t) for i in (first, second)]
                assert abs(jump[0] - jump[1]) < 60.0, (f.formula, t)


def test_lithium_melts():
    metal = thermal.find({"Li": 1.0}, "solid")
    jump = metal.entropy(453.8) - metal.entropy(453.6)
    assert 453.69 * jump == pytest.approx(3000.0, rel=0.02)  # heat of fusion, J/mol


def test_room_temperature_energies_keep_their_order_of_kind(room):
    assert room.kind != embedded().kind and "Gibbs" in room.kind
    with pytest.raises(DataError, match="already"):
        at(room, 400.0)


def test_a_gas_at_lower_pressure_leaves_earlier():
    wet, thin = at(embedded(), 298.15), at(embedded(), 298.15, {"O2": 1e3})
    change = thin.gas("O2").energy - wet.gas("O2").energy
    assert 2 * change * EV == pytest.approx(GAS_CONSTANT * 298.15 * math.log(0.01) / 1e3, rel=1e-6)
    limits = [lithium_ladder(t, {"Li": 3.0, "N": 1.0}).oxidation_limit for t in (wet, thin)]
    assert limits[0] == limits[1]
    limits = [lithium_ladder(t, {"Li": 7, "La": 3, "Zr": 2, "O": 12}).oxidation_limit
              for t in (wet, thin)]  # fmt: skip
    assert limits[1] <= limits[0]


@pytest.mark.parametrize(
    ("temperature", "gases"),
    [(100.0, {}), (2000.0, {}), (math.nan, {}), (300.0, {"O2": -1.0}), (300.0, {"O2": math.nan}),
     (300.0, {"XeF6": 1e5}), (300.0, {"Li2O": 1e5})],
)  # fmt: skip
def test_bad_input_is_one_line(temperature, gases):
    with pytest.raises(DataError) as error:
        at(embedded(), temperature, gases)
    assert "\n" not in str(error.value)


def test_what_was_estimated_is_said(room):
    assert any(line.startswith("Li6PS5Cl = LiCl + ") for line in room.estimated({"Li6PS5Cl"}))
    assert not room.estimated({"LiCl", "O2"})
    for phase in room.rows:
        assert isinstance(phase, GibbsPhase)
        assert (phase.entropy == TABULATED) == (not phase.constituents)


def test_stated_errors_cover_left_out_entropies():
    """Each tabulated solid is estimated from the others; the stated sigma is their rms or more."""
    table = embedded()
    origins = _origins(table)
    usable = [i for i, p in enumerate(table.rows)
              if origins[i].function is not None and p.state == "solid"
              and len(table.compositions[i]) > 1]  # fmt: skip
    keys = [thermal.key(c, "solid") for c in table.compositions]
    entropy = {i: o.function.entropy() / o.function.atoms
               for i, o in enumerate(origins) if o.function is not None}  # fmt: skip
    missed: dict[str, list[float]] = {COMPOUNDS: [], ELEMENTS: []}
    for i in usable[::2]:
        others = [j for j in usable if keys[j] != keys[i]]
        parts, elements = _Pool(table, others).split(table.compositions[i])
        if any(isinstance(part, str) for part, _ in parts):
            continue
        estimate = sum(x * entropy[part] for part, x in parts)
        missed[ELEMENTS if elements else COMPOUNDS].append(estimate - entropy[i])
    for how, errors in missed.items():
        assert len(errors) > 10
        assert np.sqrt(np.mean(np.square(errors))) < SIGMA_ENTROPY[how]


def test_sigma_grows_with_temperature_where_entropy_is_estimated():
    cold, hot = (at(embedded(), t).find(formula.parse("Li3PS4")) for t in (298.15, 800.0))
    assert cold.sigma < hot.sigma
    assert SIGMA_ENTROPY[KNOWN] < SIGMA_ENTROPY[COMPOUNDS] < SIGMA_ENTROPY[ELEMENTS]


def test_every_row_of_the_data_names_its_source():
    folder = Path(thermal.__file__).parent / "data"
    for name in ("thermal.csv", "entropies.csv", "atmospheres.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            assert all(row["source"] and row["where"] for row in csv.DictReader(file))
