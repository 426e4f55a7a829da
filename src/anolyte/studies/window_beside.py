"""What belongs beside the window of an assessment: its error bars, and the three windows."""

from __future__ import annotations

from dataclasses import dataclass

from anolyte.core.errors import AnolyteError
from anolyte.materials.phases import Phases, embedded
from anolyte.models.window import WindowResult
from anolyte.models.window_uncertainty import WindowUncertainty, WindowUncertaintyResult
from anolyte.studies.assess import Assessment
from anolyte.studies.three_windows import ThreeWindows, three_windows


@dataclass(frozen=True)
class WindowBeside:
    """Both, or why not.

    Args:
        sample: Error bars from the default draws; None: not to be had.
        three: Thermodynamic, kinetic and measured window; None: not to be had.
        unknown: Why not; empty where both are there, and where there is no window at all.
    """

    sample: WindowUncertaintyResult | None = None
    three: ThreeWindows | None = None
    unknown: str = ""


def beside(result: Assessment, phases: Phases | None = None) -> WindowBeside:
    """Error bars and three windows of the electrolyte that was assessed.

    Args:
        result: The assessment; a kept one does not hold its energies.
        phases: Those that it was made with; None: the embedded table.
    """
    table = phases or embedded()
    if not any(isinstance(r, WindowResult) for r in result.results):
        return WindowBeside()
    if table.digest != result.provenance.energies_digest:
        return WindowBeside(unknown="the energies of this assessment are not at hand")
    cell = result.cell
    try:
        sample = WindowUncertainty(table)(cell.interface, cell.conditions)
        return WindowBeside(sample, three_windows(cell.interface.electrolyte, phases=table))
    except AnolyteError as error:
        return WindowBeside(unknown=str(error))
