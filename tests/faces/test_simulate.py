"""`anolyte simulate` and `anolyte map`: what they print, write and refuse."""

import json

import pytest

import anolyte
from anolyte.faces.cli import VERBS, help_text, main

CELL = ("Li6PS5Cl", "Li")
RAMP = ("--stop", "1.2 mA/cm2", "--draws", "12")
MAP = ("map", *CELL, "--current", "0.1 to 5 mA/cm2", "--pressure", "1 MPa to 10 MPa",
       "--capacity", "0.1 mAh/cm2", "-n", "64", "--draws", "4")  # fmt: skip
CYCLE = ("simulate", "cycle", *CELL, "--cycles", "2", "--pressure", "5 MPa")


@pytest.fixture
def run(capsys):
    """Run one command in this process; it must succeed; return what it printed."""

    def call(*arguments, told=""):
        code = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        assert code == 0, err
        assert "\x1b" not in out and (told in err if told else err == "")
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
        (line,) = err.splitlines()
        assert line.startswith("anolyte: ") and len(line) < 500
        return line

    return call


def words(text: str) -> str:
    return " ".join(text.split())


def strict(text: str):
    """JSON without NaN and infinities."""

    def never(name):
        raise AssertionError(f"{name} in JSON")

    return json.loads(text, parse_constant=never)


def numbers(data):
    """Every {value, unit} of a JSON tree."""
    if isinstance(data, dict):
        if set(data) == {"value", "unit"}:
            yield data["unit"], data["value"]
        for value in data.values():
            yield from numbers(value)
    elif isinstance(data, list):
        for value in data:
            yield from numbers(value)


def test_help_tells_the_verbs(run) -> None:
    assert {"simulate", "map"} <= set(VERBS) and "simulate" in help_text()
    out = run("simulate", "--help")
    for verb in ("ccd", "cycle", "strip", "protocol"):
        assert verb in out
        assert "--json" in run("simulate", verb, "--help")
    assert "--resume" in run("map", "--help")


# --- what is printed ------------------------------------------------------------------------------


def test_ccd_draws_the_ramp_and_says_what_ends_it(run) -> None:
    out = run("simulate", "ccd", *CELL, "--pressure", "3 MPa", *RAMP)
    lines = out.splitlines()
    assert lines[0] == "Li6PS5Cl | Li (symmetric)"
    assert "3 MPa" in lines[1] and "25 °C" in lines[1] and "1 h a half cycle" in lines[1]
    assert sum("*" in line for line in lines) >= 8  # the chart
    for part in ("Critical current density: ", "limited by", "interval", "12 sets of parameters",
                 "plated until then", "calibrated on", "Keep in mind", "sources"):  # fmt: skip
        assert part in words(out)
    assert all(len(line) <= 100 and line == line.rstrip() for line in lines)


def test_ccd_that_reaches_the_last_level_says_above(run) -> None:
    out = run("simulate", "ccd", *CELL, "--pressure", "9 MPa", "--stop", "0.3 mA/cm2",
              "--draws", "0")  # fmt: skip
    assert "Critical current density: above 0.3 mA cm⁻²" in out
    assert "nothing up to the last level" in out and "interval" not in out


def test_ccd_that_fails_at_the_first_level_says_below(run) -> None:
    out = run("simulate", "ccd", *CELL, "--pressure", "0.5 MPa", "--start", "9 mA/cm2",
              "--stop", "12 mA/cm2", "--step", "1 mA/cm2", "--draws", "0")  # fmt: skip
    assert "Critical current density: below 9 mA cm⁻²" in out


def test_ccd_by_charge_and_options(run) -> None:
    out = run("simulate", "ccd", *CELL, "--capacity", "0.1 mAh/cm2", "--attach", "25 MPa",
              "--temperature", "60 C", "--thickness", "1 mm", *RAMP)  # fmt: skip
    assert "attached at 25 MPa" in out and "60 °C" in out


def test_cycle_strip_and_protocol(run) -> None:
    out = words(run(*CYCLE, "--current", "0.2 mA/cm2", "--rest", "10 min"))
    for part in ("area resistance at rest", "least contact", "interphase at the end",
                 "charge and lithium balance", "carried through to the end"):  # fmt: skip
        assert part in out
    out = run("simulate", "strip", *CELL, "--current", "1 mA/cm2", "--pressure", "3 MPa")
    assert "What happened" in out and "contact loss" in out
    out = run("simulate", "protocol", *CELL, "--step", "Press at 25 MPa for 1 min", "--step",
              "Strip at 0.5 mA/cm2 for 1 h at 5 MPa", "--step", "Rest for 2 h",
              "--repeat", "2")  # fmt: skip
    assert "carried through" in out or "What happened" in out
    out = run("simulate", "cycle", "Li6PS5Cl", "anode-free", "--interlayer", "LiF:50 nm")
    assert "LiF" in out.splitlines()[0]


def test_a_hold_runs(run) -> None:
    assert "Hold at 0.02 V" in run("simulate", "protocol", *CELL, "--step",
                                   "Hold at 0.02 V for 1 min")  # fmt: skip


def test_a_cell_file_is_run(run, tmp_path) -> None:
    path = tmp_path / "cell.yaml"
    path.write_text(
        "electrolyte: Li6PS5Cl\nanode: Li\nconditions: {stack_pressure: 3 MPa, temperature: 40 C}\n"
    )
    by_file = run("simulate", "strip", path, "--current", "1 mA/cm2", "--json")
    by_options = run("simulate", "strip", *CELL, "--current", "1 mA/cm2", "--pressure", "3 MPa",
                     "--temperature", "40 C", "--json")  # fmt: skip
    assert strict(by_file) == strict(by_options)


# --- JSON, files, pages ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("simulate", "ccd", *CELL, *RAMP), (*CYCLE,), ("simulate", "strip", *CELL), (*MAP,),
        ("simulate", "protocol", *CELL, "--step", "Rest for 1 h"),
    ],
    ids=lambda a: " ".join(a[:2]),
)  # fmt: skip
def test_json_names_units_and_reads_back(run, tmp_path, arguments) -> None:
    told = "16" if arguments[0] == "map" else ""
    path = tmp_path / "r.json"
    data = strict(run(*arguments, "--json", "--save", path, told="failed" if told else ""))
    assert data["schema"] == 1 and data["type"].startswith("anolyte.")
    units = {unit for unit, _ in numbers(data)}
    assert {"K", "Pa"} <= units
    assert anolyte.load(path).to_dict() == data


@pytest.mark.parametrize(
    "arguments", [("simulate", "ccd", *CELL, *RAMP), CYCLE, MAP], ids=lambda a: " ".join(a[:2])
)
def test_plot_writes_one_page(run, tmp_path, arguments) -> None:
    page = tmp_path / "page.html"
    out = run(*arguments, "--plot", page, told="failed" if arguments[0] == "map" else "")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>") and "Li6PS5Cl" in text and "plotly" in text.lower()
    assert "http://" not in text.split("<script", 1)[0]
    assert str(page) in words(out) or page.name in out


# --- maps -----------------------------------------------------------------------------------------


def test_map_shows_shares_bounds_and_doubts(run) -> None:
    out = words(run(*MAP, told="failed"))
    for part in ("64 runs, 4 sets of parameters a node", "safe in % of the draws",
                 "nine of ten draws", "Keep in mind", "calibrated on", "10 MPa"):  # fmt: skip
        assert part in out


def test_map_goes_on_from_its_file(run, tmp_path) -> None:
    path = tmp_path / "map.db"
    first = strict(run(*MAP, "--resume", path, "--json", told="failed"))
    assert path.exists()
    again = strict(run(*MAP, "--resume", path, "--json"))  # nothing left to do, nothing to tell
    assert again == first == strict(run(*MAP, "--json", told="failed"))


def test_map_over_temperature_alone(run) -> None:
    out = run("map", *CELL, "--temperature", "0 C to 60 C", "-n", "6", "--draws", "1", "--current",
              "0.5 mA/cm2", told="failed")  # fmt: skip
    assert "60 °C" in out


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("1 MPa to 20 MPa", (1e6, 20e6)), ("1 to 20 MPa", (1e6, 20e6)), ("1.5 to 20 MPa", None),
        ("500 kPa to 2 MPa", (0.5e6, 2e6)), ("1e-1 to 2 MPa", (1e5, 2e6)),
    ],
)  # fmt: skip
def test_two_ends_of_an_axis_share_a_unit_if_the_first_has_none(run, text, ends) -> None:
    data = strict(run("map", *CELL, "--pressure", text, "--capacity", "0.01 mAh/cm2", "-n", "2",
                      "--draws", "1", "--json", told="failed"))  # fmt: skip
    values = [v["value"] for v in data["stack_pressure"]] if isinstance(
        data["stack_pressure"], list
    ) else data["stack_pressure"]["value"]  # fmt: skip
    assert values == pytest.approx(list(ends or (1.5e6, 20e6)))


# --- refusals -------------------------------------------------------------------------------------

REFUSED = {
    "no cell": (("simulate", "ccd"), ""),
    "no anode": (("simulate", "ccd", "Li6PS5Cl"), ""),
    "no verb": (("simulate", "melt", *CELL), "melt"),
    "unknown name": (("simulate", "ccd", "Li6PS5Cll", "Li"), "did you mean"),
    "no plated metal": (("simulate", "ccd", "Li6PS5Cl", "Na"), "plated metal"),
    "pressure": (("simulate", "ccd", *CELL, "--pressure", "5 ohm"), "MPa"),
    "negative pressure": (("simulate", "ccd", *CELL, "--pressure", "-5 MPa"), "negative"),
    "attach": (("simulate", "ccd", *CELL, "--attach", "-5 MPa", *RAMP), "attach"),
    "temperature": (("simulate", "cycle", *CELL, "--temperature", "-300 C"), "absolute zero"),
    "thickness": (("simulate", "cycle", *CELL, "--thickness", "0 mm"), "positive"),
    "negative thickness": (("simulate", "cycle", *CELL, "--thickness=-1 mm"), "negative"),
    "counter": (("simulate", "cycle", *CELL, "--counter", "Xx"), "Xx"),
    "falling ramp": (("simulate", "ccd", *CELL, "--start", "6 mA/cm2"), "rises"),
    "no step": (("simulate", "ccd", *CELL, "--step", "0 mA/cm2"), "positive"),
    "tiny step": (("simulate", "ccd", *CELL, "--step", "1e-7 mA/cm2"), "too small"),
    "one level": (("simulate", "ccd", *CELL, "--stop", "0.1 mA/cm2"), "two levels"),
    "draws": (("simulate", "ccd", *CELL, "--draws", "-3", "--stop", "0.3 mA/cm2"), "draws"),
    "no time": (("simulate", "ccd", *CELL, "--time", "0 h"), "needs an end"),
    "current": (("simulate", "cycle", *CELL, "--current", "1 mAh/cm2"), "did you mean 1 mA/cm2"),
    "zero current": (("simulate", "cycle", *CELL, "--current", "0 mA/cm2"), ""),
    "negative current": (("simulate", "strip", *CELL, "--current=-1 mA/cm2"), "current"),
    "cycles": (("simulate", "cycle", *CELL, "--cycles", "0"), "at least once"),
    "no steps": (("simulate", "protocol", *CELL), "--step"),
    "bad step": (("simulate", "protocol", *CELL, "--step", "Melt it"), "begins with none of"),
    "endless step": (("simulate", "protocol", *CELL, "--step", "Rest"), "needs an end"),
    "repeat": (("simulate", "protocol", *CELL, "--step", "Rest for 1 h", "--repeat", "0"), "once"),
    "escape": (("simulate", "protocol", *CELL, "--step", "\x1b[31mRest for 1 h"), "begins with"),
    "plot": ((*CYCLE, "--plot", "figure.gif"), ".html"),
    "save": ((*CYCLE, "--save", "/nowhere/at/all.json"), "cannot be written"),
    "materials": ((*CYCLE, "--materials", "/nowhere/at/all"), "no such folder"),
    "map without axis": (("map", *CELL, "-n", "8", "--draws", "1"), "two ends"),
    "map with bad end": (("map", *CELL, "--pressure", "1 MPa to high"), "no number"),
    "map of no runs": (("map", *CELL, "--pressure", "1 MPa to 2 MPa", "-n", "0"), "runs"),
    "map of few runs": (("map", *CELL, "--pressure", "1 MPa to 2 MPa", "-n", "9"), "draws"),
    "map with wrong unit": (("map", *CELL, "--pressure", "1 C to 2 C"), "MPa"),
    "map in no folder": ((*MAP, "--resume", "/nowhere/at/all.db"), "cannot be opened"),
    "map of sodium": (("map", "Li6PS5Cl", "Na", "--pressure", "1 MPa to 2 MPa"), "plated metal"),
}


def test_a_map_is_not_resumed_from_any_file(refused, tmp_path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no ledger at all\n" * 100)
    assert "not a ledger" in refused(*MAP, "--resume", path)
    assert path.read_text() == "no ledger at all\n" * 100


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_are_refused_in_one_line_with_exit_code_2(refused, name) -> None:
    arguments, part = REFUSED[name]
    assert part in refused(*arguments)
