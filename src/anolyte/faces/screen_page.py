"""The self-contained page of a screen: the short list, the funnel, every number with its origin."""

from __future__ import annotations

from pathlib import Path

from anolyte.faces import page
from anolyte.faces.fitted_page import reference
from anolyte.studies.screen.result import Finalist, ScreenResult


def report(path: Path, result: ScreenResult) -> Path:
    """Write the page.

    Args:
        path: The HTML file.
        result: What the page holds.

    Raises:
        DataError: The path cannot be written.
    """
    from anolyte.faces.figures.screening import all_figures

    used = [e.source for f in result.shortlist for e in f.estimates if e.source]
    context = {
        "headline": f"Candidates between {result.electrolyte} and {result.anode}",
        "said": f"{result.asked} candidates; asked: " + ", ".join(map(plain, result.targets)),
        "shortlist": [
            (f.candidate.name, f"{f.probability:.2f}",
             "" if f.front is None else f"{f.front:.2f}", result.reason(f), result.rests_on(f),
             result.change(f))
            for f in result.shortlist
        ],
        "unknown": [(plain(name), f"{share:.0%}") for name, share in result.unknown.items()],
        "funnel": [
            (s.tier, str(s.came), str(s.kept), str(s.dropped), str(s.undecided),
             f"{s.seconds:.0f} s", ", ".join(f"{plain(n)} ({k})" for n, k in s.reasons))
            for s in result.steps
        ],
        "dropped": [(s.tier, d.name, d.because) for s in result.steps for d in s.examples],
        "details": [_details(f) for f in result.shortlist],
        "warnings": result.cautions,
        "energies": result.energies,
        "references": [reference(key) for key in dict.fromkeys((*used, *result.sources))],
    }  # fmt: skip
    return page.write(path, "screen.html.j2", result, context, all_figures(result))


def _details(f: Finalist) -> tuple[str, str, str, list[tuple[str, ...]]]:
    rows = [(plain(e.name), str(e), e.how, e.method, e.note) for e in f.estimates]
    return f.candidate.name, "; ".join(f.candidate.history), f.candidate.flag, rows


def plain(name: object) -> str:
    """A property or target as people read it."""
    return str(name).replace("_", " ")
