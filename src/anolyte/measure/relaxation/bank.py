r"""A bank of relaxations on one grid of frequencies: what Kramers-Kronig tests and spectra of
relaxation times are both made of.

$$ \phi_k(\omega) = \frac{1}{1 + i\omega\tau_k}
   = \frac{1}{1 + \omega^2\tau_k^2} - i\,\frac{\omega\tau_k}{1 + \omega^2\tau_k^2} $$

Weighted inner products of two members follow from a sum over the frequencies for each member,

$$ \sum_n w_n^2\,\mathrm{Re}(\bar\phi_k\phi_l) = \frac{\tau_k S_k + \tau_l S_l}{\tau_k + \tau_l},
   \qquad S_k = \sum_n \frac{w_n^2}{1 + \omega_n^2\tau_k^2} , $$

by partial fractions: a Gram matrix of K members costs K sums, not K squared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Bank:
    """Relaxations of given time constants at given angular frequencies.

    Args:
        angular: Angular frequencies, rad/s, (N,).
        time_constants: s, (K,).
        storage: Real parts, (N, K).
        loss: Negative imaginary parts, (N, K).
    """

    angular: Array
    time_constants: Array
    storage: Array
    loss: Array

    @classmethod
    def of(cls, angular: Array, time_constants: Array) -> Bank:
        """The bank of all members at all frequencies.

        >>> bank = Bank.of(np.array([2.0]), np.array([0.5]))
        >>> complex(bank.columns()[0, 0])
        (0.5-0.5j)
        """
        product = angular[:, None] * time_constants
        storage = 1.0 / (1.0 + product**2)
        return cls(angular, time_constants, storage, product * storage)

    def columns(self) -> Array:
        """Complex values, (N, K)."""
        return self.storage - 1j * self.loss

    def sums(self, weights: Array) -> Array:
        """S of every member, (B, K), from squared weights (B, N)."""
        return weights @ self.storage

    def products(self, weights: Array, impedance: Array) -> Array:
        """Inner products with impedances (B, N) under squared weights (B, N): (B, K)."""
        real = (weights * np.real(impedance)) @ self.storage
        return real - (weights * np.imag(impedance)) @ self.loss


def gram(time_constants: Array, sums: Array) -> Array:
    """Inner products of all pairs, (..., K, K).

    Args:
        time_constants: s, (..., K).
        sums: `Bank.sums` of them, (..., K).

    >>> bank = Bank.of(np.array([1.0, 3.0]), np.array([0.5, 2.0]))
    >>> direct = (bank.columns().conj().T @ bank.columns()).real
    >>> bool(np.allclose(direct, gram(bank.time_constants, bank.sums(np.ones((1, 2)))[0])))
    True
    """
    share = time_constants * sums
    total = share[..., :, None] + share[..., None, :]
    return total / (time_constants[..., :, None] + time_constants[..., None, :])


def ends(angular: Array, beyond: float) -> tuple[float, float]:
    """Shortest and longest time constant, `beyond` decades outside the measured range, s."""
    reach = 10.0**beyond
    return 1.0 / (reach * float(np.max(angular))), reach / float(np.min(angular))


@lru_cache(maxsize=8)
def _grid(angular: bytes, shortest: float, longest: float, count: int) -> Bank:
    return Bank.of(np.frombuffer(angular), np.geomspace(shortest, longest, count))


def even_bank(angular: Array, beyond: float, count: int) -> Bank:
    """The bank of `count` time constants, evenly spaced in their logarithm."""
    return _grid(
        np.ascontiguousarray(angular, dtype=float).tobytes(), *ends(angular, beyond), count
    )


def blocks(impedance: Array) -> bool:
    """Whether the phase at the lowest frequency is nearer to a capacitor's than a resistor's.

    >>> blocks(np.array([1.0 - 0.1j, 1.0 - 5.0j]))
    True
    """
    last = complex(impedance[-1])
    return -last.imag > abs(last.real)


def loop_start(impedance: Array, noise: float) -> int | None:
    """Place of the first point of an inductive loop at low frequency; None: there is none.

    Two neighbours with Im Z three times above the noise, below the inductive end of the cable.

    Args:
        impedance: ohm, complex (N,), from high to low frequency.
        noise: Relative standard deviation of a part.

    >>> loop_start(np.array([1 + 1j, 1 - 1j, 2 - 1j, 1 + 0.1j, 1 + 0.2j]), 0.001)
    3
    """
    high = np.imag(impedance) > 3.0 * noise * np.abs(impedance)
    cable = int(np.argmin(high)) if not high.all() else high.size
    both = np.flatnonzero(high[cable:-1] & high[cable + 1 :])
    return int(both[0]) + cable if both.size else None
