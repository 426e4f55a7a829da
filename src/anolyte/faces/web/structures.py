"""Crystal structures behind the reference energies: which there are, and one as CIF to be drawn."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from anolyte.atoms.structures import Phase, load
from anolyte.core.errors import UnknownMaterial
from anolyte.faces.web.interface import kept
from anolyte.materials import references

SHOWN = 200
Named = Annotated[str, Query(max_length=120, description="Its name.")]
_KNOWN = {"read": "read", "second_hand": "second-hand", "recalled": "from memory"}


@lru_cache(maxsize=1)
def described() -> dict[str, Phase]:
    """Every structure by its name."""
    return {phase.name: phase for phase in load()}


def listed(text: str) -> list[dict[str, str]]:
    """Structures whose name or formula holds a text, the shortest names first."""
    wanted = text.strip().casefold()
    found = [
        p for p in described().values()
        if wanted in p.name.casefold() or wanted in p.formula.casefold()
    ]  # fmt: skip
    found.sort(key=lambda p: (len(p.name), p.name))
    return [{"name": p.name, "formula": p.formula} for p in found[:SHOWN]]


def find(name: str) -> Phase:
    """One structure.

    Raises:
        UnknownMaterial: None of that name, with near ones.
    """
    import difflib

    known = described()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name[:60], known, n=3, cutoff=0.6)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise UnknownMaterial(f"no structure '{name[:60]}'{hint}")


def cif(phase: Phase) -> str:
    """A structure as CIF with every site written out; mixed sites hold several entries."""
    edges = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    lines = [f"data_{phase.name.replace(' ', '_')}"]
    lines += [f"_cell_{name} {value:.6g}" for name, value in zip(edges, phase.six(), strict=True)]
    lines += ["_symmetry_space_group_name_H-M 'P 1'", "_symmetry_Int_Tables_number 1",
              "loop_", "_symmetry_equiv_pos_as_xyz", "'x, y, z'", "loop_",
              *(f"_atom_site_{x}" for x in ("label", "type_symbol", "fract_x", "fract_y", "fract_z",
                                            "occupancy"))]  # fmt: skip
    count: dict[str, int] = {}
    for occupants, place in phase.in_cell():
        for element, share in occupants.items():
            count[element] = count.get(element, 0) + 1
            at = " ".join(f"{v:.6f}" for v in place)
            lines.append(f"{element}{count[element]} {element} {at} {share:.4g}")
    return "\n".join([*lines, ""])


def told(phase: Phase) -> dict[str, Any]:
    """A structure in words, and as CIF."""
    cell = phase.six()
    group = phase.setting or (str(phase.space_group) if phase.space_group else "")
    source = references.fields(phase.source)
    return {
        "name": phase.name,
        "formula": phase.formula,
        "rows": [
            ("space group", group or "of its structure type"),
            ("cell edges", ", ".join(f"{v:.4g}" for v in cell[:3]) + " Å"),
            ("cell angles", ", ".join(f"{v:.4g}" for v in cell[3:]) + "°"),
            ("formula units in the cell", f"{phase.Z:g}" if phase.Z else ""),
            ("source", phase.source + (f", {phase.where}" if phase.where else "")),
            ("known", _KNOWN[phase.known]),
            ("note", phase.note),
        ],
        "doi": source.get("doi", ""),
        "mixed": any(sum(o.values()) < 0.999 or len(o) > 1 for o, _ in phase.sites),
        "cif": cif(phase),
    }


def router() -> APIRouter:
    """What is offered of structures."""
    found = APIRouter(tags=["structures"])

    @found.get("/api/structures", summary="Structures whose name or formula holds a text")
    def of_list(text: Annotated[str, Query(max_length=120)] = "") -> list[dict[str, str]]:
        return listed(text)

    @found.get("/api/structure", summary="One structure in words, and as CIF")
    def of_one(name: Named) -> dict[str, Any]:
        return told(find(name))

    @found.get("/api/structure.cif", summary="One structure as a CIF file")
    def of_file(name: Named) -> Response:
        return kept("structure.cif", cif(find(name)), "chemical/x-cif")

    return found
