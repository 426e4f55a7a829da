r"""Share of the face in contact, against pressure and hold time, and what lies beside it.

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
from scipy import special

from anolyte.core.result import quantity
from anolyte.laws.law import Ranges

UNIT_STRESS = 1e6
"""Pa at which the rate of a creep power law is quoted, as in `laws.creep`."""
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
        return 1.0 - np.exp(-np.maximum(pressure, 0.0) / self.hardness)


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


# --- Greenwood and Williamson ---------------------------------------------------------------------

LOWEST_SEPARATION, HIGHEST_SEPARATION = -8.0, 36.0
"""Separations over the spread of the summits between which the integrals are used."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)
_FAR = 80.0  # the integrand has fallen by exp(-40) at the end of the interval


def _summits(order: float, separation: Any) -> Any:
    r"""Integral $F_n(h) = \int_h^\infty (x-h)^n \varphi(x)\,dx$ over a standard normal.

    With $x - h = u^2$ the integrand is smooth, and 96 Gauss points give ten digits.
    """
    h = np.asarray(separation, float)[..., None]
    end = np.sqrt(np.sqrt(np.maximum(h, 0.0) ** 2 + _FAR) - h)
    u = 0.5 * end * (_NODES + 1.0)
    height = np.exp(-0.5 * (h + u * u) ** 2) / np.sqrt(2.0 * np.pi)
    return np.sum(end * _WEIGHTS * u ** (2.0 * order + 1.0) * height, axis=-1)


def _separation(order: float, value: Any) -> Any:
    """Separation at which the integral of the summits has a value.

    Newton's method on the logarithm, which is concave and falling: every iterate after the first
    lies beyond the root and approaches it from there.
    """
    wanted = np.log(np.maximum(value, TINY))
    h = np.zeros(np.shape(wanted))
    for _ in range(NEWTON_STEPS):
        total = _summits(order, h)
        step = (np.log(total) - wanted) * total / (order * _summits(order - 1.0, h))
        new = np.minimum(np.maximum(h + step, LOWEST_SEPARATION), HIGHEST_SEPARATION)
        done, h = np.max(np.abs(new - h), initial=0.0) < 1e-13, new
        if done:
            break
    return h


@dataclass(frozen=True)
class GreenwoodWilliamson:
    r"""Independent elastic asperities: equal round summits of Gaussian heights.

    $$ P = \tfrac43 E^* \beta \sqrt{w/R}\, F_{3/2}(d/w), \quad s = \pi \beta F_1(d/w), \quad
       a = 1 - e^{-s}, \quad F_n(h) = \int_h^\infty (x-h)^n \frac{e^{-x^2/2}}{\sqrt{2\pi}} dx $$

    The separation d follows from the pressure. The original theory has $a = s$, which passes one;
    see the head of this module.

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
        end = _separation(1.0, 0.1 / (np.pi * self.crowding))
        return {"pressure": (0.0, float(self._scale * _summits(1.5, end)), "pressure")}

    @property
    def _scale(self) -> Any:
        return 4.0 / 3.0 * self.modulus * self.crowding * np.sqrt(self.spread / self.radius)

    def __call__(self, pressure: Any, time: Any = 0.0) -> Any:
        height = _separation(1.5, np.maximum(pressure, 0.0) / self._scale)
        cover = np.pi * self.crowding * _summits(1.0, height)
        return np.where(np.greater(pressure, 0.0), 1.0 - np.exp(-cover), 0.0)[()]


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
        return 1.0 - np.exp(-np.maximum(pressure, 0.0) / self.hardness_after(time))


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
            slope = np.maximum((1.0 - np.exp(-cover)) ** n, TINY)
            new = np.maximum(cover + (wanted - _closing(cover, n)) / slope, first)
            done = np.all(np.abs(new - cover) <= 1e-14 * new)
            cover = new
            if done:
                break
        return 1.0 - np.exp(-cover)


_SHORT_NODES, _SHORT_WEIGHTS = np.polynomial.legendre.leggauss(24)


def _closing(cover: Any, exponent: Any) -> Any:
    r"""Integral $\int_0^a x^n/(1-x)\,dx$ as a function of $s = -\ln(1-a)$, to full precision.

    Below s = 1 the hypergeometric function; above it $s$ less a bounded part,
    $\int_0^a \frac{1-x^n}{1-x} dx = \psi(n+1) + \gamma - \int_0^{1-a} \frac{1-(1-w)^n}{w} dw$,
    because the function loses its digits near full contact.
    """
    s, n = np.asarray(cover, float), np.asarray(exponent, float)
    a = 1.0 - np.exp(-np.minimum(s, 1.0))
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

# --- Liquid in the gaps ---------------------------------------------------------------------------


def bridged(contact: Any, liquid: Any) -> Any:
    r"""Conducting share of a face whose gaps a residual liquid bridges in part.

    $$ a_\mathrm{tot} = a + \ell\,(1 - a) $$

    Args:
        contact: Share a in solid contact.
        liquid: Share l of the open area that liquid bridges.

    >>> bridged(0.5, 0.5)
    0.75
    """
    return contact + liquid * (1.0 - contact)


def bridged_resistance(contact: Any, liquid: Any, solid: Any, bridge: Any) -> Any:
    r"""Area resistance of solid spots and liquid bridges side by side.

    $$ \frac1R = \frac{a}{r_s} + \frac{\ell\,(1-a)}{r_\ell} $$

    Args:
        contact: Share a in solid contact.
        liquid: Share l of the open area that liquid bridges.
        solid: Resistance of solid contact r_s per contacted area, ohm m2.
        bridge: Resistance through the liquid r_l per bridged area (its two faces included), ohm m2.

    More liquid never raises R. More contact lowers it while $r_s \le r_\ell/\ell$. Currents along
    the face are neglected. Source: conductances in parallel.

    >>> round(float(bridged_resistance(0.5, 0.0, 1e-4, 1e-3)), 6)
    0.0002
    """
    through = contact / solid + liquid * (1.0 - contact) / bridge
    return 1.0 / np.maximum(through, TINY)


# --- Roughness ------------------------------------------------------------------------------------

EDGE = 1e-12
"""Contact shares are kept this far from 0 and 1 in the laws of roughness."""


def _cut(contact: Any) -> Any:
    """Height, in units of the roughness, above which a Gaussian face is in contact."""
    return special.ndtri(1.0 - np.minimum(np.maximum(contact, EDGE), 1.0 - EDGE))


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


def flattened(roughness: Any, contact: Any) -> Any:
    r"""Root-mean-square roughness of a face whose highest share a was pressed flat.

    Heights above t (in units of the roughness, $\Phi(t) = 1 - a$) are set to t:

    $$ \frac{\sigma'^2}{\sigma^2} = a t^2 + \Phi(t) - t\varphi(t)
       - \left[a t - \varphi(t)\right]^2 $$

    Args:
        roughness: Root-mean-square height before, m.
        contact: Share a that touched while pressed.

    Source: moments of a censored normal distribution.

    >>> round(float(flattened(1e-6, 0.5)) * 1e6, 4)
    0.5838
    """
    t = _cut(contact)
    share = special.ndtr(-t)
    density = np.exp(-0.5 * t * t) / np.sqrt(2.0 * np.pi)
    mean = share * t - density
    square = share * t * t + special.ndtr(t) - t * density
    return roughness * np.sqrt(np.maximum(square - mean * mean, 0.0))
