r"""Share of the face in contact, against pressure and hold time.

A contact law is called with the pressure and the hold time and returns the contact fraction, 0 to
1; laws without creep do not depend on the time. Any law of `RIVALS` can stand in place of another.

Independent spots that together would cover the area $s$ per area of face overlap at random and
cover $a = 1 - e^{-s}$ of it. Laws of independent spots are closed in this way; it keeps them below
one and does not change them at small contact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from anolyte.core.result import quantity
from anolyte.laws.creep import UNIT_STRESS
from anolyte.laws.law import Ranges
from anolyte.laws.roughness import separation, summits
from anolyte.numerics.later import special

TINY = 1e-300
"""What is added where a logarithm or a quotient would meet zero."""
FULL = 1e4
"""Creep strain beyond which no open share is left in double precision."""
NEWTON_STEPS = 60
"""Enough for every case met; Newton's method converges from one side here."""


class ContactLaw(Protocol):
    """Contact fraction as a function of pressure and hold time."""

    references: ClassVar[tuple[str, ...]]

    @property
    def ranges(self) -> Ranges:
        """Pressures, Pa, for which the law was made."""
        ...

    def __call__(self, pressure: Any, time: Any = 0.0) -> Any:
        """Contact fraction at a pressure in Pa held for a time in s."""
        ...


class Creep(Protocol):
    """What is needed of a creep law; `laws.creep.PowerLawCreep` is one."""

    @property
    def exponent(self) -> Any:
        """Stress exponent."""
        ...

    def rate_at(self, temperature: Any) -> Any:
        """Strain rate at 1 MPa, 1/s."""
        ...


@dataclass(frozen=True)
class ElasticContact:
    r"""Persson's theory of purely elastic contact between randomly rough faces.

    $$ a = \operatorname{erf}\frac{\sqrt2\,P}{E^* h'}
       \;\to\; \sqrt{\frac8\pi}\,\frac{P}{E^* h'} \quad (P \ll E^* h') $$

    The theory writes $a = \operatorname{erf}[1/(2\sqrt G)]$ with
    $G = h'^2 E^{*2} / (8 P^2)$, which is the form above. The factor of the small load,
    $\sqrt{8/\pi} = 1.60$, is exact within the theory; the asperity theory of Bush, Gibson and
    Thomas has $\sqrt{2\pi} = 2.51$, and numerical solutions of random faces lie between the two.

    Args:
        modulus: Effective modulus E*, Pa.
        slope: Root-mean-square slope h' of the combined surface.

    Range: no adhesion, no plastic flow (`plasticity_index` below one), faces with roughness on
    many scales; exact at full contact.

    Source: Persson, J. Chem. Phys. 2001, 115, 3840, as quoted in open implementations of it.

    >>> law = ElasticContact(1.0e9, 0.1)
    >>> round(float(law(1.0e6)), 5), round(float(law(1.0e9)), 5)
    (0.01596, 1.0)
    """

    modulus: Any = quantity("modulus")
    slope: Any = quantity("number")

    references: ClassVar[tuple[str, ...]] = ("persson2001contact", "bush1975contact")

    @property
    def ranges(self) -> Ranges:
        """Any pressure; what limits the law is plastic flow."""
        return {"pressure": (0.0, np.inf, "pressure")}

    def __call__(self, pressure: Any, time: Any = 0.0) -> Any:
        return special.erf(np.sqrt(2.0) * np.maximum(pressure, 0.0) / (self.modulus * self.slope))


@dataclass(frozen=True)
class PlasticContact:
    r"""Asperities flow until the spots bear the hardness.

    $$ a = 1 - e^{-P/H} \;\to\; \frac{P}{H} \quad (P \ll H) $$

    Args:
        hardness: H of the softer side, Pa; about three times its yield stress.

    Range: small loads follow from Bowden and Tabor's $P/H$; the approach to full contact is the
    overlap of spots placed at random, an interpolation. Up to the hardness.

    Source: Bowden and Tabor, The Friction and Lubrication of Solids, 1950.

    >>> round(float(PlasticContact(2.0e6)(2.0e6)), 4)
    0.6321
    """

    hardness: Any = quantity("pressure")

    references: ClassVar[tuple[str, ...]] = ("bowden1950friction",)

    @property
    def ranges(self) -> Ranges:
        """Up to the hardness."""
        return {"pressure": (0.0, self.hardness, "pressure")}

    def __call__(self, pressure: Any, time: Any = 0.0) -> Any:
        return -np.expm1(-np.maximum(pressure, 0.0) / self.hardness)


@dataclass(frozen=True)
class PersistentAsperities:
    r"""Plastic contact in which flattened asperities raise their neighbours.

    $$ a = \frac{P/H}{1 + P/H} $$

    The displaced volume rises elsewhere, so that valleys close much later than in
    `PlasticContact`: 50 % instead of 63 % at $P = H$, 91 % instead of 99.995 % at $10 H$.

    Args:
        hardness: H of the softer side, Pa.

    Range: confined plastic flow; full contact needs an infinite pressure.

    Source: Pullen and Williamson, Proc. R. Soc. A 1972, 327, 159 (the form is recalled).

    >>> float(PersistentAsperities(2.0e6)(2.0e6))
    0.5
    """

    hardness: Any = quantity("pressure")

    references: ClassVar[tuple[str, ...]] = ("pullen1972plastic",)

    @property
    def ranges(self) -> Ranges:
        """Up to ten times the hardness."""
        return {"pressure": (0.0, 10.0 * self.hardness, "pressure")}

    def __call__(self, pressure: Any, time: Any = 0.0) -> Any:
        load = np.maximum(pressure, 0.0)
        return load / (self.hardness + load)


@dataclass(frozen=True)
class GreenwoodWilliamson:
    r"""Independent elastic asperities: equal round summits of Gaussian heights.

    $$ P = \tfrac43 E^* \beta \sqrt{w/R}\, F_{3/2}(d/w), \quad s = \pi \beta F_1(d/w), \quad
       a = 1 - e^{-s}, \quad F_n(h) = \int_h^\infty (x-h)^n \frac{e^{-x^2/2}}{\sqrt{2\pi}} dx $$

    The separation d follows from the pressure. The original theory has $a = s$, which passes one;
    see the head of this module. It is not followed below d = -8 w, far outside its range.

    Args:
        modulus: Effective modulus E*, Pa.
        spread: Standard deviation w of the summit heights, m.
        radius: Radius R of the summits, m.
        crowding: Summits per area times R w, $\beta$; some hundredths on ground faces.

    Range: contact below about a tenth, where asperities do not feel each other; no plastic flow.

    Source: Greenwood and Williamson, Proc. R. Soc. A 1966, 295, 300, equations as quoted in a
    public calculator of it.

    >>> law = GreenwoodWilliamson(10.0e9, 0.1e-6, 10e-6, 0.05)
    >>> round(float(law(5.0e6)), 4)
    0.0129
    """

    modulus: Any = quantity("modulus")
    spread: Any = quantity("length")
    radius: Any = quantity("length")
    crowding: Any = quantity("number")

    references: ClassVar[tuple[str, ...]] = ("greenwood1966contact",)

    @property
    def ranges(self) -> Ranges:
        """Up to the pressure at which spots cover a tenth."""
        end = separation(1.0, 0.1 / (np.pi * self.crowding))
        return {"pressure": (0.0, float(self._scale * summits(1.5, end)), "pressure")}

    @property
    def _scale(self) -> Any:
        return 4.0 / 3.0 * self.modulus * self.crowding * np.sqrt(self.spread / self.radius)

    def __call__(self, pressure: Any, time: Any = 0.0) -> Any:
        height = separation(1.5, np.maximum(pressure, 0.0) / self._scale)
        cover = np.pi * self.crowding * summits(1.0, height)
        return np.where(np.greater(pressure, 0.0), -np.expm1(-cover), 0.0)[()]


# --- Creep under a hold ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Creeping:
    """The parameters that laws of a hold share."""

    hardness: Any = quantity("pressure")
    rate: Any = quantity("rate")
    exponent: Any = quantity("number")

    @classmethod
    def of(cls, hardness: Any, creep: Creep, temperature: Any) -> Self:
        """The law of a metal whose creep law is known, at a temperature in K."""
        return cls(hardness, creep.rate_at(temperature), creep.exponent)

    @property
    def ranges(self) -> Ranges:
        """Up to the hardness before creep."""
        return {"pressure": (0.0, self.hardness, "pressure")}


@dataclass(frozen=True)
class HardnessDecay(_Creeping):
    r"""Spots grow by indentation creep: the hardness falls with the hold time.

    A spot grows at the strain rate of the stress that it bears,
    $\dot s / s = \dot\varepsilon(P/s)$ with $\dot\varepsilon = k\sigma^n$ and $s(0) = P/H_0$, so
    that

    $$ H(t) = \left(H_0^{-n} + n k t\right)^{-1/n}, \qquad a = 1 - e^{-P/H(t)} . $$

    Args:
        hardness: H0, Pa, before any creep.
        rate: Strain rate k at 1 MPa, 1/s, at the temperature of the hold.
        exponent: Stress exponent n.

    Limits: $t \to 0$ is `PlasticContact`; late, $H \propto t^{-1/n}$ whatever the start; full
    contact for $t \to \infty$. Range: the creep law is used up to the hardness, far above the
    stresses at which creep is measured, so early times are an extrapolation.

    Source: the decay of hardness with time of Mulhearn and Tabor, J. Inst. Met. 1960, 89, 7
    (recalled); the overlap of spots is ours.

    >>> law = HardnessDecay(2.0e6, 0.01, 5.0)
    >>> [round(float(law(0.2e6, t)), 4) for t in (0.0, 60.0, 3600.0)]
    [0.0952, 0.2209, 0.4317]
    """

    references: ClassVar[tuple[str, ...]] = ("mulhearn1960creep",)

    def hardness_after(self, time: Any) -> Any:
        """H(t), Pa, after a hold in s."""
        n = self.exponent
        start = (self.hardness / UNIT_STRESS) ** -n
        return UNIT_STRESS * (start + n * self.rate * time) ** (-1.0 / n)

    def __call__(self, pressure: Any, time: Any = 0.0) -> Any:
        return -np.expm1(-np.maximum(pressure, 0.0) / self.hardness_after(time))


@dataclass(frozen=True)
class CreepHold(_Creeping):
    r"""Gaps close at the creep rate of the metal beside them.

    The open share shrinks in proportion to itself, at the strain rate of the stress that the
    contacted share bears:

    $$ -\frac{d(1-a)}{dt} = \dot\varepsilon(P/a)\,(1-a), \quad \dot\varepsilon = k \sigma^n
       \quad\Rightarrow\quad \int_{a_0}^{a} \frac{x^n}{1-x}\,dx = k P^n t, \quad
       a_0 = 1 - e^{-P/H} $$

    The integral is closed, $\frac{a^{n+1}}{n+1}\,{}_2F_1(1, n+1; n+2; a)$, and is inverted by
    Newton's method.

    Args:
        hardness: H, Pa, before any creep.
        rate: Strain rate k at 1 MPa, 1/s, at the temperature of the hold.
        exponent: Stress exponent n.

    Limits: $t \to 0$ is `PlasticContact`;
    $a^{n+1} = a_0^{n+1} + (n+1) k P^n t$ while contact is small;
    $1 - a \propto e^{-k P^n t}$ late, full contact for $t \to \infty$. It never lies below
    `HardnessDecay`, in which small spots grow slower. Range: as there.

    Source: the picture is that of gaps in a creeping solid; the closed form is derived here.

    >>> law = CreepHold(2.0e6, 0.01, 5.0)
    >>> [round(float(law(0.2e6, t)), 4) for t in (0.0, 60.0, 3600.0)]
    [0.0952, 0.3076, 0.5711]
    """

    references: ClassVar[tuple[str, ...]] = ()

    def __call__(self, pressure: Any, time: Any = 0.0) -> Any:
        load, n = np.maximum(pressure, 0.0), self.exponent
        strain = np.minimum(self.rate * (load / UNIT_STRESS) ** n * time, FULL)
        first = load / self.hardness + 0.0 * strain
        wanted = _closing(first, n) + strain
        # The law of small contact lies below the root, and the integral is convex in s: the first
        # step passes the root, the others approach it from above.
        small = first ** (n + 1.0) + (n + 1.0) * strain
        cover = np.maximum(first, small ** (1.0 / (n + 1.0)))
        for _ in range(NEWTON_STEPS):
            slope = np.maximum((-np.expm1(-cover)) ** n, TINY)
            new = np.maximum(cover + (wanted - _closing(cover, n)) / slope, first)
            done = np.all(np.abs(new - cover) <= 1e-14 * new)
            cover = new
            if done:
                break
        return -np.expm1(-cover)


_SHORT_NODES, _SHORT_WEIGHTS = np.polynomial.legendre.leggauss(24)


def _closing(cover: Any, exponent: Any) -> Any:
    r"""Integral $\int_0^a x^n/(1-x)\,dx$ as a function of $s = -\ln(1-a)$, to full precision.

    Below s = 1 the hypergeometric function; above it $s$ less a bounded part,
    $\int_0^a \frac{1-x^n}{1-x} dx = \psi(n+1) + \gamma - \int_0^{1-a} \frac{1-(1-w)^n}{w} dw$,
    because the function loses its digits near full contact.
    """
    s, n = np.asarray(cover, float), np.asarray(exponent, float)
    a = -np.expm1(-np.minimum(s, 1.0))
    low = a ** (n + 1.0) / (n + 1.0) * special.hyp2f1(1.0, n + 1.0, n + 2.0, a)
    open_share = np.exp(-np.maximum(s, 1.0))[..., None]
    w = 0.5 * open_share * (_SHORT_NODES + 1.0)
    tail = (1.0 - (1.0 - w) ** n[..., None]) / np.maximum(w, TINY)
    rest = np.sum(0.5 * open_share * _SHORT_WEIGHTS * tail, axis=-1)
    return np.where(s < 1.0, low, s - special.digamma(n + 1.0) - np.euler_gamma + rest)


@dataclass(frozen=True)
class Pressed:
    r"""A face that was pressed harder once and keeps a part of that contact.

    $$ a(P) = \max\left(a_\mathrm{law}(P),\; f\,a_\mathrm{law}(P_\mathrm{max})\right) $$

    Args:
        law: Any contact law.
        pressure: Highest pressure of the past P_max, Pa (attaching, calendering).
        kept: Share f of its contact that survives the release: 1 for spots that flowed and stick,
            0 for elastic contact that springs back. No measurement of it was found.

    Holds until something opens the face again (stripping).

    >>> law = Pressed(PlasticContact(2.0e6), 2.0e6, 0.5)
    >>> [round(float(law(p)), 3) for p in (0.1e6, 2.0e6)]
    [0.316, 0.632]
    """

    law: ContactLaw
    pressure: Any = quantity("pressure")
    kept: Any = quantity("fraction")

    references: ClassVar[tuple[str, ...]] = ()

    @property
    def ranges(self) -> Ranges:
        """Those of the law beneath."""
        return self.law.ranges

    def __call__(self, pressure: Any, time: Any = 0.0) -> Any:
        return np.maximum(self.law(pressure, time), self.kept * self.law(self.pressure))


RIVALS: tuple[Callable[..., ContactLaw], ...] = (
    ElasticContact,
    GreenwoodWilliamson,
    PlasticContact,
    PersistentAsperities,
    HardnessDecay,
    CreepHold,
)
"""Laws of the contact fraction; `Pressed` wraps any of them."""
