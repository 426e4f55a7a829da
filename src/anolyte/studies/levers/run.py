"""Levers on one cell, each run without and with, on the same draws of all uncertain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from anolyte.core.errors import AnolyteError, DataError
from anolyte.core.progress import Progress, silent
from anolyte.core.result import Number, Result, quantity
from anolyte.core.units import KINDS, habitual, show
from anolyte.materials.protocol import Protocol, Step, cycling
from anolyte.materials.stack import Conditions
from anolyte.models.cell import build, engine
from anolyte.models.cell.assembly import Assembly
from anolyte.models.cell.critical import NODES
from anolyte.models.cell.faces import Array, columned, trace
from anolyte.studies.levers.known import ALL
from anolyte.studies.levers.lever import EFFICIENCY, LIFE, MEASURES, NOTHING, Lever, Measure, Side

if TYPE_CHECKING:
    from anolyte.studies.cell import Cell

DRAWS = 32
CYCLES = 20
HOUR = 3600.0
LONG = 1000.0 * HOUR
TINY = 1e-3
"""A/m2; the current with which a resistance at rest is read."""
NOTICED = 0.01
"""Relative change below which nothing has changed."""
SURE = 0.9
"""Share of the draws from which a sign is called sure."""


def fine_ramp(first: float = 0.5, last: float = 100.0, ratio: float = 1.1) -> Protocol:
    """A ramp of 1 h half cycles whose levels rise by a tenth, so that small changes show.

    Args:
        first, last: Lowest and highest level, A/m2.
        ratio: Of a level to the one before.

    >>> len(fine_ramp(1.0, 2.0)) // 2  # levels
    8
    """
    count = int(np.floor(np.log(last / first) / np.log(ratio) + 1e-9)) + 1
    steps = [
        Step(sign * first * ratio**k, duration=HOUR, cycle=k)
        for k in range(count) for sign in (1.0, -1.0)
    ]  # fmt: skip
    return Protocol(tuple(steps), "fine ramp")


@dataclass(frozen=True)
class Effect:
    """One answer without a lever, with it and with more of it (best values), and its sign.

    Args:
        measure: What is answered.
        without, treated, twice: None where it never comes (a cell that lasts has no end).
        better, worse: Share of the draws in which the treated answer is better, or worse.
    """

    measure: str
    without: Number | None
    treated: Number | None
    twice: Number | None = None
    better: float = quantity("fraction", default=0.0)
    worse: float = quantity("fraction", default=0.0)

    @property
    def sign(self) -> str:
        """In words: no effect, mixed, or (mostly, sometimes) better or worse."""
        less, word, share = self.worse, "better", self.better
        if self.worse > self.better:
            less, word, share = self.better, "worse", self.worse
        if share < 1.0 - SURE:
            return "no effect"
        if less >= 1.0 - SURE:
            return "mixed"
        return word if share >= SURE else f"{'mostly' if share >= 0.5 else 'sometimes'} {word}"


def signs(effects: Sequence[Effect]) -> str:
    """The signs of some effects in one sentence, with what shows in three digits.

    >>> signs([Effect("life", None, None, None, 1.0), Effect("price", None, None)])
    'better for life; no effect on price'
    """
    by_sign: dict[str, list[str]] = {}
    for e in effects:
        by_sign.setdefault(e.sign, []).append(_told(e))
    still = [e.measure for e in effects if e.sign == "no effect"]
    by_sign.pop("no effect", None)
    if not by_sign:
        return "no effect on any answer"
    parts = [f"{sign} for {_listed(names)}" for sign, names in by_sign.items()]
    if still:
        parts.append(
            f"no effect on {_listed(still) if len(still) < 3 else f'the other {len(still)}'}"
        )
    return "; ".join(parts)


def _told(effect: Effect) -> str:
    """An answer with what it went from and to."""
    last = "no end" if effect.measure == LIFE.name else "none"
    old, new = (last if n is None else str(n) for n in (effect.without, effect.treated))
    return effect.measure if old == new else f"{effect.measure} ({old} to {new})"


def _listed(names: Sequence[str]) -> str:
    """Names with commas and an "and"."""
    *head, last = names
    return f"{', '.join(head)} and {last}" if head else last


@dataclass(frozen=True)
class LeverOutcome:
    """What a lever did.

    Args:
        lever, changes: Its name and what it changes.
        amount, twice: How much of it there was.
        effects: One for each measure; empty where the lever does not apply.
        reason: Why it does not apply.
        basis: Where its amount and its fixed numbers come from.
        doubts: What is missing or assumed with it and was not without.
    """

    lever: str
    changes: str
    amount: Number
    twice: Number | None = None
    effects: tuple[Effect, ...] = ()
    reason: str = ""
    basis: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The lever with its amount."""
        return f"{self.lever} {self.amount}"

    @property
    def sentence(self) -> str:
        """Its sign on every answer, or why it does not apply."""
        return signs(self.effects) if self.effects else self.reason

    def effect(self, measure: Measure) -> Effect:
        """What it did to one answer.

        Raises:
            DataError: The answer was not asked for, or the lever does not apply.
        """
        for found in self.effects:
            if found.measure == measure.name:
                return found
        raise DataError(f"{self.lever}: no {measure.name}; {self.reason or 'not asked for'}")


@dataclass(frozen=True)
class LeverResult(Result):
    """Levers on one cell, one outcome each.

    Args:
        cell: In words, with its conditions.
        protocol: What was done for the time to the end; the critical current has the ramp.
        draws: Sets of parameters behind each sign.
    """

    cell: str
    protocol: str
    outcomes: tuple[LeverOutcome, ...]
    draws: int = DRAWS
    seed: int = 0
    rests_on: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[None] = None

    def outcome(self, lever: Lever) -> LeverOutcome:
        """Of one lever.

        Raises:
            DataError: It was not run.
        """
        for found in self.outcomes:
            if found.lever == lever.name:
                return found
        raise DataError(f"the lever '{lever.name}' was not run")

    def rows(self) -> list[dict[str, Any]]:
        """One row a lever."""
        return [_row(outcome) for outcome in self.outcomes]


def _row(outcome: LeverOutcome) -> dict[str, Any]:
    row: dict[str, Any] = {
        "lever": outcome.lever, "with": str(outcome.amount),
        "twice": "" if outcome.twice is None else str(outcome.twice),
    }  # fmt: skip
    by_name = {e.measure: e for e in outcome.effects}
    for measure in MEASURES:
        effect = by_name.get(measure.name)
        label = KINDS[measure.kind].label
        for name in ("without", "treated", "twice"):
            found = None if effect is None else getattr(effect, name)
            shown = None if found is None else habitual(found.si, measure.kind)
            row[f"{measure.name} {name} [{label}]"] = shown
        row[f"{measure.name}: sign"] = "" if effect is None else effect.sign
    return row | {"does not apply": outcome.reason, "doubts": "; ".join(outcome.doubts)}


@dataclass(frozen=True)
class Batch:
    """One cell many times: numbers or arrays over runs."""

    device: engine.Device
    pressure: float
    temperature: Any
    runs: int

    def carried(
        self, protocol: Protocol, scale: float = 1.0, *, exact: bool = False
    ) -> engine.Cells:
        """Where the runs stand after a protocol; `exact` also finds their ends to a fine grid."""
        cells = engine.start(self.device, self.pressure, self.temperature, scale, self.runs)
        nodes = engine.NODES if exact else NODES
        engine.simulate(self.device, protocol, cells, keep=exact, nodes=nodes)
        return cells

    def resistances(self, protocol: Protocol) -> tuple[Array, Array]:
        """Area resistance of the named face and of the whole cell after it, ohm m2."""
        cells, device = self.carried(protocol), self.device
        walk = engine.Walk(device, cells, engine.Outcome(device, cells), False, 1e-4, np.zeros(1))
        tiny = np.full(self.runs, TINY)
        faces = []
        for laws, state in zip(device.faces, cells.states, strict=True):
            tall = columned(laws)
            thickness = tall.growth.thickness(state.age[:, None])
            seen = trace(tall, state.void[:, None], thickness, tiny, walk.around)
            faces.append(seen.overpotential[:, 0] / TINY)
        return faces[0], faces[0] + faces[1] + walk.resistance

    def critical(self, ramp: Protocol) -> Array:
        """The highest level of a ramp that each carried, A/m2; zero: it failed at the first."""
        sizes: dict[int, float] = {}
        for step in ramp.steps:
            if step.current_density:
                sizes.setdefault(step.cycle, abs(step.current_density))
        cycles = np.array(sorted(sizes))
        ended = self.carried(ramp).end_cycle
        place = np.where(ended < 0, len(cycles), np.searchsorted(cycles, ended))
        return np.array([0.0, *(sizes[c] for c in cycles)])[place]


@dataclass(frozen=True)
class Question:
    """What every lever is asked."""

    cell: Cell
    protocol: Protocol
    ramp: Protocol
    draws: int
    seed: int

    @property
    def described(self) -> str:
        """The protocol in words."""
        steps = self.protocol
        return f"{steps.name or steps.steps[0]}, {len(steps)} steps"

    def __call__(self, lever: Lever, amount: float) -> tuple[dict[str, Array], Assembly]:
        """All measures over the draws, and the cell that gave them."""
        cell = lever.cell(self.cell, amount)
        assembly = cell.assemble(pick=build.Draws(self.draws, self.seed))
        one, other = (
            lever.face(laws, Side(cell, parameters, number == 0), amount)
            for number, (laws, parameters) in enumerate(
                zip(assembly.device.faces, assembly.parameters, strict=True)
            )
        )
        c = cell.conditions
        device = replace(assembly.device, faces=(one, other))
        batch = Batch(device, c.stack_pressure, c.temperature, self.draws)
        steps = self._done(lever, amount, self.protocol)
        before = tuple(takewhile(lambda s: s.current_density == 0.0, steps.steps))
        spent = sum(s.duration for s in before)
        still = Step(0.0, duration=max(HOUR - spent, 1.0))
        scale = c.current_density / self.cell.conditions.current_density
        lived = batch.carried(steps, scale, exact=True)
        answers = (
            batch.critical(self._done(lever, amount, self.ramp)),
            batch.resistances(Protocol((*before, Step(0.0, duration=1.0))))[0],
            *batch.resistances(Protocol((*before, still))),
            lived.least_contact,
            np.broadcast_to(one.growth(LONG, c.temperature), self.draws),
            np.where(lived.ended < 0, np.inf, lived.end_time),
            self._efficiency(batch, c),
        )
        return {m.name: np.array(a) for m, a in zip(MEASURES, answers, strict=True)}, assembly

    def _efficiency(self, batch: Batch, conditions: Conditions) -> Array:
        """Charge stripped after one plating, over that of the plating."""
        j, charge = abs(conditions.current_density), conditions.areal_capacity
        cells = batch.carried(Protocol((Step(-j, charge=charge), Step(j, charge=charge))))
        return (cells.passed - cells.plated) / np.maximum(cells.plated, 1e-30)

    def _done(self, lever: Lever, amount: float, protocol: Protocol) -> Protocol:
        """What is done to the cell where the lever also changes that."""
        return lever.cell(replace(self.cell, protocol=protocol), amount).protocol or protocol


def question_on(
    cell: Cell, protocol: Protocol | None, ramp: Protocol | None, draws: int, seed: int
) -> Question:
    """What levers on a cell are asked, with the usual protocol and ramp where none is given.

    Raises:
        DataError: No draws, or a current of zero.
    """
    c = cell.conditions
    if draws < 1 or c.current_density == 0.0:
        raise DataError("levers: needs one draw or more, and a cell with a current density")
    steps = protocol or cell.protocol or cycling(
        abs(c.current_density), charge=c.areal_capacity, cycles=CYCLES, plate_first=is_bare(cell)
    )  # fmt: skip
    return Question(cell, steps, ramp or fine_ramp(), draws, seed)


def is_bare(cell: Cell) -> bool:
    """Whether the named side is a collector without lithium."""
    return cell.interface.anode.family == "current collector"


def judged(question: Question) -> tuple[Measure, ...]:
    """The measures that mean something on the question's cell."""
    return tuple(m for m in MEASURES if is_bare(question.cell) or m is not EFFICIENCY)


def told_of(cell: Cell) -> str:
    """A cell in words, with its conditions."""
    c = cell.conditions
    return ", ".join((
        str(cell.interface), show(c.stack_pressure, "pressure"),
        show(c.temperature, "temperature"), show(c.current_density, "current_density"),
    ))  # fmt: skip


def levers(
    cell: Cell,
    protocol: Protocol | None = None,
    chosen: Sequence[Lever] = ALL,
    *,
    ramp: Protocol | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    progress: Progress = silent,
) -> LeverResult:
    """Run levers without and with on one cell.

    Args:
        cell: What they are tried on.
        protocol: What is done for the time to the end; None: the cell's own, or twenty cycles at
            the current and with the charge of its conditions.
        chosen: The levers.
        ramp: For the critical current; None: `fine_ramp()`.
        draws: Sets of parameters; the first is the best values.
        seed: Of the draws.
        progress: Told after each lever.

    Raises:
        MissingProperty: A number that the cell itself cannot do without.
        DataError: No draws, or a current of zero.
    """
    question = question_on(cell, protocol, ramp, draws, seed)
    without, assembly = question(NOTHING, 0.0)
    outcomes = []
    for number, lever in enumerate(chosen):
        outcomes.append(_outcome(question, lever, without, assembly))
        progress(number + 1, len(chosen), lever.name)
    return LeverResult(
        cell=told_of(cell), protocol=question.described, outcomes=tuple(outcomes),
        draws=draws, seed=seed,
        rests_on=assembly.basis, warnings=assembly.warnings,
        sources=tuple(dict.fromkeys(
            (*assembly.sources, *(k for lever in chosen for k in lever.references))
        )),
    )  # fmt: skip


def _outcome(
    question: Question, lever: Lever, without: dict[str, Array], plain: Assembly
) -> LeverOutcome:
    """One lever beside the cell without it; a lever that does not apply says why."""
    twice = None if lever.twice is None else Number(lever.twice, lever.kind)
    amount = Number(lever.amount, lever.kind)
    head = LeverOutcome(lever.name, lever.changes, amount, twice, basis=lever.basis)
    try:
        treated, assembly = question(lever, lever.amount)
        more = None if lever.twice is None else question(lever, lever.twice)[0]
    except AnolyteError as error:
        return replace(head, reason=str(error))
    known = {*plain.basis, *plain.warnings}
    return replace(
        head,
        effects=tuple(
            effect_of(m, without[m.name], treated[m.name], None if more is None else more[m.name])
            for m in judged(question)
        ),
        doubts=tuple(x for x in (*assembly.warnings, *assembly.basis) if x not in known),
    )  # fmt: skip


def effect_of(measure: Measure, old: Array, new: Array, more: Array | None) -> Effect:
    """One answer over the draws without a lever, with it and with more of it."""
    up = np.mean(new > old * (1.0 + NOTICED))
    down = np.mean(new < old * (1.0 - NOTICED))
    better, worse = (up, down) if measure.more_is_better else (down, up)

    def best(values: Array | None) -> Number | None:
        if values is None or not np.isfinite(values[0]):
            return None
        return Number(float(f"{values[0]:.6g}"), measure.kind)

    return Effect(measure.name, best(old), best(new), best(more), float(better), float(worse))
