"""Runs impedance.py (MIT) on spectra of a file; `benchmarks/spectra.py` starts it.

    PYTHON with_impedance.py SPECTRA.npz ANSWERS.json

Any interpreter that has `pip install impedance pandas`. Its Kramers-Kronig test reads numbers from
text, which version 1.7.1 only manages as NumPy 1 wrote them. Times are process CPU seconds of each
call.
"""

import contextlib
import io
import json
import sys
import time
import warnings

import impedance
import numpy as np
from impedance.models.circuits import CustomCircuit
from impedance.validation import linKK

LEGACY = {} if np.__version__ < "2" else {"legacy": "1.25"}


def fitted(f, z, circuit, start):
    """Parameters after a fit, weighted by the modulus as its documentation offers."""
    model = CustomCircuit(circuit, initial_guess=list(start))
    return model.fit(f, z, weight_by_modulus=True).parameters_.tolist()


def checked(f, z):
    """Order and relative residual of its linear Kramers-Kronig test, with 50 orders at most."""
    with np.printoptions(**LEGACY), contextlib.redirect_stdout(io.StringIO()):
        order, _, _, real, imaginary = linKK(f, z, c=0.85, max_M=50, fit_type="complex")
    return [int(order), float(np.sqrt(np.mean(np.append(real, imaginary) ** 2)))]


def timed(task, spectra):
    """Answers and seconds of each call, or what it said instead."""
    answers, seconds = [], []
    for z in spectra:
        begin = time.process_time()
        try:
            answers.append(task(z))
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}
        seconds.append(time.process_time() - begin)
    return {"answers": answers, "seconds": seconds}


def main():
    warnings.simplefilter("ignore")
    given = np.load(sys.argv[1])
    f, spectra = given["frequency"], given["impedance"]
    circuit = str(given["circuit"])
    out = {
        "version": impedance.__version__,
        "cold": timed(lambda z: fitted(f, z, circuit, given["cold"]), spectra),
        "near": timed(lambda z: fitted(f, z, circuit, given["near"]), spectra),
        "kramers_kronig": timed(lambda z: checked(f, z), spectra),
    }
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(out, file)


main()
