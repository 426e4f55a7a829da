r"""One circuit fitted to spectra over temperature, pressure, time or cycles, all at once.

What does not change is shared (capacitances, exponents), what follows a law has the law's terms,
and the rest is free in each spectrum. In the inner parameters $x_m$ of spectrum m all of that is
linear,

$$ x_m = o_m + G_m g + F l_m, \qquad
   \text{as}\ \ln R = \ln R_0 + \ln\frac{T}{T_0} + \frac{E}{k_B}\Big(\frac1T - \frac1{T_0}\Big) $$

with the terms $g$ of laws, common to all spectra, and the free parameters $l_m$ of each. The normal
matrix has the shape of an arrow; the free parameters are eliminated spectrum by spectrum (Schur
complement), so the cost grows with the number of spectra, not with its cube.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.result import Result
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE
from anolyte.measure.circuits.arrow import Arrow, Design
from anolyte.measure.circuits.elements import TIME
from anolyte.measure.circuits.fit import CircuitFit, Noise
from anolyte.measure.circuits.result import FitResult
from anolyte.measure.circuits.search import Search
from anolyte.measure.circuits.tree import Circuit, Pair
from anolyte.measure.records import Spectrum

Array = NDArray[Any]
FEWEST = 4  # single fits from which most can outvote one


@dataclass(frozen=True)
class Term:
    """A number of a law.

    Args:
        name: What it is.
        unit: SI; empty: that of the parameter.
        scale: SI over the unit in which it is fitted.
        log: Whether its logarithm is fitted.
    """

    name: str
    unit: str = ""
    scale: float = 1.0
    log: bool = False


class Law(Protocol):
    """How a parameter changes with what the spectra differ in."""

    terms: ClassVar[tuple[Term, ...]]

    def design(self, along: Array) -> tuple[Array, Array]:
        """Offset (M,) and slopes (M, terms) of the logarithm (an exponent: of itself)."""
        ...


@dataclass(frozen=True)
class Shared:
    """The same in all spectra."""

    terms: ClassVar[tuple[Term, ...]] = (Term("value", log=True),)

    def design(self, along: Array) -> tuple[Array, Array]:
        return np.zeros(along.size), np.ones((along.size, 1))


@dataclass(frozen=True)
class Free:
    """Its own in each spectrum."""

    terms: ClassVar[tuple[Term, ...]] = ()

    def design(self, along: Array) -> tuple[Array, Array]:
        return np.zeros(along.size), np.zeros((along.size, 0))


@dataclass(frozen=True)
class Arrhenius:
    r"""Activated: $R = R_0 \frac{T}{T_0} \exp\left[\frac{E}{k_B}(\frac1T - \frac1{T_0})\right]$.

    Args:
        reference: $T_0$, K.
        with_temperature: Whether $R/T$ is activated (ions that hop, the default) or $R$ itself
            (charge transfer is written so by many).
    """

    reference: float = 298.15
    with_temperature: bool = True
    terms: ClassVar[tuple[Term, ...]] = (
        Term("at the reference", log=True),
        Term("activation energy", "J", ELEMENTARY_CHARGE),
    )

    def design(self, along: Array) -> tuple[Array, Array]:
        _above_zero(along, "an Arrhenius law: K")
        inverse = ELEMENTARY_CHARGE / BOLTZMANN * (1.0 / along - 1.0 / self.reference)
        offset = np.log(along / self.reference) if self.with_temperature else np.zeros(along.size)
        return offset, np.stack([np.ones(along.size), inverse], axis=1)


@dataclass(frozen=True)
class Power:
    r"""A power: $R = R_0 (P/P_0)^m$, of pressure, time or cycles.

    Args:
        reference: $P_0$, in the unit of what the spectra differ in.
    """

    reference: float = 1e6
    terms: ClassVar[tuple[Term, ...]] = (Term("at the reference", log=True), Term("exponent", "1"))

    def design(self, along: Array) -> tuple[Array, Array]:
        _above_zero(along, "a power: Pa, s, or the number of a cycle")
        ones = np.ones(along.size)
        return np.zeros(along.size), np.stack([ones, np.log(along / self.reference)], axis=1)


def _above_zero(along: Array, law: str) -> None:
    if not np.all(along > 0.0):
        raise DataError(f"conditions must be positive for {law}")


@dataclass(frozen=True)
class LawTerm:
    """A number of a law, fitted.

    Args:
        parameter: Of the circuit; the coefficient of a pair stands for its effective capacitance.
        law: Which.
        term: What the number is.
        value: SI.
        sigma: Standard deviation, SI.
        unit: SI.
    """

    parameter: str
    law: str
    term: str
    value: float
    sigma: float
    unit: str


@dataclass(frozen=True)
class JointResult(Result):
    """One circuit for many spectra.

    Args:
        circuit: Its text.
        along: What the spectra differ in, as it was given, SI.
        names: Of the outer parameters.
        values: Of each spectrum, in the order of the names, SI.
        errors: Relative standard deviations of the same.
        terms: Of all laws.
        chi2: Mean squared relative residual of each spectrum.
        floors: What noise leaves of each.
        at_floor: Which are at the floor.
        good: Whether all of them are.
        warnings: What to know before using it.
    """

    circuit: str
    along: tuple[float, ...]
    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    errors: tuple[tuple[float, ...], ...]
    terms: tuple[LawTerm, ...]
    chi2: tuple[float, ...]
    floors: tuple[float, ...]
    at_floor: tuple[bool, ...]
    good: bool
    warnings: tuple[str, ...] = ()
    references: ClassVar[tuple[str, ...]] = ("marquardt1963algorithm",)

    def term(self, parameter: str, name: str) -> LawTerm:
        """One number of a law: `term("R1", "activation energy")`."""
        for t in self.terms:
            if (t.parameter, t.term) == (parameter, name):
                return t
        raise DataError(f"no '{name}' of '{parameter}' among the laws of this fit")

    def rows(self) -> list[dict[str, Any]]:
        """One row a number of a law."""
        return [
            {
                "parameter": t.parameter,
                "law": t.law,
                "term": t.term,
                "value": t.value,
                "standard deviation": t.sigma,
                "unit": t.unit,
            }
            for t in self.terms
        ]


@dataclass(frozen=True)
class JointFit:
    """A circuit and the laws of its parameters; call it with spectra and what they differ in.

    Args:
        circuit: As impedance.py writes it.
        laws: Of parameters, by name. Without one, exponents, inductances and capacitances are
            shared and all else is free. The coefficient of a pair ("CPE1_0") stands for its
            effective capacitance.
        single: How each spectrum is fitted first, for the start.
        arrow: The method.
    """

    circuit: str
    laws: Mapping[str, Law] = field(default_factory=dict)
    single: CircuitFit = CircuitFit("R0")
    arrow: Arrow = Arrow()

    def __post_init__(self) -> None:
        circuit = Circuit.of(self.circuit)
        if wrong := [n for n in self.laws if n not in circuit.names]:
            raise DataError(
                f"laws: circuit '{self.circuit}' has no parameter '{wrong[0]}'; it has "
                f"{', '.join(circuit.names)}"
            )

    def __call__(
        self,
        spectra: Sequence[Spectrum],
        along: Sequence[float],
        *,
        noise: Noise = None,
        seed: int = 0,
        start: Sequence[FitResult] | None = None,
    ) -> JointResult:
        """Fit all spectra together.

        Args:
            spectra: Of one cell.
            along: Temperature (K), pressure (Pa), time (s) or cycle of each.
            noise: As in `CircuitFit`.
            seed: Of the starts of the single fits.
            start: Single fits that were made before; None: they are made.

        Raises:
            DataError: Fewer than two spectra, not one condition each, or a condition that is
                negative, or zero where a law needs its logarithm or inverse.
        """
        where = np.asarray(along, dtype=float)
        if len(spectra) < 2 or where.shape != (len(spectra),):
            raise DataError(f"{where.size} conditions beside {len(spectra)} spectra; two at least")
        if not (np.all(np.isfinite(where)) and np.all(where >= 0.0)):
            raise DataError("conditions must be positive: K, Pa, s, or the number of a cycle")
        fit = replace(self.single, circuit=self.circuit)
        quick = replace(fit, uncertainty=replace(fit.uncertainty, profile=False))
        if start is None:
            start = quick(spectra, noise=noise, seed=seed, ordered=True)
        search = Search(fit, spectra, noise, seed)
        design = self._design(search.circuit, where)
        first = np.array([search.circuit.inner(f.values) for f in start])
        found = self.arrow(search.problem, design, first, search.box)
        result = self._result(search, design, found, where)
        if result.good or len(spectra) < FEWEST:  # else wrong minima may have led it astray
            return result
        again = self.arrow(search.problem, design, _lines(first, where), search.box)
        if again.cost.sum() >= found.cost.sum():
            return result
        return self._result(search, design, again, where)

    def _laws(self, circuit: Circuit) -> list[tuple[str, Law]]:
        """Law of each inner parameter, beside its outer name."""
        found = []
        for i, k in enumerate(circuit.order):
            name, meaning = circuit.names[k], circuit.meanings[k]
            stays = not meaning.log or meaning.unit.startswith(("F", "H"))
            fallback: Law = Shared() if stays else Free()
            if circuit.inner_meanings[i] is TIME and meaning is TIME:
                fallback = Free()
            found.append((name, self.laws.get(name, fallback)))
        return found

    def _design(self, circuit: Circuit, along: Array) -> Design:
        """All laws as matrices; the time constant of a pair carries its resistance as well."""
        laws = self._laws(circuit)
        count, size = along.size, circuit.size
        offset, columns = np.zeros((count, size)), []
        free, owners = np.zeros((size, 0)), []
        for i, (name, law) in enumerate(laws):
            shift, slopes = law.design(along)
            offset[:, i] += shift
            if not slopes.shape[1]:
                unit = np.zeros((size, 1))
                unit[i] = 1.0
                free = np.concatenate([free, unit], axis=1)
            for j, term in enumerate(law.terms):
                column = np.zeros((count, size))
                column[:, i] = slopes[:, j]
                columns.append(column)
                owners.append((name, type(law).__name__, term, i))
        common = np.stack(columns, axis=2) if columns else np.zeros((count, size, 0))
        for r, tau in _pairs(circuit):  # ln tau = ln C + ln R
            offset[:, tau] += offset[:, r]
            common[:, tau] += common[:, r]
            free[tau] += free[r]
        return Design(offset, common, free, tuple(owners))

    def _result(self, search: Search, design: Design, found: Any, along: Array) -> JointResult:
        circuit, problem = search.circuit, search.problem
        counts = problem.counts
        chi2 = found.cost / (2 * counts)
        free = design.free.shape[1] + design.common.shape[2] / len(along)
        rule = search.fit.floor
        heights = [
            rule.height(float(c), float(s), 2 * int(n), round(free), d)
            for c, s, n, d in zip(chi2, search.noise, counts, search.freedom, strict=True)
        ]
        at_floor = tuple(h <= rule.deviations for h in heights)
        errors = []
        for x, covariance in zip(found.x, found.covariances(design), strict=True):
            turn = circuit.turned(x)
            own = np.sqrt(np.maximum(np.diag(turn @ covariance @ turn.T), 0.0))
            value = circuit.values(x)
            own = np.where([m.log for m in circuit.meanings], own, own / np.abs(value))
            errors.append(tuple(float(v) for v in own))
        return JointResult(
            circuit=circuit.text,
            along=tuple(float(v) for v in along),
            names=circuit.names,
            values=tuple(tuple(float(v) for v in circuit.values(x)) for x in found.x),
            errors=tuple(errors),
            terms=_terms(circuit, design, found),
            chi2=tuple(float(v) for v in chi2),
            floors=tuple(
                rule.level(float(s), 2 * int(n), round(free))
                for s, n in zip(search.noise, counts, strict=True)
            ),
            at_floor=at_floor,
            good=all(at_floor),
            warnings=_warnings(heights, rule.deviations, along, found),
        )


def _lines(first: Array, along: Array) -> Array:
    """Inner parameters on Siegel's lines (medians of medians of slopes): half the fits may err."""
    x = np.log(along) if np.all(along > 0.0) else along
    apart = x[:, None] - x[None, :]
    differs = np.abs(apart) > 0.0
    if not differs.any():
        return np.broadcast_to(np.median(first, axis=0), first.shape)
    slopes = (first[:, None] - first[None]) / np.where(differs, apart, np.nan)[..., None]
    slope = np.median(np.nanmedian(slopes[differs.any(axis=1)], axis=1), axis=0)
    return np.median(first - x[:, None] * slope, axis=0) + x[:, None] * slope


def _pairs(circuit: Circuit) -> list[tuple[int, int]]:
    """Inner places of resistance and time constant of every pair."""
    found = []
    for g in circuit.groups:
        if isinstance(g.members[0], Pair):
            count = len(g.members)
            found += [(g.first + k, g.first + count + k) for k in range(count)]
    return found


def _terms(circuit: Circuit, design: Design, found: Any) -> tuple[LawTerm, ...]:
    """Numbers of the laws with their standard deviations."""
    terms = []
    sigma = np.sqrt(np.maximum(np.diag(found.common_covariance), 0.0))
    for (name, law, term, place), value, error in zip(
        design.owners, found.common, sigma, strict=True
    ):
        meaning = circuit.meanings[circuit.order[place]]
        inner = circuit.inner_meanings[place]
        unit = term.unit or ("F" if inner is TIME and meaning is not TIME else meaning.unit)
        if term.log and inner.log:
            value, error = math.exp(value), math.exp(value) * error
        terms.append(
            LawTerm(
                name, law, term.name, float(value) * term.scale, float(error) * term.scale, unit
            )
        )
    return tuple(terms)


def _warnings(heights: list[float], most: float, along: Array, found: Any) -> tuple[str, ...]:
    said = []
    if not found.converged:
        said.append("the joint fit ran out of steps; its numbers are those of the last one")
    if out := [f"{along[k]:.5g}" for k, h in enumerate(heights) if h > most]:
        said.append(
            f"{len(out)} of {len(heights)} spectra stay above the noise (at {', '.join(out[:4])}): "
            "a law or what is shared does not hold; free it and compare"
        )
    return tuple(said)
