r"""Whether what forms at the anode stops itself: stable, passivating, mixed-conducting or unknown.

The products at the anode's potential are turned into volume fractions by their cell volumes. An
interphase that passes ions and blocks electrons stops growing; one through which electrons find a
path grows on (Wenzel et al. 2015; Zhu et al. 2015). Whether the electron conductors form a path
depends on a morphology that nobody has measured for most interphases, so the answer is a
probability over the percolation thresholds of the literature's morphologies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from anolyte.core.result import Concern, Finding, Level, Number, Result, quantity
from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.laws.contact_products import ContactProducts, contact_products, neighbours
from anolyte.laws.percolation import path_probability
from anolyte.materials.conductors import Conduction, conduction
from anolyte.materials.criteria import Criteria
from anolyte.materials.criteria import criteria as default_criteria
from anolyte.materials.phases import Phases, embedded
from anolyte.materials.schema import Anode, Material
from anolyte.materials.stack import Conditions, Interface

EV = ELEMENTARY_CHARGE


@dataclass(frozen=True)
class Product:
    """One phase of the interphase.

    Args:
        formula: The phase.
        volume_fraction: Its share of the products' volume; None where a volume is missing.
        electrons: Whether it conducts electrons; None: unknown.
        ions: Whether it conducts lithium ions; None: unknown.
    """

    formula: str
    volume_fraction: float | None = quantity("fraction")
    electrons: bool | None = None
    ions: bool | None = None


@dataclass(frozen=True)
class PassivationResult(Result):
    """The character of the interphase at the layer that faces the anode.

    Args:
        junction: The two neighbours.
        potential: V vs Li/Li+ at which the products form.
        energy: J per atom (other than lithium) that drives them.
        reaction: Balanced.
        products: With volume fractions and conduction classes.
        electron_fraction: Volume fraction of the electron conductors, unknown ones not counted.
        unknown_fraction: Volume fraction of the phases of unknown class.
        electron_path: Probability of an electron path, unknown phases taken as insulators.
        electron_path_high: The same with unknown phases taken as conductors.
        character: stable | conducting (stable, yet no barrier to electrons) | passivating |
            mixed-conducting | ion-blocking | unknown.
        because: The reason in words.
    """

    junction: str
    potential: float = quantity("electrode_potential")
    energy: float = quantity("energy_per_atom")
    reaction: str = ""
    products: tuple[Product, ...] = ()
    electron_fraction: float = quantity("fraction", default=0.0)
    unknown_fraction: float = quantity("fraction", default=0.0)
    electron_path: float = quantity("fraction", default=0.0)
    electron_path_high: float = quantity("fraction", default=0.0)
    character: str = "unknown"
    because: str = ""
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    concern: ClassVar[Concern] = Concern.REACTION
    levels: ClassVar[Mapping[str, Level]] = {
        "stable": Level.GOOD,
        "conducting": Level.CAUTION,
        "passivating": Level.GOOD,
        "ion-blocking": Level.CAUTION,
        "mixed-conducting": Level.BAD,
        "unknown": Level.UNKNOWN,
    }

    def findings(self, criteria: Any) -> tuple[Finding, ...]:
        """The interphase's character with the probability of an electron path."""
        numbers = {
            "path": Number(self.electron_path, "fraction"),
            "path_high": Number(self.electron_path_high, "fraction"),
            "energy": Number(self.energy, "energy_per_atom"),
        }
        level = self.levels[self.character]
        path = "" if self.character == "stable" else " (electron path: {path} probable)"
        if self.electron_path_high - self.electron_path > 0.01:
            path = " (electron path: {path} to {path_high} probable)"
        text = f"{self.junction}: {self.because}".replace("{", "{{").replace("}", "}}")
        return (Finding(self.concern, level, text + path, numbers, self.sources, self.character),)

    def rows(self) -> list[dict[str, Any]]:
        """One row a product."""
        return [
            {
                "product": p.formula,
                "volume fraction [%]": None
                if p.volume_fraction is None
                else 100 * p.volume_fraction,
                "conducts electrons": p.electrons,
                "conducts ions": p.ions,
            }
            for p in self.products
        ]


@dataclass(frozen=True)
class Passivation:
    """The character of the interphase between the anode and what faces it.

    Args:
        phases: Reference energies; None: the embedded table.
        criteria: Thresholds; None: the package's.
    """

    phases: Phases | None = None
    criteria: Criteria | None = None

    concern: ClassVar[Concern] = Concern.REACTION
    reads: ClassVar[tuple[str, ...]] = ("electrolyte", "layers", "anode")
    references: ClassVar[tuple[str, ...]] = ("wenzel2015interphase", "zhu2015")

    def __call__(self, interface: Interface, conditions: Conditions) -> PassivationResult:
        """The character of the first solid from the anode that stops electrons, or of the last.

        A layer that conducts electrons, or becomes an electron conductor, hands the anode's
        potential on to what lies behind it.
        """
        phases = self.phases or embedded()
        solids = neighbours(interface)
        passed: list[str] = []
        for solid in solids[:-1]:
            result = self._judge(solid, interface.anode, phases, tuple(passed))
            if result.character in ("mixed-conducting", "conducting"):
                passed.append(
                    f"layer {solid.name} passes electrons ({result.reaction}): what lies behind it "
                    "sees the anode's potential"
                )
            else:
                return result
        return self._judge(solids[-1], interface.anode, phases, tuple(passed))

    def _judge(
        self, solid: Material, anode: Anode, phases: Phases, passed: tuple[str, ...]
    ) -> PassivationResult:
        limits = self.criteria or default_criteria()
        made = contact_products(solid, anode, phases)
        fractions = made.volume_fractions(phases)
        found = {f: conduction(f) for f in made.products}
        products = tuple(_product(f, fractions, found[f], limits) for f in made.products)
        electron = sum(p.volume_fraction or 0.0 for p in products if p.electrons)
        unknown = sum(p.volume_fraction or 0.0 for p in products if p.electrons is None)
        low = path_probability(electron, limits.thresholds)
        high = path_probability(min(1.0, electron + unknown), limits.thresholds)
        character, because = _character(made, products, (low, high), fractions is None, limits)
        keys = [s.key for c in found.values() for s in c.sources]
        keys += [m.source.key for m in limits.morphologies]
        return PassivationResult(
            junction=made.junction,
            potential=made.potential,
            energy=made.energy * EV,
            reaction=str(made.reaction),
            products=products,
            electron_fraction=electron,
            unknown_fraction=unknown,
            electron_path=low,
            electron_path_high=high,
            character=character,
            because=because,
            warnings=made.warnings + passed + _doubts(found),
            sources=tuple(dict.fromkeys([*made.sources, *keys, *self.references])),
        )


def _doubts(found: Mapping[str, Conduction]) -> tuple[str, ...]:
    recalled = [f for f, c in found.items() if c.recalled]
    if not recalled:
        return ()
    return (f"the electronic conduction of {', '.join(recalled)} is from memory, not read",)


def _product(
    text: str, fractions: Mapping[str, float] | None, found: Conduction, limits: Criteria
) -> Product:
    return Product(
        formula=text,
        volume_fraction=None if fractions is None else fractions[text],
        electrons=found.conducts_electrons(
            limits["electronic_conductor"],
            limits["electronic_conductor_gap"],
            limits["electronic_insulator_gap"],
        ),
        ions=found.conducts_ions(limits["ionic_conductor"]),
    )


def _character(
    made: ContactProducts,
    products: tuple[Product, ...],
    path: tuple[float, float],
    no_volumes: bool,
    limits: Criteria,
) -> tuple[str, str]:
    """The name of the interphase's character and the reason in words."""
    if made.energy > -limits["reaction_negligible"] / EV:
        if path[0] >= limits["electron_path_likely"]:
            return "conducting", "no driving force, and it conducts electrons"
        return "stable", "no driving force beyond the error of the energies"
    conductors = [p.formula for p in products if p.electrons]
    unknown = [p.formula for p in products if p.electrons is None]
    listed = ", ".join(p.formula for p in products)
    if no_volumes and (conductors or unknown):
        return "unknown", f"forms {listed}, but a cell volume is missing"
    low, high = path
    if low >= limits["electron_path_likely"]:
        conduct = "conducts" if len(conductors) == 1 else "conduct"
        return "mixed-conducting", (
            f"{', '.join(conductors)} {conduct} electrons through the interphase: it keeps growing"
        )
    if high <= limits["electron_path_unlikely"]:
        blocking = ", ".join(p.formula for p in products if p.electrons is False)
        blocks = f"{blocking} block electrons"
        if minor := [p.formula for p in products if p.electrons is not False]:
            blocks += f", too little {', '.join(minor)} forms for a path"
        carriers = [p.formula for p in products if p.ions]
        if carriers:
            carry = "carries" if len(carriers) == 1 else "carry"
            return "passivating", (f"{blocks} while {', '.join(carriers)} {carry} lithium ions")
        if all(p.ions is False for p in products):
            return "ion-blocking", f"{blocks}, and ions find no path: resistance grows"
        return "passivating", f"{blocks}; how well the products carry ions is unknown"
    why = f"class of {', '.join(unknown)} unknown" if unknown else "morphology decides"
    return "unknown", f"forms {listed}; {why}"
