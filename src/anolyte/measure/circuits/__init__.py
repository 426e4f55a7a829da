"""Equivalent circuits: text to tree, tree to impedance, impedance to fitted parameters."""

from anolyte.measure.circuits.choice import CircuitChoice, CircuitSearch, choose
from anolyte.measure.circuits.fit import CircuitFit
from anolyte.measure.circuits.joint import JointFit, JointResult
from anolyte.measure.circuits.result import FitResult
from anolyte.measure.circuits.tree import Circuit

__all__ = [
    "Circuit", "CircuitChoice", "CircuitFit", "CircuitSearch", "FitResult", "JointFit",
    "JointResult", "choose",
]  # fmt: skip
