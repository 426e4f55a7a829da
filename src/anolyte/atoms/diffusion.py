r"""Diffusion of lithium in a trajectory, near a surface against the bulk.

From the mean square displacement between two lags, so that the vibration about a site cancels,

$$ D = \frac{\langle r^2(\tau_2)\rangle - \langle r^2(\tau_1)\rangle}{2 d\,(\tau_2 - \tau_1)} $$

over d directions, with the drift of the other atoms removed. The trajectory is cut into blocks;
their scatter gives the error. With fewer than three jumps' worth of motion, or an error as large as
the value, D is not resolved and only an upper bound is told: at zero jumps of length a over an
exposure of $N t$ atom times, $D < 3 a^2/(2 d N t)$ at 95 %.

Range: a first lag past the rattling within a site (some periods, more where it is damped), jumps
that are short against the blocks. Atoms belong to a region by where they are when a
displacement begins, so what leaves it within a lag still counts; vacancies may gather at a surface,
and the ratio holds that too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from anolyte.atoms.crystal import Crystal
from anolyte.atoms.dynamics import BOLTZMANN, Trajectory
from anolyte.core.errors import DataError, MissingExtra

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
SI = 1e-5
"""m^2/s of an angstrom^2/fs."""
JUMP = 2.0
"""Shortest jump that is taken for one, angstrom."""
FEWEST_JUMPS = 3.0
QUANTILE = 1.96


class Region(Protocol):
    """Which atoms count, at each time."""

    def __call__(self, trajectory: Trajectory, placed: Array) -> Mask:
        """Of positions free of drift (frames, atoms, 3): (frames, atoms)."""
        ...


@dataclass(frozen=True)
class Everywhere:
    """All atoms."""

    def __call__(self, trajectory: Trajectory, placed: Array) -> Mask:
        """True."""
        return np.ones(placed.shape[:2], dtype=bool)


@dataclass(frozen=True)
class NearSurface:
    """Within a depth below either face of a slab whose normal is the third direction.

    Args:
        depth: Below the outermost atoms of the frame, angstrom.
        inside: The other atoms instead: those deeper.
    """

    depth: float
    inside: bool = False

    def __call__(self, trajectory: Trajectory, placed: Array) -> Mask:
        """By the height at each time."""
        height = placed[:, :, 2]
        rest = _frame(trajectory.start.crystal)
        mean = height[:, rest if rest.any() else slice(None)].mean(axis=0)
        near = np.minimum(height - mean.min(), mean.max() - height) < self.depth
        return ~near if self.inside else near


@dataclass(frozen=True)
class NearPore:
    """Within a distance of a pore's centre.

    Args:
        centre: Fractional.
        radius: angstrom.
        inside: The other atoms instead: those farther away.
    """

    centre: tuple[float, float, float]
    radius: float
    inside: bool = False

    def __call__(self, trajectory: Trajectory, placed: Array) -> Mask:
        """By the nearest image."""
        lattice = trajectory.start.crystal.matrix
        away = placed @ np.linalg.inv(lattice) - np.array(self.centre)
        near = np.linalg.norm((away - np.rint(away)) @ lattice, axis=2) < self.radius
        return ~near if self.inside else near


@dataclass(frozen=True)
class Diffusivity:
    """Diffusion coefficient at one temperature.

    Args:
        temperature: K.
        value: m^2/s, as it came out, resolved or not.
        error: Standard deviation from the blocks, m^2/s.
        jumps: The motion as a number of jumps.
        bound: Upper bound at 95 %, m^2/s.
        resolved: Whether the value means something.
        name: Of the region.
    """

    temperature: float
    value: float
    error: float
    jumps: float
    bound: float
    resolved: bool
    name: str = ""

    def __str__(self) -> str:
        if self.resolved:
            return f"{self.value:.2g} ± {self.error:.1g} m²/s at {self.temperature:.0f} K"
        return f"not resolved below {self.bound:.2g} m²/s at {self.temperature:.0f} K"


def diffusivity(
    trajectory: Trajectory,
    lags: tuple[float, float],
    *,
    region: Region | None = None,
    axes: tuple[int, ...] = (0, 1, 2),
    symbol: str = "Li",
    skip: float = 0.0,
    blocks: int = 5,
    jump: float = JUMP,
    name: str = "",
) -> Diffusivity:
    """The diffusion coefficient of one element in a region.

    Args:
        trajectory: Of a run.
        lags: Both times between which the mean square displacement rises, fs.
        region: Which atoms count; None: all.
        axes: Cartesian directions that count.
        symbol: The element.
        skip: Left out at the beginning, fs.
        blocks: Into which the rest is cut; at least three.
        jump: Length of one, angstrom.
        name: Of the region.

    Raises:
        DataError: A run that ended early, too short, or without such atoms.
    """
    if trajectory.why:
        raise DataError(f"the run ended early: {trajectory.why}")
    mobile = np.array([s == symbol for s in trajectory.start.crystal.symbols])
    if not mobile.any():
        raise DataError(f"no {symbol} moves")
    placed = drift_free(trajectory)[round(skip / trajectory.interval) :]
    counted = (region or Everywhere())(trajectory, placed)[:, mobile]
    moved = placed[:, mobile][:, :, list(axes)]
    short, long = (max(round(lag / trajectory.interval), 1) for lag in lags)
    length = len(moved) // blocks
    if blocks < 3 or short >= long or length <= long:
        raise DataError(
            f"{len(moved)} frames give no {blocks} blocks longer than {lags[1]:g} fs: run longer"
        )
    slopes, exposure = [], 0.0
    for k in range(blocks):
        cut = slice(k * length, (k + 1) * length)
        rise = [_spread(moved[cut], counted[cut], lag) for lag in (short, long)]
        if all(map(math.isfinite, rise)):
            slopes.append((rise[1] - rise[0]) / (2 * len(axes) * (long - short)))
            exposure += float(counted[cut].sum())
    if len(slopes) < 3:
        raise DataError("fewer than three blocks have atoms in the region")
    return _judged(trajectory, np.array(slopes), exposure, len(axes), jump, name)


def _judged(
    trajectory: Trajectory, slopes: Array, exposure: float, axes: int, jump: float, name: str
) -> Diffusivity:
    """The mean over blocks (angstrom^2 a frame), and whether it can be told from nothing."""
    from scipy.stats import t

    value = float(slopes.mean())
    error = float(slopes.std(ddof=1)) / math.sqrt(len(slopes))
    jumps = max(value, 0.0) * 2 * axes * exposure / jump**2
    reach = float(t.ppf(0.975, len(slopes) - 1)) * error
    bound = max(value + reach, FEWEST_JUMPS * jump**2 / (2 * axes * exposure))
    unit = SI / trajectory.interval
    return Diffusivity(
        trajectory.start.temperature, value * unit, error * unit, jumps, bound * unit,
        value - reach > 0.0 and jumps >= FEWEST_JUMPS, name,
    )  # fmt: skip


def drift_free(trajectory: Trajectory, symbol: str = "Li") -> Array:
    """Positions without the motion of the other atoms as a whole, angstrom."""
    rest = _frame(trajectory.start.crystal, symbol)
    if not rest.any():
        return trajectory.frames
    centre = trajectory.frames[:, rest].mean(axis=1, keepdims=True)
    return trajectory.frames - (centre - centre[:1])


def _frame(crystal: Crystal, symbol: str = "Li") -> Mask:
    """The atoms that do not diffuse."""
    return np.array([s != symbol for s in crystal.symbols])


def _spread(moved: Array, counted: Mask, lag: int) -> float:
    """Mean square displacement over a lag of those that count when it begins."""
    square = ((moved[lag:] - moved[:-lag]) ** 2).sum(axis=2)
    begin = counted[:-lag]
    return float(square[begin].mean()) if begin.any() else math.nan


@dataclass(frozen=True)
class Arrhenius:
    r"""$D = D_0\,e^{-E/k_B T}$ through resolved coefficients.

    Args:
        energy: eV; None: `why`.
        error: Standard deviation, eV.
        prefactor: $D_0$, m^2/s.
        points: How many temperatures it rests on.
        why: Why there is none.
    """

    energy: float | None
    error: float = math.nan
    prefactor: float = math.nan
    points: int = 0
    why: str = ""

    def agrees(self, barrier: float, sigma: float) -> bool | None:
        """Whether a barrier (eV) lies within two standard deviations; None: nothing to compare."""
        if self.energy is None:
            return None
        return abs(self.energy - barrier) <= 2.0 * math.hypot(self.error, sigma)


def arrhenius(points: Sequence[Diffusivity]) -> Arrhenius:
    """The activation energy of diffusion, from at least three temperatures.

    A line through ln D over 1/T, weighted by the errors; where the points scatter more than their
    errors say, the error of the line grows with them.
    """
    good = [p for p in points if p.resolved]
    if len({p.temperature for p in good}) < 3:
        why = (
            f"diffusion is resolved at {len(good)} of {len(points)} temperatures; three are needed"
        )
        return Arrhenius(None, points=len(good), why=why)
    x = np.array([1.0 / (BOLTZMANN * p.temperature) for p in good])
    y = np.log([p.value for p in good])
    weight = np.array([p.value / max(p.error, 1e-3 * p.value) for p in good])
    design = np.stack([np.ones_like(x), -x], axis=1) * weight[:, None]
    solution = np.linalg.lstsq(design, y * weight, rcond=None)[0]
    miss = y * weight - design @ solution
    scatter = max(1.0, float(miss @ miss) / (len(good) - 2))
    spread = np.sqrt(scatter * np.linalg.inv(design.T @ design)[1, 1])
    return Arrhenius(float(solution[1]), float(spread), float(np.exp(solution[0])), len(good))


@dataclass(frozen=True)
class Ratio:
    """Diffusion in one region over that in another, at one temperature.

    Args:
        temperature: K.
        value: None: not resolved.
        low, high: Interval of 95 %; bounds on either side where only they are known.
    """

    temperature: float
    value: float | None
    low: float = 0.0
    high: float = math.inf

    def __str__(self) -> str:
        at = f"at {self.temperature:.0f} K"
        if self.value is not None:
            return f"{self.value:.2g} ({self.low:.2g} to {self.high:.2g}) {at}"
        if math.isfinite(self.high):
            return f"not resolved below {self.high:.2g} {at}"
        return f"above {self.low:.2g} {at}" if self.low > 0.0 else f"not resolved {at}"


def ratio(one: Diffusivity, other: Diffusivity) -> Ratio:
    """One coefficient over another, with its interval or what bounds it.

    >>> fast = Diffusivity(900.0, 4e-9, 2e-10, 50.0, 5e-9, True)
    >>> slow = Diffusivity(900.0, 1e-10, 1e-10, 1.0, 4e-10, False)
    >>> print(ratio(fast, fast)), print(ratio(fast, slow)), print(ratio(slow, fast))
    1 (0.87 to 1.1) at 900 K
    above 9.1 at 900 K
    not resolved below 0.11 at 900 K
    (None, None, None)
    """
    if one.resolved and other.resolved:
        value = one.value / other.value
        spread = math.exp(QUANTILE * math.hypot(one.error / one.value, other.error / other.value))
        return Ratio(one.temperature, value, value / spread, value * spread)
    high, low = math.inf, 0.0
    if other.resolved:
        high = one.bound / (other.value * math.exp(-QUANTILE * other.error / other.value))
    if one.resolved:
        low = one.value * math.exp(-QUANTILE * one.error / one.value) / other.bound
    return Ratio(one.temperature, None, low, high)


def slab_and_bulk(
    crystal: Crystal,
    miller: tuple[int, int, int],
    *,
    thickness: float = 10.0,
    vacuum: float = 10.0,
    width: float = 7.0,
    vacancies: int = 1,
    seed: int = 0,
) -> tuple[Crystal, Crystal]:
    """A slab with two equal faces and the bulk in the same orientation, both short of lithium.

    Args:
        crystal: At rest.
        miller: Of the face, in the vectors of the crystal as it is given.
        thickness, vacuum: angstrom.
        width: Least length of both vectors in the plane, angstrom.
        vacancies: Neutral ones in the bulk; the slab gets the same share, at least one.
        seed: Where they are.

    Raises:
        DataError: No slab of that face has equal faces and the crystal's composition.
        MissingExtra: pymatgen is not installed.
    """
    try:
        from pymatgen.core.surface import SlabGenerator
    except ImportError as error:
        raise MissingExtra(
            "pymatgen is not installed: pip install 'anolyte[structures]'"
        ) from error
    made = SlabGenerator(
        crystal.pymatgen(), miller, thickness, vacuum, center_slab=True, primitive=False,
        lll_reduce=True,
    ).get_slabs(symmetrize=False)  # fmt: skip
    fit = [
        s for s in made
        if s.is_symmetric(symprec=0.1) and Crystal.of(s).formula == crystal.formula
    ]  # fmt: skip
    if not fit:
        raise DataError(f"{crystal.formula} {miller}: no slab with two equal faces")
    slab: Any = min(fit, key=len)
    both = []
    for cell, tall in ((slab, False), (slab.oriented_unit_cell, True)):
        lengths = cell.lattice.abc
        times = [math.ceil(width / x - 1e-6) for x in lengths[:2]]
        times.append(math.ceil(width / lengths[2] - 1e-6) if tall else 1)
        whole = cell.copy(site_properties={}).make_supercell(times, in_place=False)
        both.append(_upright(Crystal.of(whole)))
    share = vacancies / both[1].symbols.count("Li")
    wanted = max(1, round(share * both[0].symbols.count("Li")))
    return _short_of(both[0], wanted, seed), _short_of(both[1], vacancies, seed)


def _upright(crystal: Crystal) -> Crystal:
    """Turned so that the plane of the first two vectors lies in x and y."""
    a, b, _ = crystal.matrix
    normal = np.cross(a, b)
    x, z = a / np.linalg.norm(a), normal / np.linalg.norm(normal)
    turn = np.stack([x, np.cross(z, x), z]).astype(float)
    lattice = np.asarray(crystal.matrix @ turn.T, dtype=np.float64)
    return Crystal.of_arrays(lattice, crystal.symbols, np.array(crystal.positions))


def _short_of(crystal: Crystal, count: int, seed: int) -> Crystal:
    """Without some of its lithium."""
    lithium = [k for k, s in enumerate(crystal.symbols) if s == "Li"]
    gone = set(np.random.default_rng(seed).choice(lithium, count, replace=False).tolist())
    kept = [k for k in range(len(crystal.symbols)) if k not in gone]
    symbols = tuple(crystal.symbols[k] for k in kept)
    return Crystal(crystal.lattice, symbols, tuple(crystal.positions[k] for k in kept))
