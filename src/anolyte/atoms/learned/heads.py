r"""Composition models: trained on few labels, kept with a card, asked for intervals.

The mean of the labels, a forest and a Gaussian process on statistics of the elements are judged on
the same folds by chemical system; the one of the least mean absolute error is used. Its interval is
$m \pm q$, q from the errors of the folds (`conformal`), the same for every material.

Range: the model was chosen and its interval calibrated on the same folds, which flatters both a
little. Two polymorphs have one answer. A formula with an element that has no label, or farther from
every label than 95 % of the labels are from their nearest, is unknown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.learned.baselines import Forest, Gaussian, Learner, Mean
from anolyte.atoms.learned.conformal import Intervals, calibrate
from anolyte.atoms.learned.elements import features
from anolyte.atoms.learned.labels import Labelled, Target, check, folds
from anolyte.core.errors import AnolyteError, DataError, MissingExtra
from anolyte.materials import formula

Array = NDArray[np.float64]
FORMAT = "anolyte composition model 1"
FOLDS = 5
FARTHEST = 0.95
LARGEST = 64_000_000
MOST = 2000
"""Labels: the work of a Gaussian process grows with their cube."""
SPLIT = f"{FOLDS} folds by chemical system; the final model is trained on all rows"


def learners() -> dict[str, Learner]:
    """Those that are compared, by name."""
    return {x.name: x for x in (Mean(), Forest(), Gaussian())}


@dataclass(frozen=True)
class Spoken:
    """What a model says of a formula.

    Args:
        formula: As it was asked.
        value: In the unit of the target; None: unknown, and `why` says why.
        half_width: Of the interval.
        why: Why it is unknown.
    """

    formula: str
    value: float | None
    half_width: float | None
    why: str = ""


@dataclass(frozen=True, eq=False)
class Head:
    """A trained model of compositions: its labels, and which learner is remade from them.

    Args:
        data: One target.
        learner: Name of the one that is used.
        errors: Mean absolute error of each learner over the held-out folds.
        intervals: Of the one that is used.
        seed: Of folds and learner.
    """

    data: Labelled
    learner: str
    errors: dict[str, float]
    intervals: Intervals
    seed: int = 0

    def __call__(self, formulas: Sequence[str]) -> list[Spoken]:
        """The target of each formula with its interval, or why it is unknown."""
        whys = [self._unreadable(f) for f in formulas]
        asked = [f for f, why in zip(formulas, whys, strict=True) if not why]
        values, far = self._spoken(asked) if asked else (np.empty(0), np.empty(0))
        half = self.intervals.half_width(np.zeros(1))[0]
        found = iter(zip(values, far, strict=True))
        return [
            Spoken(f, None, None, why) if why else _said(f, *next(found), half, len(self.data))
            for f, why in zip(formulas, whys, strict=True)
        ]

    def _unreadable(self, text: str) -> str:
        try:
            strange = sorted(set(formula.parse(text)) - self.data.elements)
        except AnolyteError as error:
            return str(error)
        return f"no label holds {', '.join(strange)}" if strange else ""

    def _spoken(self, formulas: Sequence[str]) -> tuple[Array, Array]:
        """Values, and distances in units of the farthest that counts as near."""
        asked = Labelled(tuple(formulas), self.data.targets, np.full((len(formulas), 1), np.nan))
        values = learners()[self.learner](self.data, asked, self.seed)
        rows = features(self.data)
        deviation = rows.std(axis=0)
        deviation[deviation < 1e-9] = 1.0
        mine = rows / deviation
        among = _distances(mine, mine)
        np.fill_diagonal(among, np.inf)
        reach = max(float(np.quantile(among.min(axis=1), FARTHEST)), 1e-9)
        return values, _distances(features(asked) / deviation, mine).min(axis=1) / reach

    @property
    def card(self) -> dict[str, Any]:
        """What is to be known of it."""
        return {
            "format": FORMAT, "target": asdict(self.data.targets[0]), "learner": self.learner,
            "errors": self.errors, "intervals": asdict(self.intervals), "labels": len(self.data),
            "systems": len(set(self.data.systems)), "elements": sorted(self.data.elements),
            "data": self.data.digest, "split": SPLIT, "seed": self.seed,
            "formulas": list(self.data.formulas),
        }  # fmt: skip


def train(data: Labelled, level: float = 0.9, seed: int = 0) -> Head:
    """Judge the learners on held-out chemical systems, and keep the best.

    Args:
        data: One target; structures are not looked at.
        level: Share of new labels that the intervals shall hold.
        seed: Of folds and learners.

    Raises:
        DataError: More than one target, too few or too many labels or chemical systems.
        MissingExtra: scikit-learn or pymatgen is not installed.
    """
    if len(data.targets) != 1:
        raise DataError(f"one column of labels is learned at a time, not {len(data.targets)}")
    if len(data) > MOST:
        raise DataError(f"{len(data)} labels; at most {MOST} are learned from here")
    data = Labelled(data.formulas, data.targets, data.values)
    all_ = learners()
    off = {name: np.full(len(data), np.nan) for name in all_}
    for rows in folds(data, FOLDS, seed):
        others = np.setdiff1d(np.arange(len(data)), rows)
        known, held = data.take(others), data.take(rows)
        check(known, held)
        for name, learner in all_.items():
            off[name][rows] = held.values[:, 0] - learner(known, held, seed)
    errors = {name: float(np.abs(e).mean()) for name, e in off.items()}
    best = min(errors, key=errors.__getitem__)
    return Head(data, best, errors, calibrate(off[best], np.zeros(len(data)), level), seed)


def save(path: Path, head: Head) -> Path:
    """Write a model and its card; the card's path is given back.

    Raises:
        DataError: Another suffix than `.safetensors`, or a path that cannot be written to.
        MissingExtra: safetensors is not installed.
    """
    _check_name(path)
    content = _safetensors().save({"values": np.ascontiguousarray(head.data.values)})
    beside = path.with_suffix(".json")
    card = {"sha256": hashlib.sha256(content).hexdigest(), **head.card}
    try:
        for file, text in ((path, content), (beside, (json.dumps(card, indent=1) + "\n").encode())):
            new = file.with_name(file.name + ".new")
            new.write_bytes(text)
            new.replace(file)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}") from None
    return beside


def load(path: Path, trusted: bool = False) -> Head:
    """A model that was saved.

    Args:
        path: `.safetensors`; its card lies beside it.
        trusted: Take it although its hash is not that of its card.

    Raises:
        DataError: No card, or one that does not fit.
        MissingExtra: safetensors is not installed.
    """
    _check_name(path)
    card = read_card(path)
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(f"{path} is larger than any model of this kind; it was not opened")
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    if hashlib.sha256(content).hexdigest() != card.get("sha256") and not trusted:
        raise DataError(f"{path}: not the numbers of its card; train it again, or trust it")
    tools = _safetensors()
    try:
        values = np.asarray(tools.load(content)["values"], dtype=float)
        data = Labelled(tuple(card["formulas"]), (Target(**card["target"]),), values)
        if not np.isfinite(values).all() or card["learner"] not in learners():
            raise ValueError("a label is not finite, or there is no such learner")
        if data.digest != card["data"] and not trusted:
            raise ValueError("the labels are not those of the digest")
        errors = {str(k): float(v) for k, v in card["errors"].items()}
        return Head(data, card["learner"], errors, Intervals(**card["intervals"]), card["seed"])
    except Exception as error:  # safetensors exports no error of its own in every version
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{path}: card and numbers are not of one model: {line}") from None


def read_card(path: Path) -> dict[str, Any]:
    """The card of a model.

    Raises:
        DataError: None, or not one of these.
    """
    beside = path.with_suffix(".json")
    try:
        card = json.loads(beside.read_text(encoding="utf-8"))
    except OSError:
        raise DataError(f"{beside} cannot be read: a model without its card is refused") from None
    except ValueError as error:
        raise DataError(f"{beside} is not a card: {error}") from None
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise DataError(f"{beside} is not the card of a composition model ('{FORMAT}')")
    return card


def _said(text: str, value: float, far: float, half: float, labels: int) -> Spoken:
    if far > 1.0:
        return Spoken(text, None, None, f"unlike any of the {labels} labels ({far:.1f} times)")
    return Spoken(text, float(value), float(half))


def _distances(a: Array, b: Array) -> Array:
    from scipy.spatial.distance import cdist

    return np.asarray(cdist(a, b), dtype=np.float64)


def _check_name(path: Path) -> None:
    if path.suffix != ".safetensors":
        raise DataError(f"{path}: models are kept as .safetensors; no other format is read")


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise MissingExtra("safetensors is not installed: pip install safetensors") from error
    return safetensors.numpy
