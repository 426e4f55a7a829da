"""Half cells through the command line: options, what is printed, written, drawn and refused."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import anolyte
from anolyte.core.units import habitual
from anolyte.faces import half_cells, host_runs
from anolyte.faces.cli import main
from anolyte.faces.figures import figures
from anolyte.faces.figures.impedance import STEEP, nyquist
from anolyte.faces.runs import chart
from anolyte.materials.stack import Conditions, Form, Interface
from anolyte.studies.cell import Cell

PAGE = Path(__file__).parents[2] / "docs/howto/half_cells.md"
FILM = ("--counter", "LiIn", "--shape", "film", "--size", "1 um")
DOWN, UP = "Lithiate at 0.1 mA/cm2 until -0.6 V", "Delithiate at 0.1 mA/cm2 until 0.9 V"
PROTOCOL = ("simulate", "protocol", "Li6PS5Cl", "Si", *FILM)
CYCLE = ("simulate", "cycle", "Li6PS5Cl", "Si", *FILM)


@pytest.fixture
def run(capsys):
    """Run one command in this process; it must succeed; return what it printed."""

    def call(*arguments):
        code = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        assert code == 0 and err == "", err
        return out

    return call


@pytest.fixture
def refused(capsys):
    """Run one command that must be refused in one line; return the line."""

    def call(*arguments):
        code = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        assert (code, out) == (2, ""), (code, out, err)
        (line,) = err.splitlines()
        assert line.startswith("anolyte: ") and len(line) < 400
        return line

    return call


def words(text: str) -> str:
    return " ".join(text.split())


def half_cell(anode="Si", form=None, *, capacity="2 mAh/cm2", counter="LiIn") -> Cell:
    interface = Interface("Li6PS5Cl", anode, form=form or Form(shape="film", size="1 um"))
    return Cell(interface=interface, conditions=Conditions(areal_capacity=capacity),
                counter=counter)  # fmt: skip


@pytest.fixture(scope="module")
def cycled():
    """A silicon film filled and emptied once, with a rest between."""
    cell = half_cell()
    return cell.run(half_cells.steps(cell, [DOWN, "Rest for 1 h", UP]))


@pytest.fixture(scope="module")
def spectra():
    cell = half_cell("graphite", Form(shape="particles", size="10 um", electrolyte=0.4))
    return cell.run("Lithiate at 0.1 mA/cm2 for 4 h", "Rest for 10 h",
                    "Impedance from 0.1 mHz to 1 MHz").spectra  # fmt: skip


# --- what is printed ------------------------------------------------------------------------------


def test_protocol_tells_what_matters_of_a_host(run) -> None:
    out = run(*PROTOCOL, DOWN, "Rest for 1 h", UP)
    lines = out.splitlines()
    assert lines[:2] == ["Li6PS5Cl | Si | LiIn", f"{DOWN}; Rest for 1 h; {UP}"]
    assert lines[2].startswith("5 MPa, 25 °C") and "film, 1 µm thick as made" in lines[3]
    for part in ("lithium in and out", "first-cycle efficiency", "stays inside", "mean potentials",
                 "hysteresis", "growth of the electrode", "stress in its plane", "least contact",
                 "ended by", "cut-off -0.600 V", "rested", "lithiated at 0.1 mA cm⁻²",
                 "no lithium at the face", "carried through to the end"):  # fmt: skip
        assert part in words(out), part
    assert "void" not in out and "Plate" not in out and "mV) against" not in out
    assert all(len(line) <= 100 and line == line.rstrip() for line in lines)


def test_cycles_are_told_one_by_one(run) -> None:
    out = run(*CYCLE, "--cycles", "3", "--lithiate-until", "-0.55 V", "--delithiate-until", "0.3 V")
    assert "between -0.55 V and 0.30 V" in out.splitlines()[1]
    rows = [line.split() for line in out.splitlines() if re.match(r" +[123] +0\.", line)]
    assert [row[0] for row in rows] == ["1", "2", "3"]
    assert all(0.0 < float(row[2]) <= float(row[1]) + 1e-9 for row in rows)
    assert all(float(row[5]) > float(row[4]) for row in rows)  # emptied above where it is filled
    assert "last-cycle efficiency" in out


def test_many_cycles_are_cut_in_the_middle() -> None:
    rows = [(str(n),) for n in range(100)]
    shown = host_runs._ends_of(rows, 12)
    assert len(shown) == 13 and shown[6] == ("...",) and shown[-1] == ("99",)


@pytest.mark.parametrize(("counter", "low"), [("Li", 0.01), ("LiIn", 0.01 - 0.62)])
def test_cycles_without_cut_offs_are_those_against_lithium(run, counter, low) -> None:
    arguments = [counter if a == "LiIn" else a for a in CYCLE]
    data = json.loads(run(*arguments, "--cycles", "1", "--json", "--current", "0.05 mA/cm2"))
    assert min(data["voltage"]["value"]) == pytest.approx(low, abs=1e-3)
    assert data["events"][0]["kind"] == "cut-off" and data["current_density"]["value"][1] < 0.0


def test_a_capacity_ends_a_half_cycle_of_a_host(run) -> None:
    data = json.loads(run(*CYCLE, "--cycles", "1", "--capacity", "0.1 mAh/cm2", "--json"))
    steps, time = np.array(data["steps"]), np.array(data["time"]["value"])
    assert time[steps == 0][-1] == pytest.approx(3600.0)
    assert not [e for e in data["events"] if e["step"] == 0]


def test_spectra_are_told_by_their_processes(run) -> None:
    out = words(run(*PROTOCOL, "Lithiate at 0.1 mA/cm2 for 1 h", "Impedance from 1 mHz to 1 MHz"))
    for part in ("Impedance at rest after 1 h", "charge transfer named", "charge transfer counter",
                 "electrolyte", "diffusion named", "kHz", "impedance 1 s"):  # fmt: skip
        assert part in out, part


def test_metal_keeps_its_words(run) -> None:
    out = run("simulate", "cycle", "Li6PS5Cl", "Li", "--cycles", "2")
    assert out.splitlines()[1] == "2 cycles of 0.1 mAh/cm2 at 0.1 mA/cm2"
    assert "voltage (mV)" in out and "void at the end" in out and "lithium in and out" not in out


def test_a_crack_is_told_where_it_is(run) -> None:
    out = run("simulate", "protocol", "Li6PS5Cl", "Si", "--prelithiation", "50 %", "--pressure",
              "0.5 MPa", "Delithiate at 50 mA/cm2 for 1 h")  # fmt: skip
    assert "at the counter electrode" in out and "carried through" not in out


def test_plating_on_a_host_is_told(run) -> None:
    out = run(*PROTOCOL, "Hold at -1.5 V for 1 h")
    assert "plates on it is not modelled" in words(out)


def test_layers_are_shown_as_they_were_read(run) -> None:
    out = run(*PROTOCOL, "Rest for 1 h", "--interlayer", "LiF", "--interlayer", "LiPON:2")
    assert 'LiF 100 nm thick, as no thickness is given ("LiF:50 nm")' in out
    assert "LiPON 2 µm thick\n" in out


# --- how it is made -------------------------------------------------------------------------------


def test_options_and_a_file_describe_the_same_cell(run, tmp_path) -> None:
    path = tmp_path / "cell.yaml"
    path.write_text(
        "electrolyte: Li6PS5Cl\nanode: Si\ncounter: LiIn\n"
        "form: {shape: particles, size: 2 um, electrolyte: 40 %, carbon: 5 %, free_volume: 10 %, "
        "prelithiation: 20 %}\nconditions: {areal_capacity: 2 mAh/cm2}\n"
    )
    step = "Delithiate at 0.2 mA/cm2 for 1 h"
    by_file = run("simulate", "protocol", path, step, "--json")
    by_options = run(
        "simulate", "protocol", "Li6PS5Cl", "Si", "--counter", "LiIn", "--shape", "Particles",
        "--size", "2 um", "--electrolyte-share", "40 %", "--carbon", "0.05", "--free-volume",
        "10 %", "--prelithiation", "20 %", "--capacity", "2 mAh/cm2", "--step", step, "--json",
    )  # fmt: skip
    assert json.loads(by_file) == json.loads(by_options)


def test_an_option_goes_over_the_file(run, tmp_path) -> None:
    path = tmp_path / "cell.yaml"
    path.write_text(
        "electrolyte: Li6PS5Cl\nanode: Si\nform: {shape: film, size: 1 um}\n"
        "protocol: [Lithiate at 0.1 mA/cm2 for 1 h, Rest for 1 h]\n"
    )
    out = run("simulate", "protocol", path, "--size", "3 um")
    assert "Si: film, 3 µm thick" in out and "Rest for 1 h" in out.splitlines()[1]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (("--free-volume", "30 %"), "growth"), (("--carbon", "30 %"), "growth"),
        (("--electrolyte-share", "20 %"), "ohmic"), (("--prelithiation", "30 %"), "face_lithium"),
        (("--size", "8 um"), "voltage"), (("--capacity", "4 mAh/cm2"), "face_lithium"),
    ],
)  # fmt: skip
def test_every_option_of_the_make_does_something(run, options, field) -> None:
    made = {"--shape": "particles", "--size": "2 um", "--electrolyte-share": "40 %",
            "--capacity": "2 mAh/cm2"}  # fmt: skip

    def ask(more):
        given = [x for pair in (made | more).items() for x in pair]
        step = "Lithiate at 0.5 mA/cm2 for 2 h"
        found = run("simulate", "protocol", "Li6PS5Cl", "Si", *given, step, "--json")
        return json.loads(found)[field]["value"][-1]

    assert ask({options[0]: options[1]}) != pytest.approx(ask({}), rel=1e-3)


def test_size_is_the_foil_of_a_metal(run) -> None:
    out = run("simulate", "strip", "Li6PS5Cl", "Li", "--size", "1 um", "--pressure", "50 MPa",
              "--current", "0.1 mA/cm2")  # fmt: skip
    assert "lithium exhausted" in out


# --- sums of a run --------------------------------------------------------------------------------


def test_charges_and_means_are_those_of_the_series(cycled) -> None:
    into, out = host_runs.halves(cycled)
    steps, time = np.array(cycled.steps), np.array(cycled.time)
    ends = [time[steps == n][-1] for n in (0, 1, 2)]
    assert into.filling and not out.filling and (into.step, out.step) == (0, 2)
    assert into.charge == pytest.approx(ends[0] * 1.0)
    assert out.charge == pytest.approx((ends[2] - ends[1]) * 1.0)
    for half, n in ((into, 0), (out, 2)):
        volts, at = np.array(cycled.voltage)[steps == n], time[steps == n]
        mean = np.trapezoid(volts, at) / (at[-1] - at[0])
        assert half.voltage == pytest.approx(mean, abs=2e-3)
    assert host_runs.inside(cycled)[-1] == pytest.approx(into.charge - out.charge)


def test_a_cycle_in_which_the_cell_ends_does_not_count(cycled) -> None:
    assert len(host_runs.cycles(cycled)) == 1
    crack = replace(cycled.events[-1], kind="crack", step=2)
    assert host_runs.cycles(replace(cycled, events=(crack,))) == []


def test_only_hosts_are_told_as_hosts(cycled) -> None:
    assert host_runs.is_host(cycled)
    assert host_runs.is_host(half_cell("LiC6").run("Rest for 1 h"))
    metal = Cell("Li6PS5Cl", "Li").run("Strip at 0.1 mA/cm2 for 1 h")
    assert not host_runs.is_host(metal)


def test_charts_join_points_that_lie_far_apart() -> None:
    lines = chart([0.0, 1.0], [0.0, 1.0], width=8, height=4)
    assert all(any(line[k] == "*" for line in lines) for k in range(8))


# --- files and figures ----------------------------------------------------------------------------


def test_json_and_csv_hold_the_host_over_time(run, tmp_path) -> None:
    path = tmp_path / "run.json"
    data = json.loads(run(*PROTOCOL, DOWN, UP, "--json", "--save", path))
    units = {"potential": "V", "face_lithium": "1", "growth": "m", "host_stress": "Pa"}
    for name, unit in units.items():
        assert data[name]["unit"] == unit
        assert len(data[name]["value"]) == len(data["time"]["value"])
    assert anolyte.load(path).to_dict() == data
    head = run(*PROTOCOL, DOWN, "--csv").splitlines()[0]
    for column in ("potential [V]", "face_lithium [%]", "growth [µm]", "host_stress [MPa]"):
        assert column in head


def test_the_figure_has_a_loop_and_the_host_over_time(cycled) -> None:
    (figure,) = figures(cycled)
    titles = [figure.layout[f"yaxis{k}"].title.text for k in ("", *range(2, 6))]
    assert [t.partition("<br>")[0].partition(" (")[0] for t in titles] == [
        "voltage", "potential", "lithium at", "growth", "stress",
    ]  # fmt: skip
    assert figure.layout.xaxis.title.text == "lithium inside (mA h cm⁻²)"
    loop = {t.name: t for t in figure.data if t.showlegend}
    assert set(loop) == {"lithiation", "delithiation", "rest"}
    most = max(loop["lithiation"].x)
    assert most == pytest.approx(habitual(host_runs.halves(cycled)[0].charge, "areal_capacity"))
    low, high = figure.layout.yaxis.range
    assert low < -0.6 and max(cycled.voltage[-1], cycled.voltage[1]) > high - 2.0
    assert high < 1.0  # not scaled by the empty host's first moment


def test_a_hold_is_drawn_at_its_voltage() -> None:
    run = half_cell().run("Lithiate at 0.1 mA/cm2 for 4 h", "Hold at -0.5 V for 4 h")
    held = [v for v, good, n in zip(run.voltage, host_runs.drawn(run), run.steps, strict=True)
            if good and n == 1]  # fmt: skip
    assert len(held) > 10 and np.ptp(held) < 2e-3
    (figure,) = figures(run)
    every = [v for t in figure.data if t.name in ("lithiation", "delithiation") for v in t.y]
    assert set(np.round(held, 9)) <= set(np.round(every, 9))
    assert len(every) < len(run.time)  # the stretches between them are not drawn


def test_stress_and_contact_are_drawn_where_they_say_something() -> None:
    free = half_cell("graphite", Form(shape="particles", size="10 um", electrolyte=0.4))
    (figure,) = figures(free.run("Lithiate at 0.2 mA/cm2 for 1 h"))
    texts = [figure.layout[k].title.text for k in figure.layout if k.startswith("yaxis")]
    assert not any("stress" in t or "contact" in t for t in texts)


def test_a_page_has_the_run_and_its_spectrum(run, tmp_path) -> None:
    page = tmp_path / "page.html"
    run(*PROTOCOL, "Lithiate at 0.1 mA/cm2 for 1 h", "Impedance from 1 mHz to 1 MHz", "--plot",
        page)  # fmt: skip
    text = page.read_text(encoding="utf-8")
    assert "lithium inside" in text and "minus imaginary part" in text
    assert text.count("plotly-graph-div") == 2


def test_the_view_of_a_spectrum_ends_before_its_tail_squashes_the_arcs(spectra) -> None:
    figure = nyquist(spectra[0])
    assert figure.layout.yaxis.scaleanchor == "x" and figure.layout.yaxis.scaleratio == 1.0
    x, y = (np.array(v) for v in (figure.data[0].x, figure.data[0].y))
    high = figure.layout.yaxis.range[1]
    arcs = np.array(spectra[0].frequency) > 10.0
    assert y.max() > 10.0 * high > 0.0  # the tail is cut
    assert y[arcs].max() > high / 25.0 and high > 1.3 * y[arcs].max()  # arcs seen, and some tail
    seen = y < high
    assert (y[seen] <= 1.4 * STEEP * (x[seen] - x.min()) + 1.0).all()
    assert "goes on upwards to" in figure.layout.annotations[0].text


def test_a_spectrum_without_a_tail_is_shown_whole() -> None:
    found = Cell("Li6PS5Cl", "Li").run("Impedance from 1 Hz to 1 MHz").spectra[0]
    figure = nyquist(found)
    assert figure.layout.yaxis.range is None and not figure.layout.annotations


# --- refusals -------------------------------------------------------------------------------------

REFUSED = {
    "charge for current": ((*PROTOCOL, "Lithiate at 0.1 mAh/cm2 until -0.6 V"), "mAh/cm2"),
    "no number": ((*PROTOCOL, "Lithiate at C/0 for 1 h"), "positive current"),
    "sign": ((*PROTOCOL, "Lithiate at -0.1 mA/cm2 for 1 h"), "positive current"),
    "verb": ((*PROTOCOL, "Fill at 0.1 mA/cm2 for 1 h"), "begins with none of"),
    "no steps": (PROTOCOL, "Lithiate at"),
    "both ways": ((*PROTOCOL, "Rest for 1 h", "--step", "Rest for 1 h"), "one way"),
    "shape": ((*PROTOCOL[:-4], "--shape", "ball", DOWN), "particles"),
    "no size": ((*PROTOCOL[:-1], "0 um", DOWN), "positive"),
    "negative size": ((*PROTOCOL[:-1], "-1 um", DOWN), "not negative"),
    "size in kg": ((*PROTOCOL[:-1], "1 kg", DOWN), "length"),
    "no per cent": ((*PROTOCOL, "--free-volume", "30", DOWN), "write '40 %'"),
    "no room": ((*PROTOCOL, "--free-volume", "60 %", "--carbon", "40 %", DOWN), "no room"),
    "too full": ((*PROTOCOL, "--prelithiation", "120 %", DOWN), "100 %"),
    "current for charge": ((*PROTOCOL, "--capacity", "2 mA/cm2", DOWN), "did you mean 2 mAh/cm2"),
    "no charge": ((*PROTOCOL[:-4], "--capacity", "0 mAh/cm2", DOWN), "above zero"),
    "bare kelvin": ((*PROTOCOL, "--temperature", "298", DOWN), "C or K"),
    "bare pascal": ((*PROTOCOL, "--pressure", "5e6", DOWN), "write the unit"),
    "0 K": ((*PROTOCOL, "--temperature", "0 K", DOWN), "above absolute zero"),
    "swapped": (("simulate", "protocol", "Si", "Li6PS5Cl", DOWN), "as in Li6PS5Cl Si"),
    "swapped counter": (("simulate", "protocol", "Li6PS5Cl", "Li", "--counter", "Si", DOWN),
                        "swap the sides"),
    "unknown host": (("simulate", "protocol", "Li6PS5Cl", "Mg", DOWN), "graphite"),
    "carbon in metal": (("simulate", "protocol", "Li6PS5Cl", "Li", "--carbon", "5 %", "Rest for "
                         "1 h"), "plated metal"),
    "share in metal": (("simulate", "cycle", "Li6PS5Cl", "Li", "--electrolyte-share", "5 %"),
                       "--electrolyte-share"),
    "cut-off of metal": (("simulate", "cycle", "Li6PS5Cl", "Li", "--lithiate-until", "-0.6 V"),
                         "is plated"),
    "cut-offs crossed": ((*CYCLE, "--lithiate-until", "0.9 V", "--delithiate-until", "0 V"),
                         "below"),
    "no current": ((*CYCLE, "--current", "0 mA/cm2"), "positive"),
    "no cycles": ((*CYCLE, "--cycles", "0"), "at least once"),
    "critical current": (("simulate", "ccd", "Li6PS5Cl", "Si"), "plated metal"),
    "map": (("map", "Li6PS5Cl", "Si", "--pressure", "1 to 5 MPa", "-n", "8", "--draws", "2"),
            "plated metal"),
    "lever": (("lever", "liquid share", "Li6PS5Cl", "Si"), "plated metal"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_are_refused_in_one_line(refused, name) -> None:
    arguments, part = REFUSED[name]
    line = refused(*arguments)
    assert part in line
    assert half_cells.LONGEST_UNTIL not in line  # of what was written, not of what was added


# --- the page -------------------------------------------------------------------------------------


def _blocks(kind: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for name, block in found if name == kind]


def test_the_page_prints_what_the_program_prints(run, tmp_path, monkeypatch) -> None:
    import shlex

    monkeypatch.chdir(tmp_path)
    blocks = [b.strip("\n") for b in _blocks("")]
    pairs = [(a, b) for a, b in zip(blocks, blocks[1:], strict=False) if a.startswith("anolyte ")]
    assert len(pairs) == 2
    for command, shown in pairs:
        lines = [line.rstrip() for line in run(*shlex.split(command)[1:]).splitlines()]
        missing = [x for x in shown.splitlines() if x.rstrip() not in lines]
        assert not missing, "run it again and copy what it prints: " + "\n".join(missing)


def test_the_code_of_the_page_runs(capsys) -> None:
    (code,) = _blocks("python")
    exec(compile(code, str(PAGE), "exec"), {})
    assert "cut-off" in capsys.readouterr().out


def test_the_file_of_the_page_runs(run, tmp_path) -> None:
    (text,) = _blocks("yaml")
    path = tmp_path / "cell.yaml"
    path.write_text(text, encoding="utf-8")
    out = run("simulate", "protocol", path)
    assert "held, lithiated" in out and "10% free volume, 20% filled as made" in words(out)


def test_a_c_rate_is_of_what_the_host_holds() -> None:
    cell = half_cell()
    (step,) = half_cells.steps(cell, ["Lithiate at C/10 until -0.6 V"]).steps
    held = cell.assemble().device.faces[0].interior.capacity
    assert step.current_density == pytest.approx(-held / 36000.0)
    metal = Cell("Li6PS5Cl", "Li", capacity="3 mAh/cm2")
    assert metal.steps("Strip at C/3 for 1 h").steps[0].current_density == pytest.approx(10.0)
