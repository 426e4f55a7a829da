r"""Potentials across a slab: macroscopic average, vacuum level, work function, electron transfer.

A planar average V(z) over a periodic cell of length L swings by volts between atomic planes. The
macroscopic average over a window d removes what repeats every d,

$$ \bar V(z) = \frac{1}{d} \int_{z-d/2}^{z+d/2} V(z')\,dz' $$

(Baldereschi et al., Phys. Rev. Lett. 1988, 61, 734), and the work function is that of the vacuum
above the surface, $\Phi = V_\mathrm{vac} - E_F$. Lengths in angstrom, energies in eV, as the files
of the codes' users hold them. Range: cells whose third vector is normal to the surface.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anolyte.core.errors import DataError

Array = NDArray[np.float64]

BOHR = 0.529177210903  # angstrom, CODATA 2018
RYDBERG = 13.605693122994  # eV, CODATA 2018
THINNEST_VACUUM = 6.0  # angstrom: in less, the tails of two surfaces meet
FLAT = 0.05  # eV: a vacuum level is sought where the potential changes by less
MOST_POINTS = 1_000_000


@dataclass(frozen=True)
class Profile:
    """A planar average over one period of a cell.

    Args:
        z: Positions, evenly spaced from 0, (points,), angstrom.
        values: The quantity, (points,): eV for a potential.
    """

    z: tuple[float, ...]
    values: tuple[float, ...]

    @property
    def length(self) -> float:
        """The period, angstrom."""
        return self.z[-1] - self.z[0] + (self.z[1] - self.z[0])

    def macroscopic(self, window: float) -> Profile:
        """The average over a window (angstrom) around each point.

        Exact for a potential that its samples determine: in reciprocal space the window is a sinc.

        Raises:
            DataError: A window that is not between 0 and the period.

        >>> z = np.arange(64) / 64 * 8.0
        >>> wave = Profile(tuple(z), tuple(1.0 + np.cos(2 * np.pi * z / 2.0)))
        >>> [round(v, 9) for v in wave.macroscopic(2.0).values[:3]]
        [1.0, 1.0, 1.0]
        """
        if not 0.0 < window <= self.length:
            raise DataError(
                f"window {window:g} angstrom: take one between 0 and the cell's {self.length:g}"
            )
        count = len(self.values)
        waves = np.fft.rfftfreq(count, d=self.length / count)
        smooth = np.fft.irfft(np.fft.rfft(self.values) * np.sinc(waves * window), count)
        return Profile(self.z, tuple(smooth.tolist()))


@dataclass(frozen=True)
class Vacuum:
    """The potential in the vacuum on both sides of a slab, eV.

    Args:
        above, below: Levels beyond the top and the bottom surface.
        spread: Largest change of the potential within the two stretches that were averaged.
    """

    above: float
    below: float
    spread: float

    @property
    def flat(self) -> bool:
        """Whether the vacuum is wide enough to have a level."""
        return self.spread < FLAT


def vacuum(profile: Profile, heights: Sequence[float]) -> Vacuum:
    """The vacuum levels of a slab.

    The vacuum is the widest gap between atomic heights. Its middle is left out, where a dipole
    correction jumps, and so are the surfaces' tails.

    Args:
        profile: Planar average of the electrostatic potential, eV.
        heights: z of the atoms, angstrom.

    Raises:
        DataError: No atoms, or too little vacuum.
    """
    if not len(heights):
        raise DataError("no atoms: where the vacuum is cannot be told")
    length = profile.length
    sorted_heights = np.sort(np.mod(heights, length))
    gaps = np.diff(np.append(sorted_heights, sorted_heights[0] + length))
    widest = int(np.argmax(gaps))
    gap, top = float(gaps[widest]), float(sorted_heights[widest])
    if gap < THINNEST_VACUUM:
        raise DataError(
            f"the vacuum is {gap:.1f} angstrom wide; a level needs {THINNEST_VACUUM:g} or more"
        )
    into = np.mod(np.array(profile.z) - top, length) / gap
    values = np.array(profile.values)
    sides = [values[(into > low) & (into < high)] for low, high in ((0.3, 0.42), (0.58, 0.7))]
    if min(side.size for side in sides) < 2:
        raise DataError(f"{len(values)} points are too few to see the vacuum")
    return Vacuum(
        above=float(sides[0].mean()),
        below=float(sides[1].mean()),
        spread=float(max(np.ptp(side) for side in sides)),
    )


def work_function(level: float, fermi: float) -> float:
    """Energy (eV) to take an electron from the Fermi level to the vacuum outside.

    >>> work_function(4.2, 1.3)
    2.9000000000000004
    """
    return level - fermi


def schottky_barrier(metal: float, affinity: float) -> float:
    r"""Barrier for electrons from a metal into a solid without dipole at the contact, eV.

    $$ \phi_B = \Phi_M - \chi $$ with the work function of the metal and the electron affinity
    (vacuum level minus conduction edge) of the solid: the Schottky-Mott limit. Range: an estimate;
    charge that moves at a real contact shifts it by tenths of an eV and more.

    >>> round(schottky_barrier(2.9, 2.5), 6)
    0.4
    """
    return metal - affinity


def transfer_depth(profile: Profile, interface: float, share: float = 0.9) -> float:
    r"""How deep electrons reach into the solid beyond an interface, angstrom.

    The depth t that holds a share s of the electrons that the solid has gained in all,
    $$ \int_{z_0}^{z_0+t} \max(\Delta n, 0)\,dz = s \int_{z_0}^{L} \max(\Delta n, 0)\,dz $$

    Args:
        profile: Planar average of the charge density difference, electrons per angstrom.
        interface: z of the interface; the solid lies above it.
        share: Of the electrons gained; definitions differ among papers, so state it.

    Raises:
        DataError: An interface outside the cell, or no electrons gained.

    >>> z = np.arange(200) * 0.1
    >>> round(transfer_depth(Profile(tuple(z), tuple(np.exp(-z))), 0.0), 2)
    2.3
    """
    z = np.array(profile.z)
    gained = np.maximum(np.array(profile.values), 0.0)[z >= interface]
    if gained.size < 2 or not gained.any():
        raise DataError(f"no electrons are gained beyond z = {interface:g} angstrom")
    running = np.append(0.0, np.cumsum(0.5 * (gained[1:] + gained[:-1])))
    return float(np.interp(share * running[-1], running, z[z >= interface] - interface))


def read_profile(path: Path, *, length: float = 1.0, energy: float = 1.0) -> Profile:
    """A planar average from columns: position, planar average (others are left alone).

    Args:
        path: Text; `#` begins a comment. average.x writes `avg.dat` in bohr and Ry.
        length: Angstrom per unit of the first column.
        energy: eV per unit of the second.

    Raises:
        DataError: Not such a file; one line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name}: cannot be read ({type(error).__name__})") from None
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split("#")[0].split()
        if not fields:
            continue
        try:
            z, value = (float(f) for f in fields[:2])
        except ValueError:
            raise DataError(f"{path.name} line {number}: expected two numbers or more") from None
        rows.append((z, value))
    return _checked(np.array(rows[:MOST_POINTS]), path.name, length, energy)


def _checked(table: Array, name: str, length: float, energy: float) -> Profile:
    if len(table) < 4 or not np.isfinite(table).all() or np.abs(table).max() > 1e9:
        raise DataError(f"{name}: holds no planar average (four points or more, finite numbers)")
    z = table[:, 0]
    steps = np.diff(z)
    # average.x prints nine decimals; a repeated last point or a gap shows as an uneven step.
    if steps.min() <= 0.0 or np.ptp(steps) > 1e-3 * steps.mean():
        raise DataError(f"{name}: positions are not evenly spaced and rising")
    return Profile(tuple((z * length).tolist()), tuple((table[:, 1] * energy).tolist()))
