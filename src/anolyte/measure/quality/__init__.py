"""How good a spectrum is: the Kramers-Kronig gate before every fit."""

from anolyte.measure.quality.answer import GateResult, SpectrumQuality, Verdict
from anolyte.measure.quality.gate import Gate

__all__ = ["Gate", "GateResult", "SpectrumQuality", "Verdict"]
