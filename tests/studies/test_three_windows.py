"""Three windows side by side: a made voltammogram from a file to gaps and their reasons."""

import json
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import DataError, MissingProperty
from anolyte.measure import readers
from anolyte.measure.setup import Setup
from anolyte.measure.traces.voltammetry import ElectrodeKind, Voltammogram, voltammetry
from anolyte.models.kinetic_window import kinetic_window
from anolyte.models.window import window
from anolyte.studies.three_windows import ThreeWindows, three_windows

CELL = Setup(area=1e-4, electrodes="C|Li")
CARBON, METAL, UNKNOWN = (
    ElectrodeKind.CARBON_COMPOSITE,
    ElectrodeKind.BARE_METAL,
    ElectrodeKind.UNKNOWN,
)


def scanned(
    tmp_path: Path, reduction: float, oxidation: float, kind: ElectrodeKind = CARBON,
    rate: float = 5e-5, low: float = 0.0, high: float = 5.0, setup: Setup = CELL,
) -> Voltammogram:  # fmt: skip
    """From 2.5 V down to `low`, up to `high` and back, written to a file and read again."""
    step = 2e-3
    voltage = np.concatenate([np.arange(2.5, low, -step), np.arange(low, high, step),
                              np.arange(high, 2.5, -step)])  # fmt: skip
    time = np.arange(voltage.size) * step / rate
    rising = np.gradient(voltage) > 0.0
    current = 2e-4 * np.maximum(0.0, voltage - oxidation) * rising
    current -= 2e-4 * np.maximum(0.0, reduction - voltage) * ~rising
    current += 1e-8 * np.random.default_rng(3).standard_normal(voltage.size)
    path = tmp_path / "scan.csv"
    rows = np.column_stack([time, voltage, current])
    np.savetxt(path, rows, delimiter=",", header="time/s,Ewe/V,I/A", comments="", fmt="%.9g")
    trace = readers.read(path).trace
    assert trace is not None
    return voltammetry(trace, setup, kind)


def gap(result: ThreeWindows, side: str, beyond: str):
    return next(g for g in result.gaps if (g.side, g.beyond) == (side, beyond))


def limit(result: ThreeWindows, name: str, side: int) -> float:
    value = result.limits[name][side]
    assert value is not None
    return value


def told(result: ThreeWindows, side: str) -> str:
    return "; ".join(gap(result, side, "measured").reasons)


def test_all_three_windows_and_their_gaps(tmp_path: Path) -> None:
    r = three_windows("Li6PS5Cl", scanned(tmp_path, 0.8, 3.4))
    w, k = window("Li6PS5Cl"), kinetic_window("Li6PS5Cl")
    assert r.limits["thermodynamic"] == (w.reduction_limit, w.oxidation_limit)
    assert r.limits["kinetic"] == (k.reduction_limit, k.oxidation_limit)
    low, high = limit(r, "measured", 0), limit(r, "measured", 1)
    assert low == pytest.approx(0.8 - 1e-5 / 2e-4, abs=0.01)
    assert high == pytest.approx(3.4 + 1e-5 / 2e-4, abs=0.01)
    assert gap(r, "reduction", "kinetic").width == pytest.approx(0.63)
    assert gap(r, "reduction", "measured").width == pytest.approx(1.08 - low)
    assert gap(r, "oxidation", "measured").width == pytest.approx(high - 2.24)
    assert gap(r, "oxidation", "measured").inner == "kinetic"


def test_each_reason_only_where_it_applies(tmp_path: Path) -> None:
    slow = three_windows("Li6PS5Cl", scanned(tmp_path, 0.6, 3.4))
    assert "planar" not in told(slow, "oxidation")
    assert "scan rate" not in told(slow, "oxidation")
    assert "passivation" in told(slow, "reduction")  # Li2S, Li3P, LiCl
    fast = three_windows("Li6PS5Cl", scanned(tmp_path, 0.6, 3.4, METAL, rate=1e-2))
    assert "planar metal electrode" in told(fast, "oxidation")
    assert "5e-09 S cm⁻¹" in told(fast, "oxidation")
    assert f"in {(3.45 - 2.24) / 1e-2:.0f} s" in told(fast, "oxidation")
    mixed = three_windows("LGPS", scanned(tmp_path, 0.1, 3.4))  # germanium carries electrons
    assert "passivation" not in told(mixed, "reduction")
    unsaid = three_windows("Li6PS5Cl", scanned(tmp_path, 0.6, 3.4, UNKNOWN))
    assert "its kind was not given" in told(unsaid, "oxidation")


def test_agreement_and_what_reacts_too_early(tmp_path: Path) -> None:
    r = three_windows("Li6PS5Cl", scanned(tmp_path, 1.5, 2.2))
    assert "agrees" in told(r, "oxidation")
    assert gap(r, "reduction", "measured").width == pytest.approx(1.08 - 1.45, abs=0.01)
    assert "reacts first" in told(r, "reduction")
    assert "planar" not in told(r, "reduction")


def test_a_sweep_without_an_onset_gives_a_bound(tmp_path: Path) -> None:
    r = three_windows("Li6PS5Cl", scanned(tmp_path, 0.8, 9.0, METAL, high=4.0))
    up = gap(r, "oxidation", "measured")
    assert up.at_least
    assert up.width == pytest.approx(4.0 - 2.24, abs=0.01)
    assert r.limits["measured"][1] is None
    short = three_windows("Li3YCl6", scanned(tmp_path, 0.8, 9.0, METAL, high=4.0))
    inside = gap(short, "oxidation", "measured")
    assert inside.width is None
    assert "inside the thermodynamic window" in inside.reasons[0]


def test_without_a_state_the_measured_is_compared_with_the_hull(tmp_path: Path) -> None:
    r = three_windows("Li3YCl6", scanned(tmp_path, 0.4, 4.6))
    assert gap(r, "reduction", "kinetic").width is None
    assert gap(r, "reduction", "kinetic").reasons == ("unknown: no topotactic state of Li3YCl6",)
    found = gap(r, "reduction", "measured")
    assert found.inner == "thermodynamic"
    assert found.width == pytest.approx(window("Li3YCl6").reduction_limit - 0.35, abs=0.01)


def test_without_a_voltammogram_there_are_two_windows_and_what_others_measured() -> None:
    r = three_windows("Li6PS5Cl")
    assert list(r.limits) == ["thermodynamic", "kinetic"]
    assert r.measured is None
    assert any("7 V" in x.text and "He" in x.text for x in r.reported)
    assert three_windows("Li6PS5Cl", records=()).reported == ()


def test_what_cannot_be_answered_says_so(tmp_path: Path) -> None:
    against_metal = scanned(tmp_path, 0.8, 3.4, setup=Setup(area=1e-4))
    with pytest.raises(DataError, match="against Li/Li"):
        three_windows("Li6PS5Cl", against_metal)
    with pytest.raises(MissingProperty, match="organic"):
        three_windows("PEO")


def test_saved_and_read_back(tmp_path: Path) -> None:
    r = three_windows("LATP", scanned(tmp_path, 2.4, 4.4))
    again = ThreeWindows.from_dict(json.loads(json.dumps(r.to_dict(), allow_nan=False)))
    assert again == r
    assert [row["window"] for row in r.rows()] == ["thermodynamic", "kinetic", "measured"]


def test_seven_volts_against_two_come_with_the_usual_reasons() -> None:
    """The review's case: 1.71 to 2.01 V computed, up to 7 V measured."""
    r = three_windows("Li6PS5Cl")
    found = next(g for g in r.gaps if g.source == "he2019")
    assert (found.side, found.beyond, found.inner) == ("oxidation", "reported", "kinetic")
    assert found.width == pytest.approx(7.0 - 2.24)
    told = "; ".join(found.reasons)
    assert "its kind was not given" in told and "scan rate: not told" in told
    assert "he2019" in r.sources
    slow = next(g for g in r.gaps if g.source == "schwietert2020" and g.side == "oxidation")
    assert slow.width == pytest.approx(2.5 - 2.24)
    assert "metal" not in "; ".join(slow.reasons) and "scan rate" not in "; ".join(slow.reasons)
    plain = next(g for g in three_windows("LGPS").gaps if g.source == "han2016")
    assert "planar metal electrode" in "; ".join(plain.reasons)


def test_a_width_is_compared_with_a_width() -> None:
    r = three_windows("LAGP")
    found = next(g for g in r.gaps if g.source == "zallocco2022")
    k = kinetic_window("LAGP")
    assert k.reduction_limit is not None and k.oxidation_limit is not None
    assert found.side == "width"
    assert found.width == pytest.approx(3.5 - (k.oxidation_limit - k.reduction_limit))
