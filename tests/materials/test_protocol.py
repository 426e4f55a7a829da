"""Protocols: sentences that are read and sentences that are refused, ramps, cycles, repeats."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anolyte.core.errors import AnolyteError, DataError
from anolyte.materials.protocol import (
    LONGEST,
    Protocol,
    Step,
    current_ramp,
    cycling,
    parse_step,
    pressure_sweep,
    sentence,
    strip,
    titration,
)

HOUR = 3600.0
READ = {
    "Strip at 0.5 mA/cm2 for 1 h": {"current_density": 5.0, "duration": HOUR},
    "Plate at 0.5 mA/cm2 for 1 h": {"current_density": -5.0, "duration": HOUR},
    "discharge at 5 A/m^2 for 90 s": {"current_density": 5.0, "duration": 90.0},
    "CHARGE AT 500 uA/cm2 FOR 2 HOURS": {"current_density": -5.0, "duration": 2 * HOUR},
    "Delithiate at 1 mA cm-2 for 1 min": {"current_density": 10.0, "duration": 60.0},
    "Lithiate at 1 mA/cm2 for 2 days": {"current_density": -10.0, "duration": 48 * HOUR},
    "Strip at 1 mA/cm2 for 1 mAh/cm2": {"charge": 3.6e4, "lasts": HOUR},
    "Strip  at\t1 mA/cm2   for 1 h": {"current_density": 10.0},
    "Strip for 1 h at 1 mA/cm2": {"current_density": 10.0, "duration": HOUR},
    "Strip at 1 mA/cm2 until 0.5 V for 9 h": {"stop_voltage": 0.5, "duration": 9 * HOUR},
    "Strip at 1 mA/cm2 for 1 h or until 500 mV": {"stop_voltage": 0.5},
    "Strip at 1 mA/cm2 for 1 h at 5 MPa": {"pressure": 5e6, "temperature": None},
    "Strip at 1 mA/cm2 for 1 h at 60 C at 2 bar": {"pressure": 2e5, "temperature": 333.15},
    "Strip at 1 mA/cm2 for 1 h at 333.15 K": {"temperature": 333.15},
    "Rest for 30 minutes": {"current_density": 0.0, "duration": 1800.0},
    "Press at 25 MPa for 1 minute": {"current_density": 0.0, "pressure": 25e6, "duration": 60.0},
    "Hold at 0.05 V for 1 h": {"current_density": None, "voltage": 0.05},
    "Hold at -50 mV for 1 h": {"voltage": -0.05},
    "Hold at 0.05 V for 1 h or until 0.01 mA/cm2": {"stop_current": 0.1},
    "Impedance from 0.1 Hz to 1 MHz": {"impedance": (0.1, 1e6), "current_density": 0.0},
    "impedance from 7 MHz to 10 mHz": {"impedance": (0.01, 7e6)},
}


@pytest.mark.parametrize("text", READ)
def test_sentence_is_read(text) -> None:
    step = parse_step(text)
    for name, value in READ[text].items():
        found = getattr(step, name)
        assert found == (pytest.approx(value) if isinstance(value, float) else value), name


@pytest.mark.parametrize("text", [t for t in READ if not t.casefold().startswith("impedance")])
def test_a_step_says_itself_in_words_that_are_read_again(text) -> None:
    step = parse_step(text)
    again = parse_step(str(step))
    for name in ("current_density", "voltage", "lasts", "pressure", "temperature"):
        value = getattr(step, name)
        assert getattr(again, name) == (value if value is None else pytest.approx(value, rel=0.01))


ENDS = st.fixed_dictionaries({"duration": st.floats(1e-3, 1e7)}) | st.fixed_dictionaries(
    {"charge": st.floats(1e-3, 1e5)}
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "pressure": st.floats(0.0, 1e9), "temperature": st.floats(1.0, 1e3),
        "stop_voltage": st.floats(1e-6, 100.0),
    },
)  # fmt: skip


@given(st.floats(1e-3, 1e5), st.booleans(), ENDS, OPTIONS)
def test_a_step_is_the_same_after_its_exact_sentence(size, plates, end, options) -> None:
    step = Step(-size if plates else size, **(end | options))
    assert parse_step(sentence(step)) == step


@pytest.mark.parametrize(
    "step",
    [
        Step(0.0, duration=1.5), Step(0.0, duration=60.0, pressure=25e6),
        Step(None, -0.05, duration=60.0, stop_current=0.125),
        Step(0.0, duration=1.0, impedance=(0.1, 1e6)),
        Step(1.0, duration=1.0, charge=7.0),
    ],
    ids=str,
)  # fmt: skip
def test_other_steps_are_the_same_after_their_exact_sentences(step) -> None:
    assert parse_step(sentence(step)) == step


REFUSED = {
    "": "begins with none of",
    "   ": "begins with none of",
    "Melt at 0.5 mA/cm2": "begins with none of",
    "Strip": "needs a positive current",
    "Strip for 1 h": "needs a positive current",
    "Strip at 0 mA/cm2 for 1 h": "needs a positive current",
    "Strip at -1 mA/cm2 for 1 h": "needs a positive current",
    "Strip at 0.5 mA/cm2": "needs an end",
    "Strip at 0.5 mA/cm2 at 5 MPa": "needs an end",
    "Strip at 0.5 mA/cm2 for 0 h": "needs an end",
    "Strip at 0.5 mA/cm2 for 5000 days": "ten years",
    "Strip at 0.5 mA/cm2 for 1e9 mAh/cm2": "ten years",
    "Strip at 0.5 mA/cm2 for -1 h": "no time or areal capacity",
    "Strip at 0.5 mA/cm2 for -1 mAh/cm2": "no time or areal capacity",
    "Strip at 0.5 mA/cm2 for a while": "no time or areal capacity",
    "Strip at 0.5 mA/cm2 for 5 MPa": "no time or areal capacity",
    "Strip at 0.5 mA/cm2 for 1e999 h": "no time or areal capacity",
    "Strip at NaN mA/cm2 for 1 h": "no current density",
    "Strip at 1e999 mA/cm2 for 1 h": "no current density",
    "Strip at 0.5 mAh/cm2 for 1 h": "no current density",
    "Strip at 0.5 mA for 1 h": "no current density",
    "Strip at full speed for 1 h": "no current density",
    "Strip at 0.5 mA/cm2 for 1 h at -5 MPa": "must not be negative",
    "Strip at 0.5 mA/cm2 for 1 h at 0 K": "absolute zero",
    "Strip at 0.5 mA/cm2 for 1 h at -300 C": "no current density",
    "Strip at 0.5 mA/cm2 for 1 h at 0.1 V": "needs a positive current",
    "Strip at 0.5 mA/cm2 for 1 h at 1 mA/cm2": "says current density twice",
    "Strip at 0.5 mA/cm2 for 1 h for 2 h": "says duration twice",
    "Strip at 0.5 mA/cm2 for 1 h until 5 MPa": "no potential or current density",
    "Strip at 0.5 mA/cm2 for 1 h until tomorrow": "no potential or current density",
    "Strip slowly at 0.5 mA/cm2 for 1 h": "'slowly' is not understood",
    "Rest": "needs an end",
    "Rest at 1 mA/cm2 for 1 h": "a current belongs to strip or plate",
    "Rest at 0.5 V for 1 h": "a voltage is held by",
    "Rest for 1 mAh/cm2": "never passes without a current",
    "Press at 5 MPa": "needs an end",
    "Hold for 1 h": "needs a voltage",
    "Hold at 5 MPa for 1 h": "needs a voltage",
    "Hold at 0.05 V": "needs an end",
    "Hold at 1 mA/cm2 for 1 h": "a current belongs to strip or plate",
    "Impedance": "Impedance from 0.1 Hz to 1 MHz",
    "Impedance from 1 Hz to 1 Hz": "Impedance from",
    "Impedance from 0 Hz to 1 Hz": "Impedance from",
    "Impedance from -1 Hz to 1 Hz": "Impedance from",
    "Impedance from x Hz to 1 Hz": "Impedance from",
    "Impedance from nan Hz to 1 Hz": "Impedance from",
    "Impedance from 1 Hz to inf Hz": "Impedance from",
    "Strip at 0.5 mA/cm2 for 1 h until 0.1 mA/cm2": "",
    "Rest for 1 h until 0.5 V": "",
    "Rest for 1 h until 0.1 mA/cm2": "",
    "Hold at 0.05 V for 1 h until 0.5 V": "",
    "Hold at 0.05 V for 1 h until -0.1 mA/cm2": "",
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_sentence_is_refused_in_one_line_that_names_it(text) -> None:
    with pytest.raises(DataError) as caught:
        parse_step(text)
    line = str(caught.value)
    assert REFUSED[text] in line
    assert "\n" not in line and len(line) < 300
    assert text.strip().partition(" ")[0] in line


PIECES = st.sampled_from(
    (
        "strip Plate hold rest press impedance at for until from to or 0.5 1e9 -3 nan inf mA/cm2 "
        "mAh/cm2 MPa V mV h hour s C K Hz kHz °C µA/cm² ٣ % ** ^ / ( ) é \x00 \n 10**9 and"
    ).split(" ")
)


@given(st.lists(PIECES, max_size=12).map(" ".join) | st.text(max_size=60))
@example("Impedance from 1e400 Hz to 1 Hz")
@example("strip at 5 mA/cm2 for for 1 h")
@example("at at at")
def test_any_text_is_a_step_or_refused_in_one_line(text) -> None:
    try:
        step = parse_step(text)
    except DataError as error:
        assert "\n" not in str(error) and len(str(error)) < 400
        return
    assert 0.0 < step.lasts <= LONGEST
    assert step.current_density is None or math.isfinite(step.current_density)
    assert str(step)


NAN = float("nan")


@pytest.mark.parametrize(
    "options",
    [
        {"current_density": None}, {"current_density": 1.0, "voltage": 0.1, "duration": 1.0},
        {"current_density": 1.0}, {"current_density": 1.0, "duration": -1.0},
        {"current_density": 1.0, "duration": NAN}, {"current_density": 1.0, "duration": math.inf},
        {"current_density": 1.0, "charge": 0.0}, {"current_density": 1.0, "charge": -5.0},
        {"current_density": 0.0, "charge": 5.0}, {"duration": 1.0, "pressure": -1.0},
        {"duration": 1.0, "temperature": 0.0}, {"duration": 1.0, "temperature": -5.0},
        {"current_density": NAN, "duration": 1.0}, {"current_density": math.inf, "duration": 1.0},
        {"duration": 1.0, "pressure": NAN}, {"duration": 1.0, "temperature": NAN},
        {"current_density": 1.0, "duration": 1.0, "stop_voltage": NAN},
        {"current_density": None, "voltage": NAN, "duration": 1.0},
    ],
    ids=str,
)  # fmt: skip
def test_impossible_steps_are_refused(options) -> None:
    with pytest.raises(AnolyteError) as caught:
        Step(**options)
    assert "\n" not in str(caught.value)


def test_a_charge_sets_the_time_unless_a_time_is_shorter() -> None:
    assert Step(10.0, charge=3.6e4).lasts == HOUR
    assert Step(10.0, charge=3.6e4, duration=60.0).lasts == 60.0
    assert Step(-10.0, charge=3.6e4, duration=1e6).lasts == HOUR


# --- protocols ------------------------------------------------------------------------------------


def test_sentences_steps_and_protocols_mix() -> None:
    found = Protocol.parse(
        "Rest for 1 h", Step(1.0, duration=5.0), cycling(2.0, time=7.0, cycles=2)
    )
    assert [s.duration for s in found.steps] == [HOUR, 5.0, 7.0, 7.0, 7.0, 7.0]
    assert found.duration == HOUR + 5.0 + 28.0 and len(found) == 6
    with pytest.raises(DataError, match="at least one step"):
        Protocol.parse()
    with pytest.raises(DataError, match="begins with none of"):
        Protocol.parse("Rest for 1 h", "Sleep for 1 h")


@given(st.integers(1, 20), st.integers(1, 5))
def test_repeats_count_their_cycles_on(times, inner) -> None:
    one = current_ramp(1.0, float(inner), 1.0)
    many = one * times
    assert len(many) == times * len(one)
    assert max(s.cycle for s in many.steps) + 1 == times * inner
    cycles = [s.cycle for s in many.steps]
    assert cycles == sorted(cycles) and set(cycles) == set(range(times * inner))
    later = one + many
    assert max(s.cycle for s in later.steps) + 1 == (times + 1) * inner


@pytest.mark.parametrize("times", [0, -1])
def test_a_protocol_is_repeated_at_least_once(times) -> None:
    with pytest.raises(DataError, match="at least once"):
        Protocol.parse("Rest for 1 h") * times


def test_cycling_passes_the_same_charge_each_way() -> None:
    found = cycling("0.2 mA/cm2", charge="0.1 mAh/cm2", cycles=3, rest="10 min")
    assert len(found) == 12 and found.name == "cycling"
    assert [s.current_density for s in found.steps[:4]] == [2.0, 0.0, -2.0, 0.0]
    assert all(s.lasts == 1800.0 for s in found.steps if s.current_density)
    assert [s.cycle for s in found.steps] == [0] * 4 + [1] * 4 + [2] * 4
    first = cycling("0.2 mA/cm2", time="1 h", plate_first=True).steps[0]
    assert first.current_density == -2.0
    with pytest.raises(DataError, match="a time or a charge"):
        cycling("0.2 mA/cm2")
    with pytest.raises(AnolyteError):
        cycling("0 mA/cm2", charge="1 mAh/cm2")


def test_other_usual_protocols() -> None:
    sweep = pressure_sweep("0.1 mA/cm2", ["1 MPa", 5e6], time="2 h", hold="1 h")
    assert [s.pressure for s in sweep.steps] == [1e6, None, None, 5e6, None, None]
    assert [s.cycle for s in sweep.steps] == [0, 0, 0, 1, 1, 1]
    pulses = titration(1.0, pulse="1 min", rest="1 h", pulses=4)
    assert len(pulses) == 8 and max(s.cycle for s in pulses.steps) == 3
    (only,) = strip("0.5 mA/cm2", until="0.3 V").steps
    assert (only.current_density, only.stop_voltage) == (5.0, 0.3)
    with pytest.raises(DataError):
        pressure_sweep("0.1 mA/cm2", [])


# --- ramps ----------------------------------------------------------------------------------------


@given(
    st.integers(1, 300), st.integers(0, 300), st.integers(1, 60), st.sampled_from([0.1, 0.01, 0.03])
)
def test_a_ramp_has_every_level_up_to_its_last(first, more, width, unit) -> None:
    """Decimal levels such as 0.1, 0.2, 0.3 are counted as people count them."""
    found = current_ramp(first * unit, (first + more) * unit, width * unit)
    levels = more // width + 1
    sizes = [s.current_density for s in found.steps]
    assert len(sizes) == 2 * levels
    for k in range(levels):
        expected = (first + k * width) * unit
        assert sizes[2 * k : 2 * k + 2] == pytest.approx([expected, -expected])
        assert found.steps[2 * k].cycle == found.steps[2 * k + 1].cycle == k


@pytest.mark.parametrize(
    ("stop", "levels"),
    [("0.3 mA/cm2", 3), ("0.29999 mA/cm2", 2), ("0.7 mA/cm2", 7), ("0.95 mA/cm2", 9),
     ("5 mA/cm2", 50), ("0.1 mA/cm2", 1)],
)  # fmt: skip
def test_levels_of_a_ramp_of_tenths(stop, levels) -> None:
    assert len(current_ramp("0.1 mA/cm2", stop)) == 2 * levels


def test_a_ramp_by_charge_gets_shorter_and_rests_and_repeats() -> None:
    found = current_ramp(1.0, 4.0, 1.0, time=None, charge="0.1 mAh/cm2")
    assert [s.lasts for s in found.steps[::2]] == pytest.approx([3600, 1800, 1200, 900])
    rests = current_ramp(1.0, 2.0, 1.0, rest="5 min", cycles=2, stop_voltage="1 V")
    assert len(rests) == 2 * 2 * 4 and rests.steps[1].duration == 300.0
    assert {s.cycle for s in rests.steps} == {0, 1}
    assert {s.stop_voltage for s in rests.steps if s.current_density} == {1.0}


@pytest.mark.parametrize(
    "options",
    [
        {"start": "0 mA/cm2"}, {"start": "-1 mA/cm2"}, {"start": "6 mA/cm2"},
        {"step": "0 mA/cm2"}, {"step": "-0.1 mA/cm2"}, {"step": "1e-6 mA/cm2"}, {"time": "0 h"},
        {"time": "-1 h"}, {"time": None}, {"charge": "0 mAh/cm2"}, {"start": "1 MPa"},
        {"cycles": 0}, {"rest": "-1 h"}, {"stop": "1e999 mA/cm2"}, {"stop_voltage": "5 MPa"},
        {"stop_voltage": "-1 V"},
    ],
    ids=str,
)  # fmt: skip
def test_a_ramp_that_does_not_rise_is_refused(options) -> None:
    with pytest.raises(AnolyteError) as caught:
        current_ramp(**options)
    assert "\n" not in str(caught.value)


MISTAKES = {
    "negative strip": lambda: strip("-1 mA/cm2"),
    "no strip": lambda: strip("0 mA/cm2"),
    "negative cycling": lambda: cycling("-1 mA/cm2", time="1 h"),
    "no cycle": lambda: cycling(1.0, time="1 h", cycles=0),
    "no pulse": lambda: titration(1.0, pulse="1 s", rest="1 s", pulses=0),
    "half a repeat": lambda: Protocol.parse("Rest for 1 h") * 1.5,  # pyright: ignore
    "more steps than fit": lambda: Protocol.parse("Rest for 1 h") * 10**9,
}


@pytest.mark.parametrize("name", MISTAKES)
def test_other_mistakes_are_refused(name) -> None:
    with pytest.raises(AnolyteError):
        MISTAKES[name]()


# --- C-rates --------------------------------------------------------------------------------------

RATES = {
    "C/10": 0.1, "1C/10": 0.1, "2C/5": 0.4, "0.5C": 0.5, "1C": 1.0, "C / 4": 0.25, "C/2.5": 0.4,
}  # fmt: skip


@pytest.mark.parametrize("text", RATES)
def test_a_c_rate_is_a_current_of_the_capacity(text) -> None:
    step = parse_step(f"Lithiate at {text} for 1 h or until 0.01 V", 7.2e4)  # 2 mAh/cm2
    assert step.current_density == pytest.approx(-20.0 * RATES[text])
    assert step.temperature is None and step.stop_voltage == 0.01


@pytest.mark.parametrize("text", ["25 C", "25C"])
def test_degrees_beside_a_current_are_a_temperature(text) -> None:
    step = parse_step(f"Strip at 0.5 mA/cm2 for 1 h at {text}", 7.2e4)
    assert step.temperature == pytest.approx(298.15) and step.current_density == 5.0
    both = parse_step("Strip at C/2 for 1 h at 40 C", 7.2e4)
    assert both.temperature == pytest.approx(313.15) and both.current_density == 10.0


@pytest.mark.parametrize(
    ("text", "capacity", "part"),
    [
        ("Strip at C/10 for 1 h", None, "needs a capacity"),
        ("Strip at C/10 for 1 h", 0.0, "needs a capacity"),
        ("Strip at C/0 for 1 h", 3.6e4, "positive current"),
        ("Strip at 0C for 1 h", 3.6e4, "positive current"),
        ("Strip at 1 C for 1 h", 3.6e4, "positive current"),
        ("Strip at C for 1 h", 3.6e4, "'C'"),
    ],
)
def test_what_is_no_c_rate_is_refused(text, capacity, part) -> None:
    with pytest.raises(DataError) as caught:
        parse_step(text, capacity)
    assert part in str(caught.value) and "\n" not in str(caught.value)


def test_a_cut_off_alone_is_an_end() -> None:
    strip_until = parse_step("Strip at 0.5 mA/cm2 until 0.5 V")
    hold_until = parse_step("Hold at 0.05 V until 0.01 mA/cm2")
    assert (strip_until.duration, strip_until.stop_voltage) == (10_000 * HOUR, 0.5)
    assert (hold_until.duration, hold_until.stop_current) == (100 * HOUR, 0.1)
    with pytest.raises(DataError, match="needs an end"):
        parse_step("Strip at 0.5 mA/cm2")
