"""anolyte: the interface between a solid electrolyte and the anode of a lithium battery.

>>> import anolyte
>>> anolyte.window("Li3YCl6").reduction_limit > 0.5
True
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # type checkers read it as true; typing itself costs a third of `--help`
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0.dev0"

# Public name -> module that defines it; imported on first use (PEP 562), so that `import anolyte`
# costs nothing. `__init__.pyi` tells type checkers and editors the same.
_PUBLIC = {
    "Interface": "anolyte.materials.stack",
    "Layer": "anolyte.materials.stack",
    "Surface": "anolyte.materials.stack",
    "Sample": "anolyte.materials.stack",
    "Form": "anolyte.materials.stack",
    "Additive": "anolyte.materials.stack",
    "Conditions": "anolyte.materials.stack",
    "Cell": "anolyte.studies.cell",
    "Protocol": "anolyte.materials.protocol",
    "Step": "anolyte.materials.protocol",
    "current_ramp": "anolyte.materials.protocol",
    "cycling": "anolyte.materials.protocol",
    "pressure_sweep": "anolyte.materials.protocol",
    "read_cell": "anolyte.materials.cell_file",
    "Library": "anolyte.materials.library",
    "Phases": "anolyte.materials.phases",
    "read_entries": "anolyte.materials.entries",
    "window": "anolyte.models.window",
    "window_uncertainty": "anolyte.models.window_uncertainty",
    "kinetic_window": "anolyte.models.kinetic_window",
    "three_windows": "anolyte.studies.three_windows",
    "air": "anolyte.models.air",
    "MaterialsProject": "anolyte.materials.remote",
    "Optimade": "anolyte.materials.remote",
    "react": "anolyte.models.reactions",
    "screen": "anolyte.studies.interlayers",
    "stability_map": "anolyte.studies.stability_map",
    "assess": "anolyte.studies.assess",
    "operating_map": "anolyte.studies.maps",
    "evidence": "anolyte.materials.evidence",
    "strategies": "anolyte.materials.strategy",
    "query": "anolyte.studies.query",
    "compare_electrolytes": "anolyte.studies.compare",
    "compare_silicon": "anolyte.studies.silicon",
    "Setup": "anolyte.measure.setup",
    "Spectrum": "anolyte.measure.records",
    "Trace": "anolyte.measure.records",
    "read": "anolyte.measure.readers",
    "fit_spectra": "anolyte.studies.spectra",
    "save": "anolyte.studies.files",
    "load": "anolyte.studies.files",
    "figure": "anolyte.faces.figures",
    "save_figure": "anolyte.faces.print_figure",
    "report": "anolyte.faces.report",
    "AnolyteError": "anolyte.core.errors",
}
__all__ = list(_PUBLIC)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        value = getattr(importlib.import_module(_PUBLIC[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'anolyte' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
