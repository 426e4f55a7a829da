r"""Stress that lithium builds up in a host on a stiff base, and what it does to the potential.

The host wants to swell in its plane and may not: it is compressed elastically, then flows; when
lithium leaves it is stretched and flows the other way. Stress is positive in tension; contents are
lithium atoms per host atom, along a path whose first axis is the charge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from anolyte.core.result import quantity
from anolyte.core.units import FARADAY
from anolyte.laws.host_expansion import ExpansionLaw, linear_strain
from anolyte.laws.law import Ranges


def biaxial_modulus(youngs_modulus: Any, poisson_ratio: Any) -> Any:
    r"""Stress per equal strain in both directions of a film: $M = E/(1 - \nu)$, Pa.

    >>> round(float(biaxial_modulus(50.4e9, 0.28)) / 1e9, 3)
    70.0
    """
    return youngs_modulus / (1.0 - poisson_ratio)


def plane_strain_modulus(youngs_modulus: Any, poisson_ratio: Any) -> Any:
    r"""Modulus that stands in the energy release of a crack: $E' = E/(1 - \nu^2)$, Pa.

    >>> round(float(plane_strain_modulus(50.4e9, 0.28)) / 1e9, 1)
    54.7
    """
    return youngs_modulus / (1.0 - poisson_ratio**2)


# --- modulus ------------------------------------------------------------------------------------


class ModulusLaw(Protocol):
    """Biaxial modulus against lithium content."""

    def __call__(self, content: Any) -> Any:
        """Pa."""
        ...


@dataclass(frozen=True)
class LinearSoftening:
    r"""Lithium softens the host in proportion to its content.

    $$ M(x) = M_0 + (M_1 - M_0)\,x/x_1 $$

    Args:
        empty: M0, Pa.
        full: M1, Pa; the same as `empty` for a modulus that stays.
        content: x1.

    Source: silicon films, 70 GPa at Li0.32Si to 35 GPa at Li3Si (sethuraman2010modulus, abstract).

    >>> round(float(LinearSoftening(74e9, 35e9, 3.0)(0.32)) / 1e9)
    70
    """

    empty: Any = quantity("modulus")
    full: Any = quantity("modulus")
    content: Any = quantity("number", default=1.0)

    references: ClassVar[tuple[str, ...]] = ("sethuraman2010modulus",)

    @property
    def ranges(self) -> Ranges:
        """Between both ends."""
        return {"content": (0.0, float(self.content), "number")}

    def __call__(self, content: Any) -> Any:
        return self.empty + (self.full - self.empty) * np.asarray(content) / self.content


@dataclass(frozen=True)
class SeriesSoftening:
    r"""The host and its lithiated end share the stress, not the strain. Rival of `LinearSoftening`.

    $$ \frac{1}{M(x)} = \frac{1 - x/x_1}{M_0} + \frac{x/x_1}{M_1} $$

    Args:
        empty, full: M0, M1, Pa.
        content: x1.

    Source: lower bound of a mixture (Reuss).

    >>> round(float(SeriesSoftening(70e9, 35e9, 1.0)(0.5)) / 1e9, 1)
    46.7
    """

    empty: Any = quantity("modulus")
    full: Any = quantity("modulus")
    content: Any = quantity("number", default=1.0)

    references: ClassVar[tuple[str, ...]] = ("sethuraman2010modulus",)

    @property
    def ranges(self) -> Ranges:
        """Between both ends."""
        return {"content": (0.0, float(self.content), "number")}

    def __call__(self, content: Any) -> Any:
        share = np.asarray(content) / self.content
        return 1.0 / ((1.0 - share) / self.empty + share / self.full)


# --- flow ---------------------------------------------------------------------------------------


class FlowLaw(Protocol):
    """Stresses at which the host flows, against lithium content."""

    def compression(self, content: Any) -> Any:
        """Pa, negative."""
        ...

    def tension(self, content: Any) -> Any:
        """Pa, positive."""
        ...


@dataclass(frozen=True)
class ConstantFlow:
    """Perfect plasticity: one flow stress a direction, whatever the content.

    Args:
        lithiation: Flow stress while lithium enters, Pa, negative (compression).
        delithiation: Flow stress while it leaves, Pa, positive (tension).

    Range: measured at the onset of flow; lithium-rich silicon flows sooner, so these bound it.
    Source: silicon films, -1.75 and +1 GPa (sethuraman2010, abstract).

    >>> ConstantFlow(-1.75e9, 1.0e9).width / 1e9
    2.75
    """

    lithiation: Any = quantity("pressure")
    delithiation: Any = quantity("pressure")

    references: ClassVar[tuple[str, ...]] = ("sethuraman2010",)
    ranges: ClassVar[Ranges] = {}

    @property
    def width(self) -> Any:
        """Stress between both branches, Pa."""
        return self.delithiation - self.lithiation

    def compression(self, content: Any) -> Any:
        """Pa, negative."""
        return self.lithiation + 0.0 * np.asarray(content)

    def tension(self, content: Any) -> Any:
        """Pa, positive."""
        return self.delithiation + 0.0 * np.asarray(content)


@dataclass(frozen=True)
class SofteningFlow:
    r"""Flow stresses that fall in proportion to the content. Rival of `ConstantFlow`.

    $$ \sigma_y(x) = \sigma_{y,0} + (\sigma_{y,1} - \sigma_{y,0})\,x/x_1 $$

    Args:
        lithiation, delithiation: At the empty host, Pa (negative, positive).
        lithiation_full, delithiation_full: At x1, Pa.
        content: x1.

    Range: that flow stress falls with lithium is measured, the straight line is a choice.
    Source: indented films, yield strength falling with lithium (lixsi_indent, abstract).

    >>> law = SofteningFlow(-1.75e9, 1.0e9, -0.5e9, 0.5e9, 3.75)
    >>> float(law.compression(3.75)) / 1e9
    -0.5
    """

    lithiation: Any = quantity("pressure")
    delithiation: Any = quantity("pressure")
    lithiation_full: Any = quantity("pressure")
    delithiation_full: Any = quantity("pressure")
    content: Any = quantity("number", default=1.0)

    references: ClassVar[tuple[str, ...]] = ("chon2011", "lixsi_indent")

    @property
    def ranges(self) -> Ranges:
        """Between both ends."""
        return {"content": (0.0, float(self.content), "number")}

    def compression(self, content: Any) -> Any:
        """Pa, negative."""
        change = self.lithiation_full - self.lithiation
        return self.lithiation + change * np.asarray(content) / self.content

    def tension(self, content: Any) -> Any:
        """Pa, positive."""
        change = self.delithiation_full - self.delithiation
        return self.delithiation + change * np.asarray(content) / self.content


# --- stress along the charge --------------------------------------------------------------------


@dataclass(frozen=True)
class FilmStress:
    r"""Stress of a thin host on a stiff base: elastic, then flowing.

    $$ d\sigma = -M(x)\,d\varepsilon, \quad \varepsilon = \tfrac13\ln\frac{V(x)}{V_0},
       \qquad \sigma_\mathrm{c}(x) \le \sigma \le \sigma_\mathrm{t}(x) $$

    The elastic trial is integrated along the path (exactly where M is constant, else to second
    order in the step), and reflected at the flow stress by a running extreme: exact for any flow
    stress that falls more slowly along the path than elasticity builds it up.

    Args:
        expansion: Volume against content.
        modulus: Biaxial modulus against content.
        flow: Flow stresses.

    Range: thin films without cracks, slow charging (no gradient of lithium), no rate dependence.
    Source: sethuraman2010.

    >>> from anolyte.laws.host_expansion import LinearExpansion
    >>> modulus = LinearSoftening(70e9, 70e9)
    >>> film = FilmStress(LinearExpansion(0.75), modulus, ConstantFlow(-1.75e9, 1e9))
    >>> [round(float(s) / 1e9, 2) for s in film.lithiate(np.linspace(0.0, 3.75, 5))]
    [0.0, -1.75, -1.75, -1.75, -1.75]
    """

    expansion: ExpansionLaw
    modulus: ModulusLaw
    flow: FlowLaw

    references: ClassVar[tuple[str, ...]] = ("sethuraman2010", "bucci2014")

    @property
    def ranges(self) -> Ranges:
        """Those of the expansion."""
        return self.expansion.ranges

    def elastic(self, contents: Any) -> Any:
        """Stress of a host that never flows, Pa, along a path that starts without stress."""
        contents = np.asarray(contents, dtype=float)
        strain = linear_strain(self.expansion(contents))
        middle = self.modulus(0.5 * (contents[1:] + contents[:-1]))
        steps = -middle * (strain[1:] - strain[:-1])
        total = np.cumsum(steps, axis=0)
        return np.concatenate([0.0 * total[:1], total])

    def lithiate(self, contents: Any, start: Any = 0.0) -> Any:
        """Stress, Pa, along rising contents, from a stress at their beginning."""
        trial = start + self.elastic(contents)
        beyond = np.maximum(self.flow.compression(contents) - trial, 0.0)
        return trial + np.maximum.accumulate(beyond, axis=0)

    def delithiate(self, contents: Any, start: Any = 0.0) -> Any:
        """Stress, Pa, along falling contents, from a stress at their beginning."""
        trial = start + self.elastic(contents)
        beyond = np.maximum(trial - self.flow.tension(contents), 0.0)
        return trial - np.maximum.accumulate(beyond, axis=0)

    def dissipated(self, contents: Any, stress: Any) -> Any:
        r"""Work that a closed cycle leaves in the host, J per m3 of the host without lithium.

        $$ w = -\frac23 \int_\mathrm{cycle} \sigma\,\frac{dV}{V_0} $$

        It equals the area between both potentials if the potential shifts by `LarcheCahnFilm`.

        Args:
            contents: Path that ends where it began.
            stress: Pa, along it.
        """
        volume = self.expansion(np.asarray(contents, dtype=float))
        middle = 0.5 * (stress[1:] + stress[:-1])
        return -2.0 / 3.0 * np.sum(middle * (volume[1:] - volume[:-1]), axis=0)


# --- potential ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class LarcheCahnFilm:
    r"""Shift of the potential that thermodynamics asks for in a film.

    $$ \Delta U = \frac{2}{3}\,\frac{\Omega}{F}\,\sigma $$

    since two of the three principal stresses are the film's. Compression lowers the potential.

    Args:
        partial_molar_volume: Omega, volume added by a mole of lithium, m3/mol.

    Range: small elastic strain, coherent solid solution.
    Source: Larche and Cahn, as used for silicon in sethuraman2010coupling (about 60 mV/GPa).

    >>> round(LarcheCahnFilm(9.0e-6).coupling * 1e12)  # mV/GPa
    62
    """

    partial_molar_volume: Any = quantity("molar_volume")

    references: ClassVar[tuple[str, ...]] = ("sethuraman2010coupling",)
    ranges: ClassVar[Ranges] = {}

    @property
    def coupling(self) -> Any:
        """V/Pa."""
        return 2.0 / 3.0 * self.partial_molar_volume / FARADAY

    def __call__(self, stress: Any) -> Any:
        """Shift of the potential, V, at a film stress in Pa."""
        return self.coupling * np.asarray(stress)


@dataclass(frozen=True)
class MeasuredCoupling:
    r"""Shift of the potential as measured: $\Delta U = k\,\sigma$. Rival of `LarcheCahnFilm`.

    Args:
        coupling: k, V/Pa.

    Range: about twice the thermodynamic one on silicon; what makes up the rest is open.
    Source: sethuraman2010coupling (100 to 120 mV/GPa, abstract).

    >>> round(float(MeasuredCoupling(110e-12)(-1.75e9)), 4)
    -0.1925
    """

    coupling: Any = quantity("stress_coupling")

    references: ClassVar[tuple[str, ...]] = ("sethuraman2010coupling",)
    ranges: ClassVar[Ranges] = {}

    def __call__(self, stress: Any) -> Any:
        """Shift of the potential, V, at a film stress in Pa."""
        return self.coupling * np.asarray(stress)


MODULUS_RIVALS = (LinearSoftening, SeriesSoftening)
FLOW_RIVALS = (ConstantFlow, SofteningFlow)
RIVALS = (LarcheCahnFilm, MeasuredCoupling)
