r"""From a minimum to a statement: is it as good as the noise allows, and what does it not know?

A right circuit leaves $\chi^2 = s^2 (1 - p/2N)$ with a relative standard deviation of
$\sqrt{2/(2N - p)}$; the noise itself is known only so well. A fit is at the floor where $\chi^2$
stays within a few such deviations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.units import show
from anolyte.measure.arcs import Arc, against_sweep
from anolyte.measure.circuits.processes import arcs_of, as_known, overlapping
from anolyte.measure.circuits.result import FitResult, OtherMinimum, Parameter, Together
from anolyte.measure.circuits.tree import Circuit

if TYPE_CHECKING:
    from anolyte.measure.circuits.fit import CircuitFit
    from anolyte.measure.circuits.search import Found, Search
    from anolyte.measure.circuits.uncertainty import Spread

Array = NDArray[Any]


@dataclass(frozen=True)
class Floor:
    """When a fit is as good as the noise allows.

    Args:
        deviations: Standard deviations of chi squared that are still allowed: at 4 one clean fit
            in ten thousand is called bad.
        uncertainty: Relative standard deviation of a noise that was given.
        negligible: Relative noise below which nothing is judged; no instrument is better.
        content: Standard deviations, of squares or of waves, from which on more starts are made: a
            fit that high is more often a wrong minimum than bad luck.
        wave: Standard deviations of the product of neighbouring residuals that are still allowed:
            a wrong circuit leaves a wave where its squares may still pass.

    >>> Floor()(1.0e-5, 0.003, 178, 11), Floor()(2.0e-5, 0.003, 178, 11)
    (True, False)
    """

    deviations: float = 4.0
    content: float = 1.5
    uncertainty: float = 0.05
    negligible: float = 1e-4
    wave: float = 4.0

    def __call__(
        self, chi2: float, noise: float, parts: int, free: int, freedom: float = math.inf
    ) -> bool:
        """Whether a mean square is at the floor.

        Args:
            chi2: Mean squared relative residual of a part.
            noise: Relative standard deviation of a part.
            parts: Residuals: twice the points.
            free: Parameters fitted.
            freedom: Degrees of freedom behind the noise; infinite: it was given.
        """
        return self.height(chi2, noise, parts, free, freedom) <= self.deviations

    def height(
        self, chi2: float, noise: float, parts: int, free: int, freedom: float = math.inf
    ) -> float:
        """How far a mean square lies above what a right circuit leaves, in standard deviations."""
        doubt = 4.0 * self.uncertainty**2 if math.isinf(freedom) else 2.0 / max(freedom, 1.0)
        relative = math.sqrt(2.0 / max(parts - free, 1) + doubt)
        return (chi2 / self.level(noise, parts, free) - 1.0) / relative

    def level(self, noise: float, parts: int, free: int) -> float:
        """What a right circuit leaves."""
        return max(noise, self.negligible) ** 2 * max(1.0 - free / parts, 1.0 / parts)

    def together(self, residual: Array) -> float:
        """How far neighbouring residuals, complex (N,), go together, in standard deviations."""
        size = float(np.mean(np.abs(residual) ** 2))
        if not size > self.negligible**2:
            return 0.0
        product = float(np.real(np.sum(residual[1:] * residual[:-1].conj())))
        return product / (size * math.sqrt(0.5 * (residual.size - 1)))


def judged(fit: CircuitFit, search: Search, k: int, found: Found, spread: Spread) -> FitResult:
    """The result of one spectrum.

    Args:
        fit: Settings.
        search: With the spectra and their noise.
        k: Which spectrum.
        found: Its minima.
        spread: Uncertainty of the best of them.
    """
    spectrum, circuit = search.spectra[k], search.circuit
    x, cost = found.x[0], float(found.cost[0])
    parts = 2 * spectrum.frequency.size
    free = int(np.count_nonzero((search.box.lower < search.box.upper) & ~spread.at_bound))
    noise = float(search.noise[k])
    values = _floats(circuit.values(x))
    residual = circuit.impedance(values, spectrum.frequency) / spectrum.impedance - 1.0
    residual = residual * spectrum.impedance / np.abs(spectrum.impedance)
    weight = search.problem.weight[k, : spectrum.frequency.size] * np.abs(spectrum.impedance)
    at_floor = search.height(k, cost) <= fit.floor.deviations
    wavy = fit.floor.together(weight * residual) > fit.floor.wave
    turn = circuit.turned(x)
    covariance = turn @ spread.covariance @ turn.T
    parameters = _parameters(search, x, values, covariance, spread)
    arcs = as_known(arcs_of(circuit, values, covariance), {p.name: p.error for p in parameters})
    arcs = against_sweep(arcs, float(spectrum.frequency.max()))
    reached = max(cost, float(found.scouted.min()))  # the last steps of the best may gain more
    hits = np.count_nonzero(found.scouted <= reached * (1.0 + fit.hit) + 1e-30)
    low, high = circuit.limits(values)
    aicc, bic = information(cost, parts, free)
    result = FitResult(
        spectrum=spectrum.name,
        circuit=circuit.text,
        parameters=parameters,
        covariance=tuple(_floats(row) for row in covariance),
        chi2=cost / parts,
        noise=noise,
        noise_origin="given" if search.given else "points",
        floor=fit.floor.level(noise, parts, free),
        at_floor=at_floor,
        good=at_floor and not wavy,
        hit_rate=float(hits) / found.scouted.size,
        starts=found.scouted.size,
        others=_others(search, found, spread, fit.rival, parts),
        arcs=arcs,
        sums=_sums(circuit, values, covariance, arcs),
        low_frequency=low,
        high_frequency=high,
        aicc=aicc,
        bic=bic,
        frequency=_floats(spectrum.frequency),
        residual_real=_floats(residual.real),
        residual_imaginary=_floats(residual.imag),
    )
    return _warned(result, spectrum, wavy)


def _floats(array: Any) -> tuple[float, ...]:
    return tuple(float(v) for v in array)


def information(cost: float, parts: int, free: int) -> tuple[float, float]:
    r"""Akaike's criterion for small samples and Bayes', with an unknown variance.

    $$ \mathrm{AICc} = m \ln\frac{\mathrm{cost}}{m} + 2k + \frac{2k(k+1)}{m-k-1}, \qquad
       \mathrm{BIC} = m \ln\frac{\mathrm{cost}}{m} + k \ln m, \qquad k = p + 1 $$

    Args:
        cost: Squares.
        parts: m, residuals.
        free: p, parameters.
    """
    k = free + 1
    base = parts * math.log(max(cost, 1e-300) / parts)
    left = parts - k - 1
    small = 2.0 * k * (k + 1) / left if left > 0 else math.inf
    return base + 2.0 * k + small, base + k * math.log(parts)


def _parameters(
    search: Search, x: Array, values: tuple[float, ...], covariance: Array, spread: Spread
) -> tuple[Parameter, ...]:
    """Outer parameters; an interval comes from the inner parameter where they are the same."""
    circuit = search.circuit
    reach = search.fit.uncertainty.quantile(max(2 * int(search.problem.counts.min()), 1))
    inner = {int(o): i for i, o in enumerate(circuit.order)}
    fixed = set(search.fit.fixed)
    found = []
    for k, (name, meaning, value) in enumerate(
        zip(circuit.names, circuit.meanings, values, strict=True)
    ):
        i = inner[k]
        sigma = math.sqrt(max(float(covariance[k, k]), 0.0))
        same = circuit.inner_meanings[i] is meaning
        centre = math.log(value) if meaning.log else value
        if same:
            low, high, profiled = spread.low[i], spread.high[i], bool(spread.profiled[i])
        else:
            ends = spread.coefficients[k]
            low, high, profiled = centre + ends.low, centre + ends.high, ends.profiled
        if same and spread.at_bound[i]:
            low, high = float(x[i]), float(x[i])
        held = name in fixed or (same and bool(spread.at_bound[i]))
        if profiled:  # not conditional on what stands at a bound
            sigma = max(sigma, float(high - low) / (2.0 * reach))
        error = sigma if meaning.log else sigma / abs(value)
        found.append(
            Parameter(
                name, value, meaning.unit, meaning.kind,
                error=None if held or not math.isfinite(error) else error,
                low=None if held else _outside(low, meaning.log),
                high=None if held else _outside(high, meaning.log),
                profiled=profiled,
                at_bound=bool(same and spread.at_bound[i]),
                fixed=name in fixed,
            )
        )  # fmt: skip
    return tuple(found)


def _outside(end: float, log: bool) -> float | None:
    """End of an interval as its value; None: open."""
    if not math.isfinite(end) or (log and abs(end) > 600.0):
        return None
    return float(math.exp(end)) if log else float(end)


def _others(
    search: Search, found: Found, spread: Spread, rival: float, parts: int
) -> tuple[OtherMinimum, ...]:
    """Other minima that noise does not exclude."""
    best, variance = found.cost[0], max(spread.variance, 1e-300)
    return tuple(
        OtherMinimum(
            _floats(search.circuit.values(found.x[j])),
            float(found.cost[j]) / parts,
            float((found.cost[j] - best) / variance),
        )
        for j in search.rivals(found, spread, rival)
    )


def _sums(
    circuit: Circuit, values: tuple[float, ...], covariance: Array, arcs: tuple[Arc, ...]
) -> tuple[Together, ...]:
    """Sums of arcs that cannot be told apart."""
    found = []
    where = {name: k for k, name in enumerate(circuit.names)}
    for run in overlapping(arcs):
        places = [where[a.name] if a.name in where else where[f"{a.name}_0"] for a in run]
        r = np.array([values[p] for p in places])
        variance = float(r @ covariance[np.ix_(places, places)] @ r)
        total = float(r.sum())
        error = math.sqrt(max(variance, 0.0)) / total
        found.append(Together(tuple(a.name for a in run), total, error))
    return tuple(found)


def _warned(result: FitResult, spectrum: Any, wavy: bool) -> FitResult:
    """The result with what to know before using it."""
    from dataclasses import replace

    said: list[str] = []
    if not result.at_floor:
        ratio = math.sqrt(result.chi2 / max(result.floor, 1e-300))
        size = np.hypot(result.residual_real, result.residual_imaginary)
        worst = int(np.argmax(size))
        said.append(
            f"the fit stays above the noise: its residual is {ratio:.3g} times what noise leaves; "
            f"the largest is {size[worst]:.2g} of |Z| at {spectrum.place(worst)}; the circuit or a "
            "point of the spectrum is wrong"
        )
    elif wavy:
        said.append(
            "neighbouring residuals go together: the circuit bends another way than the spectrum; "
            "try one arc more"
        )
    said += _unknown(result) + _beyond(result)
    if result.others:
        said.append(
            f"{len(result.others)} other solution(s) fit as well: see `others`; a spectrum at "
            "another temperature would decide"
        )
    elif result.starts >= 8 and result.hit_rate * result.starts < 3:
        said.append(
            f"only {result.hit_rate * result.starts:.0f} of {result.starts} starts met the best "
            "minimum: there may be a better one"
        )
    for total in result.sums:
        said.append(
            f"{' and '.join(total.names)} overlap: only their sum of {total.resistance:.4g} ohm is "
            "known well; another temperature parts them"
        )
    return replace(result, warnings=tuple(said))


def _beyond(result: FitResult) -> list[str]:
    """Arcs whose top the sweep does not reach: they may be several."""
    return [
        f"{a.name} peaks at about {show(a.frequency, 'frequency', 2)}, beyond the sweep: it may be "
        "the sum of faster processes; measure colder or to higher frequency"
        for a in result.arcs
        if not a.in_sweep
    ]


def _unknown(result: FitResult) -> list[str]:
    """Parameters that the data do not know."""
    said = []
    for p in result.parameters:
        if p.at_bound:
            said.append(f"{p.name} stands at its bound {p.value:.4g}: the spectrum wants it beyond")
        elif p.error is None and not p.fixed:
            said.append(
                f"{p.name} is open on one side: its relative error is not known; measure where "
                "its element shows"
            )
        elif p.error is not None and p.error > 1.0:
            said.append(
                f"{p.name} is not known: its relative error is {p.error:.2g}; leave its element "
                "out, or measure where it shows"
            )
    return said
