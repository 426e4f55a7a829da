r"""Rough faces: what makes their contact elastic or plastic, their summits, their gaps."""

from __future__ import annotations

from typing import Any

import numpy as np

from anolyte.numerics.later import special


def effective_modulus(first: Any, first_ratio: Any, second: Any, second_ratio: Any) -> Any:
    r"""Modulus of a contact between two elastic solids.

    $$ \frac{1}{E^*} = \frac{1-\nu_1^2}{E_1} + \frac{1-\nu_2^2}{E_2} $$

    Args:
        first, second: Young's moduli, Pa.
        first_ratio, second_ratio: Poisson's ratios.

    >>> round(effective_modulus(2.0e9, 0.5, 1e30, 0.3) / 1e9, 3)
    2.667
    """
    return 1.0 / ((1.0 - first_ratio**2) / first + (1.0 - second_ratio**2) / second)


def plasticity_index(modulus: Any, slope: Any, hardness: Any) -> Any:
    r"""Mean pressure of elastic spots over the hardness: above one, spots flow.

    $$ \psi = \sqrt{\frac{\pi}{8}}\,\frac{E^* h'}{H} $$

    The spots of Persson's elastic contact bear the same mean pressure at every small load; an
    elastic law holds for $\psi < 1$ only. Lithium on a ceramic lies far above one.

    Args:
        modulus: Effective modulus E*, Pa.
        slope: Root-mean-square slope h' of the (combined) surface.
        hardness: Of the softer side, Pa.

    >>> round(float(plasticity_index(1.0e9, 0.1, 1.0e9)), 4)
    0.0627
    """
    return np.sqrt(np.pi / 8.0) * modulus * slope / hardness


# --- summits ------------------------------------------------------------------------------------

TINY = 1e-300
"""What is added where a logarithm would meet zero."""
NEWTON_STEPS = 60
"""Enough for every case met; Newton's method converges from one side here."""
LOWEST_SEPARATION, HIGHEST_SEPARATION = -8.0, 36.0
"""Separations over the spread of the summits between which the integrals are used."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)
_FAR = 80.0  # the integrand has fallen by exp(-40) at the end of the interval


def summits(order: float, separation: Any) -> Any:
    r"""Integral $F_n(h) = \int_h^\infty (x-h)^n \varphi(x)\,dx$ over a standard normal.

    With $x - h = u^2$ the integrand is smooth, and 96 Gauss points give ten digits.
    """
    h = np.asarray(separation, float)[..., None]
    end = np.sqrt(np.sqrt(np.maximum(h, 0.0) ** 2 + _FAR) - h)
    u = 0.5 * end * (_NODES + 1.0)
    height = np.exp(-0.5 * (h + u * u) ** 2) / np.sqrt(2.0 * np.pi)
    return np.sum(end * _WEIGHTS * u ** (2.0 * order + 1.0) * height, axis=-1)


def separation(order: float, value: Any) -> Any:
    """Separation at which `summits` has a value: its inverse.

    Newton's method on the logarithm, which is concave and falling: every iterate after the first
    lies beyond the root and approaches it from there.
    """
    wanted = np.log(np.maximum(value, TINY))
    h = np.zeros(np.shape(wanted))
    for _ in range(NEWTON_STEPS):
        total = summits(order, h)
        step = (np.log(total) - wanted) * total / (order * summits(order - 1.0, h))
        new = np.minimum(np.maximum(h + step, LOWEST_SEPARATION), HIGHEST_SEPARATION)
        done, h = np.max(np.abs(new - h), initial=0.0) < 1e-13, new
        if done:
            break
    return h


# --- gaps ---------------------------------------------------------------------------------------

EDGE = 1e-12
"""Contact shares are kept this far from 0 and 1."""


def _cut(contact: Any) -> Any:
    """Height, in units of the roughness, above which a Gaussian face is in contact."""
    return -special.ndtri(np.minimum(np.maximum(contact, EDGE), 1.0 - EDGE))


def gap_volume(roughness: Any, contact: Any) -> Any:
    r"""Volume of the gaps per area of face under a flat that touches the highest share a.

    $$ h = \sigma\left[t\,\Phi(t) + \varphi(t)\right], \qquad \Phi(t) = 1 - a $$

    Args:
        roughness: Root-mean-square height of the combined surface, m.
        contact: Share a in contact.

    Heights are Gaussian and cut off at the flat; nothing of the cut material fills the valleys, so
    that the volume is an upper bound for plastic contact. Source: the bearing-area curve of Abbott
    and Firestone for Gaussian heights.

    >>> round(float(gap_volume(1e-6, 0.5)) * 1e6, 4)
    0.3989
    """
    t = _cut(contact)
    return roughness * (t * special.ndtr(t) + np.exp(-0.5 * t * t) / np.sqrt(2.0 * np.pi))


def half_wavelength(roughness: Any, slope: Any) -> Any:
    r"""Width of the gaps of a face with one wavelength, m: $\pi\sigma/h'$.

    Args:
        roughness: Root-mean-square height, m.
        slope: Root-mean-square slope of the gradient.

    A face has many wavelengths; those that make the slope are shorter than those that make the
    height, so this is a middle. Source: a wave of wave number q has the slope $q\sigma$.

    >>> round(float(half_wavelength(0.5e-6, 0.1)) * 1e6, 1)
    15.7
    """
    return np.pi * roughness / slope
