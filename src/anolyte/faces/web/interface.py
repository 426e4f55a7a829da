"""One interface: verdict, reasons, figures, what could mend it; and as a file to keep."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Response

from anolyte.faces import report, views
from anolyte.faces.catalogue import KINDS
from anolyte.faces.export import safe_csv
from anolyte.faces.web.asked import Asked, Question
from anolyte.faces.web.once import Once
from anolyte.materials.library import Library
from anolyte.studies.assess import Assessment
from anolyte.studies.window_beside import WindowBeside, beside


@dataclass(frozen=True)
class Interfaces:
    """Assessments, each made once.

    Args:
        lib: Where names are looked up.
    """

    lib: Library
    kept: Once = field(default_factory=Once)

    def assessed(self, question: Asked, *, remedies: bool = False) -> Assessment:
        """The assessment of a cell; remedies take ten times as long as the rest."""
        return self.kept.get((question, remedies), lambda: self._assess(question, remedies))

    def _assess(self, question: Asked, remedies: bool) -> Assessment:
        from anolyte.faces import asking
        from anolyte.studies.assess import assess

        cell = question.cell(self.lib)
        if remedies:
            return asking.assess(cell, None, self.lib)
        return assess(cell.interface, cell.conditions, strategies=(), lib=self.lib)

    def beside(self, question: Asked) -> WindowBeside:
        """Error bars of its window."""
        found = self.assessed(question)
        return self.kept.get((question, "beside"), lambda: beside(found))

    def told(self, question: Asked, *, remedies: bool = False) -> dict[str, Any]:
        """An assessment in words and rows."""
        found = self.assessed(question, remedies=remedies)
        return plain(report.context(found, self.beside(question)))

    def figures(self, question: Asked, *, remedies: bool = False) -> dict[str, Any]:
        """The figures of an assessment, by name, as plotly takes them."""
        found = self.assessed(question, remedies=remedies)
        made = report.drawn(found, self.beside(question))
        return {name: json.loads(figure.to_json()) for name, figure in made.items()}


def plain(data: Any) -> Any:
    """As JSON has it: tuples as lists, enumerations as words.

    >>> plain({"a": (1, "x")})
    {'a': [1, 'x']}
    """
    return json.loads(json.dumps(data, default=str, allow_nan=False))


def names(lib: Library) -> dict[str, list[dict[str, Any]]]:
    """The materials that a cell may be made of, by their place in it."""
    return {
        kind: [
            {"name": m.name, "class": m.family, "formula": m.formula or "",
             "aliases": list(m.aliases)}
            for m in sorted(lib.all(cls), key=lambda m: (m.family, m.name.casefold()))
        ]
        for kind, cls in KINDS.items()
    }  # fmt: skip


def router(lib: Library) -> APIRouter:
    """What is offered of interfaces."""
    interfaces, found = Interfaces(lib), APIRouter(tags=["interface"])

    @found.get("/api/names", summary="Materials of the library, by their place in a cell")
    def of_names() -> dict[str, list[dict[str, Any]]]:
        return names(lib)

    @found.get("/api/interface", summary="Verdict, reasons, window, reactions, in words and rows")
    def of_interface(cell: Question, remedies: bool = False) -> dict[str, Any]:
        return interfaces.told(cell, remedies=remedies)

    @found.get("/api/interface/figures", summary="Its figures, as plotly takes them")
    def of_figures(cell: Question, remedies: bool = False) -> dict[str, Any]:
        return interfaces.figures(cell, remedies=remedies)

    @found.get("/api/interface/result.json", summary="The whole result: SI, units beside values")
    def of_result(cell: Question) -> Response:
        result = interfaces.assessed(cell, remedies=True)
        text = json.dumps(result.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
        return kept("result.json", text, "application/json")

    @found.get("/api/interface/findings.csv", summary="One row a finding, safe for spreadsheets")
    def of_findings(cell: Question) -> Response:
        rows = interfaces.assessed(cell).rows()
        return kept("findings.csv", safe_csv(rows), "text/csv; charset=utf-8")

    @found.get("/api/interface/references.bib", summary="BibTeX of what it stands on")
    def of_references(cell: Question) -> Response:
        text = report.bibtex(views.source_keys(interfaces.assessed(cell)))
        return kept("references.bib", text, "application/x-bibtex; charset=utf-8")

    @found.get("/api/interface/report.html", summary="The report: one page that opens offline")
    def of_report(cell: Question) -> Response:
        page = report.page(interfaces.assessed(cell, remedies=True))
        return kept("report.html", page, "text/html; charset=utf-8")

    return found


def kept(name: str, text: str, kind: str) -> Response:
    """A file to keep, not to be shown in the place of the page."""
    return Response(
        text, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'}
    )
