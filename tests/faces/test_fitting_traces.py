"""`fit ccd`, `fit cycling`, `fit cv`: what they print, write and refuse."""

import json
from dataclasses import replace

import numpy as np
import pytest
import typer

from anolyte.core.errors import AnolyteError
from anolyte.faces import fitting_traces
from anolyte.faces.figures import traces as figures
from anolyte.measure import readers
from anolyte.measure.records import Claims, CycleTable, Recording, Trace
from anolyte.measure.setup import Setup
from anolyte.measure.synthetic import Short, ramp
from anolyte.measure.traces.efficiency import plating_efficiency
from anolyte.measure.traces.ramp import critical_current
from anolyte.measure.traces.reading import read_cycling
from anolyte.measure.traces.retention import fade
from anolyte.measure.traces.sweeps import made_sweep
from anolyte.measure.traces.voltammetry import voltammetry

KNOWN = ("--area", "0.7854 cm2", "--temperature", "25 C", "--pressure", "5 MPa")
N = np.arange(1, 101)
FADING = CycleTable(N, 1.01 * np.exp(-1e-3 * N), np.exp(-1e-3 * N), file="full.csv")


def collector() -> Trace:
    i = np.concatenate([np.repeat([-1e-3, 1e-3], [100, 95])] * 4)
    return Trace(10.0 * np.arange(1, i.size + 1), 50.0 * i, i, file="licu.csv")


FILES = {
    "ramp.csv": Recording("ramp.csv", "made", trace=ramp()[0], claims=Claims(area=1e-7)),
    "full.csv": Recording("full.csv", "made", cycles=FADING),
    "licu.csv": Recording("licu.csv", "made", trace=collector()),
    "cv.csv": Recording("cv.csv", "made", trace=made_sweep(onset=2.4, turns=1)),
    "empty.csv": Recording("empty.csv", "made"),
}


@pytest.fixture
def run(monkeypatch, capsys):
    """Run one verb on made recordings; return what it printed."""
    app = typer.Typer()
    for verb in (fitting_traces.ccd, fitting_traces.cycling, fitting_traces.cv):
        app.command()(verb)
    monkeypatch.setattr(readers, "read", lambda path: FILES[str(path)])

    def call(*arguments: str) -> str:
        app(arguments, standalone_mode=False)
        out, err = capsys.readouterr()
        assert err == "" and "\x1b" not in out
        return out

    return call


def words(text: str) -> str:
    return " ".join(text.split())


def test_ccd_prints_its_protocol_with_the_number(run) -> None:
    out = words(run("ccd", "ramp.csv", *KNOWN))
    assert "Critical current density: 1 mA cm⁻²" in out
    assert "0.1 mA cm⁻² more a level, forth and back, 30 min a half step" in out
    assert "first failed 1.1 mA cm⁻²" in out and "soft short" in out
    assert "36930 s" in out and "sampling interval of 10 s" in out
    assert "0.275 mA h cm⁻²" in out and "5.5 mA h cm⁻²" in out and "25 °C, 5 MPa" in out


def test_ccd_is_not_stated_without_its_conditions(run) -> None:
    out = words(run("ccd", "ramp.csv"))
    assert "not stated" in out and "0.785 mA" in out and "no area is given" in out
    assert "looks like the instrument's placeholder" in out  # 0.001 cm2 in the header
    with_area = words(run("ccd", "ramp.csv", "--area", "0.7854 cm2"))
    assert "not known: temperature, stack pressure" in with_area


def test_ccd_as_json_and_csv_and_saved(run, tmp_path) -> None:
    data = json.loads(run("ccd", "ramp.csv", *KNOWN, "--json"))
    found = data["critical_current_density"]
    assert found["unit"] == "A/m^2" and found["value"] == pytest.approx(10.0, rel=1e-4)
    lines = run("ccd", "ramp.csv", *KNOWN, "--csv").splitlines()
    assert len(lines) == 21 and lines[0].startswith("current density [mA cm⁻²]")
    run("ccd", "ramp.csv", *KNOWN, "--save", str(tmp_path / "ramp.json"))
    from anolyte.studies.files import load

    assert load(tmp_path / "ramp.json").failed == pytest.approx(11.0 * 7.854e-5, rel=1e-3)


def test_a_hard_short_is_told_by_the_bulk(run, monkeypatch) -> None:
    deep = ramp((Short(start=36_900.0, length=np.inf, depth=0.02),))[0]
    monkeypatch.setitem(FILES, "ramp.csv", Recording("ramp.csv", "made", trace=deep))
    assert "hard short" in words(run("ccd", "ramp.csv", *KNOWN, "--bulk", "254.65 ohm"))


def test_cycling_by_the_kind_of_cell(run) -> None:
    out = words(run("cycling", "ramp.csv", "--electrodes", "Li|Li", "--area", "0.7854 cm2"))
    assert "read as symmetric: electrodes Li|Li" in out and "shorted after 10.2 h" in out
    assert "the first is number 7" in out
    out = words(run("cycling", "licu.csv", "--electrodes", "Cu|Li"))
    assert "Coulombic efficiency: 95.000 ±" in out and "4 cycles" in out
    out = words(run("cycling", "full.csv", "--until", "70 %"))
    assert "exponential" in out and "70 % expected" in out and "90.6 % after cycle 100" in out


def test_cv_with_both_onsets_and_the_computed_window(run) -> None:
    out = words(run("cv", "cv.csv", "--area", "1 cm2", "--electrodes", "C|Li", "--electrode",
                    "carbon", "--electrolyte", "Li6PS5Cl"))  # fmt: skip
    assert "1 mV s⁻¹; electrode: carbon composite; voltages in V vs Li/Li⁺" in out
    assert "2.40" in out and "2.50" in out and "10 µA cm⁻²" in out
    assert "computed" in out and "why they differ" in out
    plain = words(run("cv", "cv.csv"))
    assert "unknown counter electrode" in plain and "by tangent" in plain


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ccd", "full.csv"), "nothing over time"),
        (("ccd", "licu.csv"), "no ramp"),
        (("ccd", "cv.csv"), "fit cv"),
        (("cycling", "empty.csv"), "no cycles"),
        (("cycling", "full.csv", "--as", "pouch"), "symmetric, collector, reservoir, full"),
        (("cycling", "full.csv", "--as", "symmetric"), "no voltage"),
        (("cycling", "full.csv", "--reference", "1000"), "no cycle 1000"),
        (("cv", "ramp.csv"), "not swept"),
        (("cv", "cv.csv", "--electrode", "gold"), "bare"),
        (("cv", "cv.csv", "--electrolyte", "Li6PS5Cl"), "against Li"),
        (("ccd", "ramp.csv", "--area", "1 mm"), "unit"),
        (("ccd", "ramp.csv", "--json", "--csv"), "choose one"),
        (("ccd", "ramp.csv", "--plot", "ramp.gif"), "html"),
    ],
)
def test_refusals_are_one_line(run, arguments, told: str) -> None:
    with pytest.raises(AnolyteError, match=told) as caught:
        run(*arguments)
    assert "\n" not in str(caught.value) and caught.value.exit_code == 2


def test_every_figure_has_its_units_and_its_marks() -> None:
    setup = Setup(area=7.854e-5, temperature=298.15, stack_pressure=5e6)
    figure = figures.ramp(critical_current(ramp()[0], setup))
    assert figure.layout.yaxis2.title.text == "current density (mA cm⁻²)"
    assert "failed at 1.1 mA cm⁻²" in figure.layout.title.text
    assert any("alarm: soft short" in (a.text or "") for a in figure.layout.annotations)
    in_ohm = figures.ramp(critical_current(ramp()[0]))
    assert in_ohm.layout.yaxis3.title.text == "resistance (Ω)"
    fading = figures.retention(fade(FADING))
    assert any("interval of the laws" in (t.name or "") for t in fading.data)
    knee = fade((N, 1 - 1e-4 * N - 2e-3 * np.maximum(0, N - 60.0)
                 + 1e-4 * np.random.default_rng(0).standard_normal(100)))  # fmt: skip
    assert "knee at cycle 60" in figures.retention(knee).layout.title.text
    assert figures.efficiency(plating_efficiency(collector())).data[0].error_y.array is not None
    scan = figures.voltammogram(voltammetry(made_sweep(), Setup(area=1e-4, electrodes="C|Li")))
    names = [t.name or "" for t in scan.data]
    assert any("tangent" in n for n in names) and any("threshold" in n for n in names)
    assert scan.layout.xaxis.title.text == "voltage (V vs Li/Li⁺)"
    for result in (read_cycling(FADING), read_cycling(ramp()[0]), fade(([1], [1.0]))):
        assert figures.drawn()[type(result)](result).layout.title.text


def test_filaments_are_drawn_with_their_rate() -> None:
    from anolyte.faces.figures import figure
    from anolyte.measure.images.filaments import FilamentGrowth, FilamentImage

    images = tuple(
        FilamentImage(f"{t:g}.png", True, None, 0.5, 9.0, 0.0, 0, t, 1e-7 * t, 2e-7)
        for t in (100.0, 200.0, 300.0)
    )
    drawn = figure(FilamentGrowth(images, 1e-7, 1e-7, 0.9e-7, 1.1e-7))
    assert "100 nm s⁻¹ (90 nm s⁻¹ to 110 nm s⁻¹)" in drawn.layout.title.text
    assert list(drawn.data[0].y) == pytest.approx([10.0, 20.0, 30.0])
    assert list(drawn.data[1].y) == pytest.approx([10.0, 30.0])
    untimed = figure(FilamentGrowth(tuple(replace(i, time=None) for i in images), 1e-7))
    assert untimed.layout.xaxis.title.text == "image" and len(untimed.data) == 1


def test_images_refuse_before_the_work(tmp_path) -> None:
    from anolyte.faces.fitting_images import images

    for wrong, told in (({"json": True, "csv": True}, "choose one"), ({"scale": ""}, "unit"),
                        ({"save": tmp_path / "no" / "x.json"}, "no such folder")):  # fmt: skip
        with pytest.raises(AnolyteError, match=told):
            images([tmp_path / "no.png"], **{"scale": "1 um"} | wrong)


@pytest.mark.parametrize(
    ("arguments", "figures_of", "told"),
    [
        (("ccd", "ramp.csv", *KNOWN), ("CriticalRamp",), "Critical current density: 1 mA cm⁻²"),
        (("cycling", "ramp.csv", "--electrodes", "Li|Li"), ("SymmetricLife", "VoidCheck"),
         "Life: shorted after 10.2 h"),
        (("cycling", "licu.csv", "--electrodes", "Cu|Li"), ("PlatingEfficiency",),
         "Coulombic efficiency: 95.000"),
        (("cycling", "full.csv"), ("FadeResult", "LithiumInventory"), "Retention: 90.6 %"),
        (("cv", "cv.csv", "--area", "1 cm2", "--electrodes", "C|Li", "--electrolyte", "Li6PS5Cl"),
         ("Voltammogram",), "Oxidation from 2.40 V by tangent and 2.50 V by threshold"),
    ],
)  # fmt: skip
def test_report_is_one_page_with_findings_figures_origins_and_settings(
    run, tmp_path, arguments, figures_of, told
) -> None:
    from anolyte.studies.files import load

    out = run(*arguments, "--report", str(tmp_path / "out.html"))
    assert told in out and f"page: {tmp_path / 'out.html'}" in out
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert f"<h1>{told}" in text
    for name in figures_of:
        assert f'data-figure="{name}"' in text
    for words_of in ("What was found", "Where it comes from", "not given, and not assumed",
                     "What was assumed", arguments[1]):  # fmt: skip
        assert words_of in text
    assert type(load(tmp_path / "out.html")).__name__.startswith(
        {"ccd": "CriticalRamp", "cycling": "CyclingReading"}.get(arguments[0], "MeasuredWindow")
    )


def test_a_report_names_thresholds_sources_and_where_the_area_came_from(run, tmp_path) -> None:
    run("cycling", "full.csv", "--until", "70 %", "--report", str(tmp_path / "out.html"))
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "FadeRules: end" in text and '<td class="n">0.7</td>' in text
    assert "Diao" in text and "References" in text
    run("ccd", "ramp.csv", *KNOWN, "--report", str(tmp_path / "out.html"))
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "0.785 cm² (--area)" in text and "ShortDetector: fraction" in text
    assert "Splitting: skip" in text and "placeholder" in text


def test_a_page_knows_its_file_again(tmp_path) -> None:
    import hashlib

    from anolyte.faces import traces_page

    (tmp_path / "a.csv").write_text("x")
    rows = dict(traces_page._origins(Setup(area="1 cm2"), Recording(str(tmp_path / "a.csv"), "z")))
    assert rows["sha256"] == hashlib.sha256(b"x").hexdigest()
    assert rows["area"] == "1 cm²" and "area" not in rows["not given, and not assumed"]


def test_a_measured_onset_inside_the_window_is_called_so(run) -> None:
    from anolyte.faces import fitted_traces
    from anolyte.studies.measured_window import beside_computed

    cell = Setup(area="1 cm2", electrodes="C|Li")
    found = beside_computed(voltammetry(made_sweep(onset=2.4, turns=1), cell), "Li6PS5Cl")
    view = fitted_traces.windows(replace(found, oxidation_gap=-0.3))
    assert "0.30 V inside it" in dict(view.beside)["oxidation"]


def test_a_spectrum_parts_the_voltage_of_a_symmetric_cell(run, tmp_path, monkeypatch) -> None:
    from anolyte.measure.synthetic import ageing, write

    spectrum = write(ageing(count=1, seed=1), tmp_path / "eis")[0]
    whole = readers.read
    monkeypatch.setattr(readers, "read", lambda p: FILES[str(p)] if str(p) in FILES else whole(p))
    said = ("--electrodes", "Li|Li", "--area", "0.7854 cm2", "--thickness", "1 mm")
    page = str(tmp_path / "out.html")
    out = words(run("cycling", "ramp.csv", *said, "--temperature", "25 C", "--spectrum",
                    str(spectrum), "--report", page))  # fmt: skip
    assert "voltage of half cycle 1 30.4 mV at its end: bulk" in out
    assert "charge transfer" in out and "what is left" in out
    assert "voltage of half cycle 21" in out  # the last one before the short, of 40
    text = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert 'data-figure="OverpotentialSplit"' in text and "Parts of the voltage" in text
    with pytest.raises(AnolyteError, match="symmetric cell only"):
        run("cycling", "licu.csv", "--electrodes", "Cu|Li", "--spectrum", str(spectrum))
    with pytest.raises(AnolyteError, match="temperature is not given"):
        run("cycling", "ramp.csv", *said, "--spectrum", str(spectrum))
