"""Graphs of crystals: against pymatgen's neighbours, and under changes that change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.graph_net.graphs import CUTOFF, NEAREST, graph, pack
from anolyte.core.errors import DataError


def crystal(seed: int, atoms: int = 4) -> Crystal:
    draws = np.random.default_rng(seed)
    lattice = 4.5 * np.eye(3) + 0.6 * draws.standard_normal((3, 3))
    symbols = tuple(draws.choice(["Li", "P", "S"], atoms).tolist())
    return Crystal.of_arrays(lattice, symbols, draws.random((atoms, 3)))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_edges_are_the_nearest_neighbours_of_pymatgen(seed: int, atoms: int) -> None:
    pytest.importorskip("pymatgen", reason="pymatgen is the oracle of neighbours")
    made = crystal(seed, atoms)
    try:
        found = graph(made)
    except DataError:
        return
    centres, _, _, lengths = made.pymatgen().get_neighbor_list(CUTOFF)
    for site in range(atoms):
        expected = np.sort(lengths[(centres == site) & (lengths > 1e-3)])
        mine = np.sort(found.lengths[found.at == site])
        assert len(mine) >= min(NEAREST, len(expected))
        np.testing.assert_allclose(mine, expected[: len(mine)], atol=1e-4)
        if len(mine) < len(expected):  # what is left out is truly farther
            assert expected[len(mine)] > mine[-1] + 5e-4


def test_ties_of_the_last_shell_are_all_there() -> None:
    # Body-centred: 8 at 0.866 a, 6 at a: a cut at 12 would take 4 of these 6 by chance.
    iron = Crystal.of_arrays(2.87 * np.eye(3), ("Fe", "Fe"), np.array([[0.0] * 3, [0.5] * 3]))
    assert np.bincount(graph(iron).at).tolist() == [14, 14]


def test_an_atom_alone_is_refused() -> None:
    with pytest.raises(DataError, match="no neighbour"):
        graph(Crystal.of_arrays(9.0 * np.eye(3), ("Li",), np.zeros((1, 3))))


def test_strange_elements_and_huge_cells_are_refused() -> None:
    with pytest.raises(DataError, match="no such element: Xx"):
        graph(Crystal(((3.0, 0, 0), (0, 3.0, 0), (0, 0, 3.0)), ("Xx",), ((0.0, 0.0, 0.0),)))
    many = Crystal.of_arrays(30.0 * np.eye(3), ("Li",) * 501, np.random.rand(501, 3))
    with pytest.raises(DataError, match="501 atoms"):
        graph(many)


def test_packed_graphs_do_not_touch() -> None:
    parts = [graph(crystal(s)) for s in (1, 2, 3)]
    both = pack(parts)
    assert both.count == 3
    assert (both.owner[both.at] == both.owner[both.to]).all()
    assert np.bincount(both.owner).tolist() == [len(p.numbers) for p in parts]
