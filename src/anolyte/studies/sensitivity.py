"""Which numbers an answer hangs on: Sobol indices, or a quick look, over each number's spread.

The indices are those of scipy (Saltelli's estimators). The quick look moves one number at a time by
its spread, at the best values and at some draws of all others (derivative-based measures). Runs go
in chunks through the runner and its ledger: what was interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from anolyte import __version__
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.provenance import Value
from anolyte.core.result import Result, encode, quantity
from anolyte.core.units import KINDS, habitual, show
from anolyte.materials.pairs import spread
from anolyte.materials.protocol import Protocol, current_ramp
from anolyte.models.cell import engine
from anolyte.models.cell.assembly import Assembly
from anolyte.models.cell.contact import held
from anolyte.studies.ledger import Ledger, key
from anolyte.studies.levers.run import fine_ramp
from anolyte.studies.runner import run

if TYPE_CHECKING:
    from anolyte.studies.cell import Cell

Array = np.ndarray[Any, np.dtype[np.float64]]
MOST_RUNS = 500_000
CHUNK = 500


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
    kind: ClassVar[str] = "current_density"

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
    kind: ClassVar[str] = "area_resistance"

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


@dataclass(frozen=True)
class SensitivityChunk(Result):
    """Answers of some runs, on a logarithmic scale."""

    answers: tuple[float, ...]

    concern: ClassVar[None] = None


@dataclass(frozen=True)
class _Task:
    """One chunk: the answers at given normal scores."""

    cell: Cell
    asked: Quantity
    names: tuple[str, ...]

    def __call__(self, scores: Array, _: Any) -> SensitivityChunk:
        given = _Given(dict(zip(self.names, scores, strict=True)))
        found = self.asked(self.cell, self.cell.assemble(pick=given), scores.shape[1])
        return SensitivityChunk(tuple(float(x) for x in found))


@dataclass
class _Answers:
    """Answers at any scores, in chunks; counts the runs for whoever watches."""

    task: _Task
    seed: int
    total: int
    ledger: Ledger
    progress: Progress
    done: int = field(default=0, init=False)

    def __call__(self, scores: Array) -> Array:
        """One answer for each column of the scores.

        Raises:
            DataError: A chunk failed; what was said about it.
        """
        parts = [scores[:, k : k + CHUNK] for k in range(0, scores.shape[1], CHUNK)]
        tasks = [(key("sensitivity", __version__, self._identity(p), "", self.seed), p)
                 for p in parts]  # fmt: skip
        before = self.done

        def told(done: int, total: int, what: str) -> None:
            runs = before + min(done * CHUNK, scores.shape[1])
            self.progress(runs, self.total, what)

        run(self.task, tasks, ledger=self.ledger, progress=told, chunk=1, inputs={}, retry=True)
        self.done += scores.shape[1]
        chunks = [self.ledger.get(k) for k, _ in tasks]
        if any(c is None for c in chunks):
            why = next((f.text.strip().splitlines()[-1] for f in self.ledger.failed()), "no answer")
            raise DataError(f"sensitivity of {self.task.cell.interface}: runs fail: {why[:200]}")
        answers = [np.array(c.answers) for c in chunks if isinstance(c, SensitivityChunk)]
        return np.concatenate(answers)

    def _identity(self, scores: Array) -> dict[str, Any]:
        """All that the answers of a chunk depend on."""
        cell = self.task.cell
        return {
            "cell": encode(cell.interface), "conditions": encode(cell.conditions),
            "laws": str(cell.laws), "counter": cell.counter and cell.counter.name,
            "attach": cell.attach_pressure, "asked": repr(self.task.asked),
            "names": list(self.task.names), "scores": scores.tolist(),
            "numbers": {k: [v.si, v.sigma or 0.0]
                        for k, v in sorted(cell.assemble().used.items())},
        }  # fmt: skip


def _uncertain(cell: Cell) -> dict[str, Value]:
    """The numbers behind a cell that have a spread.

    Raises:
        DataError: There is none.
    """
    listening = _Listening()
    cell.assemble(pick=listening)
    found = {k: v for k, v in listening.heard.items() if spread(v) > 0.0}
    if not found:
        raise DataError(f"{cell.interface}: no number behind it has a spread")
    return found


def _in_words(cell: Cell) -> str:
    """A cell in words, with what it stands in; its current does not count."""
    c = cell.conditions
    return (f"{cell.interface}, {show(c.stack_pressure, 'pressure')}, "
            f"{show(c.temperature, 'temperature')}")  # fmt: skip


def _label(asked: Quantity) -> str:
    return getattr(asked, "label", getattr(asked, "__name__", "answer"))


def sensitivity(
    cell: Cell,
    quantity_of: Quantity | None = None,
    *,
    n: int = 128,
    seed: int = 0,
    ledger: Ledger | None = None,
    progress: Progress = silent,
) -> Sensitivity:
    """Sobol indices of an answer over the spread of every number behind it.

    Args:
        cell: The cell.
        quantity_of: What is asked (`CriticalLevel`, `FaceResistance`, or any function of a cell,
            its assembly with arrays, and their length); None: the critical current density.
        n: Base samples, a power of two; runs are n (d + 2) for d uncertain numbers.
        seed: Of the samples.
        ledger: Where chunks are kept and looked for; None: in memory.
        progress: Told the runs as chunks end.

    Raises:
        DataError: No number with a spread, or too many runs.
    """
    from scipy.stats import norm, sobol_indices

    asked = quantity_of or CriticalLevel()
    uncertain = _uncertain(cell)
    names = list(uncertain)
    runs = n * (len(names) + 2)
    if n < 2 or n & (n - 1) or runs > MOST_RUNS:
        raise DataError(f"sensitivity: n must be a power of two, with n times {len(names) + 2} "
                        f"below {MOST_RUNS} runs; not {n}")  # fmt: skip
    task = _Task(cell, asked, tuple(names))
    answers = _Answers(task, seed, runs, ledger or Ledger(), progress)
    found = sobol_indices(
        func=lambda scores: answers(scores)[None, :], n=n, dists=[norm()] * len(names),
        rng=np.random.default_rng(seed),
    )  # fmt: skip
    first, total = np.ravel(found.first_order), np.ravel(found.total_order)
    order = np.argsort(-total)
    return Sensitivity(
        cell=_in_words(cell),
        of=_label(asked),
        names=tuple(names[i].replace("_", " ") for i in order),
        first=tuple(float(first[i]) for i in order),
        total=tuple(float(total[i]) for i in order),
        spreads=tuple(spread(uncertain[names[i]]) for i in order),
        known=tuple(uncertain[names[i]].source.known for i in order),
        runs=runs,
    )


@dataclass(frozen=True)
class QuickSensitivity(Result):
    """How far each number moves an answer when it alone is moved by its spread, up or down.

    Args:
        of: What was asked.
        kind: Of the answer.
        answer: With the best values, SI.
        names: The numbers, the one that moves most first.
        lower, upper: The answer with a number one spread lower, and one spread higher, SI; all
            others at their best values.
        slope: Exponent of the answer in the number, by these two.
        share: Mean square of what one spread does to the answer's logarithm, over draws of all
            numbers, as a share of the sum.
        spreads: Logarithmic standard deviation of each number.
        known: How each is known.
        draws: At which numbers were moved; the first is the best values.
        runs: Runs of the model.
    """

    cell: str
    of: str
    kind: str
    answer: float
    names: tuple[str, ...]
    lower: tuple[float, ...] = quantity("number")
    upper: tuple[float, ...] = quantity("number")
    slope: tuple[float, ...] = quantity("number")
    share: tuple[float, ...] = quantity("number")
    spreads: tuple[float, ...] = quantity("number")
    known: tuple[str, ...] = ()
    draws: int = 1
    runs: int = 0

    concern: ClassVar[None] = None

    def rows(self) -> list[dict[str, Any]]:
        """One row a number, the answer in its habitual unit."""
        unit = KINDS[self.kind].label
        return [
            {"number": n, f"one spread lower [{unit}]": habitual(a, self.kind),
             f"one spread higher [{unit}]": habitual(b, self.kind), "exponent": e,
             "share of the moves": w, "spread": s, "known": k}
            for n, a, b, e, w, s, k in zip(
                self.names, self.lower, self.upper, self.slope, self.share, self.spreads,
                self.known, strict=True,
            )
        ]  # fmt: skip


def quick_sensitivity(
    cell: Cell,
    quantity_of: Quantity | None = None,
    *,
    draws: int = 32,
    seed: int = 0,
    ledger: Ledger | None = None,
    progress: Progress = silent,
) -> QuickSensitivity:
    r"""What each number does to an answer when it alone moves by its spread.

    $$ w_i \propto \left\langle \left( \frac{\ln y(z_i + 1) - \ln y(z_i - 1)}{2}
       \right)^2 \right\rangle $$

    with $z_i = \ln(x_i/\bar x_i)/\sigma_i$, over draws of all numbers: a central difference over
    the spread, in place of the derivative of Sobol and Kucherenko's measure.

    Args:
        cell: The cell.
        quantity_of: As in `sensitivity`; its logarithm is what is asked. None: the critical
            current density of `levers.fine_ramp()`, which rises by a tenth from level to level.
        draws: Points at which numbers are moved; the first is the best values, all other points
            are drawn. Runs are draws (2 d + 1) for d uncertain numbers.
        seed: Of the draws.
        ledger: Where chunks are kept and looked for; None: in memory.
        progress: Told the runs as chunks end.

    Raises:
        DataError: No number with a spread, or too few or many draws.
    """
    asked = quantity_of or CriticalLevel(fine_ramp())
    uncertain = _uncertain(cell)
    count = len(uncertain)
    runs = draws * (2 * count + 1)
    if draws < 1 or runs > MOST_RUNS:
        raise DataError(f"sensitivity: one draw or more, with draws times {2 * count + 1} below "
                        f"{MOST_RUNS} runs; not {draws}")  # fmt: skip
    points = np.random.default_rng(seed).standard_normal((count, draws))
    points[:, 0] = 0.0
    moves = np.hstack([np.zeros((count, 1)), -np.eye(count), np.eye(count)])
    scores = (points[:, :, None] + moves[:, None, :]).reshape(count, runs)
    task = _Task(cell, asked, tuple(uncertain))
    answers = _Answers(task, seed, runs, ledger or Ledger(), progress)(scores)
    table = answers.reshape(draws, 2 * count + 1)
    lower, upper = table[:, 1 : count + 1], table[:, count + 1 :]
    moved = np.mean((0.5 * (upper - lower)) ** 2, axis=0)
    shares = moved / max(moved.sum(), np.finfo(float).tiny)
    sigmas = np.array([spread(v) for v in uncertain.values()])
    slopes = 0.5 * (upper[0] - lower[0]) / sigmas
    order = np.argsort(-shares, kind="stable")
    names = [n.replace("_", " ") for n in uncertain]
    known = [v.source.known for v in uncertain.values()]

    def sorted_floats(values: Array) -> tuple[float, ...]:
        return tuple(float(f"{v:.6g}") for v in values[order])

    return QuickSensitivity(
        cell=_in_words(cell), of=_label(asked), kind=getattr(asked, "kind", "number"),
        answer=float(f"{np.exp(table[0, 0]):.6g}"), names=tuple(names[i] for i in order),
        lower=sorted_floats(np.exp(lower[0])), upper=sorted_floats(np.exp(upper[0])),
        slope=sorted_floats(slopes), share=sorted_floats(shares), spreads=sorted_floats(sigmas),
        known=tuple(known[i] for i in order), draws=draws, runs=runs,
    )  # fmt: skip
