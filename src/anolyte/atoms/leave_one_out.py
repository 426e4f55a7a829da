"""How far computed energies can be trusted: each measured compound predicted from the others.

    python -m anolyte.atoms.leave_one_out

Every compound that has both a measured enthalpy and a computed energy is taken out of the anchors
and predicted as if it had never been measured. The root-mean-square errors are the standard
deviations that `assemble` gives to computed phases.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from anolyte.atoms import assemble


@dataclass(frozen=True)
class Prediction:
    """One measured compound predicted from the other anchors; energies in eV per atom."""

    formula: str
    measured: float
    predicted: float
    reaction: str
    by_elements: bool

    @property
    def error(self) -> float:
        """Predicted minus measured."""
        return self.predicted - self.measured


def leave_one_out(
    measured: Sequence[assemble.Measured], computed: Sequence[assemble.Computed]
) -> list[Prediction]:
    """Predictions of every anchor that is a compound, from all anchors of other compositions."""
    anchors = assemble.anchors(measured, computed)
    found = []
    for anchor in anchors:
        if anchor.element:
            continue
        name = assemble.key(anchor.formula)
        others = [a for a in anchors if assemble.key(a.formula) != name]
        left_out = assemble.Computed(anchor.formula, anchor.name, anchor.computed, {})
        parts = assemble.reaction(left_out, others)
        if parts is None:
            continue
        found.append(
            Prediction(
                formula=anchor.formula,
                measured=anchor.measured,
                predicted=anchor.computed + sum(y * (a.measured - a.computed) for a, y in parts),
                reaction=assemble.spell(anchor.formula, parts),
                by_elements=any(a.element for a, _ in parts),
            )
        )
    return found


def summary(predictions: Sequence[Prediction]) -> str:
    """A table of the errors, by whether elements had to take part."""
    lines = [
        "| anchored to | compounds | mean error | mean absolute | root mean square | worst |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for by_elements, label in ((False, "compounds alone"), (True, "elements too")):
        group = [p for p in predictions if p.by_elements == by_elements]
        if not group:
            continue
        errors = [1000.0 * p.error for p in group]
        worst = max(group, key=lambda p: abs(p.error))
        rms = math.sqrt(statistics.fmean(e * e for e in errors))
        mean, absolute = statistics.fmean(errors), statistics.fmean(abs(e) for e in errors)
        lines.append(
            f"| {label} | {len(group)} | {mean:+.0f} | {absolute:.0f} | {rms:.0f} | "
            f"{worst.formula} {1000.0 * worst.error:+.0f} |"
        )
    return "\n".join(lines) + "\n"


def worst(predictions: Sequence[Prediction], count: int = 6) -> str:
    """A table of the rows that are furthest off, of each kind of anchor."""
    lines = [
        "| compound | measured | predicted | error | from |",
        "| --- | --- | --- | --- | --- |",
    ]
    for by_elements in (False, True):
        group = [p for p in predictions if p.by_elements == by_elements]
        for p in sorted(group, key=lambda p: -abs(p.error))[:count]:
            numbers = (f"{1000.0 * x:.0f}" for x in (p.measured, p.predicted))
            lines.append(f"| {p.formula} | {' | '.join(numbers)} | {1000.0 * p.error:+.0f} | "
                         f"{p.reaction.partition(' = ')[2]} |")  # fmt: skip
    return "\n".join(lines) + "\n"


def main() -> int:
    """Print the summary (meV per atom) and every prediction, worst first."""
    data = assemble.DATA
    predictions = leave_one_out(
        assemble.read_measured(data / "enthalpies.csv"),
        assemble.read_computed(data / "computed.csv"),
    )
    print(summary(predictions))
    for p in sorted(predictions, key=lambda p: -abs(p.error)):
        print(f"{1000.0 * p.error:+7.0f} meV/atom  {p.reaction}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
