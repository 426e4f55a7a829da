"""Distinct hops, supercells, and the barrier of a network."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("spglib", reason="symmetry is spglib's")

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.hops import LENGTH, network, supercell
from anolyte.core.errors import DataError, MissingProperty


def cubic(length: float, *atoms: tuple[str, tuple[float, float, float]]) -> Crystal:
    return Crystal.of_arrays(
        length * np.eye(3), tuple(s for s, _ in atoms), np.array([p for _, p in atoms])
    )


def rock_salt() -> Crystal:
    h = 2.01
    return Crystal(((0.0, h, h), (h, 0.0, h), (h, h, 0.0)), ("Li", "F"),
                   ((0.0, 0.0, 0.0), (0.5, 0.5, 0.5)))  # fmt: skip


def nitride() -> Crystal:
    """Li3N, layers of Li2N and of Li."""
    a, c = 3.648, 3.875
    lattice = np.array([[a, 0, 0], [-a / 2, a * math.sqrt(3) / 2, 0], [0, 0, c]])
    at = [[0, 0, 0], [0, 0, 0.5], [1 / 3, 2 / 3, 0], [2 / 3, 1 / 3, 0]]
    return Crystal.of_arrays(lattice, ("N", "Li", "Li", "Li"), np.array(at))


def test_rock_salt_has_one_hop_in_six_directions() -> None:
    net = network(rock_salt())
    assert [(h.count, round(h.length, 3)) for h in net.hops] == [(6, round(2.01 * 2**0.5, 3))]
    assert net.dimensions == 3


def test_nitride_crosses_its_plane_first() -> None:
    net = network(nitride())
    assert [h.count for h in net.hops] == [3, 12]
    assert [round(h.length, 2) for h in net.hops] == [2.11, 2.86]
    assert net.dimensions == 3 and len(set(net.kinds.values())) == 2
    layer = net.kinds[net.hops[0].edge[0]]
    other = next(k for k in net.kinds.values() if k != layer)
    # In the plane by the first hop; across by the second, whatever it needs above the higher site.
    assert net.barriers([0.02, 0.9], {layer: 0.0, other: 0.7}) == (0.02, 0.02, 0.9)
    # A saddle that is not known lies above both ends of its hop: the plane is settled all the same.
    assert net.barriers([0.02, None], {layer: 0.0, other: 0.7}) == (0.02, 0.02, None)
    assert net.barriers([None, 0.9], {layer: 0.0, other: 0.7}) == (None, None, 0.9)


def test_hops_are_the_same_in_a_larger_cell_and_any_order() -> None:
    one = nitride()
    cells = np.array(list(np.ndindex(2, 1, 2)))
    at = np.concatenate([(cells + p) / [2, 1, 2] for p in one.positions])
    symbols = tuple(s for s in one.symbols for _ in cells)
    order = np.random.default_rng(3).permutation(len(symbols))
    lattice = one.matrix * np.array([[2], [1], [2]])
    many = Crystal.of_arrays(lattice, tuple(symbols[k] for k in order), at[order] + 0.3)
    a, b = network(one), network(many)
    assert [h.length for h in a.hops] == pytest.approx([h.length for h in b.hops], abs=2e-3)
    assert [h.count for h in a.hops] == [h.count for h in b.hops]


def test_supercells_keep_images_apart_and_are_small() -> None:
    for crystal in (rock_salt(), nitride(), cubic(9.0, ("Li", (0, 0, 0)))):
        matrix = supercell(crystal)
        cells = np.array(list(np.ndindex(7, 7, 7))) - 3
        away = np.linalg.norm(cells @ matrix @ crystal.matrix, axis=1)
        assert away[away > 0].min() >= LENGTH - 1e-5
    assert abs(np.linalg.det(supercell(cubic(9.0, ("Li", (0, 0, 0)))))) == pytest.approx(1.0)
    assert abs(np.linalg.det(supercell(rock_salt()))) < 8 * 4  # less than the cube of the same kind
    with pytest.raises(DataError, match="more than"):
        supercell(cubic(3.0, *(("Li", (k / 40, 0.0, 0.0)) for k in range(40))))


def test_a_hop_goes_to_the_image_that_is_meant() -> None:
    net = network(rock_salt())
    start, way = net.ends(net.hops[0])
    assert np.linalg.norm(way) == pytest.approx(net.hops[0].length, abs=1e-3)
    assert len(start.symbols) == round(abs(np.linalg.det(net.supercell))) * 2 - 1
    assert start.symbols[0] == "Li"
    # What is missing lies exactly at the end of the way: nobody stands within 1.9 angstrom of it.
    goal = np.array(start.positions[0]) @ start.matrix + way
    away = np.array(start.positions) @ start.matrix - goal
    share = away @ np.linalg.inv(start.matrix)
    apart = np.linalg.norm((share - np.rint(share)) @ start.matrix, axis=1)
    assert apart.min() > 1.9


def test_what_stands_in_the_way_blocks_a_hop() -> None:
    # Straight along an edge of this cell another atom sits; diagonally the line is free.
    blocked = cubic(4.0, ("Li", (0, 0, 0)), ("F", (0.5, 0, 0)), ("F", (0, 0.5, 0)),
                    ("F", (0, 0, 0.5)))  # fmt: skip
    with pytest.raises(MissingProperty, match="no hops up to 4.5"):
        network(blocked, reach=4.5)
    assert network(blocked, reach=6.0).hops[0].length == pytest.approx(4.0 * 2**0.5, abs=1e-3)
    with pytest.raises(MissingProperty, match="no lithium"):
        network(cubic(4.0, ("Na", (0, 0, 0))))
