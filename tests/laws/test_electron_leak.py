"""Band edges, barriers and tunnelling."""

import pytest

from anolyte.core.errors import DataError, MissingProperty
from anolyte.core.units import ELEMENTARY_CHARGE as E
from anolyte.laws import electron_leak as leak
from anolyte.materials import electronic_levels, formula


def barrier(text: str) -> float:
    amounts = formula.parse(text)
    edges = leak.band_edges(amounts, electronic_levels.band_gap(amounts).si)
    return leak.electron_barrier(edges, electronic_levels.work_functions()["Li"].si) / E


def test_lithium_fluoride_blocks_better_than_sulfide_better_than_phosphide() -> None:
    assert barrier("LiF") > barrier("Li2S") > barrier("Li3P")


def test_decay_lengths_are_those_of_a_free_electron() -> None:
    found = [leak.tunnelling_decay_length(v * E) * 1e10 for v in (0.13, 1.0, 2.0, 3.0)]
    assert found == pytest.approx([2.71, 0.98, 0.69, 0.56], abs=0.01)
    assert leak.critical_thickness(E) == pytest.approx(40 * leak.tunnelling_decay_length(E))


def test_edges_lie_around_the_geometric_mean() -> None:
    edges = leak.band_edges({"Li": 2, "O": 1}, 8.0 * E)
    assert edges.conduction - edges.valence == pytest.approx(8.0 * E)
    atoms = electronic_levels.atoms()
    mean = (atoms["Li"].electronegativity ** 2 * atoms["O"].electronegativity) ** (1 / 3)
    assert (edges.conduction + edges.valence) / 2 == pytest.approx(-mean)


def test_the_light_follows_the_probability() -> None:
    light = leak.Light()
    sigma = 0.7 * E
    assert light(1.0 * E, sigma) is leak.Leak.BAD
    assert light(1.5 * E, sigma) is leak.Leak.CAUTION
    assert light(1.91 * E, sigma) is leak.Leak.GOOD


def test_molecules_align_with_lithium() -> None:
    level = electronic_levels.molecules()["PCL"].homo.si
    assert leak.vacuum_level(leak.lithium_potential(level)) == pytest.approx(level)
    assert leak.lithium_potential(-1.40 * E) == pytest.approx(0.0, abs=1e-12)
    measured = electronic_levels.molecules()["poly(vinyl alcohol)"]
    assert measured.lumo is None and measured.homo.source.how == "measured"
    assert leak.lithium_potential(measured.homo.si) == pytest.approx(6.6, abs=0.01)


def test_what_is_not_known_is_said() -> None:
    with pytest.raises(MissingProperty, match="Xx|He"):
        leak.electronegativity({"He": 1.0})
    with pytest.raises(MissingProperty, match="band gap"):
        electronic_levels.band_gap({"Li": 5.0, "Sr": 3.0})
    with pytest.raises(DataError):
        leak.tunnelling_decay_length(-E)
