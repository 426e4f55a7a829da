"""Asking the models: what each says of a cell, one headline a concern, and the written verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from anolyte.core.errors import AnolyteError
from anolyte.core.progress import Progress, silent
from anolyte.core.result import Concern, Finding, Level, Result
from anolyte.materials import library
from anolyte.materials.criteria import Criteria
from anolyte.materials.stack import Cell
from anolyte.models import Model
from anolyte.models.reactions import LAYER_REACTS


@dataclass(frozen=True)
class Answer:
    """What one model says of one cell; no result where it could not say anything."""

    model: Model
    cell: Cell
    result: Result | None
    findings: tuple[Finding, ...]


def ask(
    models: Iterable[Model],
    cell: Cell,
    limits: Criteria,
    *,
    known: Sequence[Answer] = (),
    progress: Progress = silent,
) -> tuple[Answer, ...]:
    """Ask every model; what one cannot say becomes a finding of its own.

    Args:
        models: The models.
        cell: Interface and conditions.
        limits: Thresholds.
        known: Earlier answers of the same models, in their order; one is taken over where nothing
            that its model reads has changed.
        progress: Told after each model.
    """
    models = tuple(models)
    answers: dict[int, Answer] = {}
    for i in _order(models):
        model, kept = _kept(models[i], i, answers, known, cell)
        answers[i] = kept or _ask(model, cell, limits)
        progress(len(answers), len(models), type(model).__name__)
    return tuple(answers[i] for i in range(len(models)))


def ask_many(
    models: Iterable[Model],
    cells: Sequence[Cell],
    limits: Criteria,
    *,
    known: Sequence[Answer] = (),
) -> list[tuple[Answer, ...]]:
    """The answers of `ask` for each of many cells; a model that can answers all of them at once."""
    models = tuple(models)
    several: list[dict[int, Answer]] = [{} for _ in cells]
    for i in _order(models):
        waiting: list[tuple[int, Any]] = []
        for number, (cell, answers) in enumerate(zip(cells, several, strict=True)):
            model, kept = _kept(models[i], i, answers, known, cell)
            if kept is None:
                waiting.append((number, model))
            else:
                answers[i] = kept
        at_once = getattr(models[i], "together", None)
        if at_once is None:
            found = [_ask(model, cells[number], limits) for number, model in waiting]
        else:
            asked = [(m, cells[n].interface, cells[n].conditions) for n, m in waiting]
            found = [
                _answer(model, cells[number], told, limits)
                for (number, model), told in zip(waiting, at_once(asked), strict=True)
            ]
        for (number, _), answer in zip(waiting, found, strict=True):
            several[number][i] = answer
    return [tuple(answers[i] for i in range(len(models))) for answers in several]


def _order(models: Sequence[Model]) -> list[int]:
    """Those that need what others found are asked after them."""
    return sorted(range(len(models)), key=lambda i: hasattr(models[i], "given"))


def _kept(
    model: Any, place: int, answers: Mapping[int, Answer], known: Sequence[Answer], cell: Cell
) -> tuple[Any, Answer | None]:
    """A model with what others found, and its earlier answer where nothing it reads has changed."""
    given = getattr(model, "given", None)
    if given is not None:
        model = given([a.result for a in answers.values() if a.result is not None])
    same = place < len(known) and (given is None or known[place].model == model)
    if same and not reads(model, known[place].cell, cell):
        return model, known[place]
    return model, None


def _ask(model: Model, cell: Cell, limits: Criteria) -> Answer:
    try:
        return _answer(model, cell, model(cell.interface, cell.conditions), limits)
    except AnolyteError as error:
        return _answer(model, cell, error, limits)
    except Exception as error:  # of another package's model: ours are mended instead
        if type(model).__module__.startswith("anolyte."):
            raise
        reason = f"the model {type(model).__name__} failed ({type(error).__name__}: {error})"
        return Answer(model, cell, None, (unknown(model.concern, reason),))


def _answer(model: Model, cell: Cell, told: Result | AnolyteError, limits: Criteria) -> Answer:
    if isinstance(told, AnolyteError):
        return Answer(model, cell, None, (unknown(model.concern, str(told)),))
    return Answer(model, cell, told, tuple(told.findings(limits)))


def reads(model: Model, one: Cell, other: Cell) -> tuple[str, ...]:
    """What a model reads and two cells differ in; a model that does not say reads everything."""
    parts = getattr(model, "reads", None) or (*_fields(one.interface), "conditions")
    return tuple(p for p in parts if _part(one, p) != _part(other, p))


def _fields(obj: Any) -> tuple[str, ...]:
    return tuple(obj.__dataclass_fields__)


def _part(cell: Cell, name: str) -> Any:
    """A part of the interface, or of the conditions (`conditions.temperature`)."""
    head, _, field = name.partition(".")
    part = cell.conditions if head == "conditions" else getattr(cell.interface, head)
    return getattr(part, field) if field else part


def unknown(concern: Concern, why: str) -> Finding:
    """The finding that nothing can be said, and why."""
    text = why.replace("{", "(").replace("}", ")")
    return Finding(concern, Level.UNKNOWN, text, {}, (), "unknown", "rule")


def headlines(answers: Iterable[Answer]) -> tuple[Finding, ...]:
    """One finding a concern: the last that is known, else the last, else that no model exists.

    A layer that eats the electrolyte behind it stands whatever faces the anode.
    """
    found = [f for a in answers for f in a.findings]
    chosen = []
    for concern in Concern:
        own = [f for f in found if f.concern == concern]
        known = [f for f in own if f.level != Level.UNKNOWN]
        eaten = [f for f in known if f.label == LAYER_REACTS]
        chosen.append((eaten or known or own or [unknown(concern, "no model yet")])[-1])
    return tuple(chosen)


@lru_cache(maxsize=1)
def _rules() -> Mapping[str, Any]:
    return library.read_yaml(library.DATA / "verdicts.yaml")


def judge(headlines: tuple[Finding, ...]) -> tuple[str, tuple[str, ...]]:
    """The verdict and the next steps that the written rules give for some headlines."""
    states = {str(f.concern): {str(f.level), f.label} for f in headlines}
    verdict, steps = "not judged: no rule speaks of this case", ()
    for rule in _rules()["verdicts"]:
        if all(state in states.get(concern, ()) for concern, state in rule["when"].items()):
            verdict, steps = rule["verdict"], tuple(rule.get("next", ()))
            break
    silent_on = [str(f.concern) for f in headlines if f.level == Level.UNKNOWN]
    by_concern = _rules()["next_by_concern"]
    steps += tuple(by_concern[c] for c in silent_on if c in by_concern)
    return verdict, steps
