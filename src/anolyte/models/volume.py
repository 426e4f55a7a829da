r"""Volume change: of the interphase against what it replaces, and of the anode over a half cycle.

The Pilling-Bedworth ratio compares the products with the electrolyte that they consume; the change
of the whole interface also counts the lithium that is taken from the anode,
$\Delta V = \sum_p \nu_p V_p - V_\mathrm{SE} - \nu_\mathrm{Li} V_\mathrm{Li}$.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from anolyte.core.errors import AnolyteError
from anolyte.core.result import Concern, Finding, Level, Number, Result, quantity
from anolyte.laws.contact_products import contact_products, molar_volume, neighbours
from anolyte.laws.expansion import pilling_bedworth, plated_thickness
from anolyte.materials import formula
from anolyte.materials.phases import Phases, embedded
from anolyte.materials.schema import Anode, Material
from anolyte.materials.stack import Conditions, Interface

NOTHING = 1e-9
"""eV per atom below which nothing reacts."""


@dataclass(frozen=True)
class VolumeResult(Result):
    """Volume changes at the interface.

    Args:
        solid: The anode's neighbour, which is consumed.
        ratio: Pilling-Bedworth ratio of the interphase; None: unknown or nothing forms.
        change: Volume change of the whole interface per volume of that solid.
        reaction: What forms.
        host_expansion: Relative expansion of the anode's host from empty to full.
        swing: Thickness of lithium plated or stripped in a half cycle, m (plated anodes).
        unknown: Why a number is missing.
    """

    interface: str
    solid: str = ""
    ratio: float | None = quantity("number", default=None)
    change: float | None = quantity("fraction", default=None)
    reaction: str = ""
    host: str = ""
    host_expansion: float | None = quantity("fraction", default=None)
    swing: float | None = quantity("length", default=None)
    unknown: str = ""
    sources: tuple[str, ...] = ()

    concern: ClassVar[Concern] = Concern.VOLUME

    def findings(self, criteria: Any) -> tuple[Finding, ...]:
        """The anode's own breathing, then the interphase."""
        found = [f for f in (self._interphase(criteria), self._host(criteria)) if f is not None]
        order = [Level.GOOD, Level.UNKNOWN, Level.CAUTION, Level.BAD]
        return tuple(sorted(found, key=lambda f: order.index(f.level)))

    def _interphase(self, criteria: Any) -> Finding | None:
        if self.ratio is None:
            if not self.unknown:
                because = "no interphase forms, so none changes its volume"
                return Finding(self.concern, Level.GOOD, because, {}, (), "no interphase")
            text = self.unknown.replace("{", "(").replace("}", ")")
            return Finding(self.concern, Level.UNKNOWN, text, {}, (), "unknown")
        numbers = {"ratio": Number(self.ratio, "number")}
        low, high = criteria["pilling_bedworth_low"], criteria["pilling_bedworth_high"]
        if self.ratio < low:
            level, label, tail = (
                Level.CAUTION,
                "porous",
                "the products do not fill what they replace",
            )
        elif self.ratio > high:
            level, label, tail = Level.CAUTION, "cracking", "the products press and may crack"
        else:
            level, label, tail = Level.GOOD, "compact", "a compact film in compression"
        because = f"interphase takes {{ratio}} times the volume of {self.solid}: {tail}"
        return Finding(self.concern, level, because, numbers, self.sources, label)

    def _host(self, criteria: Any) -> Finding | None:
        if self.swing is not None:
            number = {"swing": Number(self.swing, "length")}
            because = "the lithium face moves by {swing} each half cycle; contact must follow"
            return Finding(
                self.concern, Level.CAUTION, because, number, self.sources, "moving face"
            )
        if self.host_expansion is None:
            if not self.host:
                return None
            because = f"how much {self.host} swells and shrinks is not known"
            return Finding(
                self.concern, Level.CAUTION, because, {}, self.sources, "swelling not known"
            )
        number = {"expansion": Number(self.host_expansion, "fraction")}
        size = abs(self.host_expansion)
        level = (
            Level.BAD if size > criteria["volume_change_bad"]
            else Level.CAUTION if size > criteria["volume_change_caution"] else Level.GOOD
        )  # fmt: skip
        because = f"{self.host} swells by {{expansion}} from empty to full"
        return Finding(self.concern, level, because, number, self.sources, "breathing host")


@dataclass(frozen=True)
class VolumeChange:
    """Volume changes of an interface from cell volumes.

    Args:
        phases: Reference energies and volumes; None: the embedded table.
    """

    phases: Phases | None = None

    concern: ClassVar[Concern] = Concern.VOLUME
    reads: ClassVar[tuple[str, ...]] = (
        "electrolyte",
        "layers",
        "anode",
        "conditions.areal_capacity",
    )
    references: ClassVar[tuple[str, ...]] = ("pilling1923",)

    def __call__(self, interface: Interface, conditions: Conditions) -> VolumeResult:
        """The interphase's and the anode's volume change."""
        phases = self.phases or embedded()
        ratio = change = None
        reaction = unknown = ""
        sources: tuple[str, ...] = ()
        try:
            made = contact_products(neighbours(interface)[0], interface.anode, phases)
            reaction, sources = str(made.reaction), made.sources
            ratio, change, unknown = _ratio(interface, phases)
        except AnolyteError as error:
            unknown = str(error)
        host, expansion = _expansion(interface.anode, phases)
        lithium = molar_volume(phases, "Li")
        swing = None
        if interface.anode.plated and lithium is not None:
            swing = plated_thickness(conditions.areal_capacity, lithium)
        return VolumeResult(
            interface=str(interface),
            solid=neighbours(interface)[0].name,
            ratio=ratio,
            change=change,
            reaction=reaction,
            host=host,
            host_expansion=expansion,
            swing=swing,
            unknown=unknown,
            sources=sources + self.references,
        )


def _ratio(interface: Interface, phases: Phases) -> tuple[float | None, float | None, str]:
    made = contact_products(neighbours(interface)[0], interface.anode, phases)
    if abs(made.energy) < NOTHING:
        return None, None, ""
    solid = neighbours(interface)[0]
    consumed = _solid_volume(solid, phases)
    products = made.volume(phases)
    host = sum(
        n * (molar_volume(phases, f) or 0.0)
        for f, n in made.reaction.reactants.items()
        if f not in ("Li", made.material)
    )
    if consumed is None:
        return None, None, f"{solid.name} has no cell volume or density in its YAML file"
    if products is None:
        lacking = [f for f in made.products if molar_volume(phases, f) is None]
        return None, None, f"no cell volume for {', '.join(lacking)}"
    lithium = made.reaction.reactants.get("Li", 0.0) * (molar_volume(phases, "Li") or 0.0)
    consumed += host
    return pilling_bedworth(products, consumed), (products - consumed - lithium) / consumed, ""


def _solid_volume(material: Material, phases: Phases) -> float | None:
    """Molar volume of a material: its own, its cell in the table, or mass over density."""
    if material.has("molar_volume"):
        return material.need("molar_volume").si
    if material.formula and (volume := molar_volume(phases, material.formula)) is not None:
        return volume
    if material.has("density"):
        return formula.molar_mass(material.composition) / material.need("density").si
    return None


def _expansion(anode: Anode, phases: Phases) -> tuple[str, float | None]:
    """Relative expansion of a host from its cell volumes, empty to its last known state."""
    if anode.plated or anode.formula is None:
        return "", None
    if anode.has("volume_expansion"):
        return anode.name, anode.need("volume_expansion").si
    host = {e: n for e, n in anode.composition.items() if e != "Li"}
    if not host or not anode.states:
        return (anode.name if anode.family in ("alloy", "metal", "unknown") else ""), None
    text = formula.write(formula.reduced(host)[0])
    empty, full = molar_volume(phases, text), molar_volume(phases, anode.states[-1])
    if empty is None or full is None:
        return anode.name, None
    units = sum(n for e, n in formula.parse(anode.states[-1]).items() if e != "Li")
    return anode.name, full / units / (empty / formula.atoms(formula.parse(text))) - 1.0
