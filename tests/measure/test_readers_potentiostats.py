"""Readers of potentiostats: one computed spectrum in the layout of each, and what is beside it."""

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anolyte.core.errors import AnolyteError, DataError, MissingExtra
from anolyte.measure.readers.base import Raw
from anolyte.measure.readers.bdf import BDF
from anolyte.measure.readers.cyclers import CYCLERS
from anolyte.measure.readers.packed import PACKED
from anolyte.measure.readers.potentiostats import POTENTIOSTATS
from anolyte.measure.records import Recording

FOLDER = Path(__file__).parent / "samples" / "potentiostats"
ALL = (*BDF, *PACKED, *POTENTIOSTATS, *CYCLERS)
SWEEPS = {
    "autolab_z60w.txt": "Autolab", "chi_impedance.txt": "CH Instruments",
    "parstat.txt": "Parstat", "powersuite.txt": "PowerSuite",
    "versastudio.par": "VersaStudio .par", "session.pssession": "PalmSens .pssession",
}  # fmt: skip
MADE = {**SWEEPS, "chi_voltammogram.txt": "CH Instruments", "nova_cv.txt": "Autolab"}
FREQUENCY = np.logspace(5, 0, 26)
IMPEDANCE = 20.0 + 100.0 / (1.0 + 2j * np.pi * FREQUENCY * 100.0 * 1e-6)
POTENTIAL = np.concatenate([np.arange(0, 0.5, 0.01), np.arange(0.5, 0, -0.01)])


def lacks(module: str) -> bool:
    return importlib.util.find_spec(module) is None


def known(raw: Raw) -> list[str]:
    return [r.name for r in ALL if r.knows(raw)]


def read(raw: Raw) -> Recording:
    return next(r for r in ALL if r.knows(raw)).read(raw)


def sample(name: str) -> Raw:
    return Raw.of(FOLDER / name)


def edited(name: str, change) -> Raw:
    return Raw(name, change((FOLDER / name).read_bytes()))


def same(spectrum, shift: float = 0.0) -> None:
    np.testing.assert_allclose(spectrum.frequency, FREQUENCY, rtol=1e-4)
    np.testing.assert_allclose(spectrum.impedance, IMPEDANCE + shift, rtol=2e-4)


@pytest.mark.parametrize("name", MADE)
def test_one_reader_knows_it(name):
    raw = sample(name)
    assert known(raw) == [MADE[name]]
    assert read(raw).complete


@pytest.mark.parametrize("name", SWEEPS)
def test_the_same_spectrum_in_each_layout(name):
    found = read(sample(name))
    same(found.spectra[0])
    assert found.spectra[0].number == 0 and not found.spectra[0].flags


def test_several_sweeps_of_one_file():
    for name in ("versastudio.par", "session.pssession"):
        first, second = read(sample(name)).spectra
        same(first)
        same(second, 30.0)
        assert (first.number, second.number) == (0, 1)


def test_areas_are_claims_and_nothing_typed_is_none():
    found = read(sample("versastudio.par"))
    assert found.claims.area == pytest.approx(1e-4)  # the placeholder of 1 cm2
    assert found.claims.mass is None  # 0 g is nobody's
    assert read(sample("parstat.txt")).claims.area is None


def test_traces_beside_spectra():
    trace = read(sample("parstat.txt")).trace
    assert len(trace) == 12
    np.testing.assert_allclose(trace.time, 10.0 * np.arange(1, 13))
    np.testing.assert_allclose(trace.current, -0.15)
    rest = read(sample("versastudio.par")).trace
    assert len(rest) == 6 and rest.current[0] == pytest.approx(1e-6)
    palm = read(sample("session.pssession")).trace
    np.testing.assert_allclose(palm.current, 5e-6)
    np.testing.assert_allclose(palm.voltage, 0.1 + 1e-3 * np.arange(12.0))


def test_a_pulsed_technique_is_left_out_and_told():
    assert any("pulsed" in f for f in read(sample("session.pssession")).flags)


def test_voltammogram_without_time():
    found = read(sample("chi_voltammogram.txt"))
    np.testing.assert_allclose(found.trace.voltage, POTENTIAL, atol=1e-3)
    np.testing.assert_allclose(found.trace.current, 1e-3 * POTENTIAL, atol=1e-9)
    np.testing.assert_allclose(found.trace.time, np.arange(100.0), atol=1e-9)
    assert any("scan rate of 0.01 V/s" in f for f in found.flags)
    assert any("does not say whether oxidation" in f for f in found.flags)


def test_no_time_and_no_scan_rate_is_refused():
    raw = edited("chi_voltammogram.txt", lambda b: b.replace(b"Scan Rate", b"Scan Date"))
    with pytest.raises(DataError, match="no scan rate"):
        read(raw)


def test_nova_with_decimal_commas():
    trace = read(sample("nova_cv.txt")).trace
    np.testing.assert_allclose(trace.voltage, POTENTIAL + 1e-4, atol=1e-6)  # the measured one
    np.testing.assert_allclose(trace.current, 1e-3 * POTENTIAL, atol=1e-9)


def test_decimal_commas_of_parstat():
    raw = edited("parstat.txt", lambda b: b.replace(b".", b","))
    same(read(raw).spectra[0])


def test_clocks():
    assert read(sample("chi_impedance.txt")).clock == 1775145308.0  # 2026-04-02 15:55:08
    assert read(sample("versastudio.par")).clock == 1775122830.0  # 2026-04-02 09:40:30
    assert read(sample("session.pssession")).clock == pytest.approx(1775088000.0)
    assert read(sample("parstat.txt")).clock is None


@pytest.mark.parametrize("name", [n for n in MADE if n != "session.pssession"])
def test_a_file_that_is_still_being_written(name):
    def cut(data: bytes) -> bytes:
        if name == "versastudio.par":
            data = data[: data.rindex(b"</Segment3>")]
        return data.rstrip()[:-9]

    found = read(replace(edited(name, cut), growing=True))
    assert not found.complete
    assert found.spectra or found.trace


def test_a_sweep_shorter_than_announced():
    raw = edited("autolab_z60w.txt", lambda b: b"\n".join(b.split(b"\n")[:-6]) + b"\n")
    found = read(raw)
    assert not found.complete and any("26 points were announced" in f for f in found.flags)


def test_a_session_that_was_cut_is_one_line():
    with pytest.raises(DataError, match="damaged session"):
        read(edited("session.pssession", lambda b: b[: len(b) // 2 * 2 // 3 * 2]))


def test_a_session_of_pulses_alone_is_refused():
    document = json.loads(sample("session.pssession").text.rstrip("\ufeff"))
    document["Measurements"] = document["Measurements"][2:]
    with pytest.raises(DataError, match="pulsed technique"):
        read(Raw("s.pssession", b"\xff\xfe" + json.dumps(document).encode("utf-16-le")))


def test_older_sessions_have_small_letters():
    text = sample("session.pssession").text.rstrip("\ufeff")
    for key in ("Measurements", "DataSet", "Values", "EISDataList", "DataValues", "Unit", "Type",
                "Q", "V", "Title", "Method", "UTCTimeStamp"):  # fmt: skip
        text = text.replace(f'"{key}":', f'"{key.lower()}":')
    same(read(Raw("s", b"\xff\xfe" + text.encode("utf-16-le"))).spectra[0])


@pytest.mark.parametrize("name", [n for n in MADE if n != "session.pssession"])
def test_old_line_ends_and_wide_characters(name):
    text = sample(name).text
    for data in (
        text.replace("\r\r\n", "\n").replace("\n", "\r").encode(),
        text.encode("utf-16"), text.encode("latin-1", "replace"),
    ):  # fmt: skip
        raw = Raw(name, data)
        assert known(raw) == [MADE[name]]
        found = read(raw)
        if name in SWEEPS:
            same(found.spectra[0])


@pytest.mark.parametrize("name", SWEEPS)
def test_without_points_it_is_one_line(name):
    def emptied(data: bytes) -> bytes:
        if name == "session.pssession":
            document = json.loads(sample(name).text.rstrip("\ufeff"))
            document["Measurements"] = []
            return b"\xff\xfe" + json.dumps(document).encode("utf-16-le")
        rows = data.decode("utf-8-sig").splitlines()
        kept = [r for r in rows if r[:1].isalpha() or r[:1] in '<"']
        return ("\n".join(kept) + "\n").encode()

    raw = edited(name, emptied)
    assert known(raw) == [MADE[name]]
    with pytest.raises(DataError) as caught:
        read(raw)
    assert "\n" not in str(caught.value) and str(caught.value).startswith(name)


def test_a_broken_row_is_named_by_its_line():
    rows = sample("versastudio.par").text.splitlines()
    at = next(k for k, r in enumerate(rows) if r.startswith("1,5,"))
    rows[at] = "1,5,0.5"
    with pytest.raises(DataError, match=f"line {at + 1}"):
        read(Raw("v.par", ("\n".join(rows) + "\n").encode()))


def test_cut_anywhere_is_a_recording_or_one_line():
    rng = np.random.default_rng(11)
    names = [*MADE, "zahner_rc.ism"]
    for _ in range(150):
        name = names[rng.integers(len(names))]
        data = bytearray((FOLDER / name).read_bytes())
        if rng.random() < 0.5:
            data = data[: rng.integers(1, len(data))]
        for _ in range(rng.integers(0, 6)):
            data[rng.integers(len(data))] = rng.integers(256)
        raw = Raw(name, bytes(data))
        for reader in ALL:
            if reader.knows(raw):
                try:
                    reader.read(raw)
                except AnolyteError as error:
                    assert "\n" not in str(error)


# --- Zahner -------------------------------------------------------------------------------------


def test_ism_is_known_by_its_numbers():
    assert known(sample("zahner_rc.ism")) == ["Zahner .ism"]
    assert known(Raw("a", b"\0" * 5000)) == []


def test_a_missing_package_is_named_with_its_pip_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "zahner_analysis.file_import.ism_import", None)
    with pytest.raises(MissingExtra, match="pip install 'anolyte\\[files\\]'"):
        read(sample("zahner_rc.ism"))


@pytest.mark.skipif(lacks("zahner_analysis"), reason="needs zahner_analysis")
def test_ism():
    found = read(sample("zahner_rc.ism"))
    spectrum = found.spectra[0]
    assert len(spectrum.frequency) == 55
    assert spectrum.frequency[0] == pytest.approx(1e5)
    assert (spectrum.impedance.imag < 0.0).all()
    assert spectrum.impedance[-1].real == pytest.approx(9.95e7, rel=1e-3)
    assert found.clock == pytest.approx(1721122368.07, abs=0.01)
    assert any("measured twice" in f for f in found.flags)
    with pytest.raises(DataError, match="damaged"):
        read(edited("zahner_rc.ism", lambda b: b[: 12 + 16 * 130]))
