"""Three windows on paper and on screen: what is shown is what the result says."""

import pytest

from anolyte.faces.figures.three_windows import three_windows as draw
from anolyte.faces.three_windows import show
from anolyte.measure.setup import Setup
from anolyte.measure.traces.sweeps import made_sweep
from anolyte.measure.traces.voltammetry import ElectrodeKind, voltammetry
from anolyte.models.window_uncertainty import window_uncertainty
from anolyte.studies.three_windows import ThreeWindows, three_windows

METAL = ElectrodeKind.BARE_METAL


@pytest.fixture(scope="module")
def measured() -> ThreeWindows:
    """An oxidation is seen at about 2.6 V; the sweep never goes down."""
    trace = made_sweep(onset=2.5)
    return three_windows("Li6PS5Cl", voltammetry(trace, Setup(area=1e-4, electrodes="C|Li"), METAL))


def labels(figure) -> str:
    return " | ".join(a.text for a in figure.layout.annotations)


def modes(figure, mode: str) -> list:
    return [t for t in figure.data if t.type == "scatter" and t.mode == mode]


def bars(figure) -> dict[str, tuple[float, float]]:
    return {b.y[0]: (b.base[0], b.base[0] + b.x[0]) for b in figure.data if b.type == "bar"}


def test_every_window_is_a_bar_between_its_limits(measured: ThreeWindows) -> None:
    figure = draw(measured)
    found = bars(figure)
    for name in ("thermodynamic", "kinetic"):
        assert found[name] == pytest.approx(measured.limits[name])
    assert found["measured"] == pytest.approx((0.0, measured.limits["measured"][1]))
    text = labels(figure)
    for v in ("1.93", "2.32", "1.08", "2.24", "2.60", "not swept", "bare metal"):
        assert v in text
    whiskers = [t for t in figure.data if t.type == "scatter" and "lines" in (t.mode or "")]
    assert [tuple(t.x) for t in whiskers] == [(1.08, 1.11), (2.19, 2.24)]


def test_what_is_unknown_has_no_bar_and_says_so() -> None:
    figure = draw(three_windows("Li3YCl6"))
    assert list(bars(figure)) == ["thermodynamic"]
    assert "unknown: no topotactic state" in labels(figure)
    assert "no voltammogram was given" in labels(figure)
    half = draw(three_windows("LiTi2(PO4)3"))
    assert bars(half)["kinetic"][0] == pytest.approx(2.54)
    assert "unknown" in labels(half)


def test_the_page_tells_limits_gaps_and_sources(
    measured: ThreeWindows, capsys: pytest.CaptureFixture
) -> None:
    show(measured)
    text = capsys.readouterr().out
    lines = text.splitlines()
    kinetic = next(line for line in lines if line.split()[:1] == ["kinetic"])
    assert kinetic.split()[1:4] == ["1.08", "2.24", "1.16"]
    assert "oxidation, thermodynamic to kinetic: +0.23 V" in text
    assert "reduction, kinetic to measured: unknown" in text
    assert "no sweep went towards reduction" in text
    assert "can reach 7 V" in text
    assert "10.1038/s41563-019-0576-0" in text
    assert max(map(len, lines)) <= 100


def test_what_papers_measured_is_marked_with_its_value() -> None:
    """Arrows point into the window; widths have no place on the axis."""
    figure = draw(three_windows("Li6PS5Cl"))
    marks = next(t for t in modes(figure, "markers+text"))
    assert set(zip(marks.x, marks.marker.symbol, strict=True)) == {
        (1.25, "triangle-right"), (2.5, "triangle-left"), (5.0, "triangle-left"),
        (7.0, "triangle-left"),
    }  # fmt: skip
    assert figure.layout.xaxis.range[1] > 7.0
    assert [r.side for r in three_windows("LAGP").reported] == ["width"]
    assert not modes(draw(three_windows("LAGP")), "markers+text")


def test_error_bars_are_whiskers_of_the_thermodynamic_bar() -> None:
    sample = window_uncertainty("Li3YCl6", draws=200)
    figure = draw(three_windows("Li3YCl6"), sample)
    whiskers = [tuple(t.x) for t in modes(figure, "lines+markers")]
    assert (sample.reduction.low, sample.reduction.high) in whiskers
    assert len(draw(three_windows("Li3YCl6")).data) == len(figure.data) - 2
