"""What has been measured on interfaces: the evidence base behind filters."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from anolyte.faces import evidence as words
from anolyte.faces import figures
from anolyte.faces.export import safe_csv
from anolyte.faces.web.interface import kept
from anolyte.materials import references
from anolyte.materials.evidence import evidence
from anolyte.materials.records import Record
from anolyte.studies.query import EvidenceResult, query

Word = Annotated[str | None, Query(max_length=120)]
_FIELDS = ("quantity", "strategy", "known", "method")


def asked(
    electrolyte: Word = None,
    anode: Word = None,
    quantity: Word = None,
    strategy: Word = None,
    source: Word = None,
    known: Word = None,
    method: Word = None,
) -> EvidenceResult:
    """The records that match every word of an address."""

    def said(text: str | None) -> str | None:
        return (text or "").strip() or None

    return query(
        electrolyte=said(electrolyte), anode=said(anode), quantity=said(quantity),
        strategy=said(strategy), source=said(source), known=said(known), method=said(method),
    )  # fmt: skip


Matching = Annotated[EvidenceResult, Depends(asked)]


def row(record: Record) -> dict[str, str]:
    """A record in words."""
    return {
        "id": record.id,
        "stack": words.stack(record),
        "quantity": record.quantity.replace("_", " "),
        "value": words.value(record),
        "treated": (record.strategy or "").replace("_", " "),
        "conditions": words.conditions(record),
        "known": record.source.known.replace("_", "-"),
        "source": record.source.key,
        "doi": references.fields(record.source.key).get("doi", ""),
        "doubt": record.doubt or "",
    }


def choices() -> dict[str, list[str]]:
    """The words of each filter that match something."""
    records = evidence()
    found: dict[str, set[str]] = {name: set() for name in _FIELDS}
    for r in records:
        for name, value in zip(
            _FIELDS, (r.quantity, r.strategy, r.source.known, r.method), strict=True
        ):
            found[name] |= {value} if value else set()
    return {name: sorted(values) for name, values in found.items()}


def router() -> APIRouter:
    """What is offered of measurements."""
    found = APIRouter(tags=["evidence"])

    @found.get("/api/evidence", summary="Measured values before and after a treatment")
    def of_evidence(records: Matching) -> dict[str, Any]:
        return {
            "count": len(records.records),
            "papers": len(records.papers),
            "known": records.known,
            "rows": [row(r) for r in records.records],
        }

    @found.get("/api/evidence/figure", summary="Untreated against treated, as plotly takes it")
    def of_figure(records: Matching) -> dict[str, Any]:
        return json.loads(figures.figure(records).to_json())

    @found.get("/api/evidence/choices", summary="The words of each filter")
    def of_choices() -> dict[str, list[str]]:
        return choices()

    @found.get("/api/evidence.csv", summary="The same as a table, safe for spreadsheets")
    def of_table(records: Matching) -> Response:
        return kept("evidence.csv", safe_csv(records.rows()), "text/csv; charset=utf-8")

    return found
