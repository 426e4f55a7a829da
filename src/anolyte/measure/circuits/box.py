"""Bounds of a fit, checked by name, and starts held against them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.measure.circuits.elements import RESISTANCE, TIME
from anolyte.measure.circuits.tree import Circuit
from anolyte.measure.records import Spectrum

Array = NDArray[Any]
LEAST, MOST = 1e4, 1e2
"""A resistance lies between the smallest impedance over the first and the largest times the second;
what lies outside cannot be told from nothing or from infinity."""
FASTEST, SLOWEST = 1e3, 1e3
"""The same for time constants, beyond the ends of the sweep."""


@dataclass(frozen=True, eq=False)
class Box:
    """Bounds of the inner parameters, (p,); fixed ones have equal bounds.

    Args:
        circuit: With the parameters that are fixed or bounded in their own form.
        lower, upper: Bounds.
        asked: Which of them a user gave.
    """

    circuit: Circuit
    lower: Array
    upper: Array
    asked: Array

    @classmethod
    def of(
        cls,
        text: str | Circuit,
        fixed: Mapping[str, float],
        bounds: Mapping[str, tuple[float, float]],
    ) -> Box:
        """From what a user wrote.

        Raises:
            DataError: A name that the circuit has not, or bounds that make no sense.
        """
        circuit = Circuit.of(text)
        for name in (*fixed, *bounds):
            if name not in circuit.names:
                raise DataError(
                    f"circuit '{circuit.text}' has no parameter '{name}'; it has "
                    f"{', '.join(circuit.names)}"
                )
        plain = [n for n in (*fixed, *bounds) if not _stays(circuit, n)]
        circuit = Circuit.of(circuit, plain)
        lower, upper = [], []
        for name, meaning in zip(circuit.names, circuit.meanings, strict=True):
            low, high = bounds.get(name, (meaning.low, meaning.high))
            if name in fixed:
                low = high = fixed[name]
            low = max(low, meaning.low) if meaning.log else low
            if not (math.isfinite(high) and low <= high):
                raise DataError(f"bounds of {name}: {low:g} to {high:g} are no range")
            lower.append(math.log(low) if meaning.log else low)
            upper.append(math.log(high) if meaning.log else high)
        lows, highs = np.array(lower)[circuit.order], np.array(upper)[circuit.order]
        for k, meaning in enumerate(circuit.inner_meanings):
            if meaning is not circuit.meanings[circuit.order[k]]:  # a time in a coefficient's place
                lows[k], highs[k] = math.log(meaning.low), math.log(meaning.high)
        asked = np.array([n in fixed or n in bounds for n in circuit.names])[circuit.order]
        return cls(circuit, lows, highs, asked)

    def check(self, values: Any) -> Array:
        """Inner parameters of a start.

        Raises:
            DataError: It lies outside the bounds; the parameter is named.
        """
        x = self.circuit.inner(values)
        slack = 1e-9 * (1.0 + np.abs(x))
        out = (x < self.lower - slack) | (x > self.upper + slack)
        if out.any():
            k = int(np.flatnonzero(out)[0])
            name = self.circuit.names[self.circuit.order[k]]
            meaning = self.circuit.inner_meanings[k]
            low, high, at = (
                float(np.exp(v) if meaning.log else v) for v in (self.lower[k], self.upper[k], x[k])
            )
            raise DataError(
                f"start: {name} = {at:.4g} {meaning.unit} lies outside its bounds "
                f"{low:.4g} to {high:.4g}; widen `bounds` or start inside"
            )
        return x

    def around(self, spectra: Sequence[Spectrum], known: Sequence[Sequence[Array]]) -> Sides:
        """Bounds for each spectrum, narrowed to what it can show; given starts stay inside.

        Args:
            spectra: Measured.
            known: Starts that were given for each.
        """
        count = len(spectra)
        lower, upper = np.tile(self.lower, (count, 1)), np.tile(self.upper, (count, 1))
        kinds = self.circuit.inner_meanings
        own = [m is RESISTANCE for m in kinds], [m is TIME for m in kinds]
        for k, s in enumerate(spectra):
            size, omega = np.abs(s.impedance), 2.0 * math.pi * s.frequency
            ends = (size.min() / LEAST, size.max() * MOST), (
                1.0 / (omega.max() * FASTEST), SLOWEST / omega.min()
            )  # fmt: skip
            for places, (low, high) in zip(own, ends, strict=True):
                lower[k, places] = np.maximum(lower[k, places], math.log(low))
                upper[k, places] = np.minimum(upper[k, places], math.log(high))
            crossed = (lower[k] > upper[k]) | self.asked
            lower[k, crossed], upper[k, crossed] = self.lower[crossed], self.upper[crossed]
            for x in known[k]:
                lower[k], upper[k] = np.minimum(lower[k], x), np.maximum(upper[k], x)
        return Sides(lower, upper)


@dataclass(frozen=True, eq=False)
class Sides:
    """Lowest and highest inner parameters of each spectrum, (S, p)."""

    lower: Array
    upper: Array


def _stays(circuit: Circuit, name: str) -> bool:
    """Whether a parameter is an exponent: its bounds do not touch the time constant."""
    return not circuit.meanings[circuit.names.index(name)].log
