r"""How sure a stability window is: its limits under the errors of the reference energies.

The energies are drawn with the correlations that they have (`materials.energy_errors`), and every
draw gets the exact lithium ladder of its own hull. What is counted over the draws: the limits, the
phases that appear, whether the anode's potential lies inside, the driving force. Beside it the
limits with each phase left out, and the share of each composition's error in the variance of a
limit: with independent standard normal z_j and a least-squares fit of the draws,

$$ V = \bar V + \sum_j \beta_j z_j + \epsilon, \qquad
   S_j = \beta_j^2\,\mathrm{Var}(z_j) / \mathrm{Var}(V) ; $$

what is left of the variance comes from changes of products.

Range: the errors that the table states. A phase that it lacks is in no draw. A hull of energies
with errors lies below the hull of the same energies without, so that the median window is rather
narrower than the nominal one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from anolyte.core.errors import DataError, MissingProperty
from anolyte.core.result import Concern, Result, quantity
from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.laws.equilibrium import LITHIUM
from anolyte.laws.equilibrium_draws import FirstStep, LadderDraws, lithium_ladders, without_each
from anolyte.laws.potential import anode_potential
from anolyte.materials.criteria import criteria
from anolyte.materials.energy_errors import EnergyErrors, energy_errors
from anolyte.materials.phases import Phases, embedded
from anolyte.materials.schema import Material
from anolyte.materials.stack import Conditions, Interface
from anolyte.numerics.draws import HIGH, LOW, MIDDLE, quantiles, variance_shares
from anolyte.numerics.phase_table import Array

EV = ELEMENTARY_CHARGE

FEWEST, MOST = 100, 20_000
"""Draws: fewer say nothing of a 5 % tail, more say no more than the standard deviations do."""
HANGS_ON = 0.01
"""Volts by which a limit must move without a phase for the answer to hang on it."""
RARE = 0.005
"""Products and product sets of fewer draws are not listed."""
SMALL = 0.01
"""Shares of the variance below it are not listed."""
ON_HULL = 1e-9
"""eV per atom above the hull that is none."""
BAND = tuple(round(0.05 * i, 2) for i in range(101))
"""Potentials of the driving force, V vs Li/Li+."""


@dataclass(frozen=True)
class Mode:
    """The draws in which the first step makes one set of products.

    Args:
        products: Formulas; empty where there is no step.
        probability: Share of the draws.
        low, median, high: Of the limit in these draws: 5, 50 and 95 %.
    """

    products: tuple[str, ...]
    probability: float = quantity("number")
    low: float = quantity("electrode_potential")
    median: float = quantity("electrode_potential")
    high: float = quantity("electrode_potential")


@dataclass(frozen=True)
class Limit:
    """One limit of the window over the draws.

    Args:
        side: reduction | oxidation.
        nominal: With the energies of the table.
        low, median, high: 5, 50 and 95 % of the draws; 0 V where lithium is not taken up, infinite
            where there is nothing to give up.
        absent: Probability of that: no such step.
        modes: By product set, the likeliest first.
        rest: Probability of all the sets that are too rare to be listed.
        linear: Share of the variance that the linear fit explains; None without variance.
    """

    side: str
    nominal: float = quantity("electrode_potential")
    low: float = quantity("electrode_potential")
    median: float = quantity("electrode_potential")
    high: float = quantity("electrode_potential")
    absent: float = quantity("number", default=0.0)
    modes: tuple[Mode, ...] = ()
    rest: float = quantity("number", default=0.0)
    linear: float | None = quantity("number", default=None)


@dataclass(frozen=True)
class Chance:
    """How likely a phase is among the products.

    Args:
        where: reduction | oxidation (the first step), or anode (at the anode's potential).
    """

    where: str
    formula: str
    probability: float = quantity("number")


@dataclass(frozen=True)
class Forces:
    """The driving force of decomposition, J per atom of the electrolyte (<= 0).

    Args:
        potentials: V vs Li/Li+.
        low, median, high: 5, 50 and 95 % of the draws.
    """

    potentials: tuple[float, ...] = quantity("electrode_potential", default=())
    low: tuple[float, ...] = quantity("energy_per_atom", default=())
    median: tuple[float, ...] = quantity("energy_per_atom", default=())
    high: tuple[float, ...] = quantity("energy_per_atom", default=())


@dataclass(frozen=True)
class Absence:
    """The window if the energies did not hold one phase.

    Args:
        formula: The phase left out, all its polymorphs.
        measured: Whether its energy is measured and read: then nobody doubts that it exists.
        moved: The larger of the moves of the two limits, V.
        reduction_products, oxidation_products: Of the first steps.
    """

    formula: str
    measured: bool
    reduction_limit: float = quantity("electrode_potential")
    oxidation_limit: float = quantity("electrode_potential")
    moved: float = quantity("potential")
    reduction_products: tuple[str, ...] = ()
    oxidation_products: tuple[str, ...] = ()


@dataclass(frozen=True)
class Share:
    """What one composition's own error does to the limits.

    Args:
        formula: Whose error; that of an anchor acts through every phase tied to it.
        how: measured | computed | ...
        sigma: Its own standard deviation, J per atom.
        reduction, oxidation: Share of the variance of the limit.
    """

    formula: str
    how: str
    sigma: float = quantity("energy_per_atom")
    reduction: float = quantity("number", default=0.0)
    oxidation: float = quantity("number", default=0.0)


@dataclass(frozen=True)
class WindowUncertaintyResult(Result):
    """A window with its error bars.

    Args:
        electrolyte, formula: Name and composition.
        convention: on hull | own energy.
        draws, seed: How many, and what makes them the same again.
        reduction, oxidation: The limits.
        zero_width: Probability that the composition lies inside one redox step.
        stable: Probability that the phase itself lies on the hull; None: not in the table.
        anode: Where the lithium sits.
        inside: Probability that the anode's potential lies inside the window.
        at_anode: Driving force at that potential.
        chances: Probability of each product.
        band: Driving force against potential.
        absences: Without which phase the limits move, the farthest first.
        shares: Whose error makes the variance, the largest first.
    """

    electrolyte: str
    formula: str
    convention: str
    draws: int
    seed: int
    reduction: Limit
    oxidation: Limit
    zero_width: float = quantity("number")
    stable: float | None = quantity("number")
    anode: str = ""
    inside: float = quantity("number", default=0.0)
    at_anode: Forces = field(default_factory=Forces)
    chances: tuple[Chance, ...] = ()
    band: Forces = field(default_factory=Forces)
    absences: tuple[Absence, ...] = ()
    shares: tuple[Share, ...] = ()
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    energies: str = ""
    energies_digest: str = ""

    concern: ClassVar[Concern] = Concern.WINDOW

    def rows(self) -> list[dict[str, Any]]:
        """One row a limit and product set."""
        return [
            {
                "side": limit.side,
                "products": " + ".join(mode.products),
                "probability": mode.probability,
                "5 % [V vs Li/Li+]": mode.low,
                "median [V vs Li/Li+]": mode.median,
                "95 % [V vs Li/Li+]": mode.high,
            }
            for limit in (self.reduction, self.oxidation)
            for mode in limit.modes
        ]


@dataclass(frozen=True)
class WindowUncertainty:
    """The error bars of the window of an interface's electrolyte.

    Args:
        phases: Reference energies with standard deviations; None: the embedded table.
        draws: Resampled hulls.
        seed: Not negative; the same seed gives the same numbers.
        on_hull: Whether the electrolyte is put on the hull of each draw, or keeps its own energy.

    Raises (when called):
        DataError: Draws or seed out of range.
        MissingPhases: Energies that do not cover the chemistry.
        MissingProperty: A molecule.
    """

    phases: Phases | None = None
    draws: int = 1000
    seed: int = 0
    on_hull: bool = True

    concern: ClassVar[Concern] = Concern.WINDOW
    reads: ClassVar[tuple[str, ...]] = ("electrolyte", "anode")
    references: ClassVar[tuple[str, ...]] = ("zhu2015", "richards2016", "hautier2012")

    def __call__(self, interface: Interface, conditions: Conditions) -> WindowUncertaintyResult:
        """Limits, probabilities and what they hang on; temperature does not enter."""
        material, phases = interface.electrolyte, self.phases or embedded()
        self._check(material, phases)
        table = phases.within({*material.composition, LITHIUM})
        errors = energy_errors(table, criteria()["energy_sigma_unknown"] / EV)
        normal = errors.normal(self.draws, self.seed)
        sample = lithium_ladders(table, material.composition, errors.energies(normal))
        names, without = without_each(table, material.composition)
        at = anode_potential(interface.anode, phases).lowest
        above = sample.above_hull
        chances = _chances(sample, at)
        sources = dict.fromkeys(sample.phase(c.formula).source.key for c in chances)
        return WindowUncertaintyResult(
            electrolyte=material.name,
            formula=material.formula or "",
            convention="on hull" if self.on_hull else "own energy",
            draws=self.draws,
            seed=self.seed,
            reduction=_limit("reduction", sample, without, normal),
            oxidation=_limit("oxidation", sample, without, normal),
            zero_width=float(sample.zero_width.mean()),
            stable=None if above is None else float((above < ON_HULL).mean()),
            anode=interface.anode.name,
            inside=float(sample.inside(at).mean()),
            at_anode=_forces(sample, (at,), on_hull=self.on_hull),
            chances=chances,
            band=_forces(sample, BAND, on_hull=self.on_hull),
            absences=_absences(names, without),
            shares=_shares(errors, normal, sample),
            warnings=errors.warnings,
            sources=(*sources, *self.references),
            energies=f"{phases.kind} ({phases.origin})",
            energies_digest=phases.digest,
        )

    def _check(self, material: Material, phases: Phases) -> None:
        """Refuse what cannot be answered."""
        if not FEWEST <= self.draws <= MOST:
            raise DataError(f"draws {self.draws}: take from {FEWEST} to {MOST}")
        if self.seed < 0:
            raise DataError(f"seed {self.seed}: take 0 or a positive whole number")
        if {"C", "H"} <= set(material.composition):
            raise MissingProperty(
                f"{material.name} is organic: phase equilibria do not describe its molecules"
            )
        phases.require({**material.composition, LITHIUM: 1.0})


def _forces(sample: LadderDraws, potentials: Sequence[float], *, on_hull: bool) -> Forces:
    """Quantiles of the driving force at potentials."""
    force = sample.driving_force(np.array(potentials))
    if not on_hull and sample.above_hull is not None:
        force -= sample.above_hull[:, None]
    bands = EV * np.quantile(force, (LOW, MIDDLE, HIGH), axis=0)
    return Forces(tuple(potentials), *(tuple(band.tolist()) for band in bands))


def _limit(side: str, sample: LadderDraws, nominal: LadderDraws, normal: Array) -> Limit:
    """One limit with its modes."""
    step: FirstStep = getattr(sample, side)
    values, count = step.limits, len(step.limits)
    sets, which = np.unique(step.products, axis=0, return_inverse=True)
    groups = [values[which.ravel() == i] for i in range(len(sets))]
    modes = [
        Mode(sample.spelt(sets[i]), groups[i].size / count, *quantiles(groups[i]))
        for i in sorted(range(len(sets)), key=lambda i: -groups[i].size)
        if groups[i].size > RARE * count
    ]
    fit = variance_shares(normal, values)
    return Limit(
        side,
        float(getattr(nominal, side).limits[0]),
        *quantiles(values),
        absent=float(step.absent.mean()),
        modes=tuple(modes),
        rest=max(1.0 - sum(m.probability for m in modes), 0.0),
        linear=None if fit is None else fit[1],
    )


def _chances(sample: LadderDraws, at: float) -> tuple[Chance, ...]:
    """Every product of the first steps and of the anode's potential, the likeliest first."""
    present = {
        "reduction": sample.reduction.products,
        "oxidation": sample.oxidation.products,
        "anode": sample.products(at),
    }
    found = []
    for where, products in present.items():
        share = products.mean(axis=0)
        ordered = np.argsort(-share, kind="stable")
        found += [
            Chance(where, sample.names[i], float(share[i])) for i in ordered if share[i] > RARE
        ]
    return tuple(found)


def _absences(names: tuple[str, ...], without: LadderDraws) -> tuple[Absence, ...]:
    """The limits without each phase where one moves by HANGS_ON, the farthest first."""
    found = []
    for i in np.argsort(-without.moved, kind="stable").tolist():
        if without.moved[i] <= HANGS_ON:
            break
        source = without.phase(names[i]).source
        found.append(
            Absence(
                formula=names[i],
                measured=source.how == "measured" and source.known == "read",
                reduction_limit=float(without.reduction.limits[i]),
                oxidation_limit=float(without.oxidation.limits[i]),
                moved=float(without.moved[i]),
                reduction_products=without.spelt(without.reduction.products[i]),
                oxidation_products=without.spelt(without.oxidation.products[i]),
            )
        )
    return tuple(found)


def _shares(errors: EnergyErrors, normal: Array, sample: LadderDraws) -> tuple[Share, ...]:
    """Every composition whose error makes SMALL or more of the variance of a limit."""
    fits = [variance_shares(normal, s.limits) for s in (sample.reduction, sample.oxidation)]
    low, high = (np.zeros(normal.shape[1]) if fit is None else fit[0] for fit in fits)
    found = []
    for i in np.argsort(-np.maximum(low, high), kind="stable"):
        if max(low[i], high[i]) < SMALL:
            break
        phase = sample.phase(errors.causes[i])
        own = float(errors.loading[errors.phases.rows.index(phase), i])
        found.append(
            Share(phase.formula, phase.source.how, own * EV, float(low[i]), float(high[i]))
        )
    return tuple(found)


def window_uncertainty(
    electrolyte: Any, *, phases: Phases | None = None, draws: int = 1000, seed: int = 0
) -> WindowUncertaintyResult:
    """The error bars of the window of an electrolyte against lithium metal.

    >>> window_uncertainty("Li3YCl6", draws=200).inside
    0.0
    """
    return WindowUncertainty(phases, draws, seed)(Interface(electrolyte, "Li"), Conditions())
