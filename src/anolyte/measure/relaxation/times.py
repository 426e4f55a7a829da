r"""Spectrum of relaxation times (DRT) by non-negative, smoothed least squares.

$$ Z(\omega) = R_\infty + i\omega L + \frac{1}{i\omega C_0}
   + \int \frac{\gamma(\ln\tau)}{1 + i\omega\tau}\,d\ln\tau , \qquad \gamma \ge 0 $$

$$ \min \sum_n \left|\frac{Z_n - Z(\omega_n)}{Z_n}\right|^2
   + \lambda \int \left(\frac{\gamma''}{\max \mathrm{Re} Z}\right)^2 d\ln\tau $$

on time constants that reach a decade beyond the measured range on both sides, so that an arc whose
top lies outside is still counted. A positive spectrum cannot show inductive loops; whether the
measurement asks for one is tested and said.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError
from anolyte.core.result import Result, quantity
from anolyte.core.units import show
from anolyte.measure.arcs import Arc, against_sweep
from anolyte.measure.records import Spectrum
from anolyte.measure.relaxation.bank import Bank, blocks, ends, gram, loop_start
from anolyte.measure.relaxation.peaks import PeakRules, RelaxationPeak, Scatter, arcs_of, peaks
from anolyte.numerics import regularised
from anolyte.numerics.later import special
from anolyte.numerics.regularised import Fixed, Quadratic, Solution, WeightChoice

Array = NDArray[Any]
ROUGH = 1e-7
"""Weight at which hardly anything but the sign of gamma limits the fit."""
HALFWAY = 1e-5
"""Weight from whose answer that one is started; a step of four decades takes longer than two."""
GRID = 0.04
"""Relative misfit that a sharp relaxation between two time constants makes, over the square of
their step in ln tau: 0.2 % at ten a decade, a quarter of that at twenty."""


@dataclass(frozen=True)
class RelaxationResult(Result):
    """A spectrum of relaxation times and the processes in it.

    Args:
        name: Of the measured spectrum.
        weight: Of the penalty, as chosen.
        peaks: All peaks, side peaks marked, in order of time constant.
        arcs: Processes in order of time constant, areas of side peaks included.
        negative_chance: Probability that noise alone makes relaxations of either sign fit so much
            better than positive ones.
        time_constant: s, (K,).
        gamma: ohm per unit of ln tau, (K,).
        lower, upper: Bounds between which 90 % of the resampled spectra lie; empty: not resampled.
            They hold the scatter by noise, not the smoothing.
        noise: Relative misfit per part less the parameters spent.
        rough_noise: The same without smoothing.
        resistance: At infinite frequency, ohm.
        inductance: In series, H.
        polarisation: Area of gamma, ohm.
        capacitance: In series, F; None: not fitted or not needed.
        warnings: What the spectrum does not show, a sentence each.
    """

    name: str
    weight: float
    peaks: tuple[RelaxationPeak, ...]
    arcs: tuple[Arc, ...]
    negative_chance: float
    time_constant: tuple[float, ...] = quantity("time")
    gamma: tuple[float, ...] = quantity("resistance")
    lower: tuple[float, ...] = quantity("resistance")
    upper: tuple[float, ...] = quantity("resistance")
    noise: float = quantity("fraction")
    rough_noise: float = quantity("fraction")
    resistance: float = quantity("resistance")
    inductance: float = quantity("inductance")
    polarisation: float = quantity("resistance")
    capacitance: float | None = quantity("capacitance", default=None)
    warnings: tuple[str, ...] = ()
    references: ClassVar[tuple[str, ...]] = ("golub1979gcv", "hansen1992lcurve")

    def rows(self) -> list[dict[str, Any]]:
        """One row a time constant."""
        low = self.lower or (None,) * len(self.gamma)
        high = self.upper or (None,) * len(self.gamma)
        return [
            {
                "spectrum": self.name, "time constant [s]": t, "gamma [Ω]": g,
                "lower [Ω]": a, "upper [Ω]": b,
            }
            for t, g, a, b in zip(self.time_constant, self.gamma, low, high, strict=True)
        ]  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Grid:
    """What depends on the frequencies alone: columns, scaled; their penalty."""

    bank: Bank
    beside: Array  # (N, F) complex, scaled
    scale: Array  # (F,) unknown of a scaled column to SI
    penalty: Array
    step: float


@lru_cache(maxsize=8)
def _grid(angular: bytes, beyond: float, per_decade: int, inductive: bool, blocking: bool) -> _Grid:
    omega = np.frombuffer(angular)
    shortest, longest = ends(omega, beyond)
    count = int(np.ceil(per_decade * np.log10(longest / shortest) - 1e-6)) + 1
    tau = np.geomspace(shortest, longest, count)
    step = float(np.log(tau[1] / tau[0]))
    high, low = float(omega.max()), float(omega.min())
    beside: list[Array] = [np.ones_like(omega) + 0j]
    scale = [1.0]
    if inductive:
        beside.append(1j * omega / high)
        scale.append(1.0 / high)
    if blocking:
        beside.append(-1j * low / omega)
        scale.append(low)
    bend = np.zeros((count - 2, count + len(scale)))
    rows = np.arange(count - 2)
    for shift, value in enumerate((1.0, -2.0, 1.0)):
        bend[rows, len(scale) + rows + shift] = value / step**1.5
    return _Grid(Bank.of(omega, tau), np.stack(beside, 1), np.array(scale), bend.T @ bend, step)


@dataclass(frozen=True)
class RelaxationTimes:
    """Settings of the spectrum of relaxation times; call it with a spectrum.

    Args:
        weight: How the weight of the penalty is chosen: `Fixed`, `GeneralisedCrossValidation`,
            `LCurve` or `Discrepancy` of `anolyte.numerics.regularised`.
        per_decade: Time constants per decade.
        beyond: Decades beyond the measured range, each side.
        inductive: Whether an inductance in series is fitted.
        blocking: Whether a capacitance in series is fitted; None: where the phase at the lowest
            frequency is nearer to a capacitor's than to a resistor's.
        resamples: Of the residual, for the bands; 0: none.
        seed: Of the resampling.
        rules: Which peaks count as processes.
        negative_tolerated: Negative real part, relative to the modulus, that noise may make.
        false_alarm: Chance of speaking of negative relaxations where there are none.

    >>> omega = 2 * np.pi * np.geomspace(1e6, 1e-1, 60)
    >>> z = 10 + 100 / (1 + 1j * omega * 1e-3)
    >>> found = RelaxationTimes(resamples=0)(Spectrum.of(omega / 2 / np.pi, z))
    >>> round(found.arcs[0].resistance, -1), len(found.arcs)
    (100.0, 1)
    """

    weight: WeightChoice = Fixed(1e-3)
    per_decade: int = 10
    beyond: float = 1.0
    inductive: bool = True
    blocking: bool | None = None
    resamples: int = 100
    seed: int = 0
    rules: PeakRules = PeakRules()
    negative_tolerated: float = 0.05
    false_alarm: float = 1e-3

    def __call__(self, spectrum: Spectrum) -> RelaxationResult:
        """The spectrum of relaxation times of an impedance spectrum.

        Raises:
            DataError: A real part that is clearly negative, or no impedance at all; let
                the gate clean it first.
        """
        z = spectrum.impedance
        wrong = ~(np.real(z) > -self.negative_tolerated * np.abs(z)) | (z == 0.0)
        if bad := [spectrum.place(int(k)) for k in np.flatnonzero(wrong)]:
            raise DataError(
                f"{spectrum.name}: the real part is not positive at {', '.join(bad[:3])}; "
                "leave such points out (the gate's `cleaned` does)"
            )
        blocking = blocks(z) if self.blocking is None else self.blocking
        omega = np.ascontiguousarray(2.0 * np.pi * spectrum.frequency)
        grid = _grid(omega.tobytes(), self.beyond, self.per_decade, self.inductive, blocking)
        # Not the modulus, which grows without end in a blocking cell.
        size = float(max(np.max(np.real(z)), 1e-6 * np.max(np.abs(z))))
        problem = _problem(grid, z / size)
        solution = self.weight(problem)
        again = self._resampled(grid, z / size, problem, solution)
        return self._result(spectrum, grid, problem, solution, again, size)

    def _resampled(
        self, grid: _Grid, z: Array, problem: Quadratic, solution: Solution
    ) -> Array | None:
        """Unknowns of spectra with resampled residuals, (B, K)."""
        if self.resamples == 0:
            return None
        columns = np.concatenate([grid.beside, grid.bank.columns() * grid.step], axis=1)
        columns = columns / np.abs(z)[:, None]
        design = np.concatenate([np.real(columns), np.imag(columns)])
        unit = z / np.abs(z)
        wanted = np.concatenate([np.real(unit), np.imag(unit)])
        residual = wanted - design @ solution.unknown
        spent = regularised.freedom_spent(problem, solution)
        residual = residual * np.sqrt(residual.size / max(residual.size - spent, 1.0))
        rng = np.random.default_rng(self.seed)
        drawn = rng.choice(residual - residual.mean(), (self.resamples, residual.size))
        drawn = np.concatenate([np.zeros((1, residual.size)), drawn])
        rights = problem.gram @ solution.unknown + drawn @ design
        found = regularised.solve_many(problem, rights, solution)
        # What is fitted again is smoothed again: that shift, seen without noise, is taken off.
        return np.maximum(found[1:] + (solution.unknown - found[0]), 0.0)

    def _result(
        self,
        spectrum: Spectrum,
        grid: _Grid,
        problem: Quadratic,
        solution: Solution,
        again: Array | None,
        size: float,
    ) -> RelaxationResult:
        extra = len(grid.scale)
        tau = grid.bank.time_constants
        gamma = solution.unknown[extra:] * size
        resampled = None if again is None else again[:, extra:] * size
        omega = grid.bank.angular
        measured = (1.0 / float(omega.max()), 1.0 / float(omega.min()))
        rough = _rough(problem, solution, grid)
        scatter = Scatter(rough.gamma * size, resampled)
        found = peaks(gamma, tau, scatter, measured, self.rules)
        arcs = against_sweep(
            arcs_of(found, gamma, tau, scatter, self.rules), float(spectrum.frequency.max())
        )
        beside = solution.unknown[:extra] * grid.scale * size
        elastance = float(beside[-1]) if extra == 2 + self.inductive else 0.0
        band = (None, None) if resampled is None else np.quantile(resampled, (0.05, 0.95), axis=0)
        noise = _noise(problem, solution)
        return RelaxationResult(
            name=spectrum.name,
            time_constant=_plain(tau),
            gamma=_plain(gamma),
            lower=_plain(band[0]),
            upper=_plain(band[1]),
            weight=solution.weight,
            noise=noise,
            rough_noise=rough.noise,
            resistance=float(beside[0]),
            inductance=float(beside[1]) if self.inductive else 0.0,
            capacitance=1.0 / elastance if elastance > 0.0 else None,
            polarisation=float(gamma.sum() * grid.step),
            peaks=found,
            arcs=arcs,
            negative_chance=rough.chance,
            warnings=(
                *_negative(spectrum, rough, self.false_alarm),
                *_smoothed(noise, max(rough.noise, rough.either)),
                *_outside(arcs, found, gamma, measured),
            ),
        )


def _plain(values: Array | None) -> tuple[float, ...]:
    return () if values is None else tuple(float(v) for v in values)


def _problem(grid: _Grid, z: Array) -> Quadratic:
    """Normal equations of one spectrum, weighted by its modulus."""
    weights = 1.0 / np.abs(z) ** 2
    extra, step = len(grid.scale), grid.step
    tau, bank = grid.bank.time_constants, grid.bank
    sums = bank.sums(weights[None])[0]
    total = extra + tau.size
    matrix = np.empty((total, total))
    matrix[extra:, extra:] = gram(tau, sums) * step**2
    beside = grid.beside * weights[:, None]
    cross = np.real(beside).T @ bank.storage - np.imag(beside).T @ bank.loss
    matrix[:extra, extra:] = cross * step
    matrix[extra:, :extra] = matrix[:extra, extra:].T
    matrix[:extra, :extra] = np.real(beside.conj().T @ grid.beside)
    product = np.empty(total)
    product[:extra] = np.real(z @ beside.conj())
    product[extra:] = bank.products(weights[None], z[None])[0] * step
    free = np.ones(total, dtype=bool)
    return Quadratic(matrix, product, grid.penalty, float(z.size), 2 * z.size, free)


def _noise(problem: Quadratic, solution: Solution) -> float:
    left = max(problem.rows - regularised.freedom_spent(problem, solution), 1.0)
    return float(np.sqrt(problem.misfit(solution.unknown) / left))


@dataclass(frozen=True, eq=False)
class _Rough:
    """The fit with hardly any smoothing, positive and of either sign.

    Args:
        gamma: Of the positive one, scaled, (K,).
        noise: Relative misfit of the positive one per part.
        either: The same of the one of either sign, or what the grid makes if that is more.
        chance: That noise alone makes the latter so much better.
    """

    gamma: Array
    noise: float
    either: float
    chance: float


def _rough(problem: Quadratic, solution: Solution, grid: _Grid) -> _Rough:
    """Whether relaxations of either sign fit better than noise lets them, by an F test.

    Misfit that the spacing of the time constants alone can make is not counted.
    """
    halfway = regularised.solve(problem, HALFWAY, solution.positive)
    rough = regularised.solve(problem, ROUGH, halfway.positive)
    matrix = problem.gram + ROUGH * problem.penalty
    either = regularised.positive_definite(matrix, problem.product)
    spent = float(np.trace(regularised.positive_definite(matrix, problem.gram)))
    left = max(problem.rows - spent, 1.0)
    more = max(spent - regularised.freedom_spent(problem, rough), 1.0)
    best = problem.misfit(either)
    unseen = GRID * grid.step**2
    spread = max(best / left, unseen**2)
    gained = max(problem.misfit(rough.unknown) - best, 0.0)
    chance = float(special.fdtrc(more, left, gained / more / spread))
    noise = _noise(problem, rough)
    return _Rough(rough.unknown[len(grid.scale) :], noise, float(np.sqrt(spread)), chance)


def _negative(spectrum: Spectrum, rough: _Rough, alarm: float) -> list[str]:
    """What a positive spectrum cannot show."""
    told = []
    loop = loop_start(spectrum.impedance, rough.either)
    if loop is not None:
        at = show(float(spectrum.frequency[loop]), "frequency")
        told.append(
            f"Im Z is positive below {at}: an inductive loop, which positive relaxations cannot "
            "show; fit a circuit with an inductive branch, and repeat the sweep to exclude drift"
        )
    elif rough.chance < alarm:
        told.append(
            "relaxations of either sign fit better than positive ones (by noise alone with "
            f"probability {max(rough.chance, 1e-15):.1g}): a negative relaxation, drift or bad "
            "points; ask the gate which"
        )
    return told


def _smoothed(noise: float, rough: float) -> list[str]:
    if noise <= 1.5 * rough:
        return []
    return [
        f"smoothing costs more than the noise: misfit {show(noise, 'fraction', 2)} against "
        f"{show(rough, 'fraction', 2)} without; take a smaller weight or weight=Discrepancy()"
    ]


def _outside(
    arcs: tuple[Arc, ...],
    found: tuple[RelaxationPeak, ...],
    gamma: Array,
    measured: tuple[float, float],
) -> list[str]:
    told = []
    for arc in arcs:
        if not arc.in_sweep:
            told.append(
                f"{arc.name} lies above the highest frequency: its resistance is known from its "
                "foot only, together with the series resistance"
            )
        elif arc.time_constant > measured[1]:
            told.append(
                f"{arc.name} lies below the lowest frequency: it is not finished; measure to "
                f"{show(0.1 / (2.0 * np.pi * arc.time_constant), 'frequency', 1)}"
            )
    if found and gamma[-1] > 0.5 * gamma.max():
        told.append(
            "gamma rises to its slow end: the cell blocks; its last process is not finished, and "
            "a constant phase element has no single capacitance"
        )
    return told
