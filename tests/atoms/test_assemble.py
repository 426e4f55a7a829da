"""Assembly of tiers 1 and 2 on a made-up chemistry, and of the project's own tables."""

from __future__ import annotations

import csv

import pytest

from anolyte.atoms import assemble, tiers

MEASURED = "formula,phase,dHf_kJ_per_mol,sigma_kJ_per_mol,source,where,how,known,note\n"
COMPUTED = (
    "formula,name,energy_eV_per_atom,volume_A3_per_fu,published_volume_A3_per_fu,converged,"
    "structure_hash,model,source,where,known,note\n"
)


@pytest.fixture
def tables(tmp_path):
    """Li2S and P2S5 measured, Li3PS4 computed 0.1 eV/atom below them; O only through Li2O."""
    (tmp_path / "enthalpies.csv").write_text(
        MEASURED
        + "Li,solid,0,0,a,,assumed,read,\n"
        + 'P,"solid, white",0,0,a,,assumed,read,\n'
        + 'P,"solid, black",-9.6485332,1,a,,measured,read,\n'
        + 'S,"solid, orthorhombic",0,0,a,,assumed,read,\n'
        + "O2,gas,0,0,a,,assumed,read,\n"
        + "Li2S,solid,-434.183994,2.894559,a,,measured,read,\n"
        + "Li2S,solid,-400,1,b,,measured,read,\n"
        + "P2S5,solid,-202.6191972,6.7539732,a,,measured,read,\n"
        + "Li2O,solid,-578.911992,0,a,,measured,read,\n"
        + "LiP,solid,-50,1,a,,measured,recalled,\n"
    )
    rows = [
        ("Li", "Li", -2.0, 20, 21, "a", "read"),
        ("P", "P black", -5.0, 20, 19, "a", "read"),
        ("S", "S8", -4.0, 25, 26, "a", "read"),
        ("Li2S", "Li2S", -4.1, 46, 46.5, "a", "recalled"),
        ("P4S10", "P4S10", -4.7, 350, 350, "a", "read"),
        ("Li2O", "Li2O", -4.8, 24, 24.5, "a", "read"),
        ("Li3PS4", "beta", -4.5, 160, "", "a", "read"),
        ("Li3PS4", "beta again", -4.5005, 161, "", "b", "recalled"),
        ("Li3PS4", "other", -4.45, 150, 152, "jain2013materials", "read"),
        ("LiPO", "LiPO", -5.5, 40, 40, "a", "read"),
        ("LiP", "LiP", -3.8, 31, 31, "a", "read"),
    ]
    lines = (f"{f},{n},{e},{v},{p},yes,h,CHGNet,{s},,{k},\n" for f, n, e, v, p, s, k in rows)
    (tmp_path / "computed.csv").write_text(COMPUTED + "".join(lines))
    return tmp_path


def _rows(directory):
    tiers.write(directory)
    with (directory / "phases.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_measured_value_is_the_energy_and_the_first_table_wins(tables):
    (row,) = [row for row in _rows(tables) if row["formula"] == "Li2S"]
    assert float(row["energy_eV_per_atom"]) == pytest.approx(-1.5)
    assert float(row["sigma_eV_per_atom"]) == pytest.approx(0.01, rel=1e-4)
    assert (row["how"], row["volume_A3_per_fu"], row["volume_known"]) == (
        "measured", "46.500", "recalled",
    )  # fmt: skip


def test_a_computed_phase_is_tied_to_measured_compounds(tables):
    row = next(row for row in _rows(tables) if row["formula"] == "Li3PS4")
    y_li2s, y_p2s5 = 4.5 / 8, 3.5 / 8
    expected = -4.5 + y_li2s * (-1.5 + 4.1) + y_p2s5 * (-0.3 + 4.7)
    assert float(row["energy_eV_per_atom"]) == pytest.approx(expected, abs=1e-6)
    assert row["anchor"] == "Li3PS4 = 1.5 Li2S + 0.5 P2S5"
    sigma = (assemble.SIGMA_COMPOUNDS**2 + (y_li2s * 0.01) ** 2 + (y_p2s5 * 0.01) ** 2) ** 0.5
    assert float(row["sigma_eV_per_atom"]) == pytest.approx(sigma, abs=1e-5)


def test_structures_entered_twice_become_one_and_polymorphs_stay(tables):
    rows = [row for row in _rows(tables) if row["formula"] == "Li3PS4"]
    assert [row["name"] for row in rows] == ["beta", "other"]
    assert rows[1]["volume_source"] == "deng2023chgnet"  # no published cell


def test_gases_are_reached_through_compounds_and_elements_cost_certainty(tables):
    row = next(row for row in _rows(tables) if row["formula"] == "LiPO")
    assert row["anchor"] == "LiPO = 0.5 Li + P + 0.5 O" or "Li2O" in row["anchor"]
    assert float(row["sigma_eV_per_atom"]) >= 0.05


def test_a_recalled_enthalpy_gives_way_to_a_better_computed_one(tables):
    row = next(row for row in _rows(tables) if row["formula"] == "LiP")
    assert float(row["sigma_eV_per_atom"]) <= 0.0505 + 1e-9


def test_polymorphs_of_an_element_keep_their_labels(tables):
    names = {row["name"] for row in _rows(tables) if row["formula"] == "P"}
    assert names == {"white", "black"}


def test_no_reaction_creates_or_loses_atoms(tables):
    from anolyte.materials.formula import parse

    for row in _rows(tables):
        if not row["anchor"]:
            continue
        left, right = row["anchor"].split(" = ")
        total: dict[str, float] = {}
        for term in right.split(" + "):
            amount, _, name = term.rpartition(" ")
            for element, n in parse(name).items():
                total[element] = total.get(element, 0.0) + n * float(amount or 1)
        assert total == pytest.approx(parse(left), rel=1e-3)


def test_the_projects_own_tables_assemble_alike_twice(tmp_path):
    for name in ("enthalpies.csv", "computed.csv"):
        (tmp_path / name).write_bytes((assemble.DATA / name).read_bytes())
    first = _rows(tmp_path)
    assert first == _rows(tmp_path)
    assert len({row["kind"] for row in first}) == 1
    assert {row["state"] for row in first} <= {"solid", "liquid", "gas"}
