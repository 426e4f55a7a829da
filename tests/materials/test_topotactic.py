"""States with lithium taken out or put in: the potential of a step, and what a file may not say."""

import csv
from pathlib import Path

import pytest

from anolyte.core.errors import DataError
from anolyte.materials import formula, references, topotactic
from anolyte.materials.topotactic import Side, inserted, insertion_potential, states_of


def written(tmp_path: Path, **changes: str) -> Path:
    row = dict.fromkeys(topotactic.COLUMNS, "") | {
        "electrolyte": "X", "host": "Li3PS4", "side": "delithiation", "state": "LiPS4",
        "potential_V": "2.4", "how": "computed", "known": "read", "source": "zhu2015",
    } | changes  # fmt: skip
    path = tmp_path / "states.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    return path


def test_the_potential_is_that_of_an_insertion_electrode() -> None:
    """Total energies by hand: E(Li6PS5Cl) = -50, E(Li4PS5Cl) = -41.72, E(Li) = -1.9 eV."""
    energy = -41.72 - (-50.0) - (-2.0) * -1.9
    assert insertion_potential(energy, -2.0) == pytest.approx(2.24, abs=1e-12)
    assert insertion_potential(-5.4, 5.0) == pytest.approx(1.08, abs=1e-12)
    with pytest.raises(DataError, match="no lithium"):
        insertion_potential(1.0, 0.0)


def test_a_row_may_hold_the_energy_of_the_state_instead(tmp_path: Path) -> None:
    (state,) = topotactic.read(written(tmp_path, potential_V="", energy_eV="4.8"))
    assert state.potential == pytest.approx(2.4)
    assert state.energy == pytest.approx(4.8)


def test_every_state_keeps_its_host_and_has_a_source() -> None:
    known = references.all_references()
    for s in topotactic.embedded():
        assert s.source.key in known
        assert s.source.where
        host = formula.parse(s.host)
        if not s.state:
            continue
        state = formula.parse(s.state)
        changed = {e for e in {*host, *state} if abs(host.get(e, 0.0) - state.get(e, 0.0)) > 1e-9}
        assert changed == {"Li"}
        assert s.lithium is not None
        assert (s.lithium > 0.0) == (s.side is Side.LITHIATION)
        assert s.energy == pytest.approx(-s.lithium * s.potential)


def test_states_are_found_by_name_or_by_composition() -> None:
    named = states_of("LATP", formula.parse("Li1.3Al0.3Ti1.7(PO4)3"))
    assert {s.host for s in named} == {"Li1.5Al0.5Ti1.5(PO4)3"}
    assert states_of("", formula.parse("Li12P2S10Cl2"))
    assert states_of("Li3YCl6", formula.parse("Li3YCl6")) == ()


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"state": "LiPS3"}, "S changes too"),
        ({"state": "Li3PS4"}, "as much lithium"),
        ({"state": "Li8PS4"}, "is no delithiation"),
        ({"side": "sideways"}, "sideways"),
        ({"potential_V": "high"}, "high"),
        ({"potential_V": ""}, "either potential_V or energy_eV"),
        ({"energy_eV": "1"}, "either potential_V or energy_eV"),
        ({"potential_V": "", "energy_eV": "1", "state": ""}, "needs the formula"),
        ({"known": "surely"}, "how, known and source"),
        ({"source": ""}, "how, known and source"),
        ({"host": "Xx3"}, "Xx"),
    ],
)
def test_a_bad_row_is_refused_in_one_line(tmp_path: Path, changes: dict, what: str) -> None:
    with pytest.raises(DataError, match=what) as error:
        topotactic.read(written(tmp_path, **changes))
    assert "states.csv:2" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        topotactic.read(tmp_path / "none.csv")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="lacks the columns"):
        topotactic.read(tmp_path / "other.csv")


def test_more_lithium_than_the_host_holds_cannot_be_taken() -> None:
    assert inserted("Li1.5Al0.5Ti1.5(PO4)3", "Al0.5Ti1.5(PO4)3") == pytest.approx(-1.5)
