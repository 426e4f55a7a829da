r"""Made measurements of which the truth is known; none of them is data of a real cell.

They are for trying, teaching and testing: every function says what it makes, is repeatable by its
seed, and returns what went in beside what an instrument would have written. The cells are those of
`made`: Li | garnet | Li.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import BOLTZMANN, ELEMENTARY_CHARGE
from anolyte.measure.records import Trace
from anolyte.measure.setup import Setup
from anolyte.measure.synthetic.made import (
    Pellet,
    Series,
    disturb,
    frequencies,
    measure,
)

VACUUM_PERMITTIVITY = 8.8541878128e-12  # F/m, CODATA 2018
ROOM = 298.15
HOUR = 3600.0


def ageing(noise: float = 0.003, count: int = 200, seed: int = 0, exponent: float = 0.5) -> Series:
    r"""A cell whose interphase grows for 100 h: $R_\mathrm{int} = 120\,(1 + 2 u^m)$ ohm.

    $u$ runs from 0 to 1; the boundary grows by a tenth with its constant phase element kept, the
    interface keeps its capacitance. With the defaults the growth is parabolic: 24 ohm a root hour.

    Args:
        noise: Relative.
        count: Spectra.
        seed: Of the noise.
        exponent: Of time in the growth.

    >>> made = ageing(count=3)
    >>> [round(float(t.pellet.resistance[2]), 1) for t in made.truths]
    [120.0, 289.7, 360.0]
    """
    first = Pellet()
    u = np.arange(count) / max(count - 1, 1)
    grown = 120.0 * (1.0 + 2.0 * u**exponent)
    coefficient, n = first.charges[1], first.exponent[1]
    pellets, facts = [], []
    for part, interface in zip(u, grown, strict=True):
        boundary = 60.0 * (1.0 + 0.1 * float(part))
        kept = (coefficient * boundary ** (1.0 - n)) ** (1.0 / n)
        pellets.append(
            replace(
                first,
                resistance=(first.resistance[0], boundary, float(interface)),
                capacitance=(first.capacitance[0], kept, first.capacitance[2]),
            )
        )
        facts.append(
            {
                "record": {"time": float(part) * 100.0 * HOUR},
                "facts": {"exponent": exponent, "start": 120.0, "growth": 240.0 / 100.0**exponent},
            }
        )
    return measure(pellets, noise, seed, facts)


def cold_start() -> tuple[float, ...]:
    """A poor start for `ageing`, 0.5 to 2 times off, in the order of `NAMES`."""
    v = Pellet().values
    off = (1.5, 0.5, 0.95 / v[2], 0.5, 2.0, 0.9 / v[5], 2.0, 0.5, 0.9 / v[8], 0.6, 2.0)
    return tuple(a * b for a, b in zip(v, off, strict=True))


def temperatures(
    constriction: bool = False,
    noise: float = 0.003,
    seed: int = 0,
    low: float = 243.0,
    high: float = 353.0,
    count: int = 12,
) -> Series:
    r"""One cell at many temperatures; $R = a T \exp(E_a / k_B T)$, capacitances constant.

    Energies are 0.30 eV (bulk), 0.45 eV (grain boundary) and 0.55 eV (interface). The diffusion is
    kept as it is.

    Args:
        constriction: Whether the third arc is a constriction: of the bulk's energy.
        noise: Relative.
        seed: Of the noise.
        low, high: Temperatures, K.
        count: How many, evenly spaced.
    """
    energies = [0.30, 0.45, 0.30 if constriction else 0.55]
    first, pellets, facts = Pellet(), [], []
    for t in np.linspace(low, high, count):
        inverse = ELEMENTARY_CHARGE / BOLTZMANN * (1.0 / float(t) - 1.0 / ROOM)
        scale = [float(t) / ROOM * math.exp(e * inverse) for e in energies]
        r = [a * b for a, b in zip(first.resistance, scale, strict=True)]
        pellets.append(replace(first, resistance=(r[0], r[1], r[2])))
        names = ("bulk", "boundary", "interface")
        put = {n: e * ELEMENTARY_CHARGE for n, e in zip(names, energies, strict=True)}
        facts.append({"record": {"temperature": float(t)}, "setup": {"temperature": float(t)},
                      "facts": put})  # fmt: skip
    return measure(pellets, noise, seed, facts)


def pressures(
    exponent: float = -0.5,
    noise: float = 0.003,
    seed: int = 0,
    stack: tuple[float, ...] = (1e6, 2e6, 5e6, 10e6, 20e6, 50e6),
) -> Series:
    """One cell at many stack pressures; its third arc follows a power of it.

    Args:
        exponent: -0.5 is a constriction, 0 a process that does not feel the pressure.
        noise: Relative.
        seed: Of the noise.
        stack: Pressures, Pa; the third arc has 120 ohm at 5 MPa. Its time constant is kept, as
            where the area of contact changes.
    """
    first, pellets, facts = Pellet(), [], []
    for p in stack:
        scale = (p / 5e6) ** exponent
        r, c = first.resistance, first.capacitance
        pellets.append(
            replace(
                first,
                resistance=(r[0], r[1], r[2] * scale),
                capacitance=(c[0], c[1], c[2] / scale),
            )
        )
        facts.append({"record": {"stack_pressure": p}, "setup": {"stack_pressure": p},
                      "facts": {"exponent": exponent}})  # fmt: skip
    return measure(pellets, noise, seed, facts)


def pellets(
    thicknesses: tuple[float, ...] = (0.5e-3, 1e-3, 2e-3), noise: float = 0.003, seed: int = 0
) -> Series:
    """Pellets of one material in many thicknesses: two arcs follow it, the interface does not.

    Args:
        thicknesses: m.
        noise: Relative.
        seed: Of the noise.
    """
    first, made = Pellet(), []
    for thickness in thicknesses:
        k = thickness / first.thickness
        r, c = first.resistance, first.capacitance
        made.append(
            replace(
                first,
                thickness=thickness,
                resistance=(r[0] * k, r[1] * k, r[2]),
                capacitance=(c[0] / k, c[1] / k, c[2]),
            )
        )
    return measure(made, noise, seed, [{} for _ in made])


def drifting(drift: float, noise: float = 0.003, count: int = 1, seed: int = 0) -> Series:
    """Spectra during which the interface's resistance rises evenly from point to point.

    Args:
        drift: Relative rise over the sweep; the truth's pellet is that of its start.
        noise: Relative.
        count: Spectra of different noise.
        seed: Of the noise.
    """
    f, first = frequencies(), Pellet()
    r = first.resistance
    clean = [
        replace(first, resistance=(r[0], r[1], r[2] * (1.0 + drift * k / (f.size - 1))))
        .impedance(f[k : k + 1])[0]
        for k in range(f.size)
    ]  # fmt: skip
    facts = [{"facts": {"drift": drift}} for _ in range(count)]
    return disturb(f, np.array([clean] * count), [first] * count, noise, seed, facts)


def cabled(
    inductance: float = 20e-9, noise: float = 0.003, count: int = 1, seed: int = 0
) -> Series:
    """Spectra with the inductance of a cable.

    Args:
        inductance: H.
        noise: Relative.
        count: Spectra of different noise.
        seed: Of the noise.
    """
    made = [replace(Pellet(), inductance=inductance)] * count
    return measure(made, noise, seed, [{} for _ in made])


# --- many different cells -----------------------------------------------------------------------


def cells(count: int = 1000, seed: int = 0) -> Series:
    """Different symmetric cells of a garnet over the ranges in which such cells are measured.

    Evenly over the decades: conductivity 0.1 to 1 mS/cm, permittivity 40 to 60, pellets of 6 to
    13 mm and 0.3 to 2 mm; boundaries 0.05 to 1 of the bulk's resistance with 30 to 300 times its
    capacitance; interfaces 5 to 300 ohm cm2 a side of 0.2 to 6 uF/cm2 (charge transfer), and one
    in four 50 to 500 ohm cm2 of 3 to 50 nF/cm2 (interphase); diffusion 10 to 100 ohm, 3 to 100 s;
    noise 0.1 to 1 %. The capacitances keep away from the edges between classes by 0.2 decades or
    more. Cells whose interface is not at least three times slower than their boundary are not made.

    Args:
        count: Cells.
        seed: Of the cells and of the noise.

    >>> made = cells(5, seed=1)
    >>> len(made), all(0.001 <= t.noise <= 0.01 for t in made.truths)
    (5, True)
    """
    rng = np.random.default_rng([seed, 7])
    made: list[Pellet] = []
    while len(made) < count:
        pellet = _cell(rng)
        r, c = pellet.resistance, pellet.capacitance
        if r[2] * c[2] >= 3.0 * r[1] * c[1]:
            made.append(pellet)
    noise = np.exp(rng.uniform(math.log(0.001), math.log(0.01), count))
    return measure(made, noise, seed, [{} for _ in made])


def _cell(rng: np.random.Generator) -> Pellet:
    def spread(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(math.log(low), math.log(high))))

    area = math.pi / 4.0 * spread(6e-3, 13e-3) ** 2
    thickness, conductivity = spread(0.3e-3, 2e-3), spread(0.01, 0.1)
    bulk = thickness / (conductivity * area)
    capacitance = VACUUM_PERMITTIVITY * spread(40.0, 60.0) * area / thickness
    boundary, ratio = bulk * spread(0.05, 1.0), spread(30.0, 300.0)
    slow = rng.random() < 0.75
    side = spread(5e-4, 300e-4) if slow else spread(50e-4, 500e-4)
    layer = spread(2e-3, 6e-2) if slow else spread(3e-5, 5e-4)
    return Pellet(
        resistance=(bulk, boundary, 2.0 * side / area),
        capacitance=(capacitance, capacitance * ratio, 0.5 * layer * area),
        exponent=(rng.uniform(0.94, 0.99), rng.uniform(0.85, 0.95), rng.uniform(0.75, 0.92)),
        diffusion=spread(10.0, 100.0),
        diffusion_time=spread(3.0, 100.0),
        area=area,
        thickness=thickness,
        interface="charge transfer" if slow else "interphase",
    )


# --- cycling ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Short:
    """A time during which a made cell is shorted in part.

    Args:
        start: s.
        length: s.
        depth: What is left of the resistance.
    """

    start: float = quantity("time")
    length: float = quantity("time")
    depth: float

    @property
    def hard(self) -> bool:
        """Whether less than a twentieth is left and it stays."""
        return self.depth < 0.05 and math.isinf(self.length)


@dataclass(frozen=True, kw_only=True)
class RampTruth:
    """What went into a made ramp of the current density.

    Args:
        setup: What a user would know of the cell.
        resistance: Of the whole cell times its area, without current, ohm m2.
        survived: Highest current density before the first short, A/m2; None: not even the first.
        failed: Current density at the first short, A/m2; None: no short.
        shorts: In order of time.
        charge: Of all whole half steps of survived currents, C/m2.
        passed: From the start to the first short, or to the end, C/m2.
        last: In the half step of the first short until it, C/m2.
    """

    setup: Setup
    resistance: float = quantity("area_resistance")
    survived: float | None = quantity("current_density")
    failed: float | None = quantity("current_density")
    shorts: tuple[Short, ...]
    charge: float = quantity("areal_capacity")
    passed: float = quantity("areal_capacity")
    last: float = quantity("areal_capacity")


STEP, INTERVAL, INCREMENT, RAMPS = 1800.0, 10.0, 1.0, 20
PARTIAL = Short(start=36_900.0, length=math.inf, depth=0.12)
"""In the first half step at 1.1 mA/cm2, after 900 s of it."""


def ramp(
    shorts: tuple[Short, ...] = (PARTIAL,), noise: float = 20e-6, seed: int = 0
) -> tuple[Trace, RampTruth]:
    r"""A ramp of the current density on a symmetric cell: 0.1, 0.2 ... 2 mA/cm2, half an hour each.

    Each current goes forth and back; $r = 300\,(1 + 0.15\,j\,(x/1800)^2)$ ohm cm2 with $j$ in
    mA/cm2 and $x$ the seconds in the half step. A row stands at the end of every 10 s, after one
    of rest at the very start. With the default short the last current that was survived is
    1.0 mA/cm2, 5.5 mAh/cm2 passed before it in whole steps and 5.775 until the short.

    Args:
        shorts: When and how deep; the default is a partial one that stays.
        noise: Standard deviation of the voltage, V.
        seed: Of the noise.

    >>> trace, truth = ramp()
    >>> len(trace), truth.survived, truth.failed
    (7201, 10.0, 11.0)
    """
    rows = round(STEP / INTERVAL)
    half = np.repeat(np.arange(2 * RAMPS), rows)
    x = np.tile(INTERVAL * np.arange(1, rows + 1), 2 * RAMPS)
    size = INCREMENT * (half // 2 + 1)
    time = half * STEP + x
    r = 0.03 * (1.0 + 0.015 * size * (x / STEP) ** 2)
    for short in shorts:
        during = (time > short.start) & (time <= short.start + short.length)
        r[during] = 0.03 * short.depth
    j = np.where(half % 2 == 0, size, -size)
    area = Pellet().area
    voltage = j * r + noise * np.random.default_rng(seed).standard_normal(time.size)
    zero = np.zeros(1)
    trace = Trace(
        time=np.concatenate([zero, time]),
        voltage=np.concatenate([zero, voltage]),
        current=np.concatenate([zero, j * area]),
        cycle=np.concatenate([[0], half // 2 + 1]),
        step=np.concatenate([[0], half + 1]),
        charge=np.concatenate([zero, np.abs(j) * x * area]),
        file="made",
    )
    return trace, _ramp_truth(shorts)


def _ramp_truth(shorts: tuple[Short, ...]) -> RampTruth:
    """What follows from the times of the shorts."""
    end = 2 * RAMPS * STEP
    first = min((s.start for s in shorts), default=end)
    whole, into = divmod(min(first, end), STEP)
    current = int(whole) // 2 + 1
    before = sum(2.0 * INCREMENT * k * STEP for k in range(1, current))
    odd = INCREMENT * current * STEP * (int(whole) % 2)
    last = INCREMENT * current * into
    short = first < end
    pellet = Pellet()
    return RampTruth(
        setup=pellet.setup(),
        resistance=0.03,
        survived=INCREMENT * (current - 1) if current > 1 else None,
        failed=INCREMENT * current if short else None,
        shorts=tuple(sorted(shorts, key=lambda s: s.start)),
        charge=before,
        passed=before + odd + last,
        last=last if short else 0.0,
    )


def soft_shorts(count: int = 100, seed: int = 0) -> list[tuple[Trace, RampTruth]]:
    """Ramps with one passing short each, of random start, length (10 s to 1 h) and depth.

    From 5 to 40 % of the resistance is left while it lasts.

    Args:
        count: Ramps.
        seed: Of shorts and noise.
    """
    rng = np.random.default_rng([seed, 11])
    made = []
    for k in range(count):
        start = STEP * rng.uniform(1.0, 2 * RAMPS - 2.5)
        length = float(np.exp(rng.uniform(math.log(10.0), math.log(3600.0))))
        short = Short(start=float(start), length=length, depth=float(rng.uniform(0.05, 0.40)))
        made.append(ramp((short,), seed=seed * 100_003 + k))
    return made
