"""Labelled materials: what a model is trained on, and how they are split without leakage.

A label says what it is: `Target.label_kind` is "measured", or the name of the potential that made
it, and goes with every number that a model gives. Two rows of one composition never stand on both
sides of a split, and splits go by chemical system: near-duplicates in both halves flatter a model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.core.errors import DataError
from anolyte.materials import formula

Array = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Target:
    """A property that is learned.

    Args:
        name: In a few words.
        unit: Of its numbers.
        label_kind: Where the labels come from: "measured", "ML (CHGNet 0.3.0)".
    """

    name: str
    unit: str
    label_kind: str

    def __post_init__(self) -> None:
        if not (self.name and self.unit and self.label_kind):
            raise DataError(f"target '{self.name}': name, unit and kind of label are all needed")


@dataclass(frozen=True, eq=False)
class Labelled:
    """Materials with their labels.

    Args:
        formulas: Of each.
        targets: What the columns of `values` are.
        values: (materials, targets); NaN: this one has no label.
        crystals: Structure of each; empty: compositions only.

    Raises:
        DataError: Shapes that do not fit, no label at all, an infinite one.
    """

    formulas: tuple[str, ...]
    targets: tuple[Target, ...]
    values: Array
    crystals: tuple[Crystal, ...] = ()

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.formulas), len(self.targets)):
            raise DataError(
                f"{len(self.formulas)} materials and {len(self.targets)} targets, but values of "
                f"the shape {self.values.shape}"
            )
        if self.crystals and len(self.crystals) != len(self.formulas):
            raise DataError(f"{len(self.crystals)} structures for {len(self.formulas)} materials")
        if np.isinf(self.values).any():
            raise DataError("a label is infinite; leave out what is not known")
        for i, crystal in enumerate(self.crystals):
            if crystal.formula != self.compositions[i]:
                raise DataError(
                    f"row {i + 1}: the label is of {self.formulas[i]}, the structure is of "
                    f"{crystal.formula}"
                )

    def __len__(self) -> int:
        return len(self.formulas)

    @cached_property
    def compositions(self) -> tuple[str, ...]:
        """Reduced formulas."""
        return tuple(formula.write(formula.reduced(formula.parse(f))[0]) for f in self.formulas)

    @cached_property
    def systems(self) -> tuple[str, ...]:
        """Chemical system of each, as Cl-Li."""
        return tuple("-".join(sorted(formula.parse(f))) for f in self.formulas)

    @property
    def elements(self) -> frozenset[str]:
        """All that occur."""
        return frozenset(e for f in self.formulas for e in formula.parse(f))

    @cached_property
    def digest(self) -> str:
        """Of materials, structures, targets and labels."""
        structures = [c.digest for c in self.crystals]
        text = repr((self.formulas, structures, self.targets, self.values.tolist()))
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def take(self, rows: Sequence[int] | Rows) -> Labelled:
        """Some of the rows."""
        rows = list(rows)
        return replace(
            self,
            formulas=tuple(self.formulas[i] for i in rows),
            values=self.values[rows],
            crystals=tuple(self.crystals[i] for i in rows) if self.crystals else (),
        )

    def without(self, other: Labelled) -> Labelled:
        """The rows whose composition does not occur in the other."""
        known = set(other.compositions)
        return self.take([i for i, c in enumerate(self.compositions) if c not in known])


def check(train: Labelled, test: Labelled) -> None:
    """Refuse a split that leaks.

    Raises:
        DataError: A composition stands on both sides, or the two have other targets.
    """
    if train.targets != test.targets:
        raise DataError("the two sides of a split have different targets")
    both = sorted(set(train.compositions) & set(test.compositions))
    if both:
        raise DataError(
            f"leakage: {len(both)} compositions are in both sides of the split: "
            f"{', '.join(both[:5])}{' ...' if len(both) > 5 else ''}; split by chemical system"
        )


def split(data: Labelled, share: float, seed: int) -> tuple[Rows, Rows]:
    """Rows of a random split in which no chemical system stands on both sides.

    Args:
        data: What is split.
        share: Of the rows that go to the test side, at least.
        seed: Of the random numbers.

    Returns:
        Training rows and test rows, each in a random order.

    Raises:
        DataError: Too few chemical systems.
    """
    parts = folds(data, max(round(1.0 / share), 2), seed)
    test = parts[0]
    train = np.concatenate(parts[1:])
    return np.random.default_rng(seed).permutation(train), test


def folds(data: Labelled, count: int, seed: int) -> list[Rows]:
    """Rows in parts of about equal size, each chemical system in one of them.

    Raises:
        DataError: Fewer chemical systems than parts.
    """
    draws = np.random.default_rng(seed)
    systems = np.array(data.systems)
    names = draws.permutation(sorted(set(data.systems)))
    if len(names) < count:
        raise DataError(f"{len(names)} chemical systems cannot be split into {count} parts")
    parts: list[list[int]] = [[] for _ in range(count)]
    for name in names:
        smallest = min(parts, key=len)
        smallest.extend(np.flatnonzero(systems == name).tolist())
    return [np.array(p, dtype=np.int64) for p in parts]
