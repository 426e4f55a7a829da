"""Elements, circuits and the Kramers-Kronig test beside impedance.py, another program (MIT)."""

from __future__ import annotations

import contextlib
import io
import math
import warnings

import numpy as np
import pytest

from anolyte.measure import synthetic
from anolyte.measure.circuits.elements import ELEMENTS, impedance
from anolyte.measure.circuits.tree import Circuit
from anolyte.measure.quality.gate import Gate

pytest.importorskip("impedance", reason="impedance.py is not installed: pip install impedance")
peer = pytest.importorskip("impedance.models.circuits.elements")

SHARED = ("R", "C", "L", "La", "CPE", "W", "Wo", "Ws", "G", "Gs", "K", "Zarc", "TLMQ", "T")


@pytest.mark.parametrize("name", SHARED)
def test_elements_are_those_of_impedance_py(name):
    """Same letters, same order of parameters, same impedance over 9 decades."""
    element, theirs = ELEMENTS[name], getattr(peer, name)
    f = np.geomspace(1e7, 1e-2, 60)
    rng = np.random.default_rng(sum(map(ord, name)))
    assert theirs.num_params == len(element.parameters)
    for _ in range(20):
        values = [
            rng.uniform(0.55, 0.99) if not p.log else float(np.exp(rng.uniform(-3.0, 3.0)))
            for p in element.parameters
        ]
        wanted, found = np.asarray(theirs(values, f)), impedance(element, f, values)
        # beyond there impedance.py's hyperbolic functions overflow or are cut off
        if name == "T":
            good = np.abs(np.sqrt(values[2] + 2j * np.pi * f * values[3])) < 60.0
        else:
            good = np.isfinite(wanted)
        assert good.sum() > 5
        assert np.allclose(found[good], wanted[good], rtol=1e-9, atol=0.0), (name, values)


CIRCUITS = (
    synthetic.CIRCUIT,
    "R0-p(R1,CPE1)-p(R2-Wo1,C2)-L1",
    "L0-R0-p(R1-p(R2,C2),CPE1)-G1",
    "p(R1,C1,p(R2-Ws1,CPE2))-Gs1-La1",
    "R0-p(R1-W1,CPE1)-TLMQ1",
    "p(R1,CPE1)-K1-Zarc1-R0",
)


@pytest.mark.parametrize("text", CIRCUITS)
def test_circuits_mean_the_same_as_in_impedance_py(text):
    """Same text, same order of values, same impedance."""
    from impedance.models.circuits import CustomCircuit

    circuit, f = Circuit.of(text), np.geomspace(1e7, 1e-2, 60)
    rng = np.random.default_rng(len(text))
    for _ in range(10):
        values = [
            rng.uniform(0.55, 0.99) if not m.log else float(np.exp(rng.uniform(-3.0, 3.0)))
            for m in circuit.meanings
        ]
        theirs = CustomCircuit(text, initial_guess=values)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted = theirs.predict(f, use_initial=True)
        good = np.isfinite(wanted)  # beyond, its hyperbolic functions overflow
        assert good.sum() > 5
        assert np.allclose(circuit.impedance(values, f)[good], wanted[good], rtol=1e-9, atol=0.0)


def test_made_cell_is_that_of_impedance_py():
    """The made cell, as impedance.py evaluates its circuit with our numbers."""
    from impedance.models.circuits import CustomCircuit

    made = synthetic.ageing(count=3)
    for truth in made.truths:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = CustomCircuit(synthetic.CIRCUIT, initial_guess=list(truth.values))
            wanted = model.predict(made.frequency, use_initial=True)
        assert np.allclose(truth.clean, wanted, rtol=1e-10)


def test_noise_is_what_its_kramers_kronig_test_leaves():
    """Both tests leave the same residual of the same spectra, within a tenth."""
    from impedance.validation import linKK

    # version 1.7.1 reads numbers from their text, which NumPy 2 writes otherwise
    legacy = {} if np.__version__ < "2" else {"legacy": "1.25"}
    made = synthetic.ageing(count=6)
    ours = Gate()(made.spectra).spectra
    for spectrum, quality in zip(made.spectra, ours, strict=True):
        f, z = spectrum.frequency, spectrum.impedance
        with np.printoptions(**legacy), contextlib.redirect_stdout(io.StringIO()):
            order, _, _, real, imaginary = linKK(f, z, c=0.85, max_M=50, fit_type="complex")
        left = math.sqrt(np.mean(np.square([real, imaginary])))
        # what is left is less than the noise by the unknowns that were spent on it
        theirs = left / math.sqrt(1.0 - (order + 2) / (2 * f.size))
        assert quality.noise == pytest.approx(theirs, rel=0.1)
        assert quality.noise == pytest.approx(0.003, rel=0.25)
