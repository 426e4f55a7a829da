r"""The space-charge layer on a grid: $\varepsilon\,\Phi'' = -\rho(\Phi)$ from the face to the bulk.

Any carriers of `laws.space_charge` may fill it; potentials in V, positions in m from the face.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import solve_banded

from anolyte.core.errors import NotConverged
from anolyte.core.units import FARADAY
from anolyte.laws.space_charge import SMALL, Carriers, debye_length, thermal_voltage

TAIL = 30.0
"""Debye lengths of nearly neutral material that the grid adds behind the space charge."""
TOLERANCE = 1e-9
"""Last step of Newton's method, relative to the potential at the face."""
NEWTON_STEPS = 200


@dataclass(frozen=True)
class Profile:
    """A space-charge layer.

    Args:
        position: From the face, m; shape (nodes,), graded.
        potential: V, as are the following arrays at the same nodes.
        charge: C/m3.
        conducting: Local conductivity over that of the bulk.
        cells: Length of material that each node stands for, m.
        field: At the face, V/m.
    """

    position: np.ndarray
    potential: np.ndarray
    charge: np.ndarray
    conducting: np.ndarray
    cells: np.ndarray
    field: float

    @property
    def charge_per_area(self) -> float:
        """The layer's charge, C/m2; the face carries the opposite."""
        return float(self.charge @ self.cells)

    def resistance(self, conductivity: float) -> float:
        r"""Area resistance that the layer adds, ohm m2; negative where carriers accumulate.

        $$ R = \frac1\sigma \int_0^\infty \left(\frac{\sigma}{\sigma(x)} - 1\right) dx $$

        Args:
            conductivity: Of the bulk, S/m.
        """
        share = np.maximum(self.conducting, 1e-300)
        return float((1.0 / share - 1.0) @ self.cells) / conductivity


def profile(
    carriers: Carriers,
    potential: float,
    permittivity: float,
    temperature: float,
    nodes: int = 800,
) -> Profile:
    r"""Solve $\varepsilon\,\Phi'' = -\rho(\Phi)$ between the face and the neutral bulk.

    Finite volumes on a grid that is graded exponentially from the steepest place, the face; of
    second order. The sum of the charge equals the flux through the ends to rounding.

    Args:
        carriers: What carries the charge.
        potential: At the face, V, against the bulk.
        permittivity: F/m.
        temperature: K.
        nodes: Of the grid.

    Raises:
        NotConverged: Newton's method did not reach its tolerance, or the charge overflows.

    >>> from anolyte.laws.space_charge import TwoMobile
    >>> layer = profile(TwoMobile(1.0), 1e-3, 7e-10, 298.15)
    >>> length = debye_length(7e-10, 2.0, 298.15)
    >>> round(float(layer.field * length * 1e3), 3)
    1.0
    """
    unit = thermal_voltage(temperature)
    length = float(debye_length(permittivity, carriers.screening, temperature))
    start = potential / unit
    x = _grid(carriers, start, nodes)
    h = np.diff(x)
    cells = 0.5 * (np.append(h, 0.0) + np.append(0.0, h))
    u = _newton(carriers, start, h, cells)
    charge = carriers.charge(u)
    slope = (u[0] - u[1]) / h[0] - cells[0] * charge[0] / carriers.screening
    return Profile(
        position=x * length,
        potential=u * unit,
        charge=FARADAY * charge,
        conducting=np.asarray(carriers.conducting(u)),
        cells=cells * length,
        field=float(slope * unit / length),
    )


def _grid(carriers: Carriers, start: float, nodes: int) -> np.ndarray:
    """Positions in Debye lengths: fine at the face, far enough into the bulk."""

    def field(reduced: Any) -> Any:
        return np.sqrt(2.0 * carriers.stored(reduced) / carriers.screening)

    with np.errstate(over="ignore", invalid="ignore"):
        first = float(field(start))
    if not np.isfinite(first):
        raise NotConverged(
            f"space charge at {start:.3g} RT/F overflows; limit the sites (SiteLimited), and check "
            "that concentrations, permittivity and temperature are positive"
        )
    depth, top = TAIL, abs(start)
    if top > 1.0:  # the distance over which the potential falls to RT/F, from the first integral
        points, weights = np.polynomial.legendre.leggauss(64)
        middle = 0.5 * (1.0 + top) + 0.5 * (top - 1.0) * points
        depth += float(0.5 * (top - 1.0) * np.sum(weights / field(np.sign(start) * middle)))
    steep = 1.0 / max(first, 1.0)
    return steep * np.expm1(np.linspace(0.0, np.log1p(depth / steep), nodes))


def _newton(carriers: Carriers, start: float, h: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Reduced potential at the nodes: damped Newton on a tridiagonal system.

    The charge falls with the potential, so that the system is that of a convex energy and a step
    that is short enough always improves it.
    """
    u = start * np.exp(-np.append(0.0, np.cumsum(h)))
    u[-1] = 0.0
    stiffness = 1.0 / h[:-1] + 1.0 / h[1:]
    residual = _residual(carriers, u, h, cells)
    for _ in range(NEWTON_STEPS):
        band = np.zeros((3, len(u) - 2))
        band[0, 1:], band[2, :-1] = -1.0 / h[1:-1], -1.0 / h[1:-1]
        band[1] = stiffness - cells[1:-1] * carriers.slope(u[1:-1]) / carriers.screening
        step = np.append(np.append(0.0, solve_banded((1, 1), band, residual)), 0.0)
        if np.max(np.abs(step)) <= TOLERANCE * max(abs(start), SMALL):
            return u + step  # of quadratic convergence: what is left is rounding
        length, size = 1.0, np.linalg.norm(residual / stiffness)
        while True:
            trial = u + length * step
            residual = _residual(carriers, trial, h, cells)
            if np.linalg.norm(residual / stiffness) < size or length < 1e-6:
                break
            length *= 0.5
        u = trial
    raise NotConverged(
        f"the space-charge profile at {start:.3g} RT/F did not converge; "
        "lower the potential or limit the sites"
    )


def _residual(carriers: Carriers, u: np.ndarray, h: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """What is missing in the balance of each inner cell; the ends are held."""
    flux = np.diff(u) / h
    return np.diff(flux) + cells[1:-1] * carriers.charge(u[1:-1]) / carriers.screening
