"""Faces, adatoms and wetting on a potential that needs no network."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("ase", reason="the potential of these tests is ASE's")
pytest.importorskip("pymatgen", reason="slabs are cut by pymatgen")

from anolyte.atoms.adhesion import Adhesion, Slab
from anolyte.atoms.binding import binding
from anolyte.atoms.crystal import Crystal
from anolyte.atoms.pool import relax
from anolyte.atoms.potentials import FromAse
from anolyte.atoms.surfaces import Face, faces, orientations, symmetric
from anolyte.atoms.wetting import TENSION, Contact, Hold, hold
from anolyte.core.errors import NotConverged


def emt() -> FromAse:
    from ase.calculators.emt import EMT

    return FromAse(EMT(), "effective medium theory")


def metal(symbol: str, a: float) -> Crystal:
    h = a / 2.0
    cell = Crystal(((0.0, h, h), (h, 0.0, h), (h, h, 0.0)), (symbol,), ((0.0, 0.0, 0.0),))
    return dict(relax([cell], emt(), fmax=1e-3))[0].crystal


def test_the_close_packed_face_is_the_most_stable() -> None:
    found = faces(metal("Cu", 3.6), emt(), count=3, thickness=4.5)
    assert [f.miller for f in found] == [(1, 1, 1), (1, 0, 0), (1, 1, 0)]
    assert all(0.5 < f.energy < 2.5 for f in found)
    assert str(found[0]) == "(1 1 1)"


def test_orientations_go_from_wide_to_narrow_planes() -> None:
    h = 2.0
    salt = Crystal(((0.0, h, h), (h, 0.0, h), (h, h, 0.0)), ("Li", "F"), ((0.0,) * 3, (0.5,) * 3))
    assert orientations(salt) == [(1, 0, 0), (1, 1, 0), (1, 1, 1)]


def test_the_noise_of_a_relaxation_hides_no_face() -> None:
    h = 2.56
    cell = np.array([[0.0, h, h], [h, 0.0, h], [h, h, 0.0]])
    exact = Crystal.of_arrays(cell, ("Li", "Cl"), np.array([[0.0] * 3, [0.5] * 3]))
    noise = np.random.default_rng(1).normal(scale=0.003, size=(3, 3))
    near = Crystal.of_arrays(cell + noise, ("Li", "Cl"), np.array([[0.004] * 3, [0.5] * 3]))
    for crystal in (exact, near):
        assert orientations(symmetric(crystal)) == [(1, 0, 0), (1, 1, 0), (1, 1, 1)]
        assert len(symmetric(crystal).symbols) == 2
    lengths = np.linalg.norm(symmetric(near).matrix, axis=1)
    assert np.ptp(lengths) < 1e-5


def test_an_adatom_is_bound_less_than_in_bulk_and_more_by_a_nobler_metal() -> None:
    copper, platinum = metal("Cu", 3.6), metal("Pt", 3.9)
    own, other = (
        binding(faces(m, emt(), count=1, thickness=3.0)[0], copper, emt(), starts=2)
        for m in (copper, platinum)
    )
    # Four neighbours in place of twelve: between nothing and the cohesion of 3.5 eV.
    assert 0.2 < own.energy < 2.0
    assert own.energy == min(own.starts) and own.atoms > 10
    assert other.energy < own.energy


def test_too_large_a_cell_is_no_answer() -> None:
    slab = Slab(((9.0, 0.0), (0.0, 9.0)), ("Cu",) * 90, ((0.0, 0.0, 0.0),) * 90)
    with pytest.raises(NotConverged, match="an adatom needs a cell"):
        binding(Face((1, 0, 0), slab, 1.0), metal("Cu", 3.6), emt(), most=50)


def test_a_metal_holds_on_its_like_and_says_where() -> None:
    silver, gold = metal("Ag", 4.1), metal("Au", 4.1)
    film = faces(silver, emt(), count=1, thickness=4.5)
    found = hold(gold, film, emt(), count=1, starts=2, most=20)
    [contact] = found.contacts
    assert 0.5 < found.work[0] < 3.0 and found.work[1] >= 0.3 * found.work[0]
    assert contact.name.startswith("Ag(1 0 0) on (1 0 0), surface energy")
    assert contact.adhesion.work == found.work[0] and abs(contact.adhesion.strain) < 0.06
    # Two metals of one lattice: the interface costs less than either surface.
    assert -0.2 < contact.interface < 0.5
    with pytest.raises(NotConverged, match="Au: no match: .*: no common cell"):
        hold(gold, film, emt(), count=1, area=5.0)


def contact(work: float, interface: float) -> Contact:
    return Contact("x", Adhesion(work, 1.0, 0.0, 1), interface)


def test_the_angle_has_a_band() -> None:
    def at(work: float) -> tuple[float, float]:
        return Hold((contact(work, 1.0),)).angle(TENSION)

    middle, band = at(TENSION.si)
    assert middle == pytest.approx(math.pi / 2) and 0.2 < band < 0.5
    assert at(3.0) == pytest.approx((0.0, np.radians(10.0)))
    assert at(0.0)[0] == pytest.approx(math.pi)


def test_what_grows_on_the_metal_and_what_is_wetted_may_be_different_faces() -> None:
    found = Hold((contact(0.2, 0.4), contact(0.8, 0.2)))
    assert found.work == pytest.approx((0.8, math.hypot(0.24, 0.3)))
    assert math.degrees(found.angle(TENSION)[0]) == pytest.approx(123.1, abs=0.2)
