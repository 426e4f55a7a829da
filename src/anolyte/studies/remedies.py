"""Remedies: what could mend what is bad, cautious or unknown, each tried on the models and ranked.

Every strategy that applies is put on the interface and the models are asked again. The score counts
levels that a known concern climbs or falls (good, caution, bad), decades that measured cases gained
on the wanted concerns, and what the stated trade-offs cost. Where no model speaks of a concern the
measured cases rank alone, and the remedy says so. What was measured on the like comes first, then
what the models mend, then what is only reported, then general ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from anolyte.core.errors import AnolyteError
from anolyte.core.result import Concern, Finding, Level, quantity
from anolyte.materials.charge import imbalance
from anolyte.materials.criteria import Criteria
from anolyte.materials.evidence import evidence
from anolyte.materials.library import Library
from anolyte.materials.records import Record
from anolyte.materials.stack import Cell
from anolyte.materials.strategy import Change, Strategy
from anolyte.materials.strategy import strategies as every_strategy
from anolyte.studies.cases import Case, by_paper, cases, family_mean, gain
from anolyte.studies.diagnosis import Answer, ask_many, headlines

SEVERITY = {Level.GOOD: 0, Level.CAUTION: 1, Level.BAD: 2}
SHOWN_CASES = 5


@dataclass(frozen=True)
class Shift:
    """A concern whose headline changes when the remedy is tried on the models."""

    concern: Concern
    before: Level
    after: Level
    label: str = ""
    because: str = ""


@dataclass(frozen=True)
class Remedy:
    """One strategy, tried.

    Args:
        interface: The interface after it.
        wanted: Concerns it is meant to mend or was measured to, of those that are not good.
        mends, worsens: What the models say it changes.
        trade_offs: What it is stated to cost.
        against: Why it must not be used here; empty: nothing known.
        cases: The nearest measured cases.
        papers: How many papers measured it on something like this.
        gain: Decades that the wanted concerns are expected to gain, from measured cases shrunk
            towards nothing; None: never measured.
        general: Only named as a general way, never measured on the like: ranked after the others.
        basis: What the rank stands on.
        score: What it is ranked by.
        sets: What it changes besides layers, in words.
        assumed: What it sets to a value that nobody measured for it.
        untried: Why it could not be put on the models.
    """

    strategy: str
    title: str
    family: str
    interface: str
    wanted: tuple[Concern, ...]
    mends: tuple[Shift, ...] = ()
    worsens: tuple[Shift, ...] = ()
    trade_offs: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    papers: int = 0
    gain: float | None = quantity("number", default=None)
    general: bool = False
    basis: str = ""
    score: float = quantity("number", default=0.0)
    sets: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    untried: str = ""
    sources: tuple[str, ...] = ()

    @property
    def seen(self) -> bool:
        """Whether it was measured on the like, be it without an untreated value."""
        return any(c.control == "none" and c.known != "recalled" for c in self.cases)

    @property
    def mends_wanted(self) -> bool:
        """Whether the models say that a wanted concern climbs."""
        return any(s.concern in self.wanted for s in self.mends)


def remedies(
    cell: Cell,
    answers: Iterable[Answer],
    limits: Criteria,
    strategies: Iterable[Strategy] | None = None,
    records: Iterable[Record] | None = None,
    concerns: Iterable[Concern] = tuple(Concern),
    wanted: Iterable[Concern] = (),
    lib: Library | None = None,
    memory: dict[Cell, tuple[Finding, ...]] | None = None,
) -> tuple[Remedy, ...]:
    """Every strategy that applies to a cell and is meant for a concern that is not good.

    Args:
        cell: Interface and conditions.
        answers: What the models say of it.
        limits: Thresholds and weights.
        strategies: The catalogue; None: the package's.
        records: Measurements; None: the package's.
        concerns: Only these are to be mended; the others count where they get worse.
        wanted: These are to be mended although a model calls them good.
        lib: Where remedies look up materials; None: the package's library.
        memory: What the same models said of treated cells before; filled on the way.

    Returns:
        The best first; those with a reason against them last.
    """
    catalogue = every_strategy() if strategies is None else tuple(strategies)
    if not catalogue:
        return ()
    answers = tuple(answers)
    heads = {f.concern: f for f in headlines(answers)}
    lacking = frozenset(c for c in concerns if heads[c].level != Level.GOOD) | frozenset(wanted)
    measured = cases(cell, evidence() if records is None else records, limits)
    shown = {(c.strategy, c.concern) for c in measured if c.weight or c.control == "none"}
    meant = [
        (s, tuple(c for c in Concern if c in lacking and (c in s.mends or (s.name, c) in shown)))
        for s in catalogue
        if s.kind == "action" and s.mends and s.applies(cell)
    ]
    families = _families(catalogue)
    trial = _Trial(
        cell, answers, heads, lacking, measured, families, limits, lib,
        {} if memory is None else memory,
    )  # fmt: skip
    meant = [(s, wanted) for s, wanted in meant if wanted]
    treated = {s.name: _treated(s, trial) for s, _ in meant}
    _foresee([after for after in treated.values() if isinstance(after, Cell)], trial)
    found = [_tried(s, treated[s.name], wanted, trial) for s, wanted in meant]
    return tuple(sorted((r for r in found if r is not None), key=_order))


def _families(catalogue: Iterable[Strategy]) -> dict[str, frozenset[str]]:
    """Family to the names of its strategies."""
    names: dict[str, set[str]] = {}
    for strategy in catalogue:
        names.setdefault(strategy.family, set()).add(strategy.name)
    return {family: frozenset(n) for family, n in names.items()}


def _order(remedy: Remedy) -> tuple[bool, int, float, int, str]:
    """Usable ones first; of them what models or measurements speak for, then what is reported,
    then what is only named as a general way."""
    gained = remedy.gain is not None and remedy.gain > 0.0
    tier = 0 if gained else 1 if remedy.seen or remedy.mends_wanted else 2
    if remedy.general:
        tier = 3
    score = -round(remedy.score, 9)
    return (bool(remedy.against), tier, score, -remedy.papers, remedy.strategy)


@dataclass(frozen=True)
class _Trial:
    """What every strategy is tried on."""

    cell: Cell
    answers: tuple[Answer, ...]
    heads: Mapping[Concern, Finding]
    lacking: frozenset[Concern]
    measured: tuple[Case, ...]
    families: Mapping[str, frozenset[str]]
    limits: Criteria
    lib: Library | None = None
    memory: dict[Cell, tuple[Finding, ...]] = field(default_factory=dict)


def _treated(strategy: Strategy, trial: _Trial) -> Cell | AnolyteError:
    """The cell with a strategy put on it, or why that cannot be done."""
    try:
        return strategy.apply(trial.cell, trial.lib)
    except AnolyteError as error:  # it scales a property that nobody knows, say
        return error


def _foresee(cells: Iterable[Cell], trial: _Trial) -> None:
    """Ask the models of all treated cells at once."""
    new = [c for c in dict.fromkeys(cells) if c != trial.cell and c not in trial.memory]
    models = [getattr(a.model, "quick", a.model) for a in trial.answers]
    several = ask_many(models, new, trial.limits, known=trial.answers)
    trial.memory.update(
        (cell, headlines(answers)) for cell, answers in zip(new, several, strict=True)
    )


def _tried(
    strategy: Strategy, treated: Cell | AnolyteError, wanted: tuple[Concern, ...], trial: _Trial
) -> Remedy | None:
    """One strategy put on the cell; None where the cell has it already."""
    cell, heads, limits = trial.cell, trial.heads, trial.limits
    if treated == cell:
        return None
    against, untried = [c.because for c in strategy.contraindicated(cell)], ""
    if isinstance(treated, AnolyteError):
        after, again, untried = cell, tuple(heads.values()), str(treated)
    else:
        after, again = treated, trial.memory[treated]
    if untried == "":
        against += _imbalance(cell, after)
    mends, worsens = _shifts(heads, again)
    against += [s.because for s in worsens if _is_forbidding(s)]
    own = tuple(c for c in trial.measured if c.strategy == strategy.name and c.concern in wanted)
    counted = tuple(c for c in own if c.weight)
    measured, expected = _gains(strategy, counted, wanted, trial)
    return Remedy(
        strategy=strategy.name, title=strategy.title, family=strategy.family,
        interface=str(after.interface), wanted=wanted, mends=mends, worsens=worsens,
        trade_offs=tuple(f"{t.concern}: {t.because}" for t in strategy.worsens),
        against=tuple(against), cases=own[:SHOWN_CASES], papers=len(by_paper(counted)),
        gain=measured, basis=_basis(counted, mends, wanted, heads, expected, bool(own)),
        general=strategy.status != "reported" and not own,
        score=_score(
            [s for s in mends if s.concern in wanted], worsens, expected,
            len(strategy.worsens), limits,
        ),
        sets=tuple(_change(c) for c in strategy.sets if c.what != "layer"),
        assumed=tuple(
            f"{c.what} {c.value if c.times is None else f'times {c.times:g}'}"
            for c in strategy.sets if c.how == "assumed"
        ),
        untried=untried,
        sources=tuple(dict.fromkeys((*(c.source for c in own), *strategy.references))),
    )  # fmt: skip


def _change(change: Change) -> str:
    what = change.what.replace("_", " ").replace(".", ": ")
    return f"{what} {change.value if change.times is None else f'times {change.times:g}'}"


def _imbalance(before: Cell, after: Cell) -> list[str]:
    """Why an electrolyte that a remedy puts in cannot be what it is called."""
    material = after.interface.electrolyte
    if material.name == before.interface.electrolyte.name or not material.formula:
        return []
    charge = imbalance(material.composition)
    if not charge:
        return []
    return [f"{material.name} as printed does not balance its charges ({charge:+.2g})"]


def _is_forbidding(shift: Shift) -> bool:
    """A material of the remedy does not bear the temperature."""
    return shift.concern == Concern.TEMPERATURE and shift.after == Level.BAD


def _shifts(
    heads: Mapping[Concern, Finding], again: Iterable[Finding]
) -> tuple[tuple[Shift, ...], tuple[Shift, ...]]:
    """Concerns that climb, and concerns that fall or are no longer known to be good."""
    up, down = [], []
    for finding in again:
        old = heads[finding.concern]
        if finding.level == Level.UNKNOWN and old.level != Level.GOOD:
            continue  # what was not good and is not known now has neither climbed nor fallen
        change = _rank(finding.level) - _rank(old.level)
        shift = Shift(finding.concern, old.level, finding.level, finding.label, finding.reason)
        if change < 0.0:
            up.append(shift)
        elif change > 0.0:
            down.append(shift)
    return tuple(up), tuple(down)


def _rank(level: Level) -> float:
    """Order of the levels from good to bad; what is not known stands in the middle."""
    return SEVERITY.get(level, 0.5 * SEVERITY[Level.BAD])


def _gains(
    strategy: Strategy, own: tuple[Case, ...], wanted: tuple[Concern, ...], trial: _Trial
) -> tuple[float | None, float]:
    """Decades gained as measured (None: never), and what the ranking counts.

    A strategy that nobody measured on the like is credited with a share of what the rest of its
    family gains on its main concern.
    """
    limits, family = trial.limits, trial.families[strategy.family]
    gained = []
    for concern in wanted:
        mine = [c for c in own if c.concern == concern]
        if mine:
            gained.append(gain(mine, limits))
    if gained:
        return sum(gained), sum(gained)
    main = next((c for c in strategy.mends if c in wanted), wanted[0])
    prior = family_mean(trial.measured, family, main, strategy.name)
    return None, limits["unmeasured_share"] * prior


def _score(
    mends: Iterable[Shift],
    worsens: Iterable[Shift],
    expected: float,
    trade_offs: int,
    limits: Criteria,
) -> float:
    """Levels climbed less levels fallen, decades gained, less what is stated to get worse."""
    levels = sum(_levels(s) for s in (*mends, *worsens))
    return levels + expected - limits["trade_off_cost"] * trade_offs


def _levels(shift: Shift) -> int:
    """Levels climbed (positive) or fallen between known ones; what is not known counts nothing."""
    if Level.UNKNOWN in (shift.before, shift.after):
        return 0
    return SEVERITY[shift.before] - SEVERITY[shift.after]


def _basis(
    own: tuple[Case, ...],
    mends: tuple[Shift, ...],
    wanted: tuple[Concern, ...],
    heads: Mapping[Concern, Finding],
    expected: float,
    seen: bool,
) -> str:
    """What a rank stands on, in words."""
    modelled = any(s.concern in wanted for s in mends)
    if own and modelled:
        return "models and measured cases"
    if modelled:
        return "models alone; never measured on the like"
    silent = [str(c) for c in wanted if heads[c].level == Level.UNKNOWN]
    if own:
        tail = f": no model of {', '.join(silent)} yet" if silent else ""
        return f"measured cases alone{tail}"
    if seen:
        return "measured on the like without an untreated value: no gain can be told"
    if expected > 0.0:
        return "what its family gained: never measured on the like itself"
    return "stated only: neither a model nor a measured case speaks of it"
