"""The chain of a watch: spectra and rows to decisions, with plain numbers kept between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anolyte.measure.records import Spectrum, Trace
from anolyte.studies.monitor.decision import Decision
from anolyte.studies.monitor.half_cycles import RowsJudge
from anolyte.studies.monitor.journal import State
from anolyte.studies.monitor.spectra import SpectrumJudge
from anolyte.studies.monitor.watcher import Where


@dataclass(frozen=True)
class CellChain:
    """Gate, fit, meaning and detectors for spectra; shorts and bends for rows.

    Args:
        spectra: Settings for spectra.
        half_cycles: Settings for rows.
    """

    spectra: SpectrumJudge = SpectrumJudge()
    half_cycles: RowsJudge = RowsJudge()

    def spectrum(
        self, spectrum: Spectrum, where: Where, state: State
    ) -> tuple[Sequence[Decision], State]:
        """Decisions on a spectrum, and the state of its cell after it."""
        return self.spectra(spectrum, where, state)

    def rows(self, rows: Trace, where: Where, state: State) -> tuple[Sequence[Decision], State]:
        """Decisions on further rows of a file, and its state after them."""
        return self.half_cycles(rows, where, state)
