"""`anolyte lever`, `anolyte sensitivity` and `anolyte materials cathodes` as people type them."""

import json

import numpy as np
import pytest

import anolyte
from anolyte.core.errors import AnolyteError
from anolyte.faces import levering
from anolyte.faces.cli import VERBS, main
from anolyte.faces.figures import levers as figures
from anolyte.studies import levers as L
from anolyte.studies.cell import Cell
from anolyte.studies.ledger import Ledger
from anolyte.studies.sensitivity import FaceResistance, quick_sensitivity, sensitivity

CELL = ("Li6PS5Cl", "Li", "--pressure", "3 MPa")
FEW = ("--draws", "4")


@pytest.fixture
def run(capsys):
    """Run one command in this process; it must succeed; return what it printed."""

    def call(*arguments):
        code = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        assert code == 0, err
        assert "\x1b" not in out and "Traceback" not in err
        if not {"--json", "--csv"} & set(arguments):
            assert all(len(x) <= 100 and x == x.rstrip() for x in out.splitlines())
        return out

    return call


@pytest.fixture
def refused(capsys):
    """Run one command that must be refused in one line; return the line."""

    def call(*arguments):
        code = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        assert code == 2, (code, out, err)
        assert out == "" and "Traceback" not in err
        (line,) = [x for x in err.splitlines() if x.startswith("anolyte: ")]
        assert len(line) < 500
        return line

    return call


def words(text: str) -> str:
    return " ".join(text.split())


def rows(text: str) -> list[dict[str, str]]:
    import csv
    import io

    return list(csv.DictReader(io.StringIO(text)))


# --- the list and one lever -----------------------------------------------------------------------


def test_every_lever_is_listed_with_its_range(run) -> None:
    assert {"lever", "sensitivity"} <= set(VERBS)
    out = words(run("lever"))
    for known in L.ALL:
        assert f"{known.name} {known.range}" in out
    for name in ("temperature", "first plating", "all"):
        assert name in out
    listed = json.loads(run("lever", "--json"))["levers"]
    assert [x["lever"] for x in listed] == [x["lever"] for x in rows(run("lever", "--csv"))]
    assert len(listed) == len(L.ALL) + 3


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("liquid share", L.LIQUID), ("Healing relaxation", L.HEALING), ("roughness", L.ROUGHNESS),
        ("pressing history", L.PRESSED), ("polymerisation conversion", L.POLYMER),
        ("space-charge", L.SPACE_CHARGE), ("anode-free islands", L.ISLANDS), ("Li3N", L.INTERLAYER),
        ("self_healing", L.HEALING),
    ],
)  # fmt: skip
def test_a_lever_is_found_by_what_people_call_it(run, typed, found) -> None:
    assert L.find_lever(typed) is found
    assert run("lever", typed).startswith(found.name)


def test_no_two_levers_share_a_name() -> None:
    names = [n.casefold() for c in levering.choices() for n in (c.name, *c.aliases)]
    assert len(names) == len(set(names))


def test_a_lever_says_its_sign_in_one_sentence_and_fills_a_table(run) -> None:
    out = run("lever", "liquid share", *CELL, "--draws", "8")
    text = words(out)
    assert out.startswith("Li6PS5Cl | Li, 3 MPa, 25 °C")
    assert "liquid share, 10%: " in text and "better for " in text and "no effect on " in text
    for measure in L.MEASURES[:-1]:
        assert measure.name in text
    assert "without 10% 20%" in text and "sources" in text and "rests on assumed" in text


def test_a_lever_without_effect_says_so(run) -> None:
    out = words(run("lever", "space charge", *CELL, *FEW, "--amount", "0.05 V"))
    assert "space charge, 0.05 V: no effect on any answer" in out


def test_the_terminal_has_the_numbers_of_the_library(run) -> None:
    asked = ("lever", "liquid share", *CELL, *FEW, "--amount", "10 to 30 %")
    data = json.loads(run(*asked, "--json"))
    cell = Cell("Li6PS5Cl", "Li", pressure="3 MPa")
    amounts = [float(x) for x in np.linspace(0.1, 0.3, 5)]
    found = L.lever_curve(cell, L.LIQUID, amounts, draws=4)
    assert data == json.loads(json.dumps(found.to_dict()))
    table = rows(run(*asked, "--csv"))
    assert len(table) == 6 * 7 and table[0]["amount"] == "without"
    assert float(table[0]["best"]) == pytest.approx(0.596, rel=0.2)


def test_a_curve_is_what_all_levers_say_of_it(run) -> None:
    cell = Cell("Li6PS5Cl", "Li", pressure="3 MPa")
    one = L.lever_curve(cell, L.PRESSURE, draws=4)
    (other,) = L.levers(cell, chosen=(L.PRESSURE,), draws=4).outcomes
    for answer, effect in zip(one.answers, other.effects, strict=True):
        assert answer.best == (effect.without, effect.treated, effect.twice)
        assert (answer.effects[0].better, answer.sign) == (effect.better, effect.sign)
        for low, best, high in zip(answer.low, answer.best, answer.high, strict=True):
            assert low is None or high is None or low.si <= high.si
            assert best is None or best.si >= 0.0
    assert one.sentence == f"{one.lever}, {one.amounts[0]}: {other.sentence}"


def test_a_lever_is_drawn_saved_and_loaded(run, tmp_path) -> None:
    page, path = tmp_path / "lever.html", tmp_path / "lever.json"
    out = run("lever", "warmth", *CELL, *FEW, "--figure", page, "--save", path)
    assert page.read_text().startswith("<!DOCTYPE html>") and f"figure: {page}" in words(out)
    found = anolyte.load(path)
    drawn = figures.curve(found)
    assert any("critical current density" in a.text for a in drawn.layout.annotations)
    points = [t for t in drawn.data if t.y[0] is not None]
    assert len(points) >= 6 and all(t.error_y.array[0] >= 0.0 for t in points)


def test_all_levers_on_one_cell(run) -> None:
    out = words(run("lever", "all", *CELL, "--draws", "2"))
    for known in L.ALL:
        assert known.name in out
    assert "not here: islands of first plating need a bare collector" in out


def test_a_cell_from_cold_to_warm(run) -> None:
    asked = ("lever", "temperature", *CELL, "--draws", "2", "--amount", "10 C", "--amount", "60 C")
    out = run(*asked)
    assert "critical current density: " in out and "at 10 °C to " in out and "at 60 °C" in out
    table = rows(run(*asked, "--csv"))
    assert [float(r["temperature [°C]"]) for r in table] == pytest.approx([10.0, 60.0])


def test_first_plating_needs_a_bare_collector(run, refused) -> None:
    assert "islands cover" in run("lever", "first plating", "Li6PS5Cl", "anode-free")
    asked = ("lever", "islands", "Li6PS5Cl", "anode-free", "--draws", "2", "--capacity",
             "0.1 mAh/cm2")  # fmt: skip
    assert "first Coulombic efficiency" in run(*asked)
    assert "bare collector" in refused("lever", "islands", *CELL, *FEW)


REFUSED = {
    "unknown": (("lever", "liquide", *CELL), "did you mean 'liquid share'"),
    "nothing near": (("lever", "zzzz", *CELL), "known: liquid share, self-healing"),
    "material first": (("lever", "Li6PS5Cl", "Li"), "name the lever first"),
    "outside": (("lever", "liquid share", *CELL, "--amount", "120 %"), "goes from 0% to 100%"),
    "unit": (("lever", "liquid share", *CELL, "--amount", "1 MPa"), "expected a unit like %"),
    "no number": (("lever", "liquid share", *CELL, "--amount", "much"), "no number"),
    "same ends": (("lever", "liquid share", *CELL, "--amount", "1 to 1 %"), "the same"),
    "on or off": (("lever", "cleaning", *CELL, "--amount", "50 %"), "done or not"),
    "draws": (("lever", "liquid share", *CELL, "--draws", "0"), "one draw"),
    "no current": (("lever", "liquid share", *CELL, "--current", "0 mA/cm2"), "current"),
    "amount of all": (("lever", "all", *CELL, "--amount", "1 %"), "one lever"),
    "0 K": (("lever", "temperature", *CELL, "--amount", "0 K"), "above 0 K"),
    "first plating": (("lever", "first plating", "Li6PS5Cl", "Li", "--amount", "-1 um"), "negat"),
    "plot of a list": (("lever", "--plot", "x.html"), "of which cell"),
    "two forms": (("lever", "--json", "--csv"), "choose one"),
    "no anode": (("lever", "liquid share", "Li6PS5Cl"), "which anode"),
    "plot name": (("lever", "liquid share", *CELL, "--plot", "x.gif"), ".html"),
    "plot folder": (("lever", "liquid share", *CELL, "--plot", "/no/x.html"), "no such folder"),
    "save folder": (("sensitivity", *CELL, "--save", "/"), "it is a folder"),
    "answer": (("sensitivity", *CELL, "--of", "colour"), "critical current"),
    "sobol samples": (("sensitivity", *CELL, "--sobol", "-n", "3"), "power of two"),
    "sobol one": (("sensitivity", *CELL, "--sobol", "-n", "1"), "power of two"),
    "quick draws": (("sensitivity", *CELL, "--draws", "0"), "one draw or more"),
    "too many": (("sensitivity", *CELL, "--draws", "1000000"), "below 500000 runs"),
    "cathode": (("materials", "NMC81"), "did you mean 'NMC811'"),
    "design": (("design", "Li6PS5Cl", "Si", "--cathode", "NMC"), "known: NMC811, LFP, S"),
}


def test_a_sensitivity_is_not_resumed_from_any_file(refused, tmp_path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no ledger at all\n" * 100)
    assert "not a ledger" in refused("sensitivity", *CELL, "--resume", path)


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_are_refused_in_one_line(refused, name) -> None:
    arguments, part = REFUSED[name]
    assert part in refused(*arguments)


# --- sensitivity ----------------------------------------------------------------------------------


def test_the_quick_look_names_numbers_shares_and_how_known(run) -> None:
    out = words(run("sensitivity", *CELL, "--draws", "2"))
    assert "critical current density" in out and "best values" in out
    assert "void depth" in out and "recalled" in out and "more that hardly matter" in out


def test_a_number_moves_the_answer_by_its_exponent() -> None:
    """The resistance of the electrolyte is one over its conductivity, and nothing else is in it."""
    cell = Cell("Li6PS5Cl", "Li", thickness="1 mm")

    def squared(cell, assembly, cells):
        return 2.0 * np.log(np.broadcast_to(assembly.device.bulk.resistance(298.15), cells))

    result = quick_sensitivity(cell, squared, draws=3)
    assert result.names[0] == "conductivity"
    assert result.slope[0] == pytest.approx(-2.0, rel=1e-5)
    assert result.share[0] == pytest.approx(1.0) and sum(result.share) == pytest.approx(1.0)
    ratio = np.exp(2.0 * result.spreads[0])
    assert result.lower[0] / result.answer == pytest.approx(ratio, rel=1e-4)
    assert result.answer / result.upper[0] == pytest.approx(ratio, rel=1e-4)
    whole = sensitivity(cell, squared, n=64)
    assert whole.names[0] == "conductivity" and whole.total[0] == pytest.approx(1.0, abs=0.05)


def test_an_answer_that_fails_says_why() -> None:
    def broken(cell, assembly, cells):
        raise ValueError("no such film")

    with pytest.raises(AnolyteError, match="runs fail: .*no such film"):
        quick_sensitivity(Cell("Li6PS5Cl", "Li"), broken, draws=1)


def test_quick_and_sobol_agree_on_what_matters_most() -> None:
    cell = Cell("Li6PS5Cl", "Li", pressure="3 MPa")
    quick = quick_sensitivity(cell, FaceResistance(), draws=16)
    whole = sensitivity(cell, FaceResistance(), n=64)
    assert set(quick.names[:2]) & set(whole.names[:2])
    assert quick.answer > 0.0 and quick.runs == 16 * (2 * len(quick.names) + 1)


def test_sobol_face_resistance_and_figures(run, tmp_path) -> None:
    page = tmp_path / "s.html"
    out = words(run("sensitivity", *CELL, "--of", "face resistance", "--sobol", "-n", "4",
                    "--plot", page))  # fmt: skip
    assert "interfacial resistance: variance by number" in out and "in all alone" in out
    assert "share of the variance" in page.read_text(encoding="utf-8")
    out = run("sensitivity", *CELL, "--of", "face resistance", "--draws", "2", "--csv")
    assert {"number", "exponent", "known"} <= set(rows(out)[0])


def test_what_was_interrupted_goes_on_where_it_stopped(tmp_path, capsys) -> None:
    """Ctrl-C after the first chunk; the second call finds it and ends as an undisturbed one."""
    cell, path = Cell("Li6PS5Cl", "Li", pressure="3 MPa"), tmp_path / "s.db"

    def stop(done, total, what):
        raise KeyboardInterrupt

    with Ledger(path) as ledger, pytest.raises(KeyboardInterrupt):
        sensitivity(cell, FaceResistance(), n=64, ledger=ledger, progress=stop)
    told = []
    with Ledger(path) as ledger:
        again = sensitivity(cell, FaceResistance(), n=64, ledger=ledger,
                            progress=lambda *x: told.append(x[0]))  # fmt: skip
    assert again == sensitivity(cell, FaceResistance(), n=64)
    assert told[-1] == again.runs and 64 not in told  # the first chunk was not run again


def test_an_interrupted_command_says_stopped(monkeypatch, capsys) -> None:
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("anolyte.studies.sensitivity.quick_sensitivity", stop)
    assert main(["sensitivity", *CELL]) == 130
    assert capsys.readouterr().err.strip() == "anolyte: stopped"


# --- cathodes -------------------------------------------------------------------------------------


def test_cathodes_are_listed_and_shown(run) -> None:
    for typed in ("cathodes", "Cathode"):
        out = run("materials", typed)
        assert "3 cathodes" in out and "NMC811" in out and "electrolytes" not in out
    assert "cathodes" in run("materials") and "41 " not in run("materials", "--class", "olivine")
    out = words(run("materials", "LiFePO4"))
    assert out.startswith("LFP (cathode, olivine)") and "built with its lithium" in out
    assert "usual mix 75 % active (anolyte, assumed, recalled)" in out
    data = json.loads(run("materials", "NMC811", "--json"))["materials"][0]
    assert data["kind"] == "cathode" and data["mix"]["active"] == {"value": 0.75, "unit": "1"}
    assert data["properties"]["specific_capacity"][0]["unit"] == "C/kg"


def test_a_cathode_of_ones_own_is_found(run, tmp_path) -> None:
    (tmp_path / "cathodes.yaml").write_text(
        "cathodes:\n  - name: Mine\n    class: olivine\n    formula: LiFePO4\n    properties:\n"
        "      density: {value: 3.6 g/cm^3, source: zhu2015, known: recalled}\n"
    )
    assert "Mine (cathode" in run("materials", "Mine", "--materials", tmp_path)


def test_a_lever_knows_its_range() -> None:
    assert L.LIQUID.at("30 %", 0.5).twice == 0.5
    with pytest.raises(AnolyteError, match="goes from 1 µm to 1000 µm"):
        L.ISLANDS.at("2 mm")
    for known in L.ALL:
        for amount in (known.amount, known.twice):
            assert amount is None or known.least <= amount <= known.most
