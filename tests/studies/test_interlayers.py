"""Screens of layers: the numbers of the single reactions, shares of the unknown, safe to kill."""

import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from anolyte.core.errors import DataError, MissingPhases
from anolyte.core.units import ELEMENTARY_CHARGE
from anolyte.laws.equilibrium import closed_profile
from anolyte.materials import charge, formula, library
from anolyte.materials.phases import embedded
from anolyte.materials.reaction import Reaction
from anolyte.materials.schema import Interlayer
from anolyte.materials.stack import Conditions, Interface, Layer
from anolyte.models.reactions import Reactions, between
from anolyte.models.window import window
from anolyte.studies.interlayers import (
    InterlayerScreen,
    Screening,
    ask,
    balanced_formulas,
    read_formulas,
    screen,
)
from anolyte.studies.ledger import Ledger

EV = ELEMENTARY_CHARGE
ELEMENTS = ("Li", "Na", "Mg", "Ca", "Sr", "Al", "Y", "La", "Ti", "Zr", "Si", "P", "B", "Zn", "Ta",
            "O", "S", "F", "Cl", "N")  # fmt: skip


QUESTION = ask("LLZO", "Li", ["LiF"])


def layered(electrolyte, anode, text):
    """The single reactions of electrolyte | layer | anode by the model itself."""
    lib = library.default()
    layer = Layer(lib.interlayer(text), 1e-8)
    interface = Interface(lib.electrolyte(electrolyte), lib.anode(anode), (layer,))
    profiles = Reactions()(interface, Conditions()).profiles
    closed = next(p for p in profiles if p.potential is None)
    at_anode = [p for p in profiles if p.potential is not None and p.right == interface.anode.name]
    return closed, at_anode


@pytest.mark.parametrize("anode, count", [("Li", 200), ("Si", 60)])
def test_equal_to_the_single_reactions(anode, count):
    texts = balanced_formulas(count, 5, ELEMENTS)
    found = screen("LLZO", anode, texts)
    assert {c.formula for c in found.candidates} == set(texts)
    assert len(found.answered) > 0.6 * count
    for c in found.answered:
        closed, at_anode = layered("LLZO", anode, c.formula)
        assert c.to_electrolyte == pytest.approx(closed.worst.energy, abs=1e-9 * EV)
        assert c.to_anode == pytest.approx(min(p.worst.energy for p in at_anode), abs=1e-9 * EV)
        if c.to_electrolyte < -1e-5 * EV:
            assert set(c.electrolyte_products) == set(closed.worst.products)
        own = window(library.default().electrolyte(c.formula))
        assert c.reduction_limit == pytest.approx(own.reduction_limit, abs=1e-9)
        assert c.oxidation_limit == pytest.approx(own.oxidation_limit, abs=1e-9)


def test_every_reaction_is_balanced():
    question = ask("LLZO", "Li", balanced_formulas(60, 9, ELEMENTS))
    result = question.run(Ledger())
    texts = [t for c in result.answered for t in (c.electrolyte_reaction, c.anode_reaction) if t]
    assert len(texts) > 60
    for text in texts:  # amounts are printed to four digits
        reaction = read_reaction(text)
        atoms = sum(n * formula.atoms(formula.parse(f)) for f, n in reaction.products.items())
        assert reaction.imbalance() < 5e-4 * atoms
    for c in result.answered:  # and the exact ones
        closed = between(library.default().electrolyte("LLZO"), interlayer(c.formula)).profiles[0]
        assert closed.worst.reaction == (c.electrolyte_reaction or closed.worst.reaction)


def interlayer(text):
    return library.default().electrolyte(text)


def read_reaction(text):
    """A printed reaction back to amounts."""
    sides = []
    for side in text.split(" → "):
        amounts = {}
        for part in side.split(" + "):
            number, _, name = part.rpartition(" ")
            amounts[name.removesuffix("(g)")] = float(number or 1.0)
        sides.append(amounts)
    return Reaction(*sides)


def test_the_least_reactive_come_first_and_the_unknown_last():
    found = screen("LLZO", "Li", ["Li3PO4", "LiF", "PEO", "WI6", "Li2O", "Al2O3"])
    names = [c.name for c in found.candidates]
    assert names[-2:] == ["WI6", "PEO"]
    means = [c.mean for c in found.answered]
    assert means == sorted(means, reverse=True)
    unknown, organic = found.candidates[-2:]
    assert "W-I compounds" in unknown.unknown
    assert unknown.mean is None and unknown.to_anode is None
    assert organic.refused.startswith("organic")
    assert found.unknown_share == pytest.approx(1 / 6)
    assert ("W-I compounds", 1) in found.lacking


def test_unknown_is_decided_by_the_table():
    """The same compositions with fewer phases: what loses its competitors is unknown, not zero."""
    texts = ["LiF", "MgF2", "Li3PO4"]
    whole = screen("LLZO", "Li", texts)
    assert not whole.unknown
    bare = embedded().without("LaF3", *(p.formula for p in embedded().rows
                                        if {"La", "F"} <= set(p.composition)))  # fmt: skip
    part = screen("LLZO", "Li", texts, phases=bare)
    assert {c.name for c in part.unknown} == {"LiF", "MgF2"}
    assert all("La-F compounds" in c.unknown for c in part.unknown)


def test_the_side_of_the_anode_is_asked_for_too():
    """Without silicon fluorides a fluoride is known beside lithium and unknown beside silicon."""
    part = embedded().without(*(p.formula for p in embedded().rows
                                if {"Si", "F"} <= set(p.composition)))  # fmt: skip
    assert screen("LLZO", "Li", ["LiF"], phases=part).answered
    assert "Si-F compounds" in screen("LLZO", "Si", ["LiF"], phases=part).unknown[0].unknown


def test_a_candidate_without_a_listed_phase_says_so():
    found = {c.name: c for c in screen("LLZO", "Li", ["LiF", "Li3Al2O5F2", "LiAlO2"]).candidates}
    assert found["LiF"].above_hull == 0.0
    refused = found["Li3Al2O5F2"]
    assert refused.refused  # its charges do not balance
    mixed = screen("LLZO", "Li", ["Li5AlO3F2"]).candidates[0]
    assert mixed.above_hull is None
    assert len(mixed.at_rest) > 1
    assert "lower bound" in screen("LLZO", "Li", ["LiF"]).convention


def test_identical_neighbours_do_not_react():
    own = screen("Li6PS5Cl", "Si", ["Li6PS5Cl", "Si"])
    by_name = {c.name: c for c in own.candidates}
    assert by_name["Li6PS5Cl"].to_electrolyte == pytest.approx(0.0, abs=1e-9 * EV)
    assert by_name["Li6PS5Cl"].to_anode == pytest.approx(own.bare, rel=1e-9)
    assert by_name["Si"].anode_mutual == pytest.approx(0.0, abs=1e-9 * EV)


def test_the_library_is_the_default():
    found = screen("LLZO", "Li")
    assert len(found.candidates) == len(library.default().all(Interlayer))
    assert len(found.answered) + len(found.unknown) + len(found.refused) == len(found.candidates)
    assert found.asked == len(found.candidates)


def test_a_saved_screen_reads_back(tmp_path):
    from anolyte.studies.files import load, save

    found = screen("LLZO", "Li", ["LiF", "PEO", "Li3PO4"])
    save(found, tmp_path / "screen.json")
    assert load(tmp_path / "screen.json") == found
    assert InterlayerScreen.from_dict(found.to_dict()) == found


@pytest.mark.parametrize(
    "call, kind, words",
    [
        (lambda: screen("LLZO", "Li", []), DataError, "no candidate"),
        (lambda: screen("PEO", "Li", ["LiF"]), DataError, "PEO"),
        (lambda: screen("Li7Dy3Zr2O12", "Li", ["LiF"]), MissingPhases, "Dy"),
    ],
)
def test_one_line_for_what_makes_no_sense(call, kind, words):
    with pytest.raises(kind, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_ten_elements_against_a_linear_programme():
    """LLZTO with a sulfide of four more elements, every kink by another solver."""
    phases, text = embedded(), "NaMgAlSiS5"
    electrolyte = library.default().electrolyte("LLZTO")
    layer = formula.parse(text)
    both = {**electrolyte.composition, **layer}
    assert len(both) == 10
    table = phases.within(both)
    ends = [table.vector(electrolyte.composition), table.vector(layer)]

    def by_scipy(target):
        found = linprog(table.energies, A_eq=table.fractions.T, b_eq=target, method="highs")
        assert found.success
        return found.fun

    kinks = closed_profile(phases, ("a", electrolyte.composition), (text, layer))
    assert len(kinks) > 5
    pure = [by_scipy(end) for end in ends]
    for k in kinks:
        mixed = by_scipy(k.x * ends[0] + (1.0 - k.x) * ends[1])
        line = k.x * pure[0] + (1.0 - k.x) * pure[1]
        assert k.energy == pytest.approx(mixed - line, abs=1e-7)
    found = screen("LLZTO", "Li", [text]).answered[0]
    assert found.to_electrolyte == pytest.approx(min(k.energy for k in kinks) * EV)


# --- made compositions ----------------------------------------------------------------------------


def test_ten_thousand_distinct_balanced_formulas_of_thirty_elements():
    texts = balanced_formulas(10_000, 0, embedded().elements)
    compositions = [formula.parse(t) for t in texts]
    assert len({e for c in compositions for e in c}) >= 30
    keys = {tuple(sorted((e, round(n / formula.atoms(c), 9)) for e, n in c.items()))
            for c in compositions}  # fmt: skip
    assert len(keys) == 10_000
    assert all(charge.imbalance(c) == 0.0 for c in compositions)
    assert max(formula.atoms(c) for c in compositions) <= 40
    assert texts[:100] == balanced_formulas(100, 0, embedded().elements)
    assert texts[:100] != balanced_formulas(100, 1, embedded().elements)


def test_used_up_elements_are_one_line():
    with pytest.raises(DataError, match="distinct compositions"):
        balanced_formulas(10_000, 0, ["Na", "F"])
    with pytest.raises(DataError, match="one cation"):
        balanced_formulas(1, 0, ["Li", "F"])
    with pytest.raises(DataError, match="one or more"):
        balanced_formulas(0, 0, ["Na", "F"])


# --- files ----------------------------------------------------------------------------------------


def test_formulas_of_a_file(tmp_path):
    plain = tmp_path / "plain.txt"
    plain.write_text("LiF  # known\n\n# a remark\nAl2O3\nLiF\n", encoding="utf-8")
    assert read_formulas(plain) == ("LiF", "Al2O3")
    table = tmp_path / "table.csv"
    table.write_text("id,formula\n1,LiF\n2,Al2O3\n", encoding="utf-8")
    assert read_formulas(table) == ("LiF", "Al2O3")
    for text, words in (("# nothing\n", "no composition"), (b"\xff\xfe\x00", "UTF-8")):
        file = tmp_path / "bad.txt"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(DataError, match=words):
            read_formulas(file)
    with pytest.raises(DataError, match="cannot be read"):
        read_formulas(tmp_path / "absent.txt")


@given(st.lists(st.text(max_size=30), min_size=1, max_size=8))
def test_any_text_is_answered_or_refused(texts):
    for text in texts:
        c = QUESTION.judge(text, text)
        assert (c.mean is not None) + bool(c.unknown) + bool(c.refused) == 1


# --- stops and starts -----------------------------------------------------------------------------


def test_what_is_done_is_not_done_again(tmp_path):
    question = ask("LLZO", "Li", balanced_formulas(180, 3, ELEMENTS))
    with Ledger(tmp_path / "kept.db") as ledger:
        first = question.run(ledger)
    told = []
    with Ledger(tmp_path / "kept.db") as ledger:
        again = question.run(ledger, progress=lambda *x: told.append(x))
    assert again == first
    assert told == []


def test_an_interrupt_keeps_what_is_done(tmp_path):
    question = ask("LLZO", "Li", balanced_formulas(180, 3, ELEMENTS))

    def stop(done, total, what):
        if done == 2:
            raise KeyboardInterrupt

    with Ledger(tmp_path / "kept.db") as ledger:
        with pytest.raises(KeyboardInterrupt):
            question.run(ledger, progress=stop)
        part = question.collect(ledger)
        assert 0 < len(part.candidates) < part.asked == 180
        whole = question.run(ledger)
    assert len(whole.candidates) == 180
    assert set(part.candidates) <= set(whole.candidates)


def test_what_goes_wrong_is_told_and_tried_again(tmp_path, monkeypatch):
    question = ask("LLZO", "Li", balanced_formulas(120, 3, ELEMENTS))
    judge = Screening.judge

    def fails(self, name, text):
        if name == question.candidates[60][0]:
            raise ZeroDivisionError("by zero")
        return judge(self, name, text)

    with Ledger(tmp_path / "kept.db") as ledger:
        with monkeypatch.context() as patched:
            patched.setattr(Screening, "judge", fails)
            part = question.run(ledger)
        assert len(part.candidates) == 70
        assert part.warnings[0].startswith("no answer to 50 candidates: by zero")
        whole = question.run(ledger)
    assert len(whole.candidates) == 120 and whole == question.run(Ledger())


KILLED = """
import os, sys
from anolyte.studies.interlayers import ask, balanced_formulas
from anolyte.studies.ledger import Ledger
question = ask("LLZO", "Li", balanced_formulas(180, 3, {elements!r}))
def stop(done, total, what):
    if done == 2:
        os.kill(os.getpid(), 9)
with Ledger(sys.argv[1]) as ledger:
    question.run(ledger, progress=stop)
"""


def test_a_kill_costs_only_what_was_under_way(tmp_path):
    path = tmp_path / "kept.db"
    code = KILLED.format(elements=list(ELEMENTS))
    ended = subprocess.run([sys.executable, "-c", code, str(path)], env=dict(os.environ))
    assert ended.returncode == -signal.SIGKILL
    question = ask("LLZO", "Li", balanced_formulas(180, 3, list(ELEMENTS)))
    with Ledger(path) as ledger:
        assert ledger.status()["done"] == 2
        assert question.run(ledger) == question.run(Ledger())
