r"""A face as a dynamic system and its linear answer: what an impedance is computed from.

With the charge of double layers and dielectrics as further states a face is $y' = f(y, j)$,
$V = g(y, j)$. The states are the voltages $v$ of constriction, interphase and films, the
overpotential $\eta$, the void $h$:

$$ \tau \dot v = j R(a) - v, \qquad C a\,\dot\eta = j - j_F(\eta, a), \qquad
   \dot h = \frac{V_\mathrm{Li}}{F}\left[\max(j_F, 0) - \chi \max(-j_F, 0)\,g(h)\right] - v(h, a) $$

Contact that is lost takes the charge of its double layer along, so $C a$ stands before the
derivative. Derivatives are exact (complex step).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE
from anolyte.laws.voids import CLOSED, stripping_speed
from anolyte.models.cell.faces import Array, FaceLaws, Surroundings

STEP = 1e-30
"""Imaginary step of the derivatives; so small that its square vanishes."""

# --- The linear system --------------------------------------------------------------------------


@dataclass(frozen=True)
class Modes:
    r"""An impedance as a sum of poles, $Z = d + \sum_k r_k/(i\omega - \lambda_k)$; cells first.

    Args:
        poles: 1/s, shape (cells, modes); a resistance beside a capacitance is one mode.
        residues: ohm m2/s.
        direct: ohm m2, shape (cells,).

    >>> arc = Modes(np.array([[-10.0]]), np.array([[30.0]]), np.array([1.0]))
    >>> arc([10.0 / (2.0 * np.pi)]).tolist()
    [[(2.5-1.5j)]]
    """

    poles: Any
    residues: Any
    direct: Any

    def __call__(self, frequency: Any) -> Any:
        """ohm m2 at frequencies in Hz, shape (cells, frequencies)."""
        s = 2j * np.pi * np.asarray(frequency, dtype=float)
        found = np.repeat(self.direct[:, None] + 0j, s.size, axis=1)
        for k in range(self.poles.shape[1]):
            found += self.residues[:, k, None] / (s - self.poles[:, k, None])
        return found

    def __add__(self, other: Modes) -> Modes:
        return Modes(
            np.concatenate([self.poles, other.poles], axis=1),
            np.concatenate([self.residues, other.residues], axis=1),
            self.direct + other.direct,
        )


@dataclass(frozen=True)
class Linear:
    """dy/dt = A y + b j, V = c y + d j around an operating point; cells first.

    Args:
        matrix: A, 1/s, shape (cells, states, states).
        drive: b, shape (cells, states).
        read: c, shape (cells, states).
        direct: d, ohm m2, shape (cells,).
    """

    matrix: Any
    drive: Any
    read: Any
    direct: Any

    def modes(self) -> Modes:
        """The eigen-decomposition.

        Time constants differ by twenty orders of magnitude. The states are ordered from fast to
        slow and what stores charge in a dielectric feeds nothing back, so that LAPACK's balancing
        splits it off and each small eigenvalue keeps its digits.
        """
        poles, vectors = np.linalg.eig(self.matrix)
        into = np.linalg.solve(vectors, self.drive[..., None] + 0j)[..., 0]
        out = np.einsum("cs,csk->ck", self.read, vectors)
        return Modes(poles, out * into, self.direct)


# --- One face as a dynamic system ---------------------------------------------------------------


@dataclass(frozen=True)
class Face:
    """A face as y' = f(y, j), V = g(y, j); arrays over cells.

    The states, along the last axis: voltages of those of constriction, interphase and films that
    store charge (V), overpotential (V), void (m).

    Args:
        laws: Its laws.
        around: Pressure, temperature, conductivity of the electrolyte.
        thickness: Of the interphase, m.
        double_layer: F/m2 of contact.
        times: Time constants of constriction, interphase and films, s; None: no capacitance is
            known.
        follows: Share of the contact that an electrode that shrinks keeps.
    """

    laws: FaceLaws
    around: Surroundings
    thickness: Array
    double_layer: Any
    times: tuple[Any, Any, Any] = (None, None, None)
    follows: Any = 1.0

    def share(self, void: Any) -> Any:
        """Share of the face that passes ions."""
        return self.laws.conducting(void, self.follows)

    def resistances(self, void: Any) -> tuple[Any, Any, Any]:
        """Area resistances of constriction, interphase and films, ohm m2."""
        share = self.share(void)
        constriction = self.laws.constriction(share, self.around.conductivity)
        interphase = self.thickness * (1.0 / self.laws.interphase_conductivity) / share
        return constriction, interphase, self.laws.layers(self.around.temperature) + 0.0 * share

    def faradaic(self, overpotential: Any, share: Any) -> Any:
        """Current density of charge transfer, A/m2 of the whole face: `laws.transfer` inverted."""
        thermal = 2.0 * BOLTZMANN * self.around.temperature / ELEMENTARY_CHARGE
        exchange = self.laws.transfer.exchange(self.around.temperature)
        return 2.0 * exchange * share * np.sinh(overpotential / thermal)

    def void_speed(self, void: Any, faradaic: Any) -> Any:
        """dh/dt, m/s, as the stepper has it.

        Without a current half of it counts as stripping and half as plating: what a small
        alternating current about zero does on average over a period.
        """
        laws, pressure = self.laws, self.around.pressure
        strips = 0.5 * faradaic * (1.0 + np.sign(np.real(faradaic)))
        plates = strips - faradaic
        closing = laws.voids.closing(pressure, self.around.temperature)
        refill = laws.refill * plates * (1.0 - np.exp(-void / CLOSED))
        opening = stripping_speed(strips - refill, laws.molar_volume)
        return opening - closing(void, laws.loss(void), pressure)

    def rates(self, y: Any, current: Any) -> Any:
        """dy/dt at states of shape (cells, states) and a current of the face in A/m2."""
        *stored, overpotential, void = np.moveaxis(np.asarray(y), -1, 0)
        share = self.share(void)
        faradaic = self.faradaic(overpotential, share)
        known = [(r, t) for r, t in zip(self.resistances(void), self.times, strict=True)
                 if t is not None]  # fmt: skip
        found = [(current * r - v) / t for (r, t), v in zip(known, stored, strict=True)]
        found.append((current - faradaic) / (self.double_layer * share))
        found.append(self.void_speed(void, faradaic))
        return np.stack(np.broadcast_arrays(*found), axis=-1)

    def voltage(self, y: Any, current: Any) -> Any:
        """What the face adds to the voltage, V, with the sign of its own current."""
        *stored, overpotential, void = np.moveaxis(np.asarray(y), -1, 0)
        found = overpotential + sum(stored)
        for resistance, time in zip(self.resistances(void), self.times, strict=True):
            found = found + (current * resistance if time is None else 0.0)
        return found

    def relaxed(self, void: Any, current: Any) -> Any:
        """The states at a void and a current with everything else at rest."""
        share = self.share(void)
        found = [current * r for r, t in zip(self.resistances(void), self.times, strict=True)
                 if t is not None]  # fmt: skip
        found.append(self.laws.transfer(current, share, self.around.temperature))
        return np.stack(np.broadcast_arrays(*found, void), axis=-1)

    def linear(self, void: Any, current: Any) -> Linear:
        """The linear system around a void and a current, shape (cells,) each."""
        y = self.relaxed(void, current)
        rates, voltages = [], []
        for k in range(y.shape[-1] + 1):
            moved = y + 1j * STEP * (np.arange(y.shape[-1]) == k)
            j = current + 1j * STEP * (k == y.shape[-1])
            rates.append(self.rates(moved, j).imag / STEP)
            voltages.append(np.broadcast_to(self.voltage(moved, j).imag / STEP, current.shape))
        # voids in units of 1 nm: with volts and nanometres the eigenvectors are well scaled
        unit = np.where(np.arange(y.shape[-1]) == y.shape[-1] - 1, CLOSED, 1.0)
        matrix = np.stack(rates[:-1], axis=-1) * unit / unit[:, None]
        read = np.stack(voltages[:-1], axis=-1) * unit
        return Linear(matrix, rates[-1] / unit, read, voltages[-1])

    def transfer_resistance(self, void: Any, current: Any) -> Any:
        """Differential resistance of charge transfer, ohm m2."""
        share = self.share(void)
        return self.laws.transfer(current + 1j * STEP, share, self.around.temperature).imag / STEP

    def slow(self, void: Any, current: Any) -> tuple[Any, Any, Any, Any]:
        """Slopes of the quasi-static face: dV/dj, dV/dh, and of dh/dt after j and h."""
        h, j, i = void, current, 1j * STEP

        def voltage(h: Any, j: Any) -> Any:
            return self.voltage(self.relaxed(h, j), j).imag / STEP

        return (
            voltage(h + 0 * i, j + i),
            voltage(h + i, j + 0 * i),
            self.void_speed(h + 0 * i, j + i).imag / STEP,
            self.void_speed(h + i, j + 0 * i).imag / STEP,
        )
