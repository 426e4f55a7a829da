"""Published windows beside ours.

The published windows are computed ones (from other reference energies), so the comparison tells how
far two sets of energies differ, not which is right; the spread of the papers is printed beside.
"""

from __future__ import annotations

import csv
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from anolyte.core.errors import AnolyteError
from anolyte.core.result import Result, quantity
from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.materials import formula
from anolyte.materials.library import DATA, read_yaml
from anolyte.materials.phases import Phases
from anolyte.models.window import window

CORE = (
    "Li3PS4", "Li6PS5Cl", "Li10GeP2S12", "Li4GeS4", "Li7P3S11", "Li7La3Zr2O12",
    "Li0.33La0.56TiO3", "Li1.3Al0.3Ti1.7(PO4)3", "Li3PO4", "Li3YCl6",
)  # fmt: skip
"""Formulas whose mean errors are the project's accuracy target."""
STABLE_WITH_LITHIUM = 1e-9
"""V: a published reduction limit no higher than this is 0 V, a statement apart."""


@dataclass(frozen=True)
class PublishedWindow:
    """Published limits of one formula: medians and spreads over the papers, V vs Li/Li+."""

    material: str
    formula: str
    reduction_limit: float = quantity("electrode_potential")
    oxidation_limit: float = quantity("electrode_potential")
    reduction_spread: float = quantity("potential", default=0.0)
    oxidation_spread: float = quantity("potential", default=0.0)
    sources: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class WindowScore:
    """One electrolyte: published medians, ours, and why ours is missing if it is."""

    published: PublishedWindow
    reduction_limit: float | None = quantity("electrode_potential", default=None)
    oxidation_limit: float | None = quantity("electrode_potential", default=None)
    driving_force: float | None = quantity("energy_per_atom", default=None)
    first_reduction: str = ""
    missing: tuple[str, ...] = ()
    failure: str = ""


@dataclass(frozen=True)
class WindowScorecard(Result):
    """All published windows beside ours."""

    scores: tuple[WindowScore, ...]
    energies: str = ""

    def errors(self, materials: Iterable[str] | None = None) -> tuple[list[float], list[float]]:
        """Absolute errors of the reduction and the oxidation limits, V.

        Reduction limits published as 0 V are scored apart, by `stable`.
        """
        wanted = None if materials is None else set(materials)
        reduction, oxidation = [], []
        for s in self.scores:
            if s.failure or (wanted is not None and s.published.formula not in wanted):
                continue
            if s.reduction_limit is not None and s.published.reduction_limit > STABLE_WITH_LITHIUM:
                reduction.append(abs(s.reduction_limit - s.published.reduction_limit))
            if s.oxidation_limit is not None:
                oxidation.append(abs(s.oxidation_limit - s.published.oxidation_limit))
        return reduction, oxidation

    def stable(self) -> tuple[tuple[str, float], ...]:
        """Compounds published as stable with lithium, and our reduction limit of each."""
        return tuple(
            (s.published.formula, s.reduction_limit)
            for s in self.scores
            if s.published.reduction_limit <= STABLE_WITH_LITHIUM and s.reduction_limit is not None
        )

    def rows(self) -> list[dict[str, Any]]:
        """One row a formula."""
        return [
            {
                "formula": s.published.formula,
                "published reduction [V]": s.published.reduction_limit,
                "its spread [V]": s.published.reduction_spread,
                "ours reduction [V]": s.reduction_limit,
                "published oxidation [V]": s.published.oxidation_limit,
                "oxidation spread [V]": s.published.oxidation_spread,
                "ours oxidation [V]": s.oxidation_limit,
                "papers": len(s.published.sources),
                "first reduction": s.first_reduction,
                "missing phases": ", ".join(s.missing),
                "failure": s.failure,
            }
            for s in self.scores
        ]


@dataclass(frozen=True)
class PublishedRow:
    """One published window as its paper prints it; None: not printed.

    Args:
        method: phase diagram | later corrections | quoted | other.
        reduction, oxidation: Limits, V vs Li/Li+.
        energy: Driving force at 0 V, J per atom of the electrolyte.
        first_products, lithium_products: Of the first reduction step, and at 0 V, as printed.
        reasons: What a disagreement comes from: keys of `reasons()`, by the name of the number.
    """

    material: str
    formula: str
    method: str
    source: str
    known: str
    reduction: float | None = quantity("electrode_potential", default=None)
    oxidation: float | None = quantity("electrode_potential", default=None)
    energy: float | None = quantity("energy_per_atom", default=None)
    first_products: str = ""
    lithium_products: str = ""
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def own(self) -> bool:
        """Whether a paper computed it by phase equilibria: no quotation, and no other question."""
        return self.method == "phase diagram"


def published_rows() -> tuple[PublishedRow, ...]:
    """Every row of `literature_windows.csv`, those of one composition together."""
    groups: dict[tuple[tuple[str, float], ...], list[PublishedRow]] = {}
    with (DATA / "literature_windows.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            smallest, _ = formula.reduced(formula.parse(row["formula"]))
            groups.setdefault(tuple(sorted(smallest.items())), []).append(_row(row))
    return tuple(row for rows in groups.values() for row in rows)


def _row(row: dict[str, str]) -> PublishedRow:
    def number(column: str, unit: float = 1.0) -> float | None:
        return float(row[column]) * unit if row[column] else None

    return PublishedRow(
        row["material"], row["formula"], row["method"], row["source"], row["known"],
        number("reduction_limit_V"), number("oxidation_limit_V"),
        number("decomposition_energy_eV_per_atom", ELEMENTARY_CHARGE),
        row["first_reduction_products"], row["products_at_0V"],
        {x: tuple(row[f"{x}_reason"].split()) for x in ("reduction", "oxidation", "energy")},
    )  # fmt: skip


def reasons() -> dict[str, str]:
    """What disagreements of windows come from, a sentence each."""
    return dict(read_yaml(DATA / "window_reasons.yaml"))


def published_windows() -> tuple[PublishedWindow, ...]:
    """Medians of the published windows, one a formula."""
    groups: dict[tuple[tuple[str, float], ...], list[PublishedRow]] = {}
    for row in published_rows():
        if row.own:
            smallest, _ = formula.reduced(formula.parse(row.formula))
            groups.setdefault(tuple(sorted(smallest.items())), []).append(row)
    return tuple(_median(rows) for rows in groups.values())


def _median(rows: list[PublishedRow]) -> PublishedWindow:
    red = [r.reduction for r in rows if r.reduction is not None]
    ox = [r.oxidation for r in rows if r.oxidation is not None]
    return PublishedWindow(
        material=rows[0].material,
        formula=rows[0].formula,
        reduction_limit=statistics.median(red),
        oxidation_limit=statistics.median(ox) if ox else float("nan"),
        reduction_spread=max(red) - min(red),
        oxidation_spread=max(ox) - min(ox) if ox else 0.0,
        sources=tuple(r.source for r in rows),
        known=tuple(r.known for r in rows),
    )


def validate_windows(phases: Phases | None = None) -> WindowScorecard:
    """Our window of every formula that has a published one."""
    scores = []
    energies = ""
    for published in published_windows():
        try:
            # As written: a printed solid solution is computed as it stands.
            found = window(_electrolyte(published.formula), phases=phases)
        except AnolyteError as error:
            scores.append(WindowScore(published, failure=str(error)))
            continue
        energies = found.energies
        first = next((s.reaction for s in found.steps if s.side == "reduction"), "")
        scores.append(
            WindowScore(
                published, found.reduction_limit, found.oxidation_limit, found.driving_force,
                first, found.missing,
            )
        )  # fmt: skip
    return WindowScorecard(tuple(scores), energies)


def _electrolyte(text: str) -> Any:
    from anolyte.materials.library import default

    return default().electrolyte(text, as_printed=True)


def to_markdown(card: WindowScorecard) -> str:
    """The scorecard as the table of the docs."""

    def number(value: float | None) -> str:
        return "" if value is None or value != value else f"{value:.2f}"

    lines = [
        "| formula | published reduction / V | ours | published oxidation / V | ours | papers |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for s in card.scores:
        p = s.published
        red = f"{number(p.reduction_limit)} ± {p.reduction_spread / 2:.2f}"
        ox = f"{number(p.oxidation_limit)} ± {p.oxidation_spread / 2:.2f}"
        ours = (number(s.reduction_limit), number(s.oxidation_limit))
        if s.failure:
            ours = ("no energies", "")
        lines.append(f"| {p.formula} | {red} | {ours[0]} | {ox} | {ours[1]} | {len(p.sources)} |")
    return "\n".join(lines) + "\n\n" + _summary(card)


def _summary(card: WindowScorecard) -> str:
    """Mean absolute errors over the core set and over everything, and the 0 V compounds apart."""
    lines = ["| mean absolute error / V | reduction | oxidation |", "| --- | --- | --- |"]
    for label, materials in (("core set of ten", CORE), ("all", None)):
        errors = card.errors(materials)
        cells = [f"{statistics.fmean(e):.3f} (n = {len(e)})" for e in errors]
        lines.append(f"| {label} | {cells[0]} | {cells[1]} |")
    unstable = [f"{name} ({limit:.2f} V)" for name, limit in card.stable() if limit > 1e-6]
    lines += [
        "",
        f"Core set: {', '.join(CORE)}. Of the {len(card.stable())} compounds published as stable "
        f"with lithium (0 V, scored apart) ours are reduced: {', '.join(unstable) or 'none'}.",
    ]
    return "\n".join(lines) + "\n"
