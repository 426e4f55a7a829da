"""What arcs mean: processes with probabilities, conductivities, typed resistances, shorts."""

from anolyte.measure.processes.assignment import UNDECIDED, Process, ProcessResult, assign

__all__ = ["UNDECIDED", "Process", "ProcessResult", "assign"]
