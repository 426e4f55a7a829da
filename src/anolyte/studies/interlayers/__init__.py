"""Many candidate layers between an electrolyte and an anode, judged by their reactions."""

from anolyte.studies.interlayers.compositions import balanced_formulas, read_formulas
from anolyte.studies.interlayers.result import Candidate, InterlayerScreen
from anolyte.studies.interlayers.screening import Screening, ask, screen

__all__ = [
    "Candidate",
    "InterlayerScreen",
    "Screening",
    "ask",
    "balanced_formulas",
    "read_formulas",
    "screen",
]
