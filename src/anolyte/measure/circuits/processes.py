r"""The arcs of a fitted circuit: resistance, effective capacitance and time constant of each.

A resistance beside a constant phase element has the effective capacitance (Hsu and Mansfeld's form)

$$ C = \tau / R = (R^{1-n} Q)^{1/n}, \qquad \tau = (R Q)^{1/n} $$

and a constant phase element in series, blocking, has Brug's with the resistance $R_s$ in front of
it, $C = (Q R_s^{1-n})^{1/n}$.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.measure.arcs import Arc
from anolyte.measure.circuits.elements import EXPONENT, RESISTANCE, TIME
from anolyte.measure.circuits.syntax import Leaf, Node, Parallel, Series, leaves
from anolyte.measure.circuits.tree import Circuit

Array = NDArray[Any]
STORAGE = ("C", "CPE")
KNOWN = 0.02
"""Relative error of a resistance up to which its arc counts as known by itself."""
SUM = 0.3
"""Standard deviation of a sum, over the larger of its parts, below which two arcs count as one."""


@dataclass(frozen=True)
class _Facts:
    """Values by name, and where they stand in the covariance."""

    value: dict[str, float]
    place: dict[str, int]
    covariance: Array

    def error(self, slopes: dict[str, float]) -> float:
        """Standard deviation of a logarithm with these slopes along the (logarithms of)
        parameters."""
        places = [self.place[n] for n in slopes]
        g = np.array(list(slopes.values()))
        return math.sqrt(max(float(g @ self.covariance[np.ix_(places, places)] @ g), 0.0))


def arcs_of(circuit: Circuit, values: Sequence[float], covariance: Array) -> tuple[Arc, ...]:
    """Arcs by rising time constant.

    Args:
        circuit: The fitted one.
        values: Outer parameters, SI.
        covariance: Of their logarithms (exponents as they are).
    """
    names = circuit.names
    facts = _Facts(
        dict(zip(names, values, strict=True)), {n: k for k, n in enumerate(names)}, covariance
    )
    arcs = _walk(circuit.tree, facts)
    arcs += _blocking(circuit, facts)
    arcs.sort(key=lambda a: a.time_constant)
    return _marked(arcs, facts)


def _walk(node: Node, facts: _Facts) -> list[Arc]:
    if isinstance(node, Leaf):
        return _leaf(node, facts)
    if isinstance(node, Series):
        return [a for part in node.parts for a in _walk(part, facts)]
    return _parallel(node, facts)


def _parallel(node: Parallel, facts: _Facts) -> list[Arc]:
    """An arc where one branch stores and another conducts; what else is inside has its own."""
    storage = [p for p in node.parts if isinstance(p, Leaf) and p.element.letters in STORAGE]
    others = [p for p in node.parts if p not in storage]
    found = []
    if storage and others:
        resistors = [x for x in leaves(others[0]) if x.element.letters == "R"]
        if resistors:
            found.append(_stored(resistors[0], storage[0], facts))
    for part in others:
        inside = part.parts if isinstance(part, Series) else (part,)
        for piece in inside:
            if not (isinstance(piece, Leaf) and piece.element.letters == "R"):
                found += _walk(piece, facts)
    return found


def _stored(resistor: Leaf, storage: Leaf, facts: _Facts) -> Arc:
    """The arc of a resistance beside a capacitance."""
    name = resistor.parameters[0]
    r = facts.value[name]
    own: list[str] = list(storage.parameters)
    q, n = facts.value[own[0]], _exponent(own, facts)
    log = (math.log(r) + math.log(q)) / (n or 1.0)
    slopes = {name: 1.0 / (n or 1.0) - 1.0, own[0]: 1.0 / (n or 1.0)}
    if n is not None:
        slopes[own[1]] = -log / n
    tau = math.exp(log)
    return Arc(
        name, r, tau / r, tau,
        resistance_error=facts.error({name: 1.0}),
        capacitance_error=facts.error(slopes),
        exponent=n,
    )  # fmt: skip


def _exponent(names: Sequence[str], facts: _Facts) -> float | None:
    """Of a constant phase element; None: a capacitor."""
    return facts.value[names[1]] if len(names) > 1 else None


def _leaf(leaf: Leaf, facts: _Facts) -> list[Arc]:
    """Elements that are an arc or a diffusion by themselves."""
    meanings = leaf.element.parameters
    if len(meanings) < 2 or tuple(meanings)[:2] != (RESISTANCE, TIME):
        return []
    r, tau = (facts.value[n] for n in leaf.parameters[:2])
    arc = leaf.element.letters in ("K", "Zarc")
    return [
        Arc(
            leaf.name, r, tau / r, tau,
            resistance_error=facts.error({leaf.parameters[0]: 1.0}),
            capacitance_error=facts.error({leaf.parameters[1]: 1.0, leaf.parameters[0]: -1.0}),
            exponent=facts.value[leaf.parameters[2]] if EXPONENT in meanings else None,
            shape="arc" if arc else "diffusion",
        )
    ]  # fmt: skip


def _blocking(circuit: Circuit, facts: _Facts) -> list[Arc]:
    """A capacitor or constant phase element in the outermost series."""
    parts = circuit.tree.parts if isinstance(circuit.tree, Series) else (circuit.tree,)
    storage = [p for p in parts if isinstance(p, Leaf) and p.element.letters in STORAGE]
    if len(storage) != 1:
        return []
    series = _front(circuit, facts, storage[0])
    own: list[str] = list(storage[0].parameters)
    q, exponent = facts.value[own[0]], _exponent(own, facts)
    n = exponent or 1.0
    c = (q * series ** (1.0 - n)) ** (1.0 / n)
    error = facts.error({own[0]: 1.0 / n})
    return [Arc(storage[0].name, math.inf, c, series * c, None, error, exponent, shape="blocking")]


def _front(circuit: Circuit, facts: _Facts, storage: Leaf) -> float:
    """Resistance of all that stands in series with a blocking element, ohm."""
    total = 0.0
    for part in circuit.tree.parts if isinstance(circuit.tree, Series) else ():
        for leaf in leaves(part):
            if leaf is not storage and RESISTANCE in leaf.element.parameters[:1]:
                total += facts.value[leaf.parameters[0]]
    return total or 1.0


def _marked(arcs: list[Arc], facts: _Facts) -> tuple[Arc, ...]:
    """Arcs with those marked that only their sum with a neighbour is known of."""
    found = list(arcs)
    for k, (a, b) in enumerate(zip(arcs, arcs[1:], strict=False)):
        if "blocking" in (a.shape, b.shape):
            continue
        apart = max((x.resistance_error or 0.0) * x.resistance for x in (a, b))
        poor = max(a.resistance_error or 0.0, b.resistance_error or 0.0) > KNOWN
        if poor and _together(a, b, facts) < SUM * apart:
            found[k] = replace(found[k], resolved=False)
            found[k + 1] = replace(found[k + 1], resolved=False)
    return tuple(found)


def as_known(arcs: Sequence[Arc], errors: Mapping[str, float | None]) -> tuple[Arc, ...]:
    """Arcs whose resistances are known as well as the parameters that they are.

    Args:
        arcs: Of the fitted circuit, errors by its covariance.
        errors: Relative standard deviations of the parameters, by name; None: not known.
    """
    return tuple(
        a
        if a.shape == "blocking"
        else replace(a, resistance_error=errors[a.name if a.name in errors else f"{a.name}_0"])
        for a in arcs
    )


def _place(arc: Arc, facts: _Facts) -> int:
    return facts.place[arc.name] if arc.name in facts.place else facts.place[f"{arc.name}_0"]


def _together(a: Arc, b: Arc, facts: _Facts) -> float:
    """Standard deviation of the sum of two resistances, ohm."""
    places = [_place(a, facts), _place(b, facts)]
    r = np.array([a.resistance, b.resistance])
    c = facts.covariance[np.ix_(places, places)]
    return math.sqrt(max(float(r @ c @ r), 0.0))


def overlapping(arcs: Sequence[Arc]) -> list[list[Arc]]:
    """Runs of neighbouring arcs that are not resolved."""
    runs: list[list[Arc]] = []
    for arc in arcs:
        if arc.resolved:
            runs.append([])
        elif runs and runs[-1]:
            runs[-1].append(arc)
        else:
            runs.append([arc])
    return [run for run in runs if len(run) > 1]
