"""Which numbers an answer hangs on: Sobol indices over the spread of every parameter.

The indices are those of scipy (Saltelli's estimators); all runs go through the batch stepper at
once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError
from anolyte.core.provenance import Value
from anolyte.core.result import Result, quantity
from anolyte.materials.pairs import spread
from anolyte.materials.protocol import Protocol, current_ramp
from anolyte.models.cell import engine
from anolyte.models.cell.contact import held
from anolyte.models.cell.run import Assembly

if TYPE_CHECKING:
    from anolyte.studies.cell import Cell

Array = np.ndarray[Any, np.dtype[np.float64]]
MOST_RUNS = 500_000


@dataclass(frozen=True)
class Sensitivity(Result):
    """How much of the variance of an answer each number carries.

    Args:
        of: What was asked.
        names: The numbers, the most important first.
        first: Share of the variance that a number carries alone.
        total: The same with all that it does together with others.
        spreads: Logarithmic standard deviation of each number.
        known: How each is known.
        runs: Runs of the model.
    """

    cell: str
    of: str
    names: tuple[str, ...]
    first: tuple[float, ...] = quantity("number")
    total: tuple[float, ...] = quantity("number")
    spreads: tuple[float, ...] = quantity("number")
    known: tuple[str, ...] = ()
    runs: int = 0

    concern: ClassVar[None] = None

    def rows(self) -> list[dict[str, Any]]:
        """One row a number."""
        return [
            {"number": n, "total": t, "alone": f, "spread": s, "known": k}
            for n, t, f, s, k in zip(
                self.names, self.total, self.first, self.spreads, self.known, strict=True
            )
        ]


Quantity = Callable[["Cell", Assembly, int], Array]


@dataclass(frozen=True)
class CriticalLevel:
    """The current of a ramp's last level that a cell carried, A/m2, on a logarithmic scale."""

    protocol: Protocol = current_ramp("0.05 mA/cm2", "5 mA/cm2", "0.05 mA/cm2", time="1 h")
    label: ClassVar[str] = "critical current density"

    def __call__(self, cell: Cell, assembly: Assembly, cells: int) -> Array:
        """One number a cell."""
        c = cell.conditions
        batch = engine.start(assembly.device, c.stack_pressure, c.temperature, 1.0, cells)
        engine.simulate(assembly.device, self.protocol, batch, keep=False, nodes=8)
        levels = {s.cycle: abs(s.current_density or 0.0) for s in self.protocol.steps}
        sizes = np.array(list(levels.values()))
        reached = np.where(batch.end_cycle < 0, len(sizes) - 1, batch.end_cycle - 1)
        return np.log(np.where(reached < 0, 0.5 * sizes[0], sizes[np.maximum(reached, 0)]))


@dataclass(frozen=True)
class FaceResistance:
    """Area resistance of the named face after an hour's hold, on a logarithmic scale."""

    label: ClassVar[str] = "interfacial resistance"

    def __call__(self, cell: Cell, assembly: Assembly, cells: int) -> Array:
        """One number a cell."""
        c = cell.conditions
        return np.log(held(assembly, c.stack_pressure, c.temperature, cells)["total"])


@dataclass(frozen=True)
class _Given:
    """Parameters at given normal scores."""

    scores: Mapping[str, Array]

    def __call__(self, name: str, value: Value) -> Any:
        score = self.scores.get(name)
        return value.si if score is None else value.si * np.exp(spread(value) * score)


class _Listening:
    """Notes every number that is asked for, and gives it as it is."""

    def __init__(self) -> None:
        self.heard: dict[str, Value] = {}

    def __call__(self, name: str, value: Value) -> float:
        self.heard[name] = value
        return value.si


def sensitivity(
    cell: Cell, quantity_of: Quantity | None = None, *, n: int = 128, seed: int = 0
) -> Sensitivity:
    """Sobol indices of an answer over the spread of every number behind it.

    Args:
        cell: The cell.
        quantity_of: What is asked (`CriticalLevel`, `FaceResistance`, or any function of a cell,
            its assembly with arrays, and their length); None: the critical current density.
        n: Base samples, a power of two; runs are n (d + 2) for d uncertain numbers.
        seed: Of the samples.

    Raises:
        DataError: No number with a spread, or too many runs.
    """
    from scipy.stats import norm, sobol_indices

    asked = quantity_of or CriticalLevel()
    listening = _Listening()
    cell.assemble(pick=listening)
    uncertain = {k: v for k, v in listening.heard.items() if spread(v) > 0.0}
    names = list(uncertain)
    if not names:
        raise DataError(f"{cell.interface}: no number behind it has a spread")
    runs = n * (len(names) + 2)
    if n < 2 or n & (n - 1) or runs > MOST_RUNS:
        raise DataError(f"sensitivity: n must be a power of two, with n times {len(names) + 2} "
                        f"below {MOST_RUNS} runs; not {n}")  # fmt: skip

    def answer(scores: Array) -> Array:
        given = _Given(dict(zip(names, scores, strict=True)))
        cells = scores.shape[1]
        return asked(cell, cell.assemble(pick=given), cells)[None, :]

    found = sobol_indices(
        func=answer, n=n, dists=[norm()] * len(names), rng=np.random.default_rng(seed)
    )
    first, total = np.ravel(found.first_order), np.ravel(found.total_order)
    order = np.argsort(-total)
    return Sensitivity(
        cell=str(cell.interface),
        of=getattr(asked, "label", getattr(asked, "__name__", "answer")),
        names=tuple(names[i].replace("_", " ") for i in order),
        first=tuple(float(first[i]) for i in order),
        total=tuple(float(total[i]) for i in order),
        spreads=tuple(spread(uncertain[names[i]]) for i in order),
        known=tuple(uncertain[names[i]].source.known for i in order),
        runs=runs,
    )
