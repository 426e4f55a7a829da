"""Whether a candidate stops the anode's electrons: barrier from band edges, as a traffic light."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from anolyte.core.errors import AnolyteError, MissingProperty
from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.laws import electron_leak
from anolyte.laws.electron_leak import Light
from anolyte.materials import electronic_levels, formula
from anolyte.materials.criteria import threshold
from anolyte.studies.screen.candidates import digest
from anolyte.studies.screen.estimates import Estimate, Judged, Property
from anolyte.studies.screen.structured import plain

METHOD = "band edges from electronegativities"
TABLES = ("conductors.csv", "element_levels.csv", "work_functions.csv")


@dataclass(frozen=True)
class OwnBarrier:
    """A barrier of the user's own, measured or computed.

    Args:
        barrier, sigma: J.
        how: measured | computed.
        source: Citation key; empty: none.
    """

    barrier: float
    sigma: float
    how: str = "computed"
    source: str = ""

    @classmethod
    def of_edges(
        cls, conduction: float, work_function: float, sigma: float, source: str = ""
    ) -> OwnBarrier:
        """From a conduction edge against vacuum and a work function, J."""
        return cls(conduction + work_function, sigma, "computed", source)


@dataclass(frozen=True)
class Leaking:
    """Barrier for electrons from the anode; of metals, and without a gap, nothing is said.

    Args:
        anode: Element whose work function is in the table.
        own: Barriers of the user's own by formula; they replace the model's.
        sigma: Of a band edge from electronegativities, J.
        light: When a layer counts as tight.
    """

    anode: str = "Li"
    own: Mapping[str, OwnBarrier] = field(default_factory=dict)
    sigma: float = threshold("band_edge_sigma")
    light: Light = field(default_factory=Light)

    name = "leak"
    gives = (
        Property("electron_barrier", "energy", "for electrons from the anode into the layer"),
        Property("electron_tightness", "fraction", "probability that this barrier is enough"),
    )

    @property
    def digest(self) -> str:
        """Of the tables and settings."""
        data = (hashlib.sha256((electronic_levels.DATA / t).read_bytes()).hexdigest()
                for t in TABLES)  # fmt: skip
        own = sorted((k, v.barrier, v.sigma) for k, v in self.own.items())
        light = (self.light.required, self.light.good, self.light.bad)
        return digest(self.name, self.anode, self.sigma, own, light, *data)

    def __call__(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Each with its barrier."""
        return [j.adding(self._one(j.candidate.formula)) for j in judged]

    def _one(self, text: str) -> tuple[Estimate, ...]:
        barrier, tight = self.gives
        try:
            found = self._own(text) or self._model(text)
        except AnolyteError as error:
            return tuple(Estimate(p.name, p.kind, None, method=METHOD, note=str(error))
                         for p in self.gives)  # fmt: skip
        assert found.value is not None and found.sigma is not None
        p = electron_leak.chance(found.value, found.sigma, self.light.required)
        note = (
            f"{self.light(found.value, found.sigma).value}: "
            f"{self.light.required / ELEMENTARY_CHARGE:.2g} eV wanted; {found.note}"
        )
        return found, Estimate(
            tight.name, tight.kind, p, None, found.how, found.method, found.source, note
        )

    def _own(self, text: str) -> Estimate | None:
        own = {plain(k): v for k, v in self.own.items()}.get(plain(text))
        if own is None:
            return None
        p = self.gives[0]
        return Estimate(p.name, p.kind, own.barrier, own.sigma, own.how, "own value", own.source,
                        "given by the user")  # fmt: skip

    def _model(self, text: str) -> Estimate:
        amounts, _ = formula.reduced(formula.parse(text))
        metal = electronic_levels.work_functions().get(self.anode)
        if metal is None:
            raise MissingProperty(f"no work function of the anode {self.anode} is known")
        gap = electronic_levels.band_gap(amounts)
        edges = electron_leak.band_edges(amounts, gap.si)
        sigma = math.hypot(self.sigma, 0.5 * (gap.sigma or 0.0), metal.sigma or 0.0)
        p = self.gives[0]
        ev = gap.si / ELEMENTARY_CHARGE
        note = (
            f"gap {ev:.3g} eV ({gap.source}), work function "
            f"{metal.si / ELEMENTARY_CHARGE:.3g} eV ({metal.source}); an order, not a number"
        )
        return Estimate(p.name, p.kind, electron_leak.electron_barrier(edges, metal.si), sigma,
                        "estimated", METHOD, "nethercot1974", note)  # fmt: skip
