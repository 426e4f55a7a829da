"""Entry files as a user brings them: our windows and reactions beside pymatgen's, from one file."""

import json

import numpy as np
import pytest

pytest.importorskip("pymatgen", reason="pymatgen is the oracle of this test: pip install pymatgen")

from pymatgen.analysis.phase_diagram import PhaseDiagram
from pymatgen.core import Composition
from pymatgen.core.entries import ComputedEntry

from anolyte.laws.equilibrium import closed_profile, lithium_ladder, open_profile
from anolyte.materials.entries import read_entries

ELEMENTS = ("Li", "P", "S", "Cl", "O", "Ge")


def random_entries(seed: int, count: int) -> list[ComputedEntry]:
    rng = np.random.default_rng(seed)
    chosen = ["Li", *rng.choice(ELEMENTS[1:], size=rng.integers(1, 5), replace=False)]
    entries = [ComputedEntry(Composition({e: 1}), float(rng.normal(-3, 1))) for e in chosen]
    reference = {e: entry.energy for e, entry in zip(chosen, entries, strict=True)}
    for _ in range(count):
        amounts = {e: int(n) for e, n in zip(chosen, rng.integers(0, 5, len(chosen)), strict=True)}
        amounts = {e: n for e, n in amounts.items() if n}
        if len(amounts) < 2:
            continue
        n = sum(amounts.values())
        energy = sum(reference[e] * k for e, k in amounts.items())
        energy += n * float(rng.normal(-0.6, 0.5))
        correction = float(rng.normal(0, 0.1))
        entries.append(ComputedEntry(Composition(amounts), energy, correction=correction))
    return entries


@pytest.mark.parametrize("seed", range(25))
def test_a_users_file_gives_pymatgens_windows(seed: int, tmp_path) -> None:
    entries = random_entries(seed, 40)
    path = tmp_path / "entries.json"
    path.write_text(json.dumps([e.as_dict() for e in entries]), encoding="utf-8")
    phases = read_entries(path)
    diagram = PhaseDiagram(entries)
    lithium = diagram.el_refs[next(e for e in diagram.elements if e.symbol == "Li")].energy_per_atom
    for entry in entries[len(diagram.elements) :][:6]:
        composition = {e.symbol: float(n) for e, n in entry.composition.items()}
        if set(composition) == {"Li"} or "Li" not in composition:
            continue
        ladder = lithium_ladder(phases, composition)
        hull = diagram.get_hull_energy_per_atom(entry.composition)
        assert ladder.hull_energy == pytest.approx(hull, abs=1e-8)
        ours = sorted({round(s.potential, 6) for s in ladder.reductions + ladder.oxidations})
        profile = diagram.get_element_profile("Li", entry.composition)
        theirs = sorted({round(lithium - step["chempot"], 6) for step in profile[1:]})
        theirs = [v for v in theirs if v > 1e-6]
        assert [v for v in ours if v > 1e-6] == pytest.approx(theirs, abs=2e-6)


@pytest.mark.parametrize("seed", range(25))
def test_reaction_profiles_have_their_energies(seed: int, tmp_path) -> None:
    from pymatgen.analysis.interface_reactions import (
        GrandPotentialInterfacialReactivity,
        InterfacialReactivity,
    )
    from pymatgen.analysis.phase_diagram import GrandPotentialPhaseDiagram
    from pymatgen.core import Element

    entries = random_entries(100 + seed, 40)
    path = tmp_path / "entries.json"
    path.write_text(json.dumps([e.as_dict() for e in entries]), encoding="utf-8")
    phases = read_entries(path)
    solids = [e.composition for e in entries if len(e.composition) > 1][:2]
    reduced = [c.reduced_composition for c in solids]
    pair = [(c.reduced_formula, {k.symbol: float(v) for k, v in c.items()}) for c in reduced]
    if solids[0].reduced_formula == solids[1].reduced_formula:
        pytest.skip("the two random solids are the same")
    diagram = PhaseDiagram(entries)
    theirs = InterfacialReactivity(
        solids[0], solids[1], diagram, norm=True, use_hull_energy=True
    ).get_kinks()
    ours = closed_profile(phases, pair[0], pair[1])
    assert min(k.energy for k in ours) == pytest.approx(min(k[2] for k in theirs), abs=1e-8)
    for kink in ours:
        assert kink.reaction.imbalance() < 1e-9
    potential = 0.8
    lithium = diagram.el_refs[Element("Li")].energy_per_atom
    grand = GrandPotentialPhaseDiagram(entries, {Element("Li"): lithium - potential})
    theirs = GrandPotentialInterfacialReactivity(
        solids[0], solids[1], grand, pd_non_grand=diagram, include_no_mixing_energy=True,
        norm=True, use_hull_energy=True,
    ).get_kinks()  # fmt: skip
    ours = open_profile(phases, pair[0], pair[1], potential)
    assert min(k.energy for k in ours) == pytest.approx(min(k[2] for k in theirs), abs=1e-8)
    for kink in ours:
        assert kink.reaction.imbalance() < 1e-9


def worst_difference(seed: int, path) -> float:
    """Largest difference in eV/atom between ours and pymatgen's on one random entry file."""
    from pymatgen.analysis.interface_reactions import InterfacialReactivity

    entries = random_entries(seed, int(np.random.default_rng(seed).integers(5, 80)))
    path.write_text(json.dumps([e.as_dict() for e in entries]), encoding="utf-8")
    phases = read_entries(path)
    diagram = PhaseDiagram(entries)
    lithium = diagram.el_refs[next(e for e in diagram.elements if e.symbol == "Li")].energy_per_atom
    differences = [0.0]
    mixed = [e for e in entries if len(e.composition) > 1 and "Li" in e.composition]
    for entry in mixed[:4]:
        composition = {e.symbol: float(n) for e, n in entry.composition.items()}
        ladder = lithium_ladder(phases, composition)
        hull = diagram.get_hull_energy_per_atom(entry.composition)
        differences.append(abs(ladder.hull_energy - hull))
        ours = sorted({s.potential for s in ladder.reductions + ladder.oxidations})
        profile = diagram.get_element_profile("Li", entry.composition)
        theirs = sorted({lithium - step["chempot"] for step in profile[1:]})
        ours, theirs = ([v for v in x if v > 1e-6] for x in (ours, theirs))
        differences += [min(abs(v - w) for w in theirs or [0.0]) for v in ours]
    if len(mixed) > 1 and mixed[0].reduced_formula != mixed[1].reduced_formula:
        pair = [e.composition.reduced_composition for e in mixed[:2]]
        kinks = InterfacialReactivity(*pair, diagram, norm=True, use_hull_energy=True).get_kinks()
        named = [(c.reduced_formula, {k.symbol: float(v) for k, v in c.items()}) for c in pair]
        ours = closed_profile(phases, *named)
        differences.append(abs(min(k.energy for k in ours) - min(k[2] for k in kinks)))
        differences += [k.reaction.imbalance() for k in ours]
    return max(differences)


@pytest.mark.campaign
def test_random_entry_files_agree_with_pymatgen(campaign, tmp_path) -> None:
    count = campaign.size(reduced=20, full=1500)
    worst = max(
        worst_difference(campaign.seed * 10**6 + i, tmp_path / "e.json") for i in range(count)
    )
    assert worst < 1e-8
    campaign.record(files=count, worst_eV_per_atom=worst)
