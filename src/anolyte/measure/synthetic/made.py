r"""A made cell whose spectrum is known exactly, and measurements of it with noise.

Symmetric, Li | garnet | Li, without a series resistance,

$$ Z = \sum_{k=1}^{3} \frac{R_k}{1 + R_k Q_k (i\omega)^{n_k}}
   + R_W \frac{\tanh\sqrt{i\omega\tau_W}}{\sqrt{i\omega\tau_W}} + i\omega L_s, \qquad
   Q_k = C_k^{n_k} R_k^{n_k - 1} $$

with arcs of bulk, grain boundary and both interfaces together, and a diffusion of finite length.
Noise is relative to the size of each point, of the same standard deviation in both parts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anolyte.core.result import quantity
from anolyte.measure.arcs import Arc
from anolyte.measure.records import Spectrum
from anolyte.measure.setup import Setup

Array = NDArray[Any]

CIRCUIT = "p(R1,CPE1)-p(R2,CPE2)-p(R3,CPE3)-Ws1"
"""The circuit of all made spectra, as impedance.py writes it."""
NAMES = ("R1", "CPE1_0", "CPE1_1", "R2", "CPE2_0", "CPE2_1", "R3", "CPE3_0", "CPE3_1",
         "Ws1_0", "Ws1_1")  # fmt: skip
"""Its parameters in order: ohm, F s^(n-1), 1, ..., ohm, s."""
CLASSES = ("bulk", "grain boundary", "interphase", "charge transfer", "diffusion")
SEPARATED = 10.0
"""Ratio of time constants from which two arcs count as separated."""
SEEN = 3.0
"""How far beyond the highest frequency an arc may peak and still be seen in part."""
WEIGHT = 0.05
"""Share of the whole resistance below which an arc does not count as separated."""


@dataclass(frozen=True)
class Pellet:
    """A made cell: three arcs, a diffusion and its cable.

    Args:
        resistance: Of bulk, grain boundary and both interfaces together, ohm.
        capacitance: Of the same arcs of the whole cell, F.
        exponent: Of their constant phase elements.
        diffusion: Resistance of the diffusion of finite length, ohm.
        diffusion_time: Its time constant, s.
        area: Of one side, m2.
        thickness: Of the pellet, m.
        inductance: Of the cable, H.
        interface: "charge transfer" or "interphase": what the third arc is.
    """

    resistance: tuple[float, float, float] = (1e-3 / (0.05 * math.pi * 0.25e-4), 60.0, 120.0)
    capacitance: tuple[float, float, float] = (3.5e-11, 2e-9, 2e-6)
    exponent: tuple[float, float, float] = (0.97, 0.90, 0.85)
    diffusion: float = quantity("resistance", default=40.0)
    diffusion_time: float = quantity("time", default=30.0)
    area: float = quantity("area", default=math.pi * 0.25e-4)
    thickness: float = quantity("length", default=1e-3)
    inductance: float = quantity("inductance", default=0.0)
    interface: str = "charge transfer"

    @property
    def charges(self) -> tuple[float, float, float]:
        """Coefficients of the constant phase elements, F s^(n-1)."""
        r, c, n = self.resistance, self.capacitance, self.exponent
        found = [ck**nk * rk ** (nk - 1.0) for rk, ck, nk in zip(r, c, n, strict=True)]
        return found[0], found[1], found[2]

    @property
    def values(self) -> tuple[float, ...]:
        """Parameters in the order of `NAMES`."""
        out: list[float] = []
        for r, q, n in zip(self.resistance, self.charges, self.exponent, strict=True):
            out += [r, q, n]
        return (*out, self.diffusion, self.diffusion_time)

    @property
    def arcs(self) -> tuple[Arc, ...]:
        """The three arcs and the diffusion, the fastest first."""
        parts = zip(self.resistance, self.capacitance, self.exponent, strict=True)
        arcs = [
            Arc(f"R{k}", r, c, r * c, exponent=n, resolved=self.separated[k - 1])
            for k, (r, c, n) in enumerate(parts, 1)
        ]
        r, time = self.diffusion, self.diffusion_time
        return (*arcs, Arc("Ws1", r, time / r, time, shape="diffusion"))

    @property
    def classes(self) -> tuple[str, ...]:
        """What each of the `arcs` is."""
        return ("bulk", "grain boundary", self.interface, "diffusion")

    @property
    def separated(self) -> tuple[bool, bool, bool]:
        """Which of the three arcs stand alone, weigh something and are at least seen in part."""
        times = [r * c for r, c in zip(self.resistance, self.capacitance, strict=True)]
        line = [0.0, *times, self.diffusion_time / 2.5]  # a finite diffusion peaks there
        least = WEIGHT * (sum(self.resistance) + self.diffusion)
        top = SEEN * 2.0 * math.pi * float(frequencies()[0])
        found = [
            line[k + 1] >= SEPARATED * line[k]
            and line[k + 2] >= SEPARATED * line[k + 1]
            and self.resistance[k] >= least
            and line[k + 1] * top >= 1.0
            for k in range(3)
        ]
        return found[0], found[1], found[2]

    def setup(self, **more: Any) -> Setup:
        """What a user would know of it."""
        return Setup(area=self.area, thickness=self.thickness, electrodes="Li|Li", **more)

    def impedance(self, frequency: Array) -> Array:
        """Without noise, ohm, (N,)."""
        s = 2j * math.pi * np.asarray(frequency, dtype=float)
        z = s * self.inductance
        for r, q, n in zip(self.resistance, self.charges, self.exponent, strict=True):
            z = z + r / (1.0 + r * q * s**n)
        root = np.sqrt(s * self.diffusion_time)
        return z + self.diffusion * np.tanh(root) / root


@dataclass(frozen=True, eq=False)
class Truth:
    """What went into one made spectrum.

    Args:
        pellet: The cell as it was then.
        setup: What a user would know of it.
        noise: Relative standard deviation of each part.
        clean: Impedance without noise, ohm, (N,).
        facts: Other numbers that were put in: energies, J; exponents; a drift.
    """

    pellet: Pellet
    setup: Setup
    noise: float
    clean: Array
    facts: Mapping[str, float] = field(default_factory=dict)

    @property
    def values(self) -> tuple[float, ...]:
        """Parameters of `CIRCUIT`."""
        return self.pellet.values

    @property
    def arcs(self) -> tuple[Arc, ...]:
        """Arcs of the whole cell, the fastest first."""
        return self.pellet.arcs

    @property
    def classes(self) -> tuple[str, ...]:
        """What the arcs are."""
        return self.pellet.classes


@dataclass(frozen=True, eq=False)
class Series:
    """Made spectra and what went into them, in the same order."""

    spectra: tuple[Spectrum, ...]
    truths: tuple[Truth, ...]

    def __len__(self) -> int:
        return len(self.spectra)

    @property
    def frequency(self) -> Array:
        """Hz, (N,); the same for all."""
        return self.spectra[0].frequency

    @property
    def impedance(self) -> Array:
        """ohm, (spectra, N)."""
        return np.array([s.impedance for s in self.spectra])

    @property
    def values(self) -> Array:
        """True parameters in the order of `NAMES`, (spectra, 11)."""
        return np.array([t.values for t in self.truths])

    @property
    def setup(self) -> Setup:
        """Of the first."""
        return self.truths[0].setup


def frequencies(high: float = 7e6, low: float = 1e-2, count: int = 89) -> Array:
    """Frequencies of a usual sweep, from high to low, Hz."""
    return np.logspace(math.log10(high), math.log10(low), count)


def measure(
    pellets: list[Pellet], noise: float | Array, seed: int, facts: list[dict[str, Any]]
) -> Series:
    """Spectra of made cells; the noise of all real parts is drawn before that of the imaginary.

    Args:
        pellets: Cells as they are at each spectrum.
        noise: Relative, one or one a spectrum.
        seed: Of the noise.
        facts: For each spectrum: `record` (fields of the `Spectrum`), `setup` (of the `Setup`),
            `facts` (of the `Truth`).
    """
    f = frequencies()
    clean = np.array([p.impedance(f) for p in pellets])
    return disturb(f, clean, pellets, noise, seed, facts)


def disturb(
    f: Array,
    clean: Array,
    pellets: list[Pellet],
    noise: float | Array,
    seed: int,
    facts: list[dict[str, Any]],
) -> Series:
    """As `measure`, from impedances without noise (spectra, N)."""
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal(clean.shape), rng.standard_normal(clean.shape)
    level = np.broadcast_to(np.asarray(noise, dtype=float), (len(pellets),))
    z = clean + level[:, None] * np.abs(clean) * (a + 1j * b)
    spectra, truths = [], []
    for k, (pellet, told) in enumerate(zip(pellets, facts, strict=True)):
        record = {"file": "made", "number": k} | told.get("record", {})
        spectra.append(Spectrum.of(f, z[k], **record))
        setup = pellet.setup(**told.get("setup", {}))
        truths.append(Truth(pellet, setup, float(level[k]), clean[k], told.get("facts", {})))
    return Series(tuple(spectra), tuple(truths))
