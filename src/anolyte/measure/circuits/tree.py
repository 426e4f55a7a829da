r"""A circuit ready to be evaluated: for many sets of parameters at once, with all slopes.

Parts in series add; parts in parallel add their admittances, so that

$$ Z = \Big(\sum_i Z_i^{-1}\Big)^{-1}, \qquad
   \frac{\partial Z}{\partial x} = \Big(\frac{Z}{Z_i}\Big)^2 \frac{\partial Z_i}{\partial x} $$

Elements of one kind that stand in one series are evaluated together. A resistance beside nothing
but a constant phase element (or a capacitor) is fitted by its time constant,
$\tau = (R Q)^{1/n}$: it hardly depends on the resistance, where $Q$ does.

*Inner* parameters are what is fitted: logarithms, exponents plain, time constants for pairs, in an
order of their own. *Outer* parameters are those of the text, in its order, SI.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.measure.circuits.elements import (
    ELEMENTS,
    TIME,
    Element,
    Meaning,
    Sweep,
)
from anolyte.measure.circuits.syntax import Leaf, Node, Parallel, Series, leaves, parse

Array = NDArray[Any]


@dataclass(frozen=True)
class Pair:
    """A resistance beside a capacitor or a constant phase element.

    Args:
        resistor, storage: The two elements of the text.
    """

    resistor: Leaf
    storage: Leaf

    @property
    def element(self) -> Element:
        """The same as one element, by its time constant."""
        return ELEMENTS["K" if self.storage.element.letters == "C" else "Zarc"]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Outer names in the order of the element: resistance, storage, exponent."""
        return (*self.resistor.parameters, *self.storage.parameters)


@dataclass(frozen=True)
class Group:
    """Elements of one kind in one series.

    Args:
        element: Their kind.
        members: Them, in the order of the text.
        first: Where their inner parameters begin; each parameter of all members in turn.
        top: Whether they stand in the outermost series.
    """

    element: Element
    members: tuple[Leaf | Pair, ...]
    first: int
    top: bool

    @property
    def last(self) -> int:
        """Behind their last inner parameter."""
        return self.first + len(self.members) * len(self.element.parameters)

    def slots(self, parameter: int) -> slice:
        """Inner parameters that are one parameter of each member."""
        count = len(self.members)
        return slice(self.first + parameter * count, self.first + (parameter + 1) * count)

    def evaluate(self, sweep: Sweep, x: Array, out: Array) -> Array:
        """Sum of impedances, (B, N); slopes go to their places in `out`, (B, p, N)."""
        count = len(self.element.parameters)
        parts = [x[:, self.slots(k), None] for k in range(count)]
        z, slopes = self.element.slopes(sweep, *parts)
        for k, slope in enumerate(slopes):
            out[:, self.slots(k)] = slope
        if len(self.members) == 1:
            return z[:, 0]
        return z.sum(axis=1)


@dataclass(frozen=True)
class Chain:
    """Groups and parallels one after the other."""

    parts: tuple[Group | Fork, ...]

    def evaluate(self, sweep: Sweep, x: Array, out: Array) -> Array:
        """As `Group.evaluate`."""
        total = self.parts[0].evaluate(sweep, x, out)
        for part in self.parts[1:]:
            total = total + part.evaluate(sweep, x, out)
        return total


@dataclass(frozen=True)
class Fork:
    """Branches side by side, each with the stretch of inner parameters that it owns."""

    branches: tuple[Chain, ...]
    stretches: tuple[slice, ...]

    def evaluate(self, sweep: Sweep, x: Array, out: Array) -> Array:
        """As `Group.evaluate`."""
        single = [branch.evaluate(sweep, x, out) for branch in self.branches]
        admittance = 1.0 / single[0]
        for z in single[1:]:
            admittance = admittance + 1.0 / z
        total = 1.0 / admittance
        for z, stretch in zip(single, self.stretches, strict=True):
            share = total / z
            out[:, stretch] *= (share * share)[:, None]
        return total


@dataclass(frozen=True)
class Circuit:
    """A circuit of the text; `Circuit.of` makes one.

    Args:
        text: As it was written.
        tree: Its elements.
        plain: Names of parameters that keep their own form, because they are fixed or bounded.
    """

    text: str
    tree: Node
    plain: frozenset[str] = field(default=frozenset())

    @classmethod
    def of(cls, text: str | Circuit, plain: Collection[str] = ()) -> Circuit:
        """The circuit of a text.

        Raises:
            DataError: As `syntax.parse`.

        >>> circuit = Circuit.of("R0-p(R1,CPE1)")
        >>> circuit.names
        ('R0', 'R1', 'CPE1_0', 'CPE1_1')
        >>> z = circuit.impedance([10.0, 100.0, 1e-6, 1.0], [1e-3, 1e9])
        >>> [round(abs(v), 3) for v in z.tolist()]
        [110.0, 10.0]
        """
        text = text.text if isinstance(text, Circuit) else text
        return cls(text, parse(text), frozenset(plain))

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Elements in the order of the text."""
        return tuple(leaves(self.tree))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the outer parameters."""
        return tuple(n for leaf in self.leaves for n in leaf.parameters)

    @cached_property
    def meanings(self) -> tuple[Meaning, ...]:
        """Of the outer parameters."""
        return tuple(m for leaf in self.leaves for m in leaf.element.parameters)

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.names)

    @cached_property
    def _built(self) -> _Builder:
        return _Builder(self)

    @property
    def root(self) -> Chain:
        """The outermost series, as it is evaluated."""
        return self._built.root

    @property
    def groups(self) -> tuple[Group, ...]:
        """All groups, in the order of inner parameters."""
        return tuple(self._built.groups)

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Outer parameter that stands at each place of the inner ones; a coefficient where the
        inner one is its time constant."""
        where = {name: k for k, name in enumerate(self.names)}
        return np.array([where[n] for n in self._built.names], dtype=np.intp)

    @cached_property
    def inner_meanings(self) -> tuple[Meaning, ...]:
        """Of the inner parameters."""
        return tuple(self._built.meanings)

    @cached_property
    def _pairs(self) -> list[tuple[Array, Array, Array | None]]:
        """Inner places of resistances, time constants and exponents of all pairs."""
        found = []
        for g in self.groups:
            if isinstance(g.members[0], Pair):
                places = np.arange(g.first, g.last).reshape(-1, len(g.members))
                found.append((places[0], places[1], places[2] if len(places) > 2 else None))
        return found

    # --- between inner and outer parameters ---

    def inner(self, values: Any) -> Array:
        """Inner parameters of outer ones, (..., p).

        Raises:
            DataError: Too few or too many, or one that must be positive is not; it is named.
        """
        outer = np.asarray(values, dtype=float)
        if outer.shape[-1:] != (self.size,):
            count = outer.shape[-1] if outer.ndim else 1
            raise DataError(
                f"circuit '{self.text}' has {self.size} parameters ({', '.join(self.names)}), "
                f"not {count}"
            )
        log = np.array([m.log for m in self.meanings])
        bad = ~np.isfinite(outer) | (log & ~(outer > 0.0))
        if bad.any():
            k = int(np.flatnonzero(bad.reshape(-1, self.size).any(axis=0))[0])
            unit = self.meanings[k].unit
            raise DataError(f"{self.names[k]} must be a positive number, in {unit}")
        x = np.where(log, np.log(np.where(log, outer, 1.0)), outer)[..., self.order]
        for r, tau, n in self._pairs:
            x[..., tau] = (x[..., r] + x[..., tau]) / (1.0 if n is None else x[..., n])
        return x

    def logarithms(self, x: Array) -> Array:
        """Outer parameters, their logarithms where they have one, of inner ones, (..., p)."""
        x = np.array(x, dtype=float)
        for r, tau, n in self._pairs:
            x[..., tau] = x[..., tau] * (1.0 if n is None else x[..., n]) - x[..., r]
        found = np.empty_like(x)
        found[..., self.order] = x
        return found

    def values(self, x: Array) -> Array:
        """Outer parameters of inner ones, (..., p), SI."""
        found = self.logarithms(x)
        log = np.array([m.log for m in self.meanings])
        found[..., log] = np.exp(found[..., log])
        return found

    def turned(self, x: Array) -> Array:
        """Slopes of `logarithms` along the inner parameters at (p,): (outer, inner)."""
        found = np.eye(self.size)
        for r, tau, n in self._pairs:
            found[tau, r] = -1.0
            found[tau, tau] = 1.0 if n is None else x[n]
            if n is not None:
                found[tau, n] = x[tau]
        turned = np.empty_like(found)
        turned[self.order] = found
        return turned

    def sorted(self, x: Array) -> Array:
        """The same spectra, (B, p), with arcs of one kind in the outermost series by rising time
        constant; each kind of arc keeps its places in the text."""
        x = np.array(x)
        for g in self.groups:
            if not self.sortable(g):
                continue
            places = np.arange(g.first, g.last).reshape(-1, len(g.members))
            order = np.argsort(x[:, g.slots(1)], axis=1, kind="stable")
            for row in places:
                x[:, row] = np.take_along_axis(x[:, row], order, axis=1)
        return x

    def sortable(self, group: Group) -> bool:
        """Whether the members may change places without a change of the spectrum."""
        own = {n for m in group.members for n in m.parameters}
        meanings = group.element.parameters
        timed = len(meanings) > 1 and meanings[1] is TIME
        return group.top and timed and len(group.members) > 1 and not own & self.plain

    # --- impedance ---

    def evaluate(self, sweep: Sweep, x: Array) -> tuple[Array, Array]:
        """Impedance (B, N) and slopes (B, p, N) at inner parameters (B, p)."""
        count = sweep.omega.shape[-1]
        out = np.empty((len(x), self.size, count), dtype=complex)
        z = self._built.root.evaluate(sweep, x, out)
        return np.broadcast_to(z, (len(x), count)), out

    def impedance(self, values: Any, frequency: Any) -> Array:
        """Impedance, ohm, (N,) or (B, N).

        Args:
            values: Outer parameters, SI, (p,) or (B, p).
            frequency: Hz, (N,).
        """
        x = self.inner(values)
        z, _ = self.evaluate(Sweep.of(frequency), np.atleast_2d(x))
        return z[0] if x.ndim == 1 else z

    def limits(self, values: Sequence[float]) -> tuple[float, float]:
        """Resistance at frequencies towards zero and towards infinity, ohm; it may be infinite.

        >>> Circuit.of("R0-p(R1,C1)").limits([10.0, 100.0, 1e-6])
        (110.0, 10.0)
        """
        given = dict(zip(self.names, values, strict=True))

        def at(node: Node, end: int) -> float:
            if isinstance(node, Leaf):
                return node.element.limits(*(given[n] for n in node.parameters))[end]
            ends = [at(p, end) for p in node.parts]
            if isinstance(node, Series):
                return math.fsum(ends)
            return 0.0 if 0.0 in ends else 1.0 / (sum(1.0 / e for e in ends) or 1.0 / math.inf)

        if not all(math.isfinite(v) for v in values):
            raise DataError("parameters must be finite")
        return _safe(at, self.tree, 0), _safe(at, self.tree, 1)


def _safe(at: Any, tree: Node, end: int) -> float:
    try:
        return at(tree, end)
    except ZeroDivisionError:  # nothing but infinite branches
        return math.inf


class _Builder:
    """Gives every element its place among the inner parameters."""

    def __init__(self, circuit: Circuit) -> None:
        self.plain = circuit.plain
        self.groups: list[Group] = []
        self.names: list[str] = []
        self.meanings: list[Meaning] = []
        self.root = self.chain(circuit.tree, top=True)

    def chain(self, node: Node, top: bool = False) -> Chain:
        parts = node.parts if isinstance(node, Series) else (node,)
        alike: dict[str, list[Leaf | Pair]] = {}
        forks: list[Parallel] = []
        for part in parts:
            single = self.single(part)
            if single is None:
                assert isinstance(part, Parallel)  # a series in a series was made flat
                forks.append(part)
            else:
                key = single.element.letters + ("p" if isinstance(single, Pair) else "")
                alike.setdefault(key, []).append(single)
        found: list[Group | Fork] = [self.group(members, top) for members in alike.values()]
        found += [self.fork(part) for part in forks]
        return Chain(tuple(found))

    def single(self, node: Node) -> Leaf | Pair | None:
        """A node that is one element, or a pair that is as good as one."""
        if isinstance(node, Leaf):
            return node
        if not isinstance(node, Parallel) or len(node.parts) != 2:
            return None
        for a, b in (node.parts, node.parts[::-1]):
            if not (isinstance(a, Leaf) and isinstance(b, Leaf)):
                continue
            if a.element.letters == "R" and b.element.letters in ("C", "CPE"):
                own = {a.parameters[0], b.parameters[0]}
                return None if own & self.plain else Pair(a, b)
        return None

    def group(self, members: list[Leaf | Pair], top: bool) -> Group:
        group = Group(members[0].element, tuple(members), len(self.names), top)
        for k, meaning in enumerate(group.element.parameters):
            self.names += [m.parameters[k] for m in members]
            self.meanings += [meaning] * len(members)
        self.groups.append(group)
        return group

    def fork(self, node: Parallel) -> Fork:
        branches, stretches = [], []
        for part in node.parts:
            first = len(self.names)
            branches.append(self.chain(part))
            stretches.append(slice(first, len(self.names)))
        return Fork(tuple(branches), tuple(stretches))
