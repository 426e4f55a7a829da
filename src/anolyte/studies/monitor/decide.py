"""The chain of a watch: spectra, rows and cycles to decisions; plain numbers are kept between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from anolyte.measure.readers import interpret
from anolyte.measure.readers.base import Raw
from anolyte.measure.records import CycleTable, Spectrum, Trace
from anolyte.measure.setup import Setup
from anolyte.studies.monitor.cycles import CyclesJudge
from anolyte.studies.monitor.decision import Decision
from anolyte.studies.monitor.half_cycles import RowsJudge
from anolyte.studies.monitor.journal import State
from anolyte.studies.monitor.spectra import SpectrumJudge
from anolyte.studies.monitor.watcher import Where


@dataclass(frozen=True)
class CellChain:
    """Gate, fit, meaning and detectors for spectra; shorts and bends for rows; losses for cycles.

    Args:
        spectra: Settings for spectra.
        half_cycles: Settings for rows.
        of_cycles: Settings for tables of cycles.
    """

    spectra: SpectrumJudge = field(default_factory=SpectrumJudge)
    half_cycles: RowsJudge = field(default_factory=RowsJudge)
    of_cycles: CyclesJudge = field(default_factory=CyclesJudge)

    def spectrum(
        self, spectrum: Spectrum, where: Where, state: State
    ) -> tuple[Sequence[Decision], State]:
        """Decisions on a spectrum, and the state of its cell after it."""
        return self.spectra(spectrum, where, state)

    def rows(self, rows: Trace, where: Where, state: State) -> tuple[Sequence[Decision], State]:
        """Decisions on further rows of a file, and its state after them."""
        return self.half_cycles(rows, where, state)

    def cycles(
        self, cycles: CycleTable, where: Where, state: State
    ) -> tuple[Sequence[Decision], State]:
        """Decisions on the new cycles of a table, and its state after them."""
        return self.of_cycles(cycles, where, state)


def warm(setup: Setup) -> None:
    """Read and judge a made spectrum, so that the first file waits for nothing to be loaded.

    Args:
        setup: Of the cell.
    """
    points = "".join(f"{10.0 ** (0.05 * k)!r},{100.0 + k!r},{-1.0 - k % 9!r}\n" for k in range(80))
    text = "frequency [Hz],real [ohm],imaginary [ohm]\n" + points
    spectrum = interpret(Raw("warm", text.encode())).spectra[0]
    chain = CellChain(SpectrumJudge(circuit="R0-p(R1,CPE1)"))
    chain.spectrum(spectrum, Where(".", "warm", 1, setup), {})
