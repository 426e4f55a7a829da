"""From an anode's file and the form it is made in to the parameters of the laws of a host."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from anolyte.core.errors import AnolyteError, DataError, MissingProperty
from anolyte.core.provenance import Value
from anolyte.core.result import quantity
from anolyte.core.units import FARADAY
from anolyte.laws.host_expansion import BufferedGrowth, LinearExpansion, partial_molar_volume
from anolyte.laws.host_fracture import FILM, PARTICLE, ROD, CrackGeometry
from anolyte.laws.lithiation_stress import (
    ConstantFlow,
    FilmStress,
    LinearSoftening,
    biaxial_modulus,
)
from anolyte.materials import formula, library
from anolyte.materials.criteria import criteria
from anolyte.materials.schema import Anode, Material
from anolyte.materials.stack import Form, Shape

ALMOST_FULL = 1.05
"""A formula this little above the capacity is the full host: capacities are printed rounded."""


@dataclass(frozen=True)
class Host:
    """What takes up the lithium of an anode.

    Args:
        anode: As the interface names it.
        material: The host without lithium, where the library has it; else the anode itself.
        made: Share of its capacity that is filled as the anode is made (its formula); beyond one
            the formula holds more lithium than the host takes up, as a lithium-rich alloy does.
    """

    anode: Anode
    material: Anode
    made: float = quantity("fraction", default=0.0)

    def has(self, name: str) -> bool:
        """Whether the anode or its host knows a property."""
        return self._of(name).has(name)

    def need(self, name: str) -> Value:
        """A property of the anode, else of its host.

        Raises:
            MissingProperty: Neither knows it.
        """
        return self._of(name).need(name)

    def _of(self, name: str) -> Anode:
        # what a lithiated formula says of itself (its density) is not the empty host's
        own = self.anode.has(name) and self.made == 0.0
        return self.anode if own else self.material

    @cached_property
    def molar_mass(self) -> float:
        """Of one host atom, kg/mol."""
        composition = {e: n for e, n in self.anode.composition.items() if e != "Li"}
        return formula.molar_mass(composition) / formula.atoms(composition)

    @cached_property
    def content(self) -> float:
        """Lithium atoms per host atom when full."""
        return self.need("specific_capacity").si * self.molar_mass / FARADAY

    @cached_property
    def expansion(self) -> LinearExpansion:
        """Volume against lithium content, through both measured ends."""
        full = self.content
        return LinearExpansion(self.need("volume_expansion").si / full, full)

    @cached_property
    def partial_volume(self) -> float:
        """Volume that a mole of lithium adds, m3/mol."""
        molar = self.molar_mass / self.need("density").si
        return float(partial_molar_volume(self.expansion.coefficient, molar))

    @cached_property
    def capacity(self) -> float:
        """Charge that a volume of the empty host takes up, C/m3."""
        return self.need("specific_capacity").si * self.need("density").si

    def film(self) -> FilmStress:
        """Stress of the host where it is held.

        The modulus falls to that of its last lithiated state, where the library knows one.

        Raises:
            MissingProperty: No modulus or no flow stress is known.
        """
        empty = self.need("youngs_modulus").si
        state = lithiated(self.material)
        full = state.need("youngs_modulus").si if state is not None else empty
        ratio = poisson_ratio(self.material)
        flow = ConstantFlow(
            -abs(self.need("flow_stress_lithiation").si),
            abs(self.need("flow_stress_delithiation").si),
        )
        modulus = LinearSoftening(
            float(biaxial_modulus(empty, ratio)), float(biaxial_modulus(full, ratio)), self.content
        )
        return FilmStress(self.expansion, modulus, flow)


def poisson_ratio(material: Material) -> float:
    """A material's Poisson ratio, or the package's guess (`poisson_ratio_guess`)."""
    if material.has("poisson_ratio"):
        return material.need("poisson_ratio").si
    return criteria()["poisson_ratio_guess"]


def lithiated(host: Anode) -> Anode | None:
    """The library's material of the host's most lithium-rich state that knows a modulus."""
    known = {m.name: m for m in library.default().all(Anode)}
    found = (known[state] for state in reversed(host.states) if state in known)
    return next((m for m in found if m.has("youngs_modulus")), None)


def read_host(anode: Anode) -> Host:
    """The host of an anode.

    Raises:
        MissingProperty: An anode without a host: lithium itself, a blend without a formula.

    >>> from anolyte.materials.library import default
    >>> host = read_host(default().anode("Si"))
    >>> round(host.content, 2), round(host.partial_volume * 1e6, 1)
    (3.77, 8.9)
    """
    rest = {e: n for e, n in anode.composition.items() if e != "Li"}
    if not rest:
        raise MissingProperty(f"{anode.name} is no host: lithium is plated, not taken up")
    text = formula.write(formula.reduced(rest)[0])
    material = library.default().anode(text, as_printed=True)
    host = Host(anode, material if material.has("specific_capacity") else anode)
    lithium = anode.composition.get("Li", 0.0) / formula.atoms(rest)
    if lithium == 0.0:
        return host
    made = lithium / Host(anode, host.material, 1.0).content
    return Host(anode, host.material, 1.0 if 1.0 < made < ALMOST_FULL else made)


# --- the electrode ------------------------------------------------------------------------------

GEOMETRY: dict[Shape, CrackGeometry] = {
    Shape.FILM: FILM, Shape.FOIL: FILM, Shape.COLUMNS: ROD, Shape.RODS: ROD,
    Shape.PARTICLES: PARTICLE, Shape.POROUS: PARTICLE,
}  # fmt: skip


@dataclass(frozen=True)
class Make:
    """How the host's electrode is made, in shares of its volume.

    Args:
        active: The host.
        free: Empty.
        carbon: Carbon and whatever else of a composite gives way a little.
        electrolyte: Electrolyte mixed in.
        adherent: A film held by its base; taken as one where nothing is said of the electrode.
    """

    active: float = quantity("fraction", default=1.0)
    free: float = quantity("fraction", default=0.0)
    carbon: float = quantity("fraction", default=0.0)
    electrolyte: float = quantity("fraction", default=0.0)
    adherent: bool = True

    @property
    def growth(self) -> BufferedGrowth:
        """What its room takes up."""
        yielding = self.carbon * criteria()["carbon_compression"]
        return BufferedGrowth(self.active, self.free, yielding)


def read_make(host: Host, form: Form) -> Make:
    """How an electrode is made: what the form says, else the composition of a composite.

    Raises:
        DataError: The form leaves no room for the host.

    >>> from anolyte.materials.library import default
    >>> read_make(read_host(default().anode("Si-C")), Form(free_volume=0.2)).active
    0.24
    """
    free = form.free_volume or 0.0
    carbon, electrolyte = form.carbon or 0.0, form.electrolyte or 0.0
    composite = bool(host.anode.components)
    if composite and form.carbon is None and form.electrolyte is None:
        carbon = (1.0 - _share(host)) * (1.0 - free)
    active = 1.0 - free - carbon - electrolyte
    if active <= 1e-9:
        raise DataError(
            f"the form of {host.anode.name} leaves no room for the host: free volume, carbon and "
            "electrolyte must add up to less than 100 %"
        )
    said = composite or form.size is not None or active < 1.0
    adherent = not said if form.shape is None else form.shape in (Shape.FILM, Shape.FOIL)
    return Make(round(active, 12), free, carbon, electrolyte, adherent)


def _share(host: Host) -> float:
    """Volume share of a composite's components that are the host or hold it."""
    lib = library.default()
    elements = {e for e in host.anode.composition if e != "Li"}
    found = 0.0
    for component in host.anode.components:
        try:
            part = lib.anode(component.material, as_printed=True)
        except AnolyteError:
            continue
        if part.formula and {e for e in part.composition if e != "Li"} == elements:
            found += component.volume_fraction
    return found or 1.0


# --- the cycle ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Window:
    """Which lithium contents a half cycle sweeps, and how much host stands there.

    Args:
        made, low, high: Lithium contents: as made, and the ends of a cycle.
        dense: Thickness of the host without lithium and without pores, m.
        thickness: Of the electrode as made, m.
        clipped: The host holds less than the charge asked for.
    """

    made: float = quantity("number")
    low: float = quantity("number")
    high: float = quantity("number")
    dense: float = quantity("length")
    thickness: float = quantity("length")
    clipped: bool = False


def read_window(host: Host, make: Make, form: Form, charge: float) -> Window:
    """The contents that a charge sweeps; a film's thickness says how much host there is.

    Where it is not said there is just as much host as the charge fills. A host that is full of
    lithium as made is emptied first.

    Args:
        host: The host.
        make: How its electrode is made.
        form: Its shape, size and prelithiation.
        charge: Of a half cycle, C/m2.

    Raises:
        MissingProperty: No charge is cycled, or the host takes none.

    >>> from anolyte.materials.library import default
    >>> host = read_host(default().anode("Si"))
    >>> at = read_window(host, Make(), Form(), 3.6e4)
    >>> round(at.dense * 1e6, 2), round(at.high, 2)
    (1.19, 3.77)
    """
    if charge <= 0.0:
        raise MissingProperty("no charge is cycled: give an areal capacity above zero")
    full = host.content
    made = max(host.made, form.prelithiation or 0.0)
    room = made if host.made > 0.0 else 1.0 - made
    if room < 1e-9:
        raise MissingProperty(f"{host.anode.name} is full as made: it takes no charge")
    grown = float(host.expansion(made * full))
    known = form.size if form.shape in (Shape.FILM, Shape.FOIL) else None
    if known is None:
        share = room
        dense = charge / (room * host.capacity)
    else:
        dense = known * make.active / grown
        share = charge / (dense * host.capacity)
    clipped = share > room * (1.0 + 1e-9)
    share = min(share, room)
    low = made - share if host.made > 0.0 else made
    return Window(
        made * full, low * full, (low + share) * full, dense, dense * grown / make.active, clipped
    )
