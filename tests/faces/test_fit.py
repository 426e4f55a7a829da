"""`anolyte fit eis` and `fit arrhenius` as people call them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from anolyte.faces import cli
from anolyte.measure import synthetic
from anolyte.measure.traces.sweeps import made_sweep
from anolyte.studies.files import load
from anolyte.studies.spectra import SpectraResult

CELL = ["--area", "0.7854 cm2", "--thickness", "1 mm", "--electrodes", "Li|Li"]


@pytest.fixture(scope="module")
def one(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("one")
    return synthetic.write(synthetic.ageing(count=1), folder)[0]


@pytest.fixture(scope="module")
def warm(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("warm")
    synthetic.write(synthetic.temperatures(count=4, low=263.0, high=313.0), folder)
    return folder


def run(capsys, *arguments) -> tuple[int, str, str]:
    code = cli.main(["fit", *map(str, arguments)])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_one_spectrum_gives_processes_with_what_they_mean(capsys, one):
    code, out, err = run(capsys, "eis", one, "--circuit", synthetic.CIRCUIT, *CELL)
    assert (code, err) == (0, "")
    for text in ("described to the noise", "bulk", "grain boundary", "charge transfer",
                 "mS cm⁻¹", "(one interface)", "90 % interval", "Kramers-Kronig"):  # fmt: skip
        assert text in out


def test_a_folder_over_temperature_becomes_a_report_by_one_command(capsys, warm, tmp_path):
    page = tmp_path / "out.html"
    code, out, _ = run(
        capsys, "arrhenius", warm, "--circuit", synthetic.CIRCUIT, *CELL, "--electrolyte", "LLZO",
        "--report", page,
    )  # fmt: skip
    assert code == 0
    assert "activation energy" in out
    assert str(page) in out
    text = page.read_text(encoding="utf-8")
    assert "Over temperature" in text
    assert "http-equiv" in text
    for words in ("Where it comes from", "made_001.csv", "conditions.csv", "What was assumed",
                  "Gate: orders", "ArrheniusSettings: decisive", "References", "Boukamp",
                  "thickness 1 mm"):  # fmt: skip
        assert words in text
    found = load(page)
    assert isinstance(found, SpectraResult)
    assert len(found.spectra) == 4


def test_the_circuit_is_chosen_by_the_data(capsys, one):
    code, out, _ = run(capsys, "eis", one, *CELL, "--json")
    assert code == 0
    found = json.loads(out)
    assert found["circuit"].count("CPE") >= 2
    assert found["choice"]["table"]


def test_rows_go_to_a_spreadsheet(capsys, one):
    code, out, _ = run(capsys, "eis", one, "--circuit", synthetic.CIRCUIT, *CELL, "--csv")
    assert code == 0
    head, *rows = out.splitlines()
    assert head.startswith("spectrum,temperature [°C]")
    assert len(rows) == 4


def test_what_was_not_given_is_said_and_not_assumed(capsys, one):
    code, out, _ = run(capsys, "eis", one, "--circuit", synthetic.CIRCUIT)
    assert code == 0
    assert "not given: area, electrodes" in out  # the made table of conditions has a thickness
    assert "mS cm" not in out
    assert "Ω cm²" not in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.mpt"], "nowhere.mpt: cannot be read (No such file"),
        (["{one}", "--circuit", "R0-p(R1,CPE1"], "position 13"),
        (["{one}", "--circuit", "R0-Q1"], "did you mean CPE?"),
        (["{one}", "--area", "3 mm"], "area '3 mm'"),
        (["{one}", "--area", "0 cm2"], "area 0: must be positive"),
        (["{one}", "--electrodes", "Li"], "write both sides"),
        (["{one}", "--electrolyte", "LLZTOO"], "did you mean"),
        (["{one}", "--noise", "80 %"], "a share of the modulus"),
        (["{one}", "--report", "/nowhere/out.html"], "no such folder"),
        (["{one}", "--json", "--csv"], "choose one"),
        (["{one}", "--conditions", "nowhere.csv"], "nowhere.csv: cannot be read"),
    ],
)
def test_bad_input_gets_one_line(capsys, one, arguments, told):
    code, out, err = run(capsys, "eis", *(a.replace("{one}", str(one)) for a in arguments))
    assert code == 2
    assert out == ""
    assert told in err
    assert len(err.splitlines()) == 1


def test_a_series_without_temperatures_says_how_to_give_them(capsys, tmp_path):
    synthetic.write(synthetic.ageing(count=3), tmp_path)
    code, _, err = run(capsys, "arrhenius", tmp_path, *CELL)
    assert code == 2
    assert "no temperature of" in err
    assert "conditions.csv" in err


def test_binary_and_empty_files_are_refused_by_name(capsys, tmp_path):
    (tmp_path / "a.mpt").write_bytes(b"\x00\x01\x02\xff" * 100)
    (tmp_path / "b.csv").write_text("")
    for name in ("a.mpt", "b.csv"):
        code, _, err = run(capsys, "eis", tmp_path / name)
        assert code == 2
        assert name in err
        assert len(err.splitlines()) == 1


def as_csv(trace, path: Path) -> Path:
    trace.to_frame()[["time [s]", "voltage [V]", "current [A]"]].to_csv(path, index=False)
    return path


def test_a_ramp_file_becomes_a_critical_current_and_a_picture(capsys, tmp_path):
    file = as_csv(synthetic.ramp()[0], tmp_path / "ramp.csv")
    page = tmp_path / "ramp.html"
    code, out, err = run(
        capsys, "ccd", file, "--area", "0.7854 cm2", "--temperature", "25 C", "--pressure",
        "5 MPa", "--plot", page,
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "1 mA cm⁻²" in out
    assert "first failed 1.1 mA cm⁻²" in " ".join(out.split())
    assert "Survived 1 mA" in page.read_text(encoding="utf-8")


def test_a_table_of_cycles_becomes_a_retention_and_a_picture(capsys, tmp_path):
    n = range(1, 81)
    rows = [f"{k},{1.01 * 0.999**k:.6f},{0.999**k:.6f}" for k in n]
    file = tmp_path / "full.csv"
    head = "Cycle_Index,Charge_Capacity(mAh),Discharge_Capacity(mAh)"
    file.write_text("\n".join([head, *rows]) + "\n")
    page = tmp_path / "full.html"
    code, out, err = run(capsys, "cycling", file, "--as", "full", "--plot", page)
    assert (code, err) == (0, "")
    assert "80 %" in out
    assert page.stat().st_size > 100_000


def test_a_voltammogram_file_gives_both_onsets_and_a_picture(capsys, tmp_path):
    file = as_csv(made_sweep(onset=2.4, turns=1), tmp_path / "cv.csv")
    page = tmp_path / "cv.html"
    code, out, err = run(
        capsys, "cv", file, "--area", "0.7854 cm2", "--electrode", "carbon", "--plot", page
    )
    assert (code, err) == (0, "")
    assert "tangent" in out and "threshold" in out
    assert page.is_file()


def polymer_table(path: Path) -> Path:
    rows = ["temperature [C],salt_ratio,conductivity [S/cm]"]
    for ratio in (0.03, 0.05, 0.08, 0.12):
        top = math.exp(-(math.log(ratio / 0.06) ** 2))
        for celsius in range(25, 95, 5):
            t = celsius + 273.15
            sigma = 3.0 * top / math.sqrt(t) * math.exp(-0.08 / (8.617333e-5 * (t - 200.0)))
            rows.append(f"{celsius},{ratio},{sigma:.8e}")
    path.write_text("\n".join(rows) + "\n")
    return path


def test_a_polymer_table_gives_laws_and_the_best_salt_content(capsys, tmp_path):
    page = tmp_path / "peo.html"
    code, out, err = run(capsys, "polymer", polymer_table(tmp_path / "peo.csv"), "--plot", page)
    assert (code, err) == (0, "")
    assert out.count("VTF") >= 4
    assert "0.06 " in out  # the top that was put in
    assert page.is_file()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ("temperature [C],conductivity [S/cm]\n25,1e-4\n", "no column 'salt_ratio'"),
        ("temperature [C],salt_ratio,conductivity\n25,0.05,1e-4\n", "needs a unit"),
        ("temperature [C],salt_ratio,conductivity [S/cm]\n25,0.05,x\n", "line 2"),
        ("temperature [C],salt_ratio,conductivity [S/cm]\n25,0.05\n", "line 2: 2 cells"),
        ("temperature [C],salt_ratio,conductivity [S/cm]\n25,0.05,-1\n", "zero or more"),
        ("a,b\n1,2\n", "unknown column 'a'"),
    ],
)
def test_a_polymer_table_that_does_not_fit_is_one_line(capsys, tmp_path, text, told):
    path = tmp_path / "peo.csv"
    path.write_text(text)
    code, _, err = run(capsys, "polymer", path)
    assert code == 2
    assert told in err
    assert len(err.splitlines()) == 1


def test_a_doubt_of_the_gate_is_no_bad_fit(over_time_of_two):
    from dataclasses import replace

    from anolyte.faces import fitted
    from anolyte.measure.quality.answer import Verdict

    result = over_time_of_two
    first, second = result.spectra
    drifted = replace(first, quality=replace(first.quality, verdict=Verdict.DRIFT))
    both = fitted.headline(replace(result, spectra=(drifted, second)))
    assert both.startswith("2 spectra: described to the noise by p(R1")
    assert both.endswith("; the gate says of 1: drift")
    alone = fitted.headline(replace(result, spectra=(drifted,)))
    assert "described to the noise" in alone and alone.endswith("; the gate says: drift")
    assert "the gate says: drift" in fitted.process_title(drifted)
    assert drifted.fit is not None
    poor = replace(second, fit=replace(drifted.fit, good=False))
    assert "NOT good" in fitted.process_title(poor)
    assert "NOT a good fit" in fitted.headline(replace(result, spectra=(poor,)))
    assert "1 of 2 described" in fitted.headline(replace(result, spectra=(first, poor)))


@pytest.fixture(scope="module")
def over_time_of_two() -> SpectraResult:
    from anolyte.studies.spectra import Measured, Series, SpectraStudy

    made = synthetic.ageing(count=2, seed=3)
    measured = [
        Measured(s, t.setup, s.time) for s, t in zip(made.spectra, made.truths, strict=True)
    ]
    return SpectraStudy(synthetic.CIRCUIT)(Series(tuple(measured)))
