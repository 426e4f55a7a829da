"""Runs pyimpspec (GPL-3) on spectra of a file, in a process and an interpreter of its own.

    PYTHON with_pyimpspec.py SPECTRA.npz ANSWERS.json

Any interpreter that has `pip install pyimpspec`; nothing of it is part of anolyte, and the two talk
by these files alone. Times are process CPU seconds of each call, one process.
"""

import json
import sys
import time
import warnings
from importlib.metadata import version

import numpy as np
import pyimpspec


def fitted(data, v):
    """Parameters after its least squares with the modulus as weight, in the order of the file."""
    arc = "(R{R=%r}Q{Y=%r,n=%r})"
    arcs = "".join(arc % tuple(map(float, v[k : k + 3])) for k in (0, 3, 6))
    time_constant, resistance = float(v[10]), float(v[9])
    text = arcs + f"Ws{{Y={time_constant / resistance**2!r},B={time_constant!r}}}"
    circuit = pyimpspec.parse_cdc(text)
    fit = pyimpspec.fit_circuit(
        circuit, data, method="least_squares", weight="modulus", num_procs=1
    )
    out = []
    for element in fit.circuit.get_elements(recursive=True):
        values = element.get_values()
        if element.get_symbol() == "Ws":
            out += [(values["B"] / values["Y"]) ** 0.5, values["B"]]
        else:
            out += list(values.values())
    return [float(x) for x in out]


def checked(data):
    """Order and relative residual of its Kramers-Kronig test of impedances, complex, one order of
    extension, chosen by itself."""
    found = pyimpspec.perform_kramers_kronig_test(
        data, test="complex", admittance=False, num_F_ext_evaluations=0, num_procs=1
    )
    residual = np.asarray(found.residuals)
    size = np.sqrt(np.mean(np.append(residual.real, residual.imag) ** 2))
    return [int(found.num_RC), float(size)]


def relaxed(data):
    """Number of time constants of its relaxation times by non-negative least squares."""
    found = pyimpspec.calculate_drt(data, method="tr-nnls", num_procs=1)
    return [int(np.size(found.time_constants))]


def timed(task, spectra):
    """Answers and seconds of each call, or what it said instead."""
    answers, seconds = [], []
    for data in spectra:
        begin = time.process_time()
        try:
            answers.append(task(data))
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}
        seconds.append(time.process_time() - begin)
    return {"answers": answers, "seconds": seconds}


def main():
    warnings.simplefilter("ignore")
    given = np.load(sys.argv[1])
    f = given["frequency"]
    spectra = [pyimpspec.DataSet(frequencies=f, impedances=z) for z in given["impedance"]]
    out = {
        "version": version("pyimpspec"),
        "cold": timed(lambda data: fitted(data, given["cold"]), spectra),
        "near": timed(lambda data: fitted(data, given["near"]), spectra),
        "kramers_kronig": timed(checked, spectra),
        "drt": timed(relaxed, spectra),
    }
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(out, file)


if __name__ == "__main__":
    main()
