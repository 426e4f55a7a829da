"""Figures by name from the command line: `--figure mixing=out.html`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from anolyte.core.errors import DataError
from anolyte.core.near import near
from anolyte.faces import asking, export
from anolyte.materials.phases import Phases
from anolyte.materials.schema import Anode, Material
from anolyte.materials.stack import Cell

MOST_CORNERS = 4


@dataclass(frozen=True)
class Asked:
    """What a verb was asked, and its answer.

    Args:
        result: The answer.
        a, b: As typed; `b` may be a solid, an anode or absent (a cell.yaml).
        layers: As typed.
        materials, entries: The user's own.
    """

    result: Any
    a: str
    b: str | None
    layers: tuple[str, ...] = ()
    materials: list[Path] | None = None
    entries: str | None = None
    as_printed: bool = False

    @property
    def phases(self) -> Phases:
        """The reference energies."""
        return asking.energies(self.entries, self.solids)

    @property
    def cell(self) -> Cell:
        """Electrolyte, layers, anode and conditions."""
        lib = asking.library(self.materials)
        return asking.cell(lib, self.a, self.b, self.layers, as_printed=self.as_printed)

    @property
    def solids(self) -> tuple[Material, Material]:
        """What lies left and right."""
        if self.b is None:
            return self.cell.interface.electrolyte, self.cell.interface.anode
        lib = asking.library(self.materials)
        left = asking.find(lib, self.a, as_printed=self.as_printed)
        return left, asking.find(lib, self.b, as_printed=self.as_printed, anode_first=True)


Draw = Callable[[Asked], Any]


def wanted(texts: Sequence[str], known: Mapping[str, Draw]) -> list[tuple[Draw, Path]]:
    """Functions and files of `NAME=OUT.html`; without a name the first that is known.

    Raises:
        DataError: A name that is not known, or a suffix that is neither a page's nor a picture's.
    """
    found = []
    for text in texts:
        name, _, page = text.partition("=") if "=" in text else (next(iter(known)), "", text)
        if name not in known:
            hint = near(name, known, otherwise="write NAME=OUT.html")
            raise DataError(f"--figure {text[:60]}: known here are {', '.join(known)}; {hint}")
        export.check_page_name(Path(page))
        found.append((known[name], Path(page)))
    return found


def draw(pictures: Sequence[tuple[Draw, Path]], asked: Asked) -> list[Path]:
    """Write each figure as one self-contained page, or as a picture."""
    return [export.write_figures([make(asked)], path) for make, path in pictures]


def _mixing(asked: Asked) -> Any:
    from anolyte.faces.figures.mixing import mixing

    return mixing(asked.result)


def _profile(asked: Asked) -> Any:
    from anolyte.faces.figures.reactions import profile

    return profile(asked.result)


def _map(asked: Asked) -> Any:
    from anolyte.faces.figures.stability_map import phase_map

    return phase_map(_computed(asked))


def _open_map(asked: Asked) -> Any:
    from anolyte.faces.figures.stability_map import phase_map

    profiles = asked.result.profiles
    held = [p.potential for p in profiles if p.potential is not None]
    return phase_map(_computed(asked, min(held, default=0.0)))


def _potentials(asked: Asked) -> Any:
    from anolyte.faces.figures.stability_map import potentials

    return potentials(_computed(asked))


def _computed(asked: Asked, potential: float | None = None) -> Any:
    """The map of the first solid's elements, and the second's where there is room for them."""
    from anolyte.studies.stability_map import stability_map

    left, right = asked.solids
    corners = dict.fromkeys([*left.composition, "Li"])
    marked = {left.formula or left.name: left.composition}
    if right.formula and len(both := corners | dict.fromkeys(right.composition)) <= MOST_CORNERS:
        corners = both
        if set(right.composition) != {"Li"}:
            marked[right.formula] = right.composition
    return stability_map(list(corners), marked, phases=asked.phases, potential=potential)


def _volume(asked: Asked) -> Any:
    from anolyte.faces.figures.volume_change import volume_changes
    from anolyte.models.volume import VolumeChange

    if not isinstance(asked.solids[1], Anode):
        raise DataError("--figure volume needs an anode: react ELECTROLYTE ANODE")
    cell, model = asked.cell, VolumeChange(asked.phases)
    return volume_changes(model(cell.interface, cell.conditions))


def _layers(asked: Asked) -> Any:
    from anolyte.faces.figures.layers import layers

    return layers(asked.result)


REACTION: Mapping[str, Draw] = MappingProxyType({
    "mixing": _mixing, "profile": _profile, "map": _map, "open-map": _open_map,
    "potentials": _potentials, "volume": _volume,
})  # fmt: skip
SCREEN: Mapping[str, Draw] = MappingProxyType({"layers": _layers})
