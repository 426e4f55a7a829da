"""How true the screen's energies, volumes, moduli and adhesions are, against published values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from anolyte.atoms import assemble
from anolyte.atoms.cell_volumes import volume_errors
from anolyte.atoms.leave_one_out import leave_one_out
from anolyte.atoms.softening import (
    BULK,
    MODULI,
    SHEAR_ALONE,
    SHEAR_FROM_BULK,
    references,
    softening,
)
from anolyte.studies.screen.candidates import Candidate
from anolyte.studies.screen.estimates import Judged
from anolyte.studies.screen.estimators.adhesion import Adhering
from anolyte.studies.screen.estimators.binding import Binding
from anolyte.studies.screen.estimators.moduli import Stiffness

CHGNET = "CHGNet 0.3.0"
SIX = ("LiF", "Li2O", "alpha-Li3N", "LiCl", "Li3P", "Li2S (AMCSD 0011739)")
"""Structures of what a lithium anode leaves of most electrolytes."""


def at_rest(names: tuple[str, ...]) -> tuple[Any, list[Judged]]:
    """The potential and crystals at rest under it, as candidates come to these estimators."""
    pytest.importorskip("chgnet", reason="the potential is CHGNet")
    from anolyte.atoms.crystal import Crystal
    from anolyte.atoms.pool import relax
    from anolyte.atoms.potentials import Chgnet
    from anolyte.atoms.structures import load

    potential, phases = Chgnet(), {p.name: p for p in load()}
    starts = [Crystal.of(phases[n].structures(1)[0]) for n in names]
    ends = dict(relax(starts, potential, fmax=0.01))
    crystals = [ends[k].crystal for k in range(len(names))]
    pairs = zip(names, crystals, strict=True)
    return potential, [Judged(Candidate(n, c.formula, "test", crystal=c)) for n, c in pairs]


def number(judged: Judged, name: str) -> float:
    estimate = judged.best(name)
    assert estimate is not None and estimate.value is not None, f"{judged.candidate.name}: {name}"
    return estimate.value


@pytest.mark.campaign
def test_formation_energies_of_unseen_compounds(campaign):
    """Measured enthalpies, each predicted by a table that lacks it."""
    found = leave_one_out(
        assemble.read_measured(assemble.DATA / "enthalpies.csv"),
        assemble.read_computed(assemble.DATA / "computed.csv"),
    )
    # The only measured compound of an element predicts itself: it tests nothing.
    found = [p for p in found if p.error != 0.0]
    campaign.cases = len(found)
    figures: dict[str, float | int | str] = {}
    for by_elements, name, limit in ((False, "compounds", 0.05), (True, "elements too", 0.1)):
        errors = np.array([p.error for p in found if p.by_elements == by_elements])
        sigma = assemble.SIGMA_ELEMENTS if by_elements else assemble.SIGMA_COMPOUNDS
        absolute = np.abs(errors)
        figures[name] = (
            f"{len(errors)}: mean absolute {1e3 * absolute.mean():.0f}, root mean square "
            f"{1e3 * np.sqrt((errors**2).mean()):.0f}, median {1e3 * np.median(absolute):.0f} "
            f"meV/atom, within one sigma {np.mean(absolute < sigma):.0%}, two "
            f"{np.mean(absolute < 2.0 * sigma):.0%}"
        )
        assert len(errors) >= 30 and absolute.mean() < limit
        assert np.mean(absolute < 2.0 * sigma) > 0.9
    campaign.record(**figures)


@pytest.mark.campaign
def test_volumes_of_measured_cells(campaign):
    """Relaxed volumes against measured cells, of every class of materials."""
    errors = volume_errors(CHGNET)
    campaign.cases = sum(e.count for e in errors.values())
    campaign.record(**{
        name: f"{e.bias:+.3f} +- {e.sigma:.3f} ({e.count})" for name, e in errors.items()
    })  # fmt: skip
    assert campaign.cases >= 30
    assert abs(errors["oxides"].bias) < 0.05 and errors["sulfides"].sigma > errors["oxides"].sigma


@pytest.mark.campaign
def test_moduli_of_reference_crystals(campaign):
    """Softening factors left out, over all references; at full size six are computed anew."""
    figures: dict[str, float | int | str] = {}
    for modulus in (*MODULI, SHEAR_ALONE, SHEAR_FROM_BULK):
        found = softening(CHGNET, modulus)
        errors = np.abs([p.left_out for p in found.pairs])
        figures[modulus.text] = (
            f"factor {found.factor:.3f}, off by {math.exp(found.sigma):.2f}, "
            f"median {math.exp(float(np.median(errors))):.2f}, {len(errors)} crystals"
        )
        assert math.exp(found.sigma) < 2.0
    if campaign.full:
        potential, judged = at_rest(SIX)
        known = {r.structure: r for r in references()}
        for j in Stiffness(potential)(judged):
            for modulus in MODULI:
                value = number(j, f"{modulus.name}_modulus") / 1e9
                reference = getattr(known[j.candidate.name], modulus.name) / 1e9
                said = f"{value:.1f} ({reference:.1f})"
                figures[f"{j.candidate.formula} {modulus.name} GPa"] = said
                assert 1 / 2.5 < value / reference < 2.5
    campaign.cases = len(softening(CHGNET, BULK).pairs)
    campaign.record(**figures)


@pytest.mark.campaign
@pytest.mark.slow
@pytest.mark.parametrize("name", SIX)
@pytest.mark.parametrize("kind", [Adhering, Binding])
def test_lithium_on_a_surface(campaign, kind, name):
    """Work of adhesion, contact angle and binding energy on what a lithium anode leaves."""
    if not campaign.full:
        pytest.skip("takes a minute or two each: run with --full-size")
    potential, judged = at_rest((name,))
    [answer] = kind(potential)(judged)
    campaign.cases = 1
    campaign.record(**{e.name: f"{e}: {e.note}" for e in answer.estimates})
    assert all(e.known or e.note for e in answer.estimates)
