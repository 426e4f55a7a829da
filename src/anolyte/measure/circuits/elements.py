r"""Elements of circuits: what each does to an alternating current, and how it changes.

Names, order of parameters and units are those of impedance.py, so that its circuits and values can
be used as they are. With $s = i\omega$:

| element | impedance | parameters |
| --- | --- | --- |
| `R`, `C`, `L` | $R$, $1/(sC)$, $sL$ | ohm; F; H |
| `La` | $(L s)^\alpha$ | H s^(1-1/alpha) ("H s"), 1 |
| `CPE` | $1/(Q s^n)$ | F s^(n-1), 1 |
| `W` | $A_W (1-i)/\sqrt\omega$ | ohm s^-1/2 |
| `Ws` | $R \tanh(q)/q$, $q = \sqrt{s\tau}$: finite length, open for ions at its end | ohm, s |
| `Wo` | $R \coth(q)/q$: finite space, closed at its end | ohm, s |
| `G`, `Gs` | $R/u$, $R/(u \tanh\phi u)$, $u = \sqrt{1 + s\tau}$ | ohm, s, 1 |
| `K`, `Zarc` | $R/(1 + s\tau)$, $R/(1 + (s\tau)^n)$ | ohm, s, 1 |
| `TLMQ` | $R \coth(q)/q$, $q^2 = R Q s^n$: pores | ohm, F s^(n-1), 1 |
| `T` | $A\coth(\beta)/\beta + B/(\beta\sinh\beta)$, $\beta^2 = a + s b$: porous | ohm, ohm, 1, s |

Every element gives its impedance and the slopes along its *inner* parameters at once: logarithms,
except of exponents, which stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Both = tuple[Array, tuple[Array, ...]]
QUARTER = 0.5j * math.pi
"""Imaginary part of ln(s)."""
STEEPEST = 500.0
"""Logarithm at which powers are cut: beyond it the arc is over in double precision."""


class Sweep:
    r"""Frequencies of a batch: $\omega$ and its logarithm, shaped (1 or B, 1, N)."""

    __slots__ = ("log", "log_s", "omega", "s")

    def __init__(self, omega: Array) -> None:
        self.omega = omega
        self.log = np.log(omega)
        self.log_s = self.log + QUARTER
        self.s = 1j * omega

    @classmethod
    def of(cls, frequency: Any) -> Sweep:
        """From frequencies in Hz, (N,) or (B, N)."""
        f = np.atleast_2d(np.asarray(frequency, dtype=float))
        return cls(2.0 * math.pi * f[:, None, :])

    def rows(self, which: Array) -> Sweep:
        """The frequencies of some spectra; itself where all share one grid."""
        if self.omega.shape[0] == 1:
            return self
        found = Sweep.__new__(Sweep)
        for name in Sweep.__slots__:
            setattr(found, name, getattr(self, name)[which])
        return found


@dataclass(frozen=True)
class Meaning:
    """What a parameter of an element is.

    Args:
        unit: As people write it, SI.
        kind: Of `core.units.KINDS`; empty: it has none there.
        log: Whether its logarithm is fitted; it is positive then.
        low, high: Bounds; wide enough to be only a guard for logarithms.
        jitter: How far copies of a start are spread, of its logarithm or of itself.
    """

    unit: str
    kind: str = ""
    log: bool = True
    low: float = 1e-30
    high: float = 1e30
    jitter: float = 0.4


RESISTANCE = Meaning("ohm", "resistance", low=1e-9, high=1e18)
CAPACITANCE = Meaning("F", "capacitance", low=1e-18, high=1e9, jitter=0.6)
INDUCTANCE = Meaning("H", "inductance", low=1e-15, high=1e6, jitter=0.6)
TIME = Meaning("s", "time", low=1e-15, high=1e12, jitter=0.6)
EXPONENT = Meaning("1", "number", log=False, low=0.5, high=1.0, jitter=0.04)
COEFFICIENT = Meaning("F s^(n-1)", low=1e-18, high=1e9, jitter=0.6)
WARBURG = Meaning("ohm s^-1/2", low=1e-9, high=1e18)
NUMBER = Meaning("1", "number", low=1e-9, high=1e9)


class Element:
    """What all elements have: letters, parameters, impedance with slopes, limits."""

    letters: ClassVar[str]
    parameters: ClassVar[tuple[Meaning, ...]]

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        """Impedance and its slope along each inner parameter, all (B, K, N) or (B, K, 1).

        Args:
            sweep: Frequencies.
            x: Inner parameters, each (B, K, 1).
        """
        raise NotImplementedError

    def limits(self, *value: float) -> tuple[float, float]:
        """Impedance at frequencies towards zero and towards infinity, ohm; real or infinite."""
        raise NotImplementedError


class Resistor(Element):
    """A resistance."""

    letters = "R"
    parameters = (RESISTANCE,)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        z = np.exp(x[0]) + 0j
        return z, (z,)

    def limits(self, *value: float) -> tuple[float, float]:
        return value[0], value[0]


class Capacitor(Element):
    """A capacitance."""

    letters = "C"
    parameters = (CAPACITANCE,)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        z = np.exp(-x[0]) / sweep.s
        return z, (-z,)

    def limits(self, *value: float) -> tuple[float, float]:
        return math.inf, 0.0


class Inductor(Element):
    """An inductance."""

    letters = "L"
    parameters = (INDUCTANCE,)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        z = np.exp(x[0]) * sweep.s
        return z, (z,)

    def limits(self, *value: float) -> tuple[float, float]:
        return 0.0, math.inf


class ModifiedInductor(Element):
    r"""$(L s)^\alpha$, as impedance.py computes it (its text writes $L s^\alpha$)."""

    letters = "La"
    parameters = (Meaning("H s", low=1e-15, high=1e6, jitter=0.6), EXPONENT)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        log = x[0] + sweep.log_s
        z = np.exp(x[1] * log)
        return z, (x[1] * z, log * z)

    def limits(self, *value: float) -> tuple[float, float]:
        return 0.0, math.inf


class ConstantPhase(Element):
    """A constant phase element."""

    letters = "CPE"
    parameters = (COEFFICIENT, EXPONENT)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        z = _power(sweep, -x[1], x[0] / x[1])
        return z, (-z, -z * sweep.log_s)

    def limits(self, *value: float) -> tuple[float, float]:
        return math.inf, 0.0


class SemiInfinite(Element):
    """Diffusion into an endless space."""

    letters = "W"
    parameters = (WARBURG,)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        z = np.exp(x[0] - 0.5 * sweep.log) * (1.0 - 1.0j)
        return z, (z,)

    def limits(self, *value: float) -> tuple[float, float]:
        return math.inf, 0.0


class FiniteLength(Element):
    """Diffusion through a layer whose far side lets everything through."""

    letters = "Ws"
    parameters = (RESISTANCE, TIME)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        r = np.exp(x[0])
        half = np.exp(0.5 * (sweep.log + x[1])) * math.sqrt(0.5)
        tangent = _tangent(half)
        ratio = tangent * ((0.5 - 0.5j) / half)
        return r * ratio, (r * ratio, (0.5 * r) * (1.0 - tangent * tangent - ratio))

    def limits(self, *value: float) -> tuple[float, float]:
        return value[0], 0.0


class FiniteSpace(Element):
    """Diffusion in a layer whose far side is closed."""

    letters = "Wo"
    parameters = (RESISTANCE, TIME)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        r = np.exp(x[0])
        half = np.exp(0.5 * (sweep.log + x[1])) * math.sqrt(0.5)
        inverse = 1.0 / _tangent(half)
        ratio = inverse * ((0.5 - 0.5j) / half)
        return r * ratio, (r * ratio, (0.5 * r) * (1.0 - inverse * inverse - ratio))

    def limits(self, *value: float) -> tuple[float, float]:
        return math.inf, 0.0


class Gerischer(Element):
    """Diffusion with a reaction on the way, in an endless space."""

    letters = "G"
    parameters = (RESISTANCE, TIME)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        turn = np.exp(x[1]) * sweep.s
        z = np.exp(x[0]) / np.sqrt(1.0 + turn)
        return z, (z, -0.5 * z * turn / (1.0 + turn))

    def limits(self, *value: float) -> tuple[float, float]:
        return value[0], 0.0


class FiniteGerischer(Element):
    """Diffusion with a reaction on the way, in a layer."""

    letters = "Gs"
    parameters = (RESISTANCE, TIME, NUMBER)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        turn = np.exp(x[1]) * sweep.s
        root = np.sqrt(1.0 + turn)
        depth = np.exp(x[2]) * root
        tangent = np.tanh(depth)
        z = np.exp(x[0]) / (root * tangent)
        fall = depth * (1.0 / tangent - tangent)
        return z, (z, -0.5 * z * (1.0 + fall) * turn / (1.0 + turn), -z * fall)

    def limits(self, *value: float) -> tuple[float, float]:
        return value[0] / math.tanh(value[2]), 0.0


class Relaxation(Element):
    """A resistance beside a capacitance, by its time constant."""

    letters = "K"
    parameters = (RESISTANCE, TIME)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        share = 1.0 / (1.0 + np.exp(x[1]) * sweep.s)
        z = np.exp(x[0]) * share
        return z, (z, -z * (1.0 - share))

    def limits(self, *value: float) -> tuple[float, float]:
        return value[0], 0.0


class DepressedArc(Element):
    """A resistance beside a constant phase element, by its time constant."""

    letters = "Zarc"
    parameters = (RESISTANCE, TIME, EXPONENT)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        share = 1.0 / (1.0 + _power(sweep, x[2], x[1]))
        z = np.exp(x[0]) * share
        fall = z * (share - 1.0)
        return z, (z, x[2] * fall, fall * (x[1] + sweep.log_s))

    def limits(self, *value: float) -> tuple[float, float]:
        return value[0], 0.0


class TransmissionLine(Element):
    """Pores filled with electrolyte, their walls a constant phase element."""

    letters = "TLMQ"
    parameters = (RESISTANCE, COEFFICIENT, EXPONENT)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        r = np.exp(x[0])
        root = np.exp(0.5 * (x[0] + x[1] + x[2] * sweep.log_s))
        inverse = 1.0 / np.tanh(root)
        ratio = inverse / root
        turn = 0.5 * r * (1.0 - inverse * inverse - ratio)
        return r * ratio, (r * ratio + turn, turn, turn * sweep.log_s)

    def limits(self, *value: float) -> tuple[float, float]:
        return math.inf, 0.0


class PorousElectrode(Element):
    """A macrohomogeneous porous electrode."""

    letters = "T"
    parameters = (RESISTANCE, RESISTANCE, NUMBER, TIME)

    def slopes(self, sweep: Sweep, *x: Array) -> Both:
        turn, fixed = np.exp(x[3]) * sweep.s, np.exp(x[2])
        beta: Array = np.sqrt(fixed + turn)
        fade = np.exp(-np.minimum(np.real(beta), STEEPEST) - 1j * np.imag(beta))
        sine = 2.0 * fade / (1.0 - fade * fade)  # 1 / sinh
        inverse = (1.0 + fade * fade) / (1.0 - fade * fade)  # coth
        first, second = np.exp(x[0]) * inverse / beta, np.exp(x[1]) * sine / beta
        slope = -np.exp(x[0]) * sine * sine - first - second * (1.0 + beta * inverse)
        slope = 0.5 * slope / (beta * beta)  # along ln of beta squared, over beta squared
        return first + second, (first, second, slope * fixed, slope * turn)

    def limits(self, *value: float) -> tuple[float, float]:
        root = math.sqrt(value[2])
        return value[0] / (root * math.tanh(root)) + value[1] / (root * math.sinh(root)), 0.0


def _power(sweep: Sweep, n: Array, log: Array) -> Array:
    r"""$(s\tau)^n$ with $\ln\tau$ given."""
    grown = np.exp(np.minimum(n * (sweep.log + log), STEEPEST))
    return grown * np.exp(QUARTER * n)


def _tangent(half: Array) -> Array:
    r"""$\tanh((1 + i) a)$ for real positive a, exact for small and large ones."""
    fade = np.exp(-2.0 * half)
    found = np.empty(half.shape, dtype=complex)
    bottom = 1.0 + fade * (fade + 2.0 * np.cos(2.0 * half))
    found.real = -np.expm1(-4.0 * half) / bottom
    found.imag = 2.0 * fade * np.sin(2.0 * half) / bottom
    return found


def impedance(element: Element, frequency: Any, values: Sequence[float]) -> Array:
    """Impedance of one element alone, ohm, (N,).

    Args:
        element: One of `ELEMENTS`.
        frequency: Hz, (N,).
        values: Its parameters, SI.

    >>> import numpy as np
    >>> np.round(abs(impedance(ELEMENTS["Ws"], [1e-9, 1e9], [40.0, 30.0])), 3).tolist()
    [40.0, 0.0]
    """
    x = [
        np.full((1, 1, 1), math.log(v) if p.log else v)
        for v, p in zip(values, element.parameters, strict=True)
    ]
    z = element.slopes(Sweep.of(frequency), *x)[0]
    return np.broadcast_to(z, (1, 1, np.size(frequency)))[0, 0]


ELEMENTS: dict[str, Element] = {
    e.letters: e
    for e in (
        Resistor(), Capacitor(), Inductor(), ConstantPhase(), SemiInfinite(), FiniteSpace(),
        FiniteLength(), Gerischer(), FiniteGerischer(), Relaxation(), DepressedArc(),
        ModifiedInductor(), TransmissionLine(), PorousElectrode(),
    )
}  # fmt: skip
"""Letters to element."""
