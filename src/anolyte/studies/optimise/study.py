"""An optimisation from a question to a front."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from anolyte import __version__
from anolyte.core.errors import DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.result import Number, Result, encode
from anolyte.models.cell.faces import Array
from anolyte.studies.learn.knowledge import Knowledge
from anolyte.studies.ledger import Ledger, key
from anolyte.studies.levers.run import NOTICED, told_of
from anolyte.studies.optimise.answers import SOURCES, answers
from anolyte.studies.optimise.front import (
    Bought,
    Design,
    Front,
    Score,
    Setting,
    knee,
    nondominated,
    spread_out,
)
from anolyte.studies.optimise.objectives import Limit, Objective
from anolyte.studies.optimise.search import WORST, Search, Shares, Tried, searched
from anolyte.studies.optimise.space import Choice, Point, Range, Space
from anolyte.studies.runner import Runner, run

DRAWS, EVALUATIONS = 16, 1000
SHOWN = 40
"""Designs of a front that are kept."""
STEP = 0.1
"""Of a range, by which a variable is moved at the knee."""
SHORT = 0.02
"""Of a range: a shorter move, to a bound, is not worth telling."""
LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Judged(Result):
    """What one generation came to; not a number where an answer is unknown.

    Args:
        values: Medians, 10th and 90th percentiles: (designs, objectives, 3), flat.
        kept: Share of the draws that keep each limit: (designs, limits), flat.
        refused: Why a design could not be run; empty: it could.
    """

    values: tuple[float | None, ...]
    kept: tuple[float, ...]
    refused: tuple[str, ...]

    concern: ClassVar[None] = None


@dataclass(frozen=True)
class Study:
    """A question: what may change, what is wanted, what must be kept.

    Args:
        space: The cell and its variables.
        wanted: Objectives, one or more.
        limits: That must be kept, each with its probability.
        draws: Sets of parameters of each design, the same for all.
        seed: Of the draws and of the search.
        known: Where numbers come from: their sources, or what was learnt of the cell.

    Raises:
        DataError: Nothing is wanted, or the same twice.
    """

    space: Space
    wanted: tuple[Objective, ...]
    limits: tuple[Limit, ...] = ()
    draws: int = DRAWS
    seed: int = 0
    known: Knowledge = SOURCES

    def __post_init__(self) -> None:
        names = [o.name for o in self.wanted]
        if not names or len(set(names)) < len(names):
            raise DataError("want one thing or more, each once")
        if self.draws < 2:
            raise DataError("an interval needs 2 draws or more")

    @property
    def identity(self) -> dict[str, Any]:
        """What makes two studies the same question."""
        cell = self.space.cell
        return {
            "cell": encode(cell.interface), "conditions": encode(cell.conditions),
            "laws": str(cell.laws), "attach": cell.attach_pressure,
            "counter": cell.counter and cell.counter.name,
            "numbers": {k: [v.si, v.sigma or 0.0] for k, v in sorted(cell.assemble().used.items())},
            "variables": [
                [v.knob.name, v.low, v.high] if isinstance(v, Range) else [v.knob.name, *v.options]
                for v in self.space.variables
            ],
            "wanted": [o.name for o in self.wanted],
            "limits": [[x.objective.name, x.value, x.at_least, x.sure] for x in self.limits],
            "draws": self.draws, "seed": self.seed, "known": self.known.identity,
        }  # fmt: skip

    # Judging designs ------------------------------------------------------------------------------

    def __call__(self, points: Sequence[Point], _: Any = None) -> Judged:
        """All answers of some designs."""
        cells = [self.space.at(point) for point in points]
        values = np.full((len(cells), len(self.wanted), 3), np.nan)
        kept = np.zeros((len(cells), len(self.limits)))
        groups, refused = answers(cells, self.draws, self.seed, self.known)
        for number, (point, cell) in enumerate(zip(points, cells, strict=True)):
            if why := self.space.refused(point, cell):
                refused[number] = why
        for places, found in groups:
            for column, objective in enumerate(self.wanted):
                table = objective.of(found)
                ends = np.quantile(table, [0.5, LOW, HIGH], axis=1).T
                values[places, column] = ends
            for column, limit in enumerate(self.limits):
                kept[places, column] = limit.kept(limit.objective.of(found))
        for number, row in enumerate(values[:, :, 0]):
            if number not in refused and not np.isfinite(row).all():
                lacking = [o.name for o, v in zip(self.wanted, row, strict=True) if np.isnan(v)]
                refused[number] = f"{', '.join(lacking)}: unknown"
        return Judged(
            tuple(None if not np.isfinite(v) else float(f"{v:.9g}") for v in values.ravel()),
            tuple(float(v) for v in kept.ravel()),
            tuple(refused.get(number, "") for number in range(len(cells))),
        )

    def tables(self, judged: Judged) -> tuple[Array, Array]:
        """Values (designs, objectives, 3) and shares that keep the limits (designs, limits)."""
        count = len(judged.refused)
        values = np.array([np.nan if v is None else v for v in judged.values])
        kept = np.reshape(judged.kept, (count, len(self.limits)))
        return values.reshape(count, len(self.wanted), 3), kept

    def tried(self, judged: Judged) -> list[Tried]:
        """What the search is told."""
        values, kept = self.tables(judged)
        signs = np.array([o.sign for o in self.wanted])
        asked = np.array([x.sure for x in self.limits])
        return [
            Tried(None, WORST)
            if why
            else Tried(tuple(signs * row[:, 0]), float(np.maximum(asked - share, 0.0).sum()))
            for row, share, why in zip(values, kept, judged.refused, strict=True)
        ]

    # Points ---------------------------------------------------------------------------------------

    @cached_property
    def variables(self) -> dict[str, Range | Choice]:
        """By name."""
        return {v.knob.name: v for v in self.space.variables}

    def point(self, shares: Shares) -> dict[str, float | str]:
        """Values of a point that the search speaks of by shares."""
        found: dict[str, float | str] = {}
        for name, variable in self.variables.items():
            value = shares[name]
            found[name] = variable.at(float(value)) if isinstance(variable, Range) else str(value)
        return found

    def own(self) -> dict[str, float | str] | None:
        """The cell itself as a point of the space; None: it lies outside."""
        found = self.space.own()
        for name, variable in self.variables.items():
            value = found[name]
            if isinstance(variable, Choice):
                inside = value in variable.options
            else:
                if name == "interlayer thickness" and value is None:
                    found[name] = value = variable.at(0.5)
                inside = isinstance(value, float) and variable.low <= value <= variable.high
            if not inside:
                return None
        return found

    def shares(self, point: Point) -> Shares:
        """A point as the search speaks of it."""
        return {
            name: v.share(float(point[name])) if isinstance(v, Range) else str(point[name])
            for name, v in self.variables.items()
        }


def optimise(
    study: Study,
    *,
    evaluations: int = EVALUATIONS,
    ledger: Ledger | None = None,
    runner: Runner | None = None,
    progress: Progress = silent,
) -> Front:
    """The best designs of a study.

    Args:
        study: The question.
        evaluations: Designs to be tried.
        ledger: Where generations are kept and looked for: a study that was killed goes on, and
            comes to the same front; None: in memory.
        runner: The engine; None: this process.
        progress: Told after each generation.

    Raises:
        DataError: No evaluations.
        MissingExtra: Optuna is not installed.
    """
    if evaluations < 1:
        raise DataError(f"{evaluations} evaluations: ask for one or more")
    store = Ledger() if ledger is None else ledger
    generation = _Generations(study, store, runner, progress, evaluations)
    own = study.own()
    choices = {
        name: v.options if isinstance(v, Choice) else None for name, v in study.variables.items()
    }
    first = () if own is None else (study.shares(own),)
    search = Search(choices, len(study.wanted), study.seed, first)
    points, tried = searched(search, generation, evaluations)
    return _front(study, [study.point(p) for p in points], tried, generation)


class _Generations:
    """Generations of a study, each asked once and kept."""

    def __init__(
        self, study: Study, ledger: Ledger, runner: Runner | None, progress: Progress, total: int
    ) -> None:
        self.study, self.ledger, self.runner = study, ledger, runner
        self.progress, self.total = progress, total
        self.identity = study.identity
        self.judged: list[Judged] = []

    def __call__(self, shares: list[Shares]) -> list[Tried]:
        points = [self.study.point(s) for s in shares]
        told = self.identity | {"points": points}
        name = key("optimise", __version__, told, "", self.study.seed)
        run(self.study, [(name, points)], ledger=self.ledger, runner=self.runner, chunk=1,
            inputs=self.identity)  # fmt: skip
        found = self.ledger.get(name)
        if not isinstance(found, Judged):
            why = next((f.error for f in self.ledger.failed() if f.key == name), "unknown")
            raise DataError(f"a generation of designs failed: {why}")
        self.judged.append(found)
        done = sum(len(j.refused) for j in self.judged)
        self.progress(done, self.total, "designs")
        return self.study.tried(found)


def _front(
    study: Study, points: list[dict[str, float | str]], tried: list[Tried], made: _Generations
) -> Front:
    """What all that was tried comes to."""
    tables = [study.tables(j) for j in made.judged]
    values = np.concatenate([v for v, _ in tables])
    kept = np.concatenate([k for _, k in tables])
    reasons = Counter(why for j in made.judged for why in j.refused if why)
    keeping = np.array([t.values is not None and t.violation == 0.0 for t in tried])
    own = study.own()
    head = Front(
        cell=told_of(study.space.cell),
        objectives=tuple(_told(o) for o in study.wanted),
        limits=tuple(str(x) for x in study.limits),
        own=None if own is None or tried[0].values is None
        else _design(study, own, values[0], kept[0]),
        refused=tuple(reasons.most_common(8)),
        evaluations=len(points), keeping=int(keeping.sum()), draws=study.draws, seed=study.seed,
        learnt=bool(study.known.identity),
    )  # fmt: skip
    if not keeping.any():
        least = min(range(len(tried)), key=lambda k: tried[k].violation)
        if tried[least].values is None:
            return head
        return replace(head, nearest=_design(study, points[least], values[least], kept[least]))
    places = np.flatnonzero(keeping)
    signs = np.array([o.sign for o in study.wanted])
    best = places[nondominated(signs * values[places, :, 0])]
    _, once = np.unique(values[best, :, 0], axis=0, return_index=True)
    best = best[np.sort(once)]
    chosen = best[list(spread_out(signs * values[best, :, 0], SHOWN))]
    middle = knee(signs * values[chosen, :, 0])
    bad = np.where(signs > 0.0, values[chosen, :, 2], values[chosen, :, 1])
    bought = _bought(study, points[chosen[middle]], values[chosen[middle]])
    assembled = study.space.at(points[chosen[middle]]).assemble()
    return replace(
        head,
        designs=tuple(_design(study, points[k], values[k], kept[k]) for k in chosen),
        knee=middle, robust=knee(signs * bad),
        bought=bought, conflicts=_conflicts(study, bought, values[chosen[middle]]),
        rests_on=assembled.basis, sources=assembled.sources, warnings=assembled.warnings,
    )  # fmt: skip


def _told(objective: Objective) -> str:
    stated = f" ({objective.stated})" if objective.stated else ""
    return f"{'more' if objective.more else 'less'} {objective.name}{stated}"


def _setting(study: Study, name: str, value: float | str) -> Number | str:
    kind = study.variables[name].knob.kind
    return value if isinstance(value, str) else Number(float(f"{value:.6g}"), kind)


def _scores(study: Study, values: Array) -> tuple[Score, ...]:
    found = []
    for objective, (middle, low, high) in zip(study.wanted, values, strict=True):
        ends = [Number(float(v), objective.kind) for v in (middle, low, high)]
        same = low == high
        found.append(Score(objective.name, ends[0], *([] if same else ends[1:])))
    return tuple(found)


def _design(study: Study, point: Point, values: Array, kept: Array) -> Design:
    settings = tuple(Setting(n, _setting(study, n, v)) for n, v in point.items())
    return Design(settings, _scores(study, values), tuple(float(k) for k in kept))


def _bought(study: Study, point: dict[str, float | str], values: Array) -> tuple[Bought, ...]:
    """Every variable moved alone: ranges a tenth up and down, choices to every other setting."""
    moved: list[tuple[str, float | str]] = []
    for name, variable in study.variables.items():
        if isinstance(variable, Choice):
            moved += [(name, option) for option in variable.options if option != point[name]]
            continue
        share = variable.share(float(point[name]))
        steps = (max(share - STEP, 0.0), min(share + STEP, 1.0))
        moved += [(name, variable.at(s)) for s in steps if abs(s - share) > SHORT]
    judged = study([point | {name: value} for name, value in moved])
    table, _ = study.tables(judged)
    found = []
    for (name, value), row, why in zip(moved, table, judged.refused, strict=True):
        if why:
            continue
        change = row[:, 0] - values[:, 0]
        noticed = np.abs(change) > NOTICED * np.maximum(np.abs(values[:, 0]), 1e-12)
        gains = [noticed[k] and (change[k] > 0.0) == o.more for k, o in enumerate(study.wanted)]
        names = [o.name for o in study.wanted]
        found.append(
            Bought(
                name, _setting(study, name, point[name]), _setting(study, name, value),
                _scores(study, row),
                tuple(n for n, g in zip(names, gains, strict=True) if g),
                tuple(n for n, g, s in zip(names, gains, noticed, strict=True) if s and not g),
            )
        )  # fmt: skip
    return tuple(found)


def _conflicts(study: Study, bought: Sequence[Bought], values: Array) -> tuple[str, ...]:
    """One thing for another, in words; each variable once."""
    kinds = {o.name: o.kind for o in study.wanted}
    before = {o.name: float(v) for o, v in zip(study.wanted, values[:, 0], strict=True)}
    found: dict[str, str] = {}
    for one in bought:
        if not (one.better and one.worse) or one.name in found:
            continue
        after = {s.objective: s.value for s in one.answers}
        gains, losses = (
            ", ".join(f"{n} ({Number(before[n], kinds[n])} to {after[n]})" for n in names)
            for names in (one.better, one.worse)
        )
        found[one.name] = (
            f"{one.name} from {one.before} to {one.after}: better {gains}, worse {losses}"
        )
    return tuple(found.values())
