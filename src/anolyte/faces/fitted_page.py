"""The self-contained page of fitted spectra."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from anolyte.core.units import show
from anolyte.faces.fitted import (
    FIELDS,
    PROCESS_HEAD,
    TEMPERATURE_HEAD,
    arc_names,
    fact,
    headline,
    other_lines,
    parameter_rows,
    process_row,
    process_title,
    setup_text,
    spectrum_head,
    spectrum_rows,
    temperature_row,
    time_text,
)
from anolyte.materials import references
from anolyte.studies.spectra.result import SpectraResult, SpectrumStudy

SHORT = 16
"""Digits of a digest in a table of many."""
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


def report(result: SpectraResult, path: Path, settings: Iterable[Any] = ()) -> Path:
    """Write the page of a series of spectra.

    Args:
        result: What the page holds.
        path: The HTML file.
        settings: Dataclasses of thresholds behind the numbers.

    Raises:
        DataError: The path cannot be written.
    """
    from anolyte.faces import page
    from anolyte.faces.figures.spectra import all_figures

    context = _context(result) | {"settings": setting_rows(settings)}
    return page.write(path, "spectra.html.j2", result, context, all_figures(result))


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
        "origins": _origins(result.spectra),
        "references": [reference(k) for k in result.sources],
    }  # fmt: skip


def _process_tables(result: SpectraResult) -> list[tuple[str, list[tuple[str, ...]]]]:
    """The processes of every spectrum, opened one by one."""
    return [
        (process_title(s, s.label), [process_row(p) for p in s.processes.processes])
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


def _origins(studies: Sequence[SpectrumStudy]) -> list[tuple[str, str, str]]:
    """Files, their digests, and who said what differs between their cells."""
    varied = [n for n in FIELDS if len({getattr(s.setup, n) for s in studies}) > 1]
    rows = []
    for s in studies:
        told = [
            f"{n.replace('_', ' ')} {fact(v, FIELDS[n])} ({s.setup.origins.get(n, 'as given')})"
            for n in varied if (v := getattr(s.setup, n)) is not None
        ]  # fmt: skip
        file = re.sub(r" #\d+$", "", s.name)
        rows.append((Path(s.name).name, fingerprint(file)[:SHORT], "; ".join(told)))
    return rows


def fingerprint(file: str) -> str:
    """The SHA-256 by which a file is known again; empty where it is gone."""
    try:
        with Path(file).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def reference(key: str) -> dict[str, str]:
    """A source as the list of references shows it."""
    doi = references.fields(key).get("doi", "")
    return {"text": references.cite(key).removesuffix(f", doi:{doi}"), "doi": doi}


def setting_rows(settings: Iterable[Any]) -> list[tuple[str, str, str]]:
    """Fields of settings: name, value, and what its documentation says of it.

    Args:
        settings: Dataclasses, those within them included; the same one is listed once.
    """
    rows: dict[tuple[str, str, str], None] = {}
    for each in settings:
        told = _documented(type(each))
        for f in fields(each):
            value = getattr(each, f.name)
            if is_dataclass(value):
                rows |= dict.fromkeys(setting_rows([value]))
            elif (text := _setting(value, f.metadata.get("kind"))) is not None:
                name = f.name.replace("_", " ")
                rows[f"{type(each).__name__}: {name}", text, told.get(f.name, "")] = None
    return list(rows)


def _setting(value: Any, kind: str | None) -> str | None:
    """A value as people read it; None: it is no number."""
    if value is None:
        return "not given"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        parts = [_setting(v, kind) for v in value]
        return None if None in parts else ", ".join(p for p in parts if p is not None)
    if isinstance(value, int | float):
        return f"{value:g}" if kind is None else show(value, kind)
    return None


_ARGUMENT = re.compile(r"^    (\w[\w, ]*): (.*(?:\n {8}.*)*)", re.MULTILINE)


def _documented(cls: type) -> dict[str, str]:
    """What a class says of its fields."""
    _, _, arguments = (inspect.getdoc(cls) or "").partition("Args:\n")
    found = {}
    for names, text in _ARGUMENT.findall(arguments.partition("\n\n")[0]):
        found |= dict.fromkeys(
            names.split(", "), " ".join(text.split()).replace("None:", "not given:")
        )
    return found
