"""The self-contained page of fitted spectra."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from anolyte.faces.fitted import (
    PROCESS_HEAD,
    TEMPERATURE_HEAD,
    arc_names,
    headline,
    other_lines,
    parameter_rows,
    process_row,
    setup_text,
    spectrum_head,
    spectrum_rows,
    temperature_row,
    time_text,
)
from anolyte.materials import references
from anolyte.studies.spectra.result import SpectraResult

HINTS = {
    "nyquist": "How to read this: points as measured, open ones left out of the fit, lines the "
    "fitted circuit; diamonds stand at whole decades of frequency.",
    "bode": "How to read this: points as measured, lines the fitted circuit.",
    "relaxation": "How to read this: each peak is a process, its area the resistance. Outside the "
    "dotted lines nothing was measured; bands hold 90 % of what noise does.",
    "arrhenius": "How to read this: slopes are activation energies; full points and the left axis "
    "are conductivities, open squares and the right axis resistances.",
    "growth": "How to read this: the line is the law that explains the points best; the diamond is "
    "its forecast with its interval.",
    "residuals": "How to read this: what no cell that stays as it is can do. Noise scatters about "
    "zero; waves are drift or a bad range; crosses are points left out.",
}


def report(result: SpectraResult, path: Path) -> Path:
    """Write the page of a series of spectra.

    Raises:
        DataError: The path cannot be written.
    """
    from anolyte.faces import page
    from anolyte.faces.figures.spectra import all_figures

    return page.write(path, "spectra.html.j2", result, _context(result), all_figures(result))


def _context(result: SpectraResult) -> dict[str, Any]:
    single = result.spectra[0] if len(result.spectra) == 1 else None
    return {
        "title": headline(result),
        "setup": setup_text(result),
        "verdict": "good" if len(result.good) == len(result.spectra) else
                   "caution" if result.good else "bad",
        "hints": HINTS,
        "arcs": arc_names(result),
        "spectra_head": spectrum_head(result)[:-1],
        "spectra": [row[:-1] for row in spectrum_rows(result)],
        "processes": _process_tables(result),
        "process_head": PROCESS_HEAD,
        "parameters": parameter_rows(single) if single is not None and single.fit else [],
        "temperatures": [temperature_row(t) for t in result.temperatures],
        "temperature_head": TEMPERATURE_HEAD,
        "times": [(t.process, time_text(t)) for t in result.times],
        "pressures": [(t.process, f"{t.exponent:+.2f} ± {t.error:.2g}") for t in result.pressures],
        "others": other_lines(result),
        "choice": _choice(result),
        "warnings": [*result.skipped, *result.warnings],
        "references": [_reference(k) for k in result.sources],
    }  # fmt: skip


def _process_tables(result: SpectraResult) -> list[tuple[str, list[tuple[str, ...]]]]:
    """The processes of every spectrum, opened one by one."""
    return [
        (
            s.label if s.good else f"{s.label}, of a fit that is NOT good: do not use",
            [process_row(p) for p in s.processes.processes],
        )
        for s in result.spectra
        if s.processes is not None
    ]


def _choice(result: SpectraResult) -> list[tuple[str, ...]]:
    if result.choice is None:
        return []
    best = result.choice.table[0].aicc
    return [
        (c.circuit, str(c.parameters), f"{c.chi2:.3g}", f"{c.aicc - best:+.1f}", c.refused)
        for c in result.choice.table
    ]


def _reference(key: str) -> dict[str, str]:
    doi = references.fields(key).get("doi", "")
    return {"text": references.cite(key).removesuffix(f", doi:{doi}"), "doi": doi}
