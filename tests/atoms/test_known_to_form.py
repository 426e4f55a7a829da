"""Compounds that are known to form and nothing more, on a made-up chemistry and in the table."""

from __future__ import annotations

import pytest

from anolyte.atoms import known_to_form
from anolyte.atoms.assemble import KIND
from anolyte.materials.energy_errors import energy_errors
from anolyte.materials.phases import embedded


def row(formula, energy, how="measured", sigma=0.01, volume=""):
    return {
        "formula": formula, "energy_eV_per_atom": str(energy), "sigma_eV_per_atom": str(sigma),
        "how": how, "state": "solid", "volume_A3_per_fu": volume,
    }  # fmt: skip


def computed_binaries():
    """Twenty-one computed compounds LiN_k with depths of -0.10 to +0.10 eV/atom about a line."""
    rows = [row("Li", 0.0, sigma=0.0), row("N2", 0.0, sigma=0.0, volume="50")]
    pairs = [("Na", x) for x in ("F", "Cl", "Br", "I", "O", "S", "Se")]
    pairs += [("K", x) for x in ("F", "Cl", "Br", "I", "O", "S", "Se")]
    pairs += [("Rb", x) for x in ("F", "Cl", "Br", "I", "O", "S", "Se")]
    for k, (metal, other) in enumerate(pairs):
        rows += [row(metal, 0.0), row(other, 0.0)]
        rows.append(row(f"{metal}{other}", -0.10 + 0.01 * k, "computed"))
    return rows


def test_the_placing_is_the_median_and_half_of_the_middle_68_percent():
    placing = known_to_form.placings(computed_binaries())[2]
    assert placing.count == 21
    assert placing.median == pytest.approx(0.0, abs=1e-12)
    # Evenly spread over 0.20 eV: 68 % of them span 0.136.
    assert placing.half == pytest.approx(0.068, abs=1e-9)


def test_a_known_compound_lies_as_the_computed_ones_do_and_carries_its_anchors_errors():
    rows = [*computed_binaries(), row("Li3N", -0.4, sigma=0.05, volume="45")]
    (made,) = known_to_form.known_to_form(rows, ["Li3N", "LiN3", "Mg3N2"], KIND)
    assert made["formula"] == "LiN3"  # Li3N is held, magnesium is not in the table
    # Half an atom in four is of Li3N: LiN3 = 1/3 Li3N + 4/3 N2.
    assert float(made["energy_eV_per_atom"]) == pytest.approx(-0.4 / 3.0, abs=1e-6)
    assert float(made["sigma_eV_per_atom"]) == pytest.approx(
        (0.068**2 + (0.05 / 3) ** 2) ** 0.5, abs=1e-6
    )
    assert made["anchor"] == "LiN3 = 1.333 N2 + 0.3333 Li3N"
    assert float(made["volume_A3_per_fu"]) == pytest.approx(50.0 * 4 / 3 + 45.0 / 3, abs=1e-3)
    assert (made["how"], made["known"]) == ("estimated", "recalled")


def test_the_embedded_estimates_share_the_errors_of_their_anchors():
    table = embedded()
    found = [p for p in table.rows if p.name == "known to form"]
    assert found
    assert all(p.source.known == "recalled" and p.sigma and p.sigma > 0.015 for p in found)
    shared = 0
    for phase in found[:20]:
        part = table.within(phase.composition)
        errors = energy_errors(part, 0.025)
        at = next(i for i, p in enumerate(part.rows) if p is phase or p == phase)
        assert errors.sigma[at] == pytest.approx(phase.sigma, rel=1e-3)
        shared += (errors.loading[at] != 0.0).sum() > 1
    # Only measured anchors are shared: a computed one leaves its part with the phase itself.
    assert shared >= 10


def test_no_known_compound_is_missing():
    table = embedded()
    for system in ({"Li", "Ge"}, {"Li", "P", "S", "I"}, {"Li", "Si", "P"}):
        assert table.coverage(system).missing == ()
