"""Circuits: reading them, elements against formulas, slopes, limits, sorting."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anolyte.core.errors import DataError
from anolyte.measure.circuits.elements import ELEMENTS, Sweep, impedance
from anolyte.measure.circuits.syntax import LONGEST, leaves, parse
from anolyte.measure.circuits.tree import Circuit, Pair

FREQUENCY = np.logspace(6, -3, 19)
EVERYTHING = (
    "R0-L0-C9-p(R1,CPE1)-p(CPE2,R2)-p(R3,C3)-p(R4-Ws4,CPE4-C4)-W5-Wo6-Ws7-G1-Gs2-K1-Zarc2-La3"
    "-TLMQ1-T5-p(R11,CPE11,p(R12-W12,C12))-p(R13,CPE13)"
)
VALUES = {
    "R": [7.0], "C": [2e-6], "L": [3e-7], "W": [11.0], "CPE": [2e-5, 0.8], "Ws": [40.0, 3.0],
    "Wo": [40.0, 3.0], "G": [50.0, 0.2], "Gs": [50.0, 0.2, 0.7], "K": [9.0, 1e-3],
    "Zarc": [9.0, 1e-3, 0.85], "La": [2e-6, 0.9], "TLMQ": [30.0, 1e-3, 0.9],
    "T": [5.0, 3.0, 0.4, 0.02],
}  # fmt: skip


def by_hand(letters, v, f):
    """The formulas with Python's own complex numbers, as impedance.py documents them."""
    s = 2j * math.pi * f
    q = cmath.sqrt(s * v[1]) if len(v) > 1 else 0.0
    u = cmath.sqrt(1 + s * v[1]) if len(v) > 1 else 0.0
    formulas = {
        "R": lambda: v[0] + 0j,
        "C": lambda: 1 / (s * v[0]),
        "L": lambda: s * v[0],
        "W": lambda: v[0] * (1 - 1j) / math.sqrt(2 * math.pi * f),
        "CPE": lambda: 1 / (v[0] * s ** v[1]),
        "Ws": lambda: v[0] * cmath.tanh(q) / q,
        "Wo": lambda: v[0] / (q * cmath.tanh(q)),
        "G": lambda: v[0] / u,
        "Gs": lambda: v[0] / (u * cmath.tanh(v[2] * u)),
        "K": lambda: v[0] / (1 + s * v[1]),
        "Zarc": lambda: v[0] / (1 + (s * v[1]) ** v[2]),
        "La": lambda: (s * v[0]) ** v[1],
        "TLMQ": lambda: pores(v, s),
        "T": lambda: porous(v, s),
    }
    return formulas[letters]()


def pores(v, s):
    wall = 1 / (v[1] * s ** v[2])
    return cmath.sqrt(v[0] * wall) / cmath.tanh(cmath.sqrt(v[0] / wall))


def porous(v, s):
    beta = cmath.sqrt(v[2] + s * v[3])
    return v[0] / (beta * cmath.tanh(beta)) + v[1] / (beta * cmath.sinh(beta))


# --- elements -----------------------------------------------------------------------------------


def test_every_element_has_values_here():
    assert set(VALUES) == set(ELEMENTS)


@pytest.mark.parametrize("letters", ELEMENTS)
def test_an_element_is_its_formula(letters):
    low = FREQUENCY[FREQUENCY < 2e4]  # beyond it cmath.sinh overflows
    wanted = [by_hand(letters, VALUES[letters], f) for f in low]
    found = impedance(ELEMENTS[letters], low, VALUES[letters])
    np.testing.assert_allclose(found, wanted, rtol=1e-11)


@pytest.mark.parametrize("letters", ELEMENTS)
def test_an_element_is_that_of_impedance_py(letters):
    """The conventions of the package whose strings are read; not installed everywhere."""
    theirs = pytest.importorskip("impedance.models.circuits.elements")
    wanted = getattr(theirs, letters)(VALUES[letters], FREQUENCY.tolist())
    found = impedance(ELEMENTS[letters], FREQUENCY, VALUES[letters])
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


MADE = [  # computed by hand with the formulas of impedance.py, at 1 Hz and at 1 kHz
    ("W", [10.0], 3.989422804014327 - 3.989422804014327j, 0.126156626 - 0.126156626j),
    ("CPE", [1e-3, 0.5], 282.0947917738782 - 282.0947917738782j, 8.92062058 - 8.92062058j),
    ("K", [100.0, 1 / (2 * math.pi)], 50.0 - 50.0j, 1.0e-4 - 0.0999999j),
    ("Ws", [40.0, 1e4], 0.112837917 - 0.112837917j, 0.00356824823 - 0.00356824823j),
]


@pytest.mark.parametrize(("letters", "values", "slow", "fast"), MADE)
def test_an_element_gives_numbers_computed_by_hand(letters, values, slow, fast):
    found = impedance(ELEMENTS[letters], [1.0, 1e3], values)
    np.testing.assert_allclose(found, [slow, fast], rtol=1e-6)


@pytest.mark.parametrize("letters", ELEMENTS)
def test_limits_are_what_far_frequencies_tend_to(letters):
    element, values = ELEMENTS[letters], VALUES[letters]
    low, high = element.limits(*values)
    far = impedance(element, [1e-14, 1e18], values)
    for end, z in zip((low, high), far, strict=True):
        if math.isinf(end):
            assert abs(z) > 1e4
        elif end == 0.0:
            assert abs(z) < 1e-2
        else:
            assert z == pytest.approx(end, rel=1e-3)


@pytest.mark.parametrize("letters", ["Ws", "Wo"])
def test_diffusion_is_exact_for_tiny_and_huge_times(letters):
    element = ELEMENTS[letters]
    tiny, huge = (impedance(element, [1.0], [40.0, tau])[0] for tau in (1e-14, 1e10))
    s = 2j * math.pi
    if letters == "Ws":
        assert tiny == pytest.approx(40.0, rel=1e-12)
    else:
        assert tiny == pytest.approx(40.0 / (s * 1e-14) + 40.0 / 3.0, rel=1e-9)
    assert huge == pytest.approx(40.0 / cmath.sqrt(s * 1e10), rel=1e-12)


@pytest.mark.parametrize("letters", ELEMENTS)
def test_slopes_of_an_element_against_differences(letters):
    element, values = ELEMENTS[letters], VALUES[letters]
    x = [math.log(v) if p.log else v for v, p in zip(values, element.parameters, strict=True)]
    sweep = Sweep.of(FREQUENCY)

    def at(point):
        z, slopes = element.slopes(sweep, *[np.full((1, 1, 1), v) for v in point])
        shape = (1, 1, FREQUENCY.size)
        return np.broadcast_to(z, shape), [np.broadcast_to(d, shape) for d in slopes]

    z, slopes = at(x)
    for k, slope in enumerate(slopes):
        up, down = ([v + d * (i == k) for i, v in enumerate(x)] for d in (1e-5, -1e-5))
        wanted = (at(up)[0] - at(down)[0]) / 2e-5
        np.testing.assert_allclose(slope, wanted, atol=1e-8 * np.abs(z).max(), rtol=2e-6)


# --- trees --------------------------------------------------------------------------------------


def values_for(circuit):
    found = []
    for leaf in circuit.leaves:
        found += VALUES[leaf.element.letters]
    rng = np.random.default_rng(1)
    log = np.array([m.log for m in circuit.meanings])
    return np.array(found) * np.where(log, np.exp(0.3 * rng.standard_normal(log.size)), 1.0)


def walked(node, given, f):
    """The circuit's impedance by a walk through its tree with the formulas above."""
    if hasattr(node, "element"):
        return by_hand(node.element.letters, [given[n] for n in node.parameters], f)
    parts = [walked(p, given, f) for p in node.parts]
    series = type(node).__name__ == "Series"
    return sum(parts) if series else 1 / sum(1 / z for z in parts)


def test_a_circuit_is_its_tree_by_hand():
    circuit = Circuit.of(EVERYTHING)
    v = values_for(circuit)
    f = FREQUENCY[FREQUENCY < 2e4]
    given = dict(zip(circuit.names, v, strict=True))
    wanted = [walked(circuit.tree, given, x) for x in f]
    np.testing.assert_allclose(circuit.impedance(v, f), wanted, rtol=1e-10)


def test_inner_and_outer_parameters_go_back_and_forth():
    circuit = Circuit.of(EVERYTHING)
    v = values_for(circuit)
    np.testing.assert_allclose(circuit.values(circuit.inner(v)), v, rtol=1e-12)


@pytest.mark.parametrize("plain", [(), ("CPE1_0", "R3")])
def test_slopes_of_a_circuit_against_differences(plain):
    circuit = Circuit.of(EVERYTHING, plain)
    x = circuit.inner(values_for(circuit))
    sweep = Sweep.of(FREQUENCY)
    z, slopes = circuit.evaluate(sweep, x[None])
    for k in range(circuit.size):
        step = 1e-5 * np.eye(circuit.size)[k]
        up, down = (circuit.evaluate(sweep, (x + d)[None])[0] for d in (step, -step))
        wanted = (up - down) / 2e-5
        np.testing.assert_allclose(
            slopes[0, k], wanted[0], atol=1e-9 * np.abs(z).max(), rtol=1e-5, err_msg=str(k)
        )


def test_slopes_of_the_outer_parameters_against_differences():
    circuit = Circuit.of(EVERYTHING)
    x = circuit.inner(values_for(circuit))
    turned = circuit.turned(x)
    for k in range(circuit.size):
        step = 1e-6 * np.eye(circuit.size)[k]
        wanted = (circuit.logarithms(x + step) - circuit.logarithms(x - step)) / 2e-6
        np.testing.assert_allclose(turned[:, k], wanted, atol=1e-7)


def test_a_batch_is_its_rows():
    circuit = Circuit.of("R0-p(R1,CPE1)-p(R2,CPE2)-Ws1")
    rng = np.random.default_rng(0)
    v = np.array([10.0, 100.0, 1e-6, 0.9, 50.0, 1e-3, 0.8, 20.0, 3.0])
    many = v * np.exp(0.05 * rng.standard_normal((6, v.size)))
    together = circuit.impedance(many, FREQUENCY)
    for row, z in zip(many, together, strict=True):
        np.testing.assert_allclose(circuit.impedance(row, FREQUENCY), z, rtol=1e-13)


def test_pairs_are_fitted_by_their_time_constant():
    circuit = Circuit.of("p(R1,CPE1)-p(C2,R2)")
    x = dict(
        zip(circuit.order.tolist(), circuit.inner([100.0, 1e-6, 0.8, 1e-9, 50.0]), strict=True)
    )
    assert x[1] == pytest.approx(math.log((100.0 * 1e-6) ** (1 / 0.8)))
    assert x[3] == pytest.approx(math.log(50.0 * 1e-9))


def test_arcs_are_sorted_without_changing_the_spectrum():
    circuit = Circuit.of("p(R1,CPE1)-R0-p(R2,CPE2)-p(R3,CPE3)")
    v = [30.0, 1e-3, 0.8, 5.0, 10.0, 1e-9, 0.9, 20.0, 1e-6, 0.85]
    x = circuit.sorted(circuit.inner(v)[None])[0]
    found = circuit.values(x)
    np.testing.assert_allclose(found[[0, 4, 7]], [10.0, 20.0, 30.0])
    np.testing.assert_allclose(
        circuit.impedance(found, FREQUENCY), circuit.impedance(v, FREQUENCY), rtol=1e-12
    )


def test_fixed_arcs_keep_their_places():
    circuit = Circuit.of("p(R1,CPE1)-p(R2,CPE2)", plain=["R1"])
    assert not any(circuit.sortable(g) for g in circuit.groups)
    assert sum(isinstance(m, Pair) for g in circuit.groups for m in g.members) == 1


def test_limits_of_a_circuit():
    assert Circuit.of("R0-p(R1,CPE1)-Ws1").limits([1.0, 10.0, 1e-6, 0.9, 5.0, 3.0]) == (16.0, 1.0)
    assert Circuit.of("R0-C1").limits([1.0, 1e-6]) == (math.inf, 1.0)
    assert Circuit.of("p(C1,C2)").limits([1e-6, 1e-6]) == (math.inf, 0.0)
    assert Circuit.of("L0-p(R1,L2)").limits([1e-6, 3.0, 1e-6]) == (0.0, math.inf)


@pytest.mark.parametrize(
    ("values", "said"),
    [([1.0], "3 parameters"), ([1.0, -2.0, 1e-6], "R1 must be"), ([1.0, 2.0, math.nan], "C1 must")],
)
def test_values_that_make_no_sense_are_named(values, said):
    with pytest.raises(DataError, match=said):
        Circuit.of("R0-p(R1,C1)").impedance(values, FREQUENCY)


# --- syntax -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("R0-p(R1,CPE1)-p(R2,CPE2)-Wo1", "R0 R1 CPE1_0 CPE1_1 R2 CPE2_0 CPE2_1 Wo1_0 Wo1_1"),
        (" R_0 - p( R_1 , C_1 ) ", "R_0 R_1 C_1"),
        ("p(R1,p(R2-W2,C2),CPE3)", "R1 R2 W2 C2 CPE3_0 CPE3_1"),
        ("R12-TLMQ3-La0", "R12 TLMQ3_0 TLMQ3_1 TLMQ3_2 La0_0 La0_1"),
    ],
)
def test_circuits_as_users_write_them(text, names):
    assert Circuit.of(text).names == tuple(names.split())


@pytest.mark.parametrize(
    ("text", "position", "why"),
    [
        ("", 1, "element"),
        ("R0-", 4, "the end"),
        ("R0--R1", 4, "'-'"),
        ("R0-p(R1,CPE1", 13, "needs ',' or '\\)'"),
        ("R0-p(R1)", 4, "two branches"),
        ("R0-p R1", 4, "without '\\('"),
        ("R0)", 3, "without its"),
        ("R0 R1", 4, "expected '-'"),
        ("R0-Q1", 4, "did you mean CPE"),
        ("R0-X9", 4, "no element 'X'"),
        ("R0-p(R1,C1)-R1", 13, "twice"),
        ("R0+R1", 3, "'\\+'"),
        ("R0-R1.5", 6, "'\\.'"),
        ("__import__", 1, "'_'"),
        ("p(R1,)", 6, "'\\)'"),
    ],
)
def test_a_wrong_circuit_is_told_where(text, position, why):
    with pytest.raises(DataError, match=f"position {position}: .*{why}"):
        parse(text)


def test_depth_and_length_are_limited():
    with pytest.raises(DataError, match="inside each other"):
        parse("p(" * 60 + "R1" + ",C1)" * 60)
    with pytest.raises(DataError, match="characters"):
        parse("R1-" * LONGEST)
    with pytest.raises(DataError, match="more than 40 elements"):
        parse("-".join(f"R{k}" for k in range(60)))


@given(st.text(alphabet="RCLPEWso()p,-_ 0123456789TG", max_size=60))
def test_any_text_gives_a_tree_or_a_data_error(text):
    try:
        assert list(leaves(parse(text)))
    except DataError as error:
        assert "position" in str(error)


@given(st.text(max_size=40))
def test_no_text_does_anything_else(text):
    try:
        parse(text)
    except DataError:
        pass
