"""The spectrum of relaxation times (DRT): how much resistance relaxes at each time constant."""

from anolyte.measure.relaxation.times import RelaxationResult, RelaxationTimes

__all__ = ["RelaxationResult", "RelaxationTimes"]
